/* dashboard/publish: files are published by rename, and replaced pages are reused. */
#include "base/buffer.h"
#include "base/file.h"
#include "dashboard/publish.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { FEW_PAGES = 2, MANY_PAGES = 1000 };

struct fixture {
    char folder[64], public[96], pool[96];
    struct public_dir dir;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    umask(022);
    snprintf(fixture->folder, sizeof fixture->folder, "%s", "/tmp/uptick-publish.XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->public, sizeof fixture->public, "%s/public", fixture->folder);
    snprintf(fixture->pool, sizeof fixture->pool, "%s/pool", fixture->folder);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char command[128];

    snprintf(command, sizeof command, "rm -rf '%s'", fixture->folder);
    if (system(command) != 0)
        return -1;
    free(fixture);
    return 0;
}

static const char *page_path(const struct fixture *fixture, const char *name)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/site/%s", fixture->public, name);
    return path;
}

static size_t pool_size(const struct fixture *fixture)
{
    char path[PATH_MAX];
    size_t n = 0;

    for (snprintf(path, sizeof path, "%s/0", fixture->pool); access(path, F_OK) == 0;)
        snprintf(path, sizeof path, "%s/%zu", fixture->pool, ++n);
    return n;
}

static struct publication *open_publication(struct fixture *fixture, size_t n_pages)
{
    struct publication *publication = NULL;
    struct error error = {.text = ""};

    if (public_dir_open(&fixture->dir, fixture->public, &error) ||
        publish_open(&publication, &fixture->dir, fixture->pool, MANY_PAGES, n_pages, &error))
        fail_msg("%s", error.text);
    return publication;
}

static void commit_and_close(struct fixture *fixture, struct publication *publication)
{
    struct error error = {.text = ""};

    assert_int_equal(publish_commit(publication, &error), 0);
    publish_close(publication);
    public_dir_close(&fixture->dir);
}

/* Builds n pages, p0, p1, …, each of these pieces. */
static void build(struct fixture *fixture, size_t n, const char *const *pieces)
{
    struct publication *publication = open_publication(fixture, MANY_PAGES);
    struct error error = {.text = ""};
    char name[32];

    for (size_t i = 0; i < n; i++) {
        struct publish_file file;

        snprintf(name, sizeof name, "p%zu", i);
        assert_int_equal(publish_begin(&file, publication, i, PUBLIC_DIR_SITE, name, &error), 0);
        for (size_t p = 0; pieces[p]; p++)
            assert_int_equal(publish_write(&file, pieces[p], strlen(pieces[p]), &error), 0);
        assert_int_equal(publish_end(&file, &error), 0);
    }
    commit_and_close(fixture, publication);
}

static void build_text(struct fixture *fixture, const char *text)
{
    build(fixture, 2, (const char *const[]){text, NULL});
}

static void assert_page(const struct fixture *fixture, const char *text)
{
    struct buffer page = BUFFER_WITH_CEILING(BUFFER_MAX_PAGE);
    struct error error;

    assert_int_equal(file_read(page_path(fixture, "p1"), &page, &error), 0);
    assert_string_equal(page.data, text);
    buffer_free(&page);
}

static ino_t inode(const struct fixture *fixture)
{
    struct stat status;

    assert_int_equal(lstat(page_path(fixture, "p1"), &status), 0);
    assert_int_equal(status.st_mode, S_IFREG | 0644);
    return status.st_ino;
}

static void a_file_written_in_pieces_may_change_at_any_piece(void **state)
{
    static const char *const cases[][4] = {
        {"one ", "two ", "three"},
        {"one ", "two ", "three"},
        {"one ", "two ", "3"},
        {"one ", "2 ", "3"},
        {"one ", "2 ", "3 and"},
        {"one ", "2 "},
        {"one ", ""},
        {""},
        {"", "one"},
    };
    struct fixture *fixture = *state;
    ino_t before = 0;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char whole[64] = "";

        for (size_t p = 0; cases[i][p]; p++)
            strcat(whole, cases[i][p]);
        build(fixture, 2, cases[i]);
        assert_page(fixture, whole);
        if (i == 1)
            assert_int_equal(inode(fixture), before);
        before = inode(fixture);
    }
}

