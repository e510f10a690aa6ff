/* The disk model of the power cuts: on recordings made by hand, it loses what may be lost, and
 * keeps what must be kept. Power cuts on a disk that loses nothing would prove nothing. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "disk_cuts.h"
#include "disk_model.h"

#include <stdio.h>
#include <string.h>

/* A disk whose folders "a" and "b" are durable, and the file "a/old", which contains "old". */
static void begin(struct disk *disk)
{
    struct disk_image start = {.n_inodes = 0};
    int a, b, old;

    disk_image_add(&start, true, 0755);
    a = disk_image_add(&start, true, 0755);
    b = disk_image_add(&start, true, 0755);
    old = disk_image_add(&start, false, 0644);
    disk_image_name(&start, DISK_ROOT, "a", a);
    disk_image_name(&start, DISK_ROOT, "b", b);
    disk_image_name(&start, a, "old", old);
    disk_image_write(&start, old, 0, "old", 3);
    disk_begin(disk, start);
}

static int find(const struct disk *disk, const char *path)
{
    return disk_image_find(&disk->now, path);
}

static void make(struct disk *disk, const char *path, const char *text)
{
    int inode = disk_make(disk, path, false, 0644);

    disk_write(disk, inode, 0, text, strlen(text));
}

static void make_new(struct disk *disk)
{
    make(disk, "a/new", "new");
}

static void make_new_and_sync_it(struct disk *disk)
{
    make_new(disk);
    disk_sync(disk, find(disk, "a/new"));
}

static void make_new_and_sync_its_folder(struct disk *disk)
{
    make_new(disk);
    disk_sync(disk, find(disk, "a"));
}

static void make_new_and_sync_both(struct disk *disk)
{
    make_new_and_sync_it(disk);
    disk_sync(disk, find(disk, "a"));
}

static void make_new_and_sync_all(struct disk *disk)
{
    make_new(disk);
    disk_sync_all(disk, DISK_ROOT);
}

static void make_new_in_a_new_folder(struct disk *disk)
{
    disk_make(disk, "a/sub", true, 0755);
    make(disk, "a/sub/new", "new");
    disk_sync(disk, find(disk, "a/sub/new"));
    disk_sync(disk, find(disk, "a/sub"));
}

static void replace(struct disk *disk)
{
    make_new(disk);
    disk_rename(disk, "a/new", "a/old", false);
}

static void sync_and_replace(struct disk *disk)
{
    make_new_and_sync_it(disk);
    disk_rename(disk, "a/new", "a/old", false);
}

static void move(struct disk *disk)
{
    disk_rename(disk, "a/old", "b/old", false);
}

static void move_and_sync_where_it_was(struct disk *disk)
{
    move(disk);
    disk_sync(disk, find(disk, "a"));
}

static void exchange(struct disk *disk)
{
    make_new_and_sync_both(disk);
    disk_rename(disk, "a/new", "a/old", true);
}

/* The file that an exchange replaced is overwritten before the exchange is on disk. */
static void exchange_and_write_over(struct disk *disk)
{
    exchange(disk);
    disk_write(disk, find(disk, "a/new"), 0, "bad", 3);
    disk_sync(disk, find(disk, "a/new"));
}

static void exchange_and_sync_and_write_over(struct disk *disk)
{
    exchange(disk);
    disk_sync(disk, find(disk, "a"));
    disk_write(disk, find(disk, "a/new"), 0, "bad", 3);
}

static void write_over(struct disk *disk)
{
    disk_write(disk, find(disk, "a/old"), 0, "new", 3);
}

static void write_far_behind(struct disk *disk)
{
    disk_write(disk, find(disk, "a/old"), 5, "x", 1);
}

static void make_empty_and_write(struct disk *disk)
{
    disk_set_length(disk, find(disk, "a/old"), 0);
    disk_write(disk, find(disk, "a/old"), 0, "n", 1);
}

static void remove_old(struct disk *disk)
{
    disk_remove(disk, "a/old", false);
}

static void make_two(struct disk *disk)
{
    make_new(disk);
    disk_make(disk, "a/newer", false, 0644);
}

/* The content of a path; "-": no such file. NUL bytes are shown as "0". */
static void show_content(const struct disk_image *image, const char *path, char text[64])
{
    int inode = disk_image_find(image, path);

    strcpy(text, "-");
    if (inode == DISK_NONE)
        return;
    for (size_t i = 0; i <= image->inodes[inode].size; i++) {
        char byte = i < image->inodes[inode].size ? image->inodes[inode].bytes[i] : '\0';

        text[i] = byte || i == image->inodes[inode].size ? byte : '0';
    }
}

