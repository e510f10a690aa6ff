/* The CSV files: where rows are, when they are rotated, and how long they are kept. */
#include "cmocka_all.h"
#include "e2e.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char two_domains[] = "retention_days: 3\n"
                                  "sites:\n"
                                  "  - id: s\n"
                                  "    domains:\n"
                                  "      - {id: a, url: 'http://@http@/ok', interval_seconds: 60}\n"
                                  "      - {id: b, url: 'http://@http@/hostile', interval_seconds: "
                                  "60, expect: {body_contains: x}}\n";

static mode_t mode_of(struct e2e *world, const char *name)
{
    struct stat status;

    assert_int_equal(stat(e2e_path(world, name), &status), 0);
    return status.st_mode & 07777;
}

static void rows_have_seven_fields_and_no_header(struct e2e *world)
{
    e2e_config(world, two_domains);
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_memory_equal(e2e_read(world, "data/live/s/a.log"), "2026-11-23T09:30:0", 18);
    assert_non_null(strstr(e2e_read(world, "data/live/s/a.log"), "Z,s,a,UP,200,"));
    assert_non_null(
        strstr(e2e_read(world, "data/live/s/b.log"), ",\"http_status: expected 200, got 500\"\n"));
}

static void folders_and_files_have_their_modes(struct e2e *world)
{
    mode_t before = umask(0);

    e2e_config(world, two_domains);
    e2e_tick(world, "2026-11-23 09:30:00");
    umask(before);
    assert_int_equal(mode_of(world, "data"), 0750);
    assert_int_equal(mode_of(world, "public"), 0755);

    /* All other files: only the owner can write, and everyone can read what is published. */
    e2e_shell(world, "test -z \"$(find data public -perm /022)\"");
    e2e_shell(world, "test -z \"$(find public -type f ! -perm -444)\"");
    e2e_shell(world, "test -z \"$(find public -type d ! -perm -555)\"");
}

static void pages_can_be_read_under_a_strict_umask(struct e2e *world)
{
    mode_t before = umask(077);

    e2e_config(world, two_domains);
    e2e_tick(world, "2026-11-23 09:30:00");
    umask(before);
    e2e_shell(world, "test -z \"$(find public -type f ! -perm -444)\"");
    e2e_shell(world, "test -z \"$(find public -type d ! -perm -555)\"");
}

static void live_files_are_archived_every_hour(struct e2e *world)
{
    e2e_config(world, two_domains);
    e2e_tick(world, "2026-11-23 09:58:00");
    e2e_tick(world, "2026-11-23 09:59:00");
    assert_int_equal(e2e_csv(world, "data/live/s/a.log").n, 2);
    assert_false(e2e_exists(world, "data/archive/2026-11-23"));
    e2e_tick(world, "2026-11-23 10:00:00");
    e2e_tick(world, "2026-11-23 10:01:00");
    assert_true(e2e_csv(world, "data/archive/2026-11-23/s/a.log").n >= 2);
    assert_int_equal(e2e_rows(world, "s/a").n, 4);
    e2e_tick(world, "2026-11-23 11:00:00");
    e2e_tick(world, "2026-11-23 11:01:00");
    assert_true(e2e_csv(world, "data/archive/2026-11-23/s/a.log").n >= 4);
    assert_int_equal(e2e_rows(world, "s/a").n, 6);
    assert_int_equal(e2e_rows(world, "s/b").n, 6);
}

static void rows_are_archived_under_their_own_day(struct e2e *world)
{
    struct csv day;

    e2e_config(world, two_domains);
    e2e_tick(world, "2026-11-23 23:58:00");
    e2e_tick(world, "2026-11-23 23:59:00");
    e2e_tick(world, "2026-11-24 00:00:00");
    e2e_tick(world, "2026-11-24 00:01:00");
    e2e_tick(world, "2026-11-24 01:00:00");
    day = e2e_csv(world, "data/archive/2026-11-23/s/a.log");
    assert_int_equal(day.n, 2);
    for (size_t i = 0; i < day.n; i++)
        assert_memory_equal(day.rows[i].field[TIMESTAMP], "2026-11-23", 10);
    day = e2e_csv(world, "data/archive/2026-11-24/s/a.log");
    assert_true(day.n >= 2);
    for (size_t i = 0; i < day.n; i++)
        assert_memory_equal(day.rows[i].field[TIMESTAMP], "2026-11-24", 10);
    assert_int_equal(e2e_rows(world, "s/a").n, 5);
}

