/* state.db damaged in every way: the next tick rebuilds it, and the dashboard does not change. */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PAGE = 8192, HEADER = 100 };

static const char config[] =
    "sites:\n"
    "  - id: s\n"
    "    domains:\n"
    "      - {id: a, url: 'http://@http@/script/2u1d1b3u1d?a', interval_seconds: 60,\n"
    "         bot_protection_string: Checking}\n"
    "      - {id: b, url: 'http://@http@/flap/3', interval_seconds: 120, role: supplementary}\n"
    "  - id: t\n"
    "    domains:\n"
    "      - {id: hangs, url: 'http://@http@/hang', interval_seconds: 300, timeout_seconds: 0.1}\n"
    "      - {id: refused, url: 'http://@refused@/', interval_seconds: 3600}\n";

/* Four days with gaps, including ends of hours and days; a copy is kept as "whole". */
static void live_for_days(struct e2e *world)
{
    static const char *const hours[] = {"2026-11-20 23:5", "2026-11-22 00:0", "2026-11-22 23:5",
                                        "2026-11-23 10:0"};

    e2e_config(world, config);
    for (size_t h = 0; h < sizeof hours / sizeof *hours; h++) {
        for (int m = 0; m < 6; m++)
            e2e_tick(world, e2e_format(world, "%s%d:00", hours[h], m));
    }
    e2e_shell(world, "cp -a data whole");
}

/* Builds the dashboard at one moment. Everything that shows this moment is made equal. */
static void render(struct e2e *world, const char *folder)
{
    world->clock = "2026-11-23 10:05:40";
    e2e_uptick(world, "render", "--output", folder, NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "find '%s' -type f -exec sed -i -e 's/10:05:4[0-9]/10:05:4x/g' {} +", folder);
}

/* The next tick, in a minute in which nothing is due. Its record of itself is removed. */
static void rebuild_by_tick(struct e2e *world)
{
    world->clock = "2026-11-23 10:05:20";
    e2e_uptick(world, "tick", NULL);
    e2e_shell(world, "cp whole/ticks data/ticks");
}

static bool is_sweep(void)
{
    return getenv("UPTICK_SWEEP") != NULL;
}

static long size_of_state(struct e2e *world)
{
    struct stat status;

    if (stat(e2e_path(world, "whole/state.db"), &status))
        fail_msg("whole/state.db is missing");
    return (long)status.st_size;
}

/* Whether a damaged state was set aside. */
static bool was_set_aside(struct e2e *world)
{
    return system(e2e_format(world, "ls '%s/data' | grep -q '^state.db.corrupt-20261123T10'",
                             world->folder)) == 0;
}

/* Rebuilds a state that was damaged in this way; a failed test names it. */
static void check_rebuilding(struct e2e *world, const char *how, const char *expected,
                             bool is_set_aside)
{
    const struct run *run = &world->last;

    rebuild_by_tick(world);
    e2e_check(run->status == 0, "%s: status %d: %s", how, run->status, run->err);
    e2e_check(strstr(run->err, expected) != NULL, "%s: printed '%s', expected '%s'", how, run->err,
              expected);
    e2e_check(strchr(run->err, '\n') == strrchr(run->err, '\n'),
              "%s: printed more than one line: %s", how, run->err);
    e2e_check(was_set_aside(world) == is_set_aside, "%s: the state %s set aside", how,
              is_set_aside ? "was not" : "was");
    render(world, "after");
    if (system(e2e_format(world, "cd '%s' && " E2E_DIFF " before after > diff.txt", world->folder)))
        fail_msg("%s: %s", how, e2e_read(world, "diff.txt"));
    rebuild_by_tick(world);
    e2e_check(run->status == 0 && !*run->err, "%s: then printed '%s'", how, run->err);
}

/* Damages the original state by a command in data/, and rebuilds it. */
static void damage_and_rebuild(struct e2e *world, const char *command, const char *expected,
                               bool is_set_aside)
{
    struct kept *before = world->kept;

    e2e_shell(world, "rm -rf data after && cp -a whole data && cd data && %s", command);
    check_rebuilding(world, command, expected, is_set_aside);
    e2e_release(world, before);
}

