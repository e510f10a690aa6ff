/*
 * Power cuts: the file calls of a tick are recorded, and each state is made that a disk may hold
 * where the power goes after any of them and what was not synced is lost, cut short, zero-filled or
 * written out of order (the rules are in disk_model.h, the ways in disk_cuts.h). The next tick then
 * finds each committed result, and has it in the CSV exactly once; and readers of the dashboard see
 * whole pages even before it. A part of the states by default, all of them where $UPTICK_SWEEP is
 * set
 * (`make powercut`).
 */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"
#include "midnight.h"
#include "powercut.h"

#include <stdlib.h>

/* Cuts in this tick; the one before has left unsynced what it leaves. */
static void cut_tick(struct e2e *world, int monitors, int number, size_t quick, const char *name)
{
    struct powercut cut;

    powercut_begin(&cut, world, monitors);
    disk_record(&cut.recording, number ? midnight_at[number - 1] : "2026-11-22 23:59:30", "tick",
                0);
    cut.from = cut.recording.disk.n_operations;
    disk_record(&cut.recording, midnight_at[number], "tick", 0);
    cut.recovered = number + 1;
    powercut_try(&cut, sweep_in_full() ? 0 : quick);
    powercut_end(&cut, name);
}

static void power_cut_in_the_tick_of_midnight_loses_and_doubles_nothing(struct e2e *world)
{
    sweep_need_held_calls(world);
    midnight_configure(world, MIDNIGHT_MONITORS, "");
    midnight_live_until(world);
    cut_tick(world, MIDNIGHT_MONITORS, 0, 24, "midnight");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(power_cut_in_the_tick_of_midnight_loses_and_doubles_nothing),
    };

    return cmocka_run_group_tests_name("power cuts", tests, NULL, NULL);
}