static void a_later_build_reuses_a_replaced_page(void **state)
{
    struct fixture *fixture = *state;
    ino_t first, second;

    build_text(fixture, "the first, which is the longest");
    first = inode(fixture);
    assert_int_equal(pool_size(fixture), 0);
    build_text(fixture, "the second");
    second = inode(fixture);
    assert_int_equal(pool_size(fixture), 2);
    build_text(fixture, "the third");
    assert_page(fixture, "the third");
    assert_int_equal(inode(fixture), first);
    build_text(fixture, "the fourth");
    assert_page(fixture, "the fourth");
    assert_int_equal(inode(fixture), second);
    assert_int_equal(pool_size(fixture), 2);
}

static void a_page_that_is_being_read_is_not_overwritten(void **state)
{
    struct fixture *fixture = *state;
    char text[16] = "";
    int reader;

    build_text(fixture, "first");
    reader = open(page_path(fixture, "p1"), O_RDONLY | O_CLOEXEC);
    build_text(fixture, "second");
    build_text(fixture, "third");
    build_text(fixture, "fourth");
    assert_int_equal(read(reader, text, sizeof text - 1), 5);
    assert_string_equal(text, "first");
    close(reader);
}

static void a_page_with_a_second_hard_link_is_not_overwritten(void **state)
{
    struct fixture *fixture = *state;
    char kept[PATH_MAX];

    snprintf(kept, sizeof kept, "%s/site/kept", fixture->public);
    build_text(fixture, "first");
    assert_int_equal(link(page_path(fixture, "p1"), kept), 0);
    build_text(fixture, "second");
    build_text(fixture, "third");
    assert_page(fixture, "third");
    assert_int_equal(rename(kept, page_path(fixture, "p1")), 0);
    assert_page(fixture, "first");
}

static void a_symbolic_link_in_place_of_a_page_is_never_followed(void **state)
{
    struct fixture *fixture = *state;
    char target[PATH_MAX];

    snprintf(target, sizeof target, "%s/target", fixture->folder);
    build_text(fixture, "first");
    assert_int_equal(rename(page_path(fixture, "p1"), target), 0);
    assert_int_equal(symlink(target, page_path(fixture, "p1")), 0);
    build_text(fixture, "second");
    build_text(fixture, "third");
    assert_page(fixture, "third");
    assert_int_equal(rename(target, page_path(fixture, "p1")), 0);
    assert_page(fixture, "first");
}

static void pages_are_created_if_there_is_no_page_pool(void **state)
{
    struct fixture *fixture = *state;
    FILE *file = fopen(fixture->pool, "w");

    assert_non_null(file);
    fclose(file);
    build_text(fixture, "first");
    build_text(fixture, "second");
    build_text(fixture, "third");
    assert_page(fixture, "third");
}

static void the_page_pool_shrinks_if_pages_are_removed(void **state)
{
    struct fixture *fixture = *state;

    build(fixture, 300, (const char *const[]){"first", NULL});
    build(fixture, 300, (const char *const[]){"second", NULL});
    assert_int_equal(pool_size(fixture), 300);
    commit_and_close(fixture, open_publication(fixture, 200));
    assert_int_equal(pool_size(fixture), 200);
}

static void small_dashboards_use_no_page_pool(void **state)
{
    struct fixture *fixture = *state;
    struct error error;

    for (const char *text = "abc"; *text; text++) {
        struct publication *publication = open_publication(fixture, FEW_PAGES);

        assert_int_equal(publish_add(publication, 0, PUBLIC_DIR_SITE, "p1", text, 1, &error), 0);
        commit_and_close(fixture, publication);
    }
    assert_page(fixture, "c");
    assert_int_equal(access(fixture->pool, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_written_in_pieces_may_change_at_any_piece, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_later_build_reuses_a_replaced_page, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_page_that_is_being_read_is_not_overwritten, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_page_with_a_second_hard_link_is_not_overwritten, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_symbolic_link_in_place_of_a_page_is_never_followed,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(pages_are_created_if_there_is_no_page_pool, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_page_pool_shrinks_if_pages_are_removed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(small_dashboards_use_no_page_pool, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}