static const char damaged[] = "state.db: was damaged; rebuilt from";
static const char rebuilt[] = "; rebuilt from";

static void begin(struct e2e *world)
{
    live_for_days(world);
    render(world, "before");
}

static const struct breakage {
    const char *command, *expected;
    bool is_set_aside;
} breakages[] = {
    {"rm state.db", "state.db: was missing; rebuilt from", false},
    {"rm state.db*", "state.db: was missing; rebuilt from", false},
    {": > state.db", "state.db: was missing; rebuilt from", false},
    {"head -c 100000 /dev/urandom > state.db", damaged, true},
    {"head -c 100000 /dev/zero > state.db", damaged, true},
    {"echo hello > state.db", damaged, true},
    {"cp ../uptick.yaml state.db", damaged, true},
    /* An older version; a newer one; another program; a missing table. */
    {"printf '\\000\\000\\000\\001' | dd of=state.db bs=1 seek=60 conv=notrunc 2> /dev/null",
     "state.db: was written by another version of uptick; rebuilt from", true},
    {"printf '\\000\\000\\000\\005' | dd of=state.db bs=1 seek=60 conv=notrunc 2> /dev/null",
     "state.db: was written by another version of uptick; rebuilt from", true},
    {"printf '\\177\\177\\177\\177' | dd of=state.db bs=1 seek=68 conv=notrunc 2> /dev/null",
     damaged, true},
    {"(printf 'SQLite format 3\\000\\020\\000\\001\\001\\000\\100\\040\\040\\000\\000\\000\\001';"
     " printf '\\000\\000\\000\\001'; head -c 20 /dev/zero; printf '\\000\\000\\000\\001';"
     " head -c 32 /dev/zero; printf '\\000\\000\\000\\001\\000\\056\\177\\300';"
     " printf '\\015\\000\\000\\000\\000\\020\\000\\000'; head -c 3988 /dev/zero) > state.db",
     rebuilt, true},
    {"dd if=/dev/urandom of=state.db bs=8192 seek=1 conv=notrunc count=2 2> /dev/null", rebuilt,
     true},
    {"printf '\\377' | dd of=state.db bs=1 seek=47 conv=notrunc 2> /dev/null", damaged, true},
    {"cat state.db state.db > x && mv x state.db", rebuilt, true},
    {"tail -c +8193 state.db > x && mv x state.db", damaged, true},
    {"printf junk > state.db-journal && echo > state.db", rebuilt, true},
};

static void damage_as_listed(struct e2e *world)
{
    for (size_t i = 0; i < sizeof breakages / sizeof *breakages; i += is_sweep() ? 1 : 5)
        damage_and_rebuild(world, breakages[i].command, breakages[i].expected,
                           breakages[i].is_set_aside);
}

static void truncate_and_rebuild(struct e2e *world, long size)
{
    damage_and_rebuild(world, e2e_format(world, "truncate -s %ld state.db", size), rebuilt,
                       size > 0);
}

/* At every page, and at odd lengths between. */
static void truncate_everywhere(struct e2e *world)
{
    static const long odd[] = {1, 15, 16, 99, 100, 101, 107, 511, 512, 1023, 4096, 5000};
    long size = size_of_state(world);

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i += is_sweep() ? 1 : 17)
        truncate_and_rebuild(world, odd[i]);
    for (long page = 0; page < size / PAGE; page += is_sweep() ? 1 : 31) {
        truncate_and_rebuild(world, page * PAGE);
        if (is_sweep())
            truncate_and_rebuild(world, page * PAGE + 1 + page * 397 % (PAGE - 1));
    }
}

static void damage_pages(struct e2e *world)
{
    for (long page = 0; page < size_of_state(world) / PAGE; page += is_sweep() ? 1 : 29)
        damage_and_rebuild(world,
                           e2e_format(world,
                                      "dd if=/dev/urandom of=state.db bs=%d seek=%ld count=1 "
                                      "conv=notrunc 2> /dev/null",
                                      PAGE, page),
                           rebuilt, true);
}

