/* Full and read-only disks: small file systems in a private mount namespace. */
#define _GNU_SOURCE
#include "account.h"
#include "cmocka_all.h"
#include "e2e.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MANY = 20 };

static const char config[] =
    "sites:\n"
    "  - id: s\n"
    "    domains:\n"
    "      - {id: a, url: 'http://@http@/ok', interval_seconds: 60}\n"
    "      - {id: b, url: 'http://@http@/status/500', interval_seconds: 60}\n"
    "      - {id: c, url: 'http://@http@/ok?c', interval_seconds: 60}\n";

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);

    if (fd < 0)
        return;
    if (write(fd, text, strlen(text)) < 0)
        print_message("%s: cannot be written\n", path);
    close(fd);
}

/* A mount namespace that only this process and its children see. An ordinary user is root in it. */
static bool unshare_mounts(void)
{
    char users[64], groups[64];
    bool root = getuid() == 0;

    /* In the new namespace, getgid() would return the group of nobody. */
    snprintf(users, sizeof users, "0 %u 1", (unsigned)getuid());
    snprintf(groups, sizeof groups, "0 %u 1", (unsigned)getgid());
    if (unshare(CLONE_NEWNS | (root ? 0 : CLONE_NEWUSER)))
        return false;
    if (!root) {
        write_text("/proc/self/setgroups", "deny");
        write_text("/proc/self/uid_map", users);
        write_text("/proc/self/gid_map", groups);
    }
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* Mounts a file system of this size in place of a folder. */
static void mount_small(struct e2e *world, const char *name, const char *size)
{
    static bool taken;

    if (!taken && !unshare_mounts()) {
        print_message("this machine allows no private mounts\n");
        world->passed = true; /* so that the folder is removed */
        skip();
    }
    taken = true;
    e2e_shell(world, "mkdir -p %s", name);
    assert_int_equal(mount("tmpfs", e2e_path(world, name), "tmpfs", 0,
                           e2e_format(world, "size=%s,mode=0755", size)),
                     0);
}

/* Mounts a file system with this number of files and folders in place of a folder. */
static void mount_few_inodes(struct e2e *world, const char *name, int inodes)
{
    mount_small(world, name, "64k");
    assert_int_equal(umount2(e2e_path(world, name), MNT_DETACH), 0);
    assert_int_equal(mount("tmpfs", e2e_path(world, name), "tmpfs", 0,
                           e2e_format(world, "nr_inodes=%d,mode=0755", inodes)),
                     0);
}

static void unmount(struct e2e *world, const char *name)
{
    assert_int_equal(umount2(e2e_path(world, name), MNT_DETACH), 0);
}

static void set_read_only(struct e2e *world, const char *name, bool read_only)
{
    assert_int_equal(
        mount("none", e2e_path(world, name), NULL, MS_REMOUNT | (read_only ? MS_RDONLY : 0), NULL),
        0);
}

static void fill(struct e2e *world, const char *name)
{
    e2e_shell(world, "! dd if=/dev/zero of=%s/filler bs=4k 2> /dev/null", name);
}

/* The tick printed what failed first, and in a second line what is lost. */
static void check_loss_reported(struct e2e *world, const char *lost)
{
    const char *second;

    e2e_reported(world, 74, "data/", NULL);
    second = strchr(world->last.err, '\n');
    e2e_check(second && strstr(second, lost) && strchr(second + 1, '\n')[1] == '\0', "printed %s",
              world->last.err);
}

/* The tick printed one line with the name of the folder, and exited with 74. */
static void check_reported_once(struct e2e *world, const char *name)
{
    const char *newline;

    e2e_reported(world, 74, name, NULL);
    newline = strchr(world->last.err, '\n');
    e2e_check(newline && !newline[1], "more than one line: %s", world->last.err);
}

static void at(struct e2e *world, const char *clock)
{
    world->clock = clock;
    e2e_uptick(world, "tick", NULL);
}

static void a_full_disk_loses_no_recorded_row(struct e2e *world)
{
    e2e_config(world, config);
    mount_small(world, "data", "1m");
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_shell(world, "cp -r public before");
    fill(world, "data");
    at(world, "2026-11-23 09:31:00");
    check_loss_reported(world, "; 3 results of this tick could not be stored and are lost\n");
    at(world, "2026-11-23 09:32:00");
    check_loss_reported(world, "; 3 results of this tick could not be stored and are lost\n");
    assert_true(e2e_rows(world, "s/a").n >= 1);
    e2e_shell(world, "test -s public/index.html");

    /* There is space again: the next tick repairs everything. */
    e2e_shell(world, "rm data/filler");
    e2e_tick(world, "2026-11-23 09:33:00");
    e2e_tick(world, "2026-11-23 09:34:00");
    assert_true(e2e_rows(world, "s/a").n >= 3);
    assert_true(e2e_rows(world, "s/b").n >= 3);
    unmount(world, "data");
}

static void a_disk_that_fills_up_during_a_tick_loses_no_recorded_row(struct e2e *world)
{
    static const char *const spaces[] = {"4k", "8k", "16k", "24k", "32k", "48k", "64k"};

    e2e_config(world, config);
    mount_small(world, "data", "1m");
    e2e_tick(world, "2026-11-23 09:30:00");
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        fill(world, "data");
        e2e_shell(world, "truncate -s -%s data/filler", spaces[i]);
        at(world, e2e_format(world, "2026-11-23 09:%d:00", 31 + (int)i));
        e2e_check(world->last.status == 0 || world->last.status == 74, "exit status %d",
                  world->last.status);
        e2e_check((world->last.status == 74) == (*world->last.err != '\0'), "printed %s",
                  world->last.err);
        e2e_shell(world, "rm -f data/filler");
    }
    e2e_tick(world, "2026-11-23 09:50:00");
    assert_true(e2e_rows(world, "s/a").n >= 2);
    assert_int_equal(e2e_rows(world, "s/a").n, e2e_rows(world, "s/c").n);
    unmount(world, "data");
}

