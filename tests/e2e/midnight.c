/* The tick of midnight and the ticks around it, for the sweeps. */
#define _GNU_SOURCE
#include "midnight.h"
#include "calls.h"
#include "cmocka_all.h"

#include <stdlib.h>

const char *const midnight_at[] = {"2026-11-23 00:00:00", "2026-11-23 00:01:00",
                                   "2026-11-23 00:02:00"};
const char *const midnight_minutes[] = {"2026-11-23T00:00", "2026-11-23T00:01", "2026-11-23T00:02"};

const char midnight_kept_from[] = "2026-11-21";

static const char *const targets[] = {"/ok", "/status/500", "/reset", "/bot/200", "/ok?q"};

char *midnight_monitor(struct e2e *world, int i)
{
    return e2e_format(world, "s%d,d%d", i / 4, i);
}

void midnight_configure(struct e2e *world, int monitors, const char *more)
{
    char *yaml = e2e_format(world,
                            "retention_days: 2\nrender_interval_seconds: 0\n%s"
                            "alerts: []\n"
                            "defaults: {interval_seconds: 60, bot_protection_string: "
                            "'Checking your browser'}\nsites:\n",
                            more);

    for (int i = 0; i < monitors; i++) {
        if (i % 4 == 0)
            yaml = e2e_format(world, "%s  - id: s%d\n    domains:\n", yaml, i / 4);
        yaml = e2e_format(world, "%s      - {id: d%d, url: 'http://@http@%s'}\n", yaml, i,
                          targets[i % 5]);
    }
    e2e_config(world, yaml);
}

void midnight_live_until(struct e2e *world)
{
    static const char *const before[] = {"2026-11-20 12:00:00", "2026-11-21 12:00:00",
                                         "2026-11-22 22:59:00", "2026-11-22 23:58:00",
                                         "2026-11-22 23:59:00"};

    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        e2e_tick(world, before[i]);
    assert_true(e2e_exists(world, "data/archive/2026-11-20"));

    /* A clock that was ahead has left this folder. So the day counts as recorded when it begins, and
     * the tick of midnight prunes. */
    e2e_shell(world, "mkdir data/archive/2026-11-23");
    e2e_shell(world, "mkdir start && cp -a data public start");
}

void midnight_go_back(struct e2e *world)
{
    e2e_shell(world, "rm -rf data public && cp -a start/data start/public .");
}

void midnight_check_counts(struct e2e *world, int monitors, const struct account *found,
                           int recovered)
{
    for (int i = 0; i < monitors; i++) {
        for (int j = 0; j <= recovered; j++) {
            size_t n = account_count(found, midnight_monitor(world, i), midnight_minutes[j]);

            e2e_check(j < recovered ? n <= 1 : n == 1, "%s has %zu rows in %s",
                      midnight_monitor(world, i), n, midnight_minutes[j]);
        }
    }
}

void midnight_check_rebuilt(struct e2e *world, int recovered)
{
    json_t *before = json_object_get(e2e_status(world), "sites");

    /* No row is later than this. */
    world->clock = e2e_format(world, "%.17s10", midnight_at[recovered]);
    e2e_uptick(world, "rebuild", NULL);
    assert_int_equal(world->last.status, 0);
    e2e_uptick(world, "render", NULL);
    assert_int_equal(world->last.status, 0);
    e2e_check(json_equal(before, json_object_get(e2e_status(world), "sites")),
              "a rebuild gives another status");
}

bool sweep_in_full(void)
{
    return getenv("UPTICK_SWEEP") != NULL;
}

void sweep_need_held_calls(struct e2e *world)
{
    if (calls_work())
        return;
    print_message("this machine cannot hold the calls of a program\n");
    world->passed = true;
    skip();
}

unsigned long sweep_number(unsigned long *seed)
{
    *seed = *seed * 6364136223846793005 + 1442695040888963407;
    return *seed >> 33;
}