/* The checks of a minute run over midnight: one file in live has rows of two days. */
static void rows_of_a_tick_over_midnight_are_split_by_day(struct e2e *world)
{
    struct csv day;

    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: a, url: 'http://@http@/slow/1500', interval_seconds: 60}\n");
    e2e_tick(world, "2026-11-23 23:59:59");
    e2e_tick(world, "2026-11-24 00:00:10");
    e2e_tick(world, "2026-11-24 01:00:10");
    day = e2e_csv(world, "data/archive/2026-11-23/s/a.log");
    assert_int_equal(day.n, 1);
    assert_memory_equal(day.rows[0].field[TIMESTAMP], "2026-11-23T23:59:59", 19);
    assert_int_equal(e2e_rows(world, "s/a").n, 3);
}

/* A rebuild that was killed, or that a failing disk ended. */
static void remains_of_a_killed_rebuild_are_deleted(struct e2e *world)
{
    e2e_config(world, two_domains);
    e2e_tick(world, "2026-11-20 10:00:00");
    e2e_write(world, "data/state.db.new", "half a state");
    e2e_write(world, "data/state.db.new-journal", "and its journal");
    e2e_tick(world, "2026-11-20 10:01:00");
    assert_false(e2e_exists(world, "data/state.db.new"));
    assert_false(e2e_exists(world, "data/state.db.new-journal"));
}

static void old_archives_are_deleted_and_other_files_stay(struct e2e *world)
{
    e2e_config(world, two_domains);
    e2e_write(world, "elsewhere/s/a.log", "not uptick's\n");
    for (int day = 18; day < 22; day++)
        e2e_tick(world, e2e_format(world, "2026-11-%d 10:00:00", day));
    assert_true(e2e_exists(world, "data/archive/2026-11-18/s/a.log"));
    e2e_write(world, "data/archive/2026-11-18/notes.txt", "a person's\n");
    e2e_write(world, "data/archive/keep-me/a.log", "a person's\n");
    e2e_write(world, "data/archive/2026-13-45/a.log", "no date\n");
    e2e_write(world, "data/archive/2020-01-01.tar", "a person's\n");
    e2e_shell(world, "ln -s ../../elsewhere data/archive/2019-01-01");
    e2e_shell(world, "ln -s ../../../elsewhere/s data/archive/2026-11-18/link");
    e2e_tick(world, "2026-11-22 10:00:00");
    e2e_tick(world, "2026-11-23 10:00:00");
    e2e_tick(world, "2026-11-23 11:00:00");
    assert_false(e2e_exists(world, "data/archive/2026-11-19/s/a.log"));
    assert_false(e2e_exists(world, "data/archive/2026-11-18/s/a.log"));
    assert_true(e2e_exists(world, "data/archive/2026-11-20/s/a.log"));
    assert_true(e2e_exists(world, "data/archive/keep-me/a.log"));
    assert_true(e2e_exists(world, "data/archive/2026-13-45/a.log"));
    assert_true(e2e_exists(world, "data/archive/2020-01-01.tar"));
    assert_string_equal(e2e_read(world, "elsewhere/s/a.log"), "not uptick's\n");
}

