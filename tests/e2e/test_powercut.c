/*
 * Power cuts: the file calls of a tick are recorded. Then every state is created that a disk may
 * hold if the power is cut after any of them, and changes that were not synced are lost, cut short,
 * zero-filled or written out of order (the rules are in disk_model.h, the ways in disk_cuts.h). The
 * next tick finds each committed result, and the CSV has it exactly once; readers of the dashboard
 * see complete pages even before that tick. By default only a part of the states; all of them if
 * $UPTICK_SWEEP is set (`make powercut`).
 */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"
#include "midnight.h"
#include "powercut.h"
#include "space.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

enum { FEW = 8 /* monitors */ };

/* The number of states that a test tries: in the quick part, and in full (0: all there are). */
struct share {
    size_t quick, full;
};

static size_t wanted(struct share share)
{
    return sweep_in_full() ? share.full : share.quick;
}

/* The run in which the power is cut. Changes that earlier runs of the recording left unsynced may
 * be lost too. */
static void cut_in(struct powercut *cut, const char *clock, const char *command, struct share share)
{
    cut->from = cut->recording.disk.n_operations;
    disk_record(&cut->recording, clock, command, 0);
    powercut_try(cut, wanted(share));
}

static void set_up(struct e2e *world, int monitors)
{
    sweep_need_held_calls(world);
    midnight_configure(world, monitors, "");
    midnight_live_until(world);
}

static void a_power_cut_at_midnight_loses_and_doubles_nothing(struct e2e *world)
{
    struct powercut cut;

    set_up(world, MIDNIGHT_MONITORS);
    powercut_begin(&cut, world, MIDNIGHT_MONITORS);
    cut.recovered = 1;
    cut_in(&cut, midnight_at[0], "tick", (struct share){8, 0});
    powercut_end(&cut, "the tick of midnight");
}

/* With few files, each is synced by itself, and none by a sync of the whole disk. */
static void cut_common_minute(struct e2e *world)
{
    struct powercut cut;

    powercut_begin(&cut, world, FEW);
    disk_record(&cut.recording, midnight_at[0], "tick", 0);
    cut.recovered = 2;
    cut_in(&cut, midnight_at[1], "tick", (struct share){4, 0});
    powercut_end(&cut, "a common minute");
}

static long count_calls(struct e2e *world)
{
    struct disk_recording recording;
    long calls;

    disk_recording_begin(&recording, world);
    disk_record(&recording, midnight_at[0], "tick", 0);
    calls = recording.seen;
    disk_recording_free(&recording);
    midnight_go_back(world);
    return calls;
}

/*
 * Kills the tick of midnight at moments spread over it, and cuts the power in the run after that.
 */
static void cut_after_kills(struct e2e *world, const char *clock, const char *command,
                            int recovered, struct share share, const char *name)
{
    /* A rebuild changes the records first. If it does not end, the next tick has to do it again. */
    const char *may_print = strcmp(command, "rebuild") == 0
                                ? "state.db: was of another moment than the records; rebuilt"
                                : NULL;
    int kills = sweep_in_full() ? 16 : 1;
    unsigned long seed = 5;
    long calls = count_calls(world);
    struct powercut cut;

    for (int i = 0; i < kills; i++) {
        long kill_at =
            calls * i / kills + 1 + (long)(sweep_number(&seed) % (size_t)(calls / kills));

        midnight_go_back(world);
        powercut_begin(&cut, world, FEW);
        disk_record(&cut.recording, midnight_at[0], "tick", kill_at);
        cut.recovered = recovered;
        cut.may_print = may_print;
        cut_in(&cut, clock, command, share);
        powercut_end(&cut,
                     e2e_format(world, "%s, killed at call %ld of %ld", name, kill_at, calls));
    }
}

static void cut_recovery(struct e2e *world)
{
    cut_after_kills(world, midnight_at[1], "tick", 2, (struct share){3, 40}, "the tick after one");
}

static void cut_rebuild(struct e2e *world)
{
    cut_after_kills(world, "2026-11-23 00:00:30", "rebuild", 1, (struct share){3, 40},
                    "the rebuild after a tick");
}