/* Inverts all bits of one byte, so that it does change. */
static void change_byte(struct e2e *world, long at)
{
    char *path = e2e_path(world, "data/state.db");
    FILE *file = fopen(path, "r+");
    int byte;

    if (!file || fseek(file, at, SEEK_SET) || (byte = getc(file)) == EOF ||
        fseek(file, at, SEEK_SET) || putc(~byte & 0xff, file) == EOF || fclose(file))
        fail_msg("%s cannot be changed", path);
}

static void change_and_rebuild(struct e2e *world, long at)
{
    struct kept *before = world->kept;

    e2e_shell(world, "rm -rf data after && cp -a whole data");
    change_byte(world, at);
    check_rebuilding(world, e2e_format(world, "byte %ld", at), rebuilt, true);
    e2e_release(world, before);
}

/* The bytes 24 to 27 of the header count the writes. A change of only these is not damage. */
static void change_bytes(struct e2e *world)
{
    unsigned long seed = 20261123;
    long size = size_of_state(world);

    for (long at = 0; at < HEADER; at += is_sweep() ? 1 : 97) {
        if (at < 24 || at > 27)
            change_and_rebuild(world, at);
    }
    for (int i = 0; i < (is_sweep() ? 500 : 2); i++) {
        seed = seed * 6364136223846793005UL + 1442695040888963407UL;
        change_and_rebuild(world, HEADER + (long)((seed >> 20) % (unsigned long)(size - HEADER)));
    }
}

static void a_broken_state_is_rebuilt(struct e2e *world)
{
    begin(world);
    damage_as_listed(world);
    truncate_everywhere(world);
    damage_pages(world);
    change_bytes(world);
}

/* Results that a tick could not write are staged in the state. The next tick exports them, even
 * from a state of another version or one that someone else has written to. */
static void staged_results_survive_a_change_of_version(struct e2e *world)
{
    static const char *const commands[] = {
        "printf '\\000\\000\\000\\001' | dd of=state.db bs=1 seek=60 conv=notrunc 2> /dev/null",
        "printf '\\000\\000\\000\\005' | dd of=state.db bs=1 seek=60 conv=notrunc 2> /dev/null",
        "touch state.db",
    };

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        e2e_shell(world, "rm -rf data public");
        e2e_config(world, config);
        e2e_tick(world, "2026-11-23 10:00:00");
        e2e_shell(world, "mv data/live/s/a.log kept && mkdir data/live/s/a.log");
        world->clock = "2026-11-23 10:01:00";
        e2e_uptick(world, "tick", NULL);
        e2e_reported(world, 74, "the results are kept in state.db for the next tick", NULL);
        e2e_shell(world, "rmdir data/live/s/a.log && mv kept data/live/s/a.log && cd data && %s",
                  commands[i]);
        world->clock = "2026-11-23 10:01:20";
        e2e_uptick(world, "tick", NULL);
        e2e_reported(world, 0, rebuilt, NULL);
        assert_int_equal(e2e_rows(world, "s/a").n, 2);
        assert_memory_equal(e2e_rows(world, "s/a").rows[1].field[TIMESTAMP],
                            "2026-11-23T10:01:", 17);
    }
}

/* Copying a state with its times does not change it. */
static void a_copied_state_is_not_rebuilt(struct e2e *world)
{
    begin(world);
    e2e_shell(world, "rm -rf data && cp -a whole data");
    rebuild_by_tick(world);
    e2e_silent(world, 0);
    render(world, "after");
    e2e_shell(world, E2E_DIFF " before after");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_broken_state_is_rebuilt),
        E2E_TEST(staged_results_survive_a_change_of_version),
        E2E_TEST(a_copied_state_is_not_rebuilt),
    };

    return cmocka_run_group_tests_name("broken_state", tests, NULL, NULL);
}