static void a_read_only_data_dir_is_reported_once_and_loses_no_row(struct e2e *world)
{
    e2e_config(world, config);
    mount_small(world, "data", "1m");
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_shell(world, "cp public/status.json before.json");
    set_read_only(world, "data", true);
    at(world, "2026-11-23 09:31:00");
    check_reported_once(world, "data");
    e2e_shell(world, "cmp public/status.json before.json");
    set_read_only(world, "data", false);
    e2e_tick(world, "2026-11-23 09:32:00");
    assert_int_equal(e2e_rows(world, "s/a").n, 2);
    unmount(world, "data");
}

/* The old dashboard stays, and the records go on. */
static void a_full_public_dir_does_not_stop_the_records(struct e2e *world)
{
    e2e_config(world, config);
    mount_small(world, "public", "1m");
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_shell(world, "cp -r public before");
    fill(world, "public");
    at(world, "2026-11-23 09:31:00");
    check_reported_once(world, "public");
    e2e_shell(world, "rm public/filler && diff -r before public");
    assert_int_equal(e2e_rows(world, "s/a").n, 2);
    e2e_tick(world, "2026-11-23 09:32:00");
    assert_int_equal(e2e_rows(world, "s/a").n, 3);
    assert_memory_equal(e2e_text(e2e_status(world), "generated_at"), "2026-11-23T09:32", 16);
    unmount(world, "public");
}

static void a_read_only_public_dir_does_not_stop_the_records(struct e2e *world)
{
    e2e_config(world, config);
    mount_small(world, "public", "1m");
    e2e_tick(world, "2026-11-23 09:30:00");
    e2e_shell(world, "cp -r public before");
    set_read_only(world, "public", true);
    at(world, "2026-11-23 09:31:00");
    check_reported_once(world, "public");
    e2e_shell(world, "diff -r before public");
    assert_int_equal(e2e_rows(world, "s/a").n, 2);
    unmount(world, "public");
}