static void retention_days_0_keeps_every_archive(struct e2e *world)
{
    e2e_config(world, "retention_days: 0\n"
                      "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: a, url: 'http://@http@/ok', interval_seconds: 60}\n");
    e2e_tick(world, "2016-11-18 10:00:00");
    e2e_tick(world, "2016-11-18 11:00:00");
    e2e_tick(world, "2026-11-23 10:00:00");
    e2e_tick(world, "2026-11-23 11:00:00");
    assert_true(e2e_exists(world, "data/archive/2016-11-18/s/a.log"));
}

/* A symbolic link is not followed, neither in place of a file nor of a folder. */
static void no_symbolic_link_is_followed(struct e2e *world)
{
    e2e_config(world, two_domains);
    e2e_write(world, "elsewhere/precious.txt", "precious\n");
    e2e_shell(world,
              "mkdir -p data/live/s && ln -s ../../../elsewhere/precious.txt data/live/s/a.log");
    world->clock = "2026-11-23 09:30:00";
    e2e_uptick(world, "tick", NULL);
    assert_int_equal(world->last.status, 74);
    assert_non_null(strstr(world->last.err, "a.log"));
    assert_string_equal(e2e_read(world, "elsewhere/precious.txt"), "precious\n");

    /* The rows of the other monitor are written. */
    assert_int_equal(e2e_csv(world, "data/live/s/b.log").n, 1);

    /* When the link is gone, nothing is lost. */
    e2e_shell(world, "rm data/live/s/a.log");
    e2e_tick(world, "2026-11-23 09:31:00");
    assert_int_equal(e2e_csv(world, "data/live/s/a.log").n, 2);
}

static void a_tick_does_not_rewrite_unchanged_files(struct e2e *world)
{
    struct stat before, after;

    e2e_config(world, two_domains);
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_shell(world, "ls public/*.css > /dev/null");
    e2e_shell(world, "cp -p public/*.css before.css");
    assert_int_equal(stat(e2e_path(world, "before.css"), &before), 0);
    e2e_tick(world, "2026-11-23 09:31:00");
    e2e_shell(world, "cp -p public/*.css after.css");
    assert_int_equal(stat(e2e_path(world, "after.css"), &after), 0);
    assert_int_equal(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void pages_of_removed_sites_are_deleted_and_others_stay(struct e2e *world)
{
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains: [{id: a, url: 'http://@http@/ok'}]\n"
                      "  - id: gone\n"
                      "    domains: [{id: a, url: 'http://@http@/ok'}]\n");
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_true(e2e_exists(world, "public/site/gone.html"));
    e2e_write(world, "public/robots.txt", "mine\n");
    e2e_write(world, "public/site/mine.html", "mine\n");
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains: [{id: a, url: 'http://@http@/ok', interval_seconds: 60}]\n");
    e2e_tick(world, "2026-11-23 09:31:00");
    e2e_tick(world, "2026-11-23 09:32:00");
    assert_false(e2e_exists(world, "public/site/gone.html"));
    assert_true(e2e_exists(world, "public/site/s.html"));
    assert_string_equal(e2e_read(world, "public/robots.txt"), "mine\n");
    assert_string_equal(e2e_read(world, "public/site/mine.html"), "mine\n");

    /* Its records stay: only the retention deletes them. */
    assert_int_equal(e2e_rows(world, "gone/a").n, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(rows_have_seven_fields_and_no_header),
        E2E_TEST(folders_and_files_have_their_modes),
        E2E_TEST(pages_can_be_read_under_a_strict_umask),
        E2E_TEST(live_files_are_archived_every_hour),
        E2E_TEST(rows_are_archived_under_their_own_day),
        E2E_TEST(rows_of_a_tick_over_midnight_are_split_by_day),
        E2E_TEST(remains_of_a_killed_rebuild_are_deleted),
        E2E_TEST(old_archives_are_deleted_and_other_files_stay),
        E2E_TEST(retention_days_0_keeps_every_archive),
        E2E_TEST(no_symbolic_link_is_followed),
        E2E_TEST(a_tick_does_not_rewrite_unchanged_files),
        E2E_TEST(pages_of_removed_sites_are_deleted_and_others_stay),
    };

    return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