static void cut_new_state(struct e2e *world)
{
    struct powercut cut;

    e2e_shell(world, "rm data/state.db*");
    powercut_begin(&cut, world, FEW);
    cut.recovered = 1;
    cut.may_print = "state.db: was missing; rebuilt";
    cut_in(&cut, midnight_at[0], "tick", (struct share){3, 500});
    powercut_end(&cut, "a tick without a state");
}

/* All from one start, because creating it takes a while. */
static void a_power_cut_at_other_times_loses_and_doubles_nothing(struct e2e *world)
{
    static void (*const cuts[])(struct e2e * world) = {cut_common_minute, cut_recovery, cut_rebuild,
                                                       cut_new_state};

    set_up(world, FEW);
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        midnight_go_back(world);
        cuts[i](world);
    }
}

static void a_power_cut_in_the_first_tick_loses_nothing_committed(struct e2e *world)
{
    struct powercut cut;

    sweep_need_held_calls(world);
    midnight_configure(world, FEW, "");
    powercut_begin(&cut, world, FEW);
    cut.recovered = 1;
    cut.may_print = "state.db: was missing; rebuilt";
    cut_in(&cut, midnight_at[0], "tick", (struct share){3, 500});
    powercut_end(&cut, "the first tick");
}

/*
 * Archives, or live files, on a file system of their own, as administrators mount what grows: a
 * sync of data_dir does not cover it. The recovering ticks have all of it on one again.
 */
static void cut_on_two_disks(struct e2e *world, const char *mounted)
{
    const char *path = e2e_path(world, mounted);
    struct powercut cut;

    e2e_shell(world, "mkdir -p %s && cp -a %s mounted", mounted, mounted);
    if (mount("tmpfs", path, "tmpfs", 0, "mode=0750")) {
        print_message("this machine allows no private mounts\n");
        return;
    }
    e2e_shell(world, "cp -a mounted/. %s && rm -r mounted", mounted);
    powercut_begin(&cut, world, FEW);
    cut.recovered = 1;
    cut_in(&cut, midnight_at[0], "tick", (struct share){12, 500});
    umount2(path, MNT_DETACH);
    powercut_end(&cut, e2e_format(world, "%s on another disk", mounted));
}

static void a_power_cut_loses_nothing_on_two_file_systems(struct e2e *world)
{
    static const char *const mounted[] = {"data/archive", "data/live"};

    space_need(world);
    set_up(world, FEW);
    for (size_t i = 0; i < sizeof mounted / sizeof mounted[0]; i++) {
        midnight_go_back(world);
        cut_on_two_disks(world, mounted[i]);
    }
}

/* A hundred sites that are almost never due. */
static void add_sites(struct e2e *world)
{
    char *yaml = e2e_read(world, "uptick.yaml");

    for (int i = 0; i < 100; i++)
        yaml = e2e_format(world,
                          "%s  - {id: t%d, domains: [{id: t, interval_seconds: 86400, "
                          "url: 'http://@http@/ok'}]}\n",
                          yaml, i);
    e2e_config(world, yaml);
}

/* A dashboard with so many pages overwrites files that the last build replaced. */
static void a_power_cut_leaves_no_half_page_if_pages_are_reused(struct e2e *world)
{
    struct powercut cut;

    sweep_need_held_calls(world);
    midnight_configure(world, FEW, "history_hours: 1\n");
    add_sites(world);
    midnight_live_until(world);
    assert_true(e2e_exists(world, "data/page-pool/100"));
    powercut_begin(&cut, world, FEW);
    disk_record(&cut.recording, midnight_at[0], "tick", 0);
    cut.recovered = 2;
    cut_in(&cut, midnight_at[1], "tick", (struct share){3, 500});
    powercut_end(&cut, "a dashboard of 109 pages");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_power_cut_at_midnight_loses_and_doubles_nothing),
        E2E_TEST(a_power_cut_at_other_times_loses_and_doubles_nothing),
        E2E_TEST(a_power_cut_in_the_first_tick_loses_nothing_committed),
        E2E_TEST(a_power_cut_leaves_no_half_page_if_pages_are_reused),
        E2E_TEST(a_power_cut_loses_nothing_on_two_file_systems),
    };

    space_enter();

    return cmocka_run_group_tests_name("power cuts", tests, NULL, NULL);
}