/* The next tick builds a page that failed, even if it has nothing new to show. */
static void a_failed_build_is_repeated_by_the_next_tick(struct e2e *world)
{
    e2e_config(world, config);
    mount_small(world, "public", "1m");
    set_read_only(world, "public", true);
    at(world, "2026-11-23 09:30:00");
    check_reported_once(world, "public");
    set_read_only(world, "public", false);
    e2e_tick(world, "2026-11-23 09:30:40");
    assert_string_equal(e2e_text(e2e_entry(e2e_status(world), "s/a"), "status"), "UP");
    unmount(world, "public");
}

static void a_file_in_place_of_a_folder_is_reported(struct e2e *world)
{
    e2e_config(world, config);
    e2e_write(world, "public", "in the way\n");
    at(world, "2026-11-23 09:30:00");
    check_reported_once(world, "public");
    assert_int_equal(e2e_rows(world, "s/a").n, 1);
    e2e_shell(world, "rm public && mv data away && echo in the way > data");
    at(world, "2026-11-23 09:31:00");
    check_reported_once(world, "data");
    assert_string_equal(e2e_read(world, "data"), "in the way\n");
}

/* public_dir is created before the checks; a failure is reported only when the folder is needed. */
static void a_public_dir_that_cannot_be_created_is_reported(struct e2e *world)
{
    e2e_config(world, e2e_format(world, "public_dir: small/public\n%s", config));
    mount_small(world, "small", "1m,nr_inodes=4");
    e2e_shell(world, "! touch small/1 small/2 small/3 small/4 2> /dev/null");
    at(world, "2026-11-23 09:30:00");
    check_reported_once(world, "small/public: No space left on device");
    assert_int_equal(e2e_rows(world, "s/a").n, 1);
    set_read_only(world, "small", true);
    at(world, "2026-11-23 09:31:00");
    check_reported_once(world, "small/public: Read-only file system");
    set_read_only(world, "small", false);
    e2e_shell(world, "rm small/1 small/2");
    assert_int_equal(mount(NULL, e2e_path(world, "small"), NULL, MS_REMOUNT, "nr_inodes=100"), 0);
    e2e_tick(world, "2026-11-23 09:32:00");
    e2e_shell(world, "test -s small/public/index.html");
    unmount(world, "small");
}

/* So many monitors that one line for each of them would be a nuisance. In every second tick, some
 * of them fail. */
static void configure_many(struct e2e *world)
{
    char *yaml = e2e_format(world, "retention_days: 2\nrender_interval_seconds: 0\n"
                                   "defaults: {interval_seconds: 60}\nsites:\n");

    for (int i = 0; i < MANY; i++) {
        if (i % 4 == 0)
            yaml = e2e_format(world, "%s  - id: s%d\n    domains:\n", yaml, i / 4);
        yaml = e2e_format(world, "%s      - {id: d%d, url: 'http://@http@/%s?%d'}\n", yaml, i,
                          i % 4 ? "ok" : "flap/2", i);
    }
    e2e_config(world, yaml);
}

/* One disk for both folders. */
static void mount_both(struct e2e *world)
{
    static const char *const folders[] = {"data", "public"};

    mount_small(world, "disk", "4m");
    for (size_t i = 0; i < 2; i++) {
        e2e_shell(world, "mkdir disk/%s %s", folders[i], folders[i]);
        assert_int_equal(mount(e2e_path(world, e2e_format(world, "disk/%s", folders[i])),
                               e2e_path(world, folders[i]), NULL, MS_BIND, NULL),
                         0);
    }
}

static void unmount_both(struct e2e *world)
{
    unmount(world, "data");
    unmount(world, "public");
    unmount(world, "disk");
}

/* The next tick has space, and completes what a tick at midnight could not write. */
static void check_midnight_completed(struct e2e *world, const struct account *committed)
{
    struct account found;

    e2e_tick(world, "2026-11-23 00:01:00");
    found = account_of_files(world);
    account_check_holds(&found, committed, "2026-11-21");
    for (int i = 0; i < MANY; i++)
        assert_int_equal(
            account_count(&found, e2e_format(world, "s%d,d%d", i / 4, i), "2026-11-23T00:01"), 1);
    account_check_state(world);
    account_check_pages(world);
    e2e_shell(world, "test -z \"$(find data public -name '*.quarantine' -o -name '*.uptick' -o "
                     "-name '*.corrupt-*' -o -name '*-journal')\"");
    account_free(&found);
}