/* What a path may hold after all operations. Each of these contents must occur in some state. */
static const struct {
    void (*act)(struct disk *disk);
    const char *path;
    const char *holds[6];
} cases[] = {
    {make_new, "a/new", {"-", "", "new", "000", "n", "ne"}},
    {make_new_and_sync_it, "a/new", {"-", "new"}},
    {make_new_and_sync_its_folder, "a/new", {"", "new", "000", "n", "ne"}},
    {make_new_and_sync_both, "a/new", {"new"}},
    {make_new_and_sync_all, "a/new", {"new"}},
    {make_new_in_a_new_folder, "a/sub/new", {"-", "new"}},
    {replace, "a/old", {"old", "", "new", "000", "n", "ne"}},
    {sync_and_replace, "a/old", {"old", "new"}},
    {move, "a/old", {"-", "old"}},
    {move, "b/old", {"-", "old"}},
    {move_and_sync_where_it_was, "a/old", {"-"}},
    {move_and_sync_where_it_was, "b/old", {"old"}},
    {exchange, "a/old", {"old", "new"}},
    {exchange_and_write_over, "a/old", {"bad", "new"}},
    {exchange_and_sync_and_write_over, "a/old", {"new"}},
    {write_over, "a/old", {"old", "new", "nld", "ned"}},
    {write_far_behind, "a/old", {"old", "old00x", "old000"}},
    {make_empty_and_write, "a/old", {"old", "", "n", "nld", "0"}},
    {remove_old, "a/old", {"-", "old"}},
};

enum { TIMES = 60, CONTENTS_MAX = 6 };

/* Visits the states after all operations, several for each way. */
static void each_state(const struct disk *disk,
                       void (*visit)(void *context, const struct disk_image *image), void *context)
{
    struct disk_fate fates[32];
    unsigned long seed = 1;
    const struct disk_cut cut = {disk, disk->n_operations, fates, &seed};

    assert_true(disk->n_operations <= sizeof fates / sizeof fates[0]);
    for (int i = 0; i < TIMES * disk_ways; i++) {
        struct disk_image image;

        if (!disk_cut_in(&cut, i % disk_ways))
            continue;
        image = disk_after(disk, cut.at, fates);
        visit(context, &image);
        disk_image_free(&image);
    }
}

struct seen {
    size_t row;
    bool held[CONTENTS_MAX];
};

static void see(void *context, const struct disk_image *image)
{
    struct seen *seen = context;
    char text[64];

    show_content(image, cases[seen->row].path, text);
    for (int i = 0; i < CONTENTS_MAX && cases[seen->row].holds[i]; i++) {
        if (strcmp(cases[seen->row].holds[i], text) == 0) {
            seen->held[i] = true;
            return;
        }
    }
    fail_msg("case %zu: %s must not hold '%s'", seen->row, cases[seen->row].path, text);
}

static void a_modelled_power_cut_loses_only_unsynced_changes(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof cases / sizeof cases[0]; row++) {
        struct seen seen = {.row = row};
        struct disk disk;

        begin(&disk);
        cases[row].act(&disk);
        each_state(&disk, see, &seen);
        for (int i = 0; i < CONTENTS_MAX && cases[row].holds[i]; i++) {
            if (!seen.held[i])
                fail_msg("case %zu: %s never holds '%s'", row, cases[row].path,
                         cases[row].holds[i]);
        }
        disk_free(&disk);
    }
}

static void check_one_place(void *context, const struct disk_image *image)
{
    (void)context;
    assert_true((disk_image_find(image, "a/old") == DISK_NONE) !=
                (disk_image_find(image, "b/old") == DISK_NONE));
}

static void a_file_moved_during_a_power_cut_is_in_exactly_one_folder(void **state)
{
    struct disk disk;

    (void)state;
    begin(&disk);
    move(&disk);
    each_state(&disk, check_one_place, NULL);
    disk_free(&disk);
}

static void check_order(void *context, const struct disk_image *image)
{
    (void)context;
    assert_true(disk_image_find(image, "a/new") != DISK_NONE ||
                disk_image_find(image, "a/newer") == DISK_NONE);
}

static void the_names_in_a_folder_change_in_order(void **state)
{
    struct disk disk;

    (void)state;
    begin(&disk);
    make_two(&disk);
    each_state(&disk, check_order, NULL);
    disk_free(&disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_modelled_power_cut_loses_only_unsynced_changes),
        cmocka_unit_test(a_file_moved_during_a_power_cut_is_in_exactly_one_folder),
        cmocka_unit_test(the_names_in_a_folder_change_in_order),
    };

    return cmocka_run_group_tests_name("disk model", tests, NULL, NULL);
}