/* The tick of midnight with this much space, in kilobytes, on the disk of both folders. */
static void tick_with_space(struct e2e *world, int kilobytes)
{
    struct account before, committed;

    e2e_shell(world, "find data public -mindepth 1 -delete && cp -a start/data start/public .");
    before = account_of_committed(world);
    fill(world, "disk");
    e2e_shell(world, "truncate -s -%dk disk/filler", kilobytes);
    at(world, "2026-11-23 00:00:00");
    if (world->last.status)
        check_reported_once(world, "");
    else
        e2e_silent(world, 0);
    account_check_pages(world);
    committed = account_of_committed(world);
    account_check_holds(&committed, &before, "2026-11-21");
    e2e_shell(world, "rm disk/filler");
    check_midnight_completed(world, &committed);
    account_free(&before);
    account_free(&committed);
}

/* With every four kilobytes more, the tick gets a little further. */
static void a_disk_that_fills_up_at_midnight_loses_nothing(struct e2e *world)
{
    int step = getenv("UPTICK_SWEEP") ? 4 : 128;

    configure_many(world);
    mount_both(world);
    e2e_tick(world, "2026-11-20 12:00:00");
    e2e_tick(world, "2026-11-21 12:00:00");
    e2e_tick(world, "2026-11-22 22:59:00");
    e2e_tick(world, "2026-11-22 23:59:00");

    /* A clock that was ahead has left this folder. So the day counts as recorded when it begins,
     * and the tick of midnight prunes. */
    e2e_shell(world, "mkdir data/archive/2026-11-23");
    e2e_shell(world, "mkdir start && cp -a data public start");
    for (int kilobytes = 0; kilobytes <= 512; kilobytes += step)
        tick_with_space(world, kilobytes);
    unmount_both(world);
}

static void the_first_tick_survives_a_full_disk(struct e2e *world)
{
    int step = getenv("UPTICK_SWEEP") ? 4 : 64;

    configure_many(world);
    mount_both(world);
    for (int kilobytes = 0; kilobytes <= 384; kilobytes += step) {
        e2e_shell(world, "find data public -mindepth 1 -delete");
        fill(world, "disk");
        e2e_shell(world, "truncate -s -%dk disk/filler", kilobytes);
        at(world, "2026-11-23 00:00:00");
        if (world->last.status)
            check_reported_once(world, "");
        e2e_shell(world, "rm disk/filler");
        e2e_tick(world, "2026-11-23 00:01:00");
        account_check_state(world);
        account_check_pages(world);
    }
    unmount_both(world);
}

/* A disk may have space, but no inode for another file. */
static void a_disk_without_inodes_loses_no_recorded_row(struct e2e *world)
{
    struct account committed;

    configure_many(world);
    mount_small(world, "data", "4m,nr_inodes=200");
    e2e_tick(world, "2026-11-22 23:59:00");
    e2e_shell(world, "i=0; while touch data/.fill$i 2> /dev/null; do i=$((i + 1)); done");
    at(world, "2026-11-23 00:00:00");
    check_loss_reported(world, "; 20 results of this tick could not be stored and are lost\n");
    committed = account_of_committed(world);
    assert_int_equal(committed.n, MANY);
    e2e_shell(world, "rm data/.fill*");
    check_midnight_completed(world, &committed);
    account_free(&committed);
    unmount(world, "data");
}

/* Once for each tick, and not for each monitor. The dashboard stays as it was. */
static void a_read_only_disk_is_reported_once_for_many_monitors(struct e2e *world)
{
    configure_many(world);
    mount_both(world);
    e2e_tick(world, "2026-11-22 23:59:00");
    e2e_shell(world, "cp -a disk before");
    set_read_only(world, "disk", true);
    at(world, "2026-11-23 00:00:00");
    check_reported_once(world, "data");
    e2e_shell(world, "diff -r before disk");
    set_read_only(world, "disk", false);
    e2e_tick(world, "2026-11-23 00:01:00");
    account_check_state(world);
    unmount_both(world);
}

/* The kernel would kill a program that writes more than this limit allows. */
static void a_limit_of_file_size_is_an_error_like_a_full_disk(struct e2e *world)
{
    e2e_config(world, config);
    e2e_tick(world, "2026-11-23 09:30:00");
    for (int blocks = 0; blocks <= 1000; blocks += 50) {
        e2e_shell(world, "(ulimit -f %d; exec \"$UPTICK\" tick 2>/dev/null); echo $? >status",
                  blocks);
        e2e_check(strcmp(e2e_read(world, "status"), "0\n") == 0 ||
                      strcmp(e2e_read(world, "status"), "74\n") == 0,
                  "with %d blocks: status %s", blocks, e2e_read(world, "status"));
    }
    world->clock = NULL;
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    assert_string_equal(e2e_read(world, "status"), "0\n");
}

/* Sites of one monitor each. */
static void configure_sites(struct e2e *world, int n)
{
    char *yaml = e2e_format(world, "sites:\n");

    for (int i = 0; i < n; i++)
        yaml = e2e_format(world,
                          "%s  - {id: s%02d, domains: [{id: d, url: 'http://@http@/ok', "
                          "interval_seconds: 60}]}\n",
                          yaml, i);
    e2e_config(world, yaml);
}

/*
 * The rotation needs a folder and a file for each monitor, and there are too few. It moves what it
 * can, and no row is in two files when the tick ends.
 */
static void too_few_inodes_at_the_rotation_double_no_row(struct e2e *world)
{
    static const char *const clocks[] = {"2026-11-23 10:00:00", "2026-11-23 10:01:00",
                                         "2026-11-23 10:02:00"};
    struct account account;

    configure_sites(world, MANY);
    mount_few_inodes(world, "data", 60);
    e2e_tick(world, "2026-11-23 09:58:00");
    e2e_tick(world, "2026-11-23 09:59:00");
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        at(world, clocks[i]);
        check_reported_once(world, "data");
        account = account_of_files(world); /* fails if a row is doubled */
        account_check_holds(&account, &account, "2026-11-23");
        e2e_check(account.n >= 2 * MANY, "%zu rows", account.n);
        account_free(&account);
    }
    assert_int_equal(mount("none", e2e_path(world, "data"), NULL, MS_REMOUNT, "nr_inodes=1000"), 0);
    e2e_tick(world, "2026-11-23 10:03:00");
    account = account_of_files(world);
    e2e_check(account.n == 6 * MANY, "%zu rows", account.n);
    account_free(&account);
    unmount(world, "data");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_full_disk_loses_no_recorded_row),
        E2E_TEST(a_disk_that_fills_up_during_a_tick_loses_no_recorded_row),
        E2E_TEST(a_read_only_data_dir_is_reported_once_and_loses_no_row),
        E2E_TEST(a_full_public_dir_does_not_stop_the_records),
        E2E_TEST(a_read_only_public_dir_does_not_stop_the_records),
        E2E_TEST(a_failed_build_is_repeated_by_the_next_tick),
        E2E_TEST(a_file_in_place_of_a_folder_is_reported),
        E2E_TEST(a_public_dir_that_cannot_be_created_is_reported),
        E2E_TEST(a_disk_that_fills_up_at_midnight_loses_nothing),
        E2E_TEST(the_first_tick_survives_a_full_disk),
        E2E_TEST(a_disk_without_inodes_loses_no_recorded_row),
        E2E_TEST(a_read_only_disk_is_reported_once_for_many_monitors),
        E2E_TEST(a_limit_of_file_size_is_an_error_like_a_full_disk),
        E2E_TEST(too_few_inodes_at_the_rotation_double_no_row),
    };

    return cmocka_run_group_tests_name("disk", tests, NULL, NULL);
}
