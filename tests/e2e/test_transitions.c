/* The transitions of monitors, from which the pages compute outages: kept by ticks, and rebuilt. */
#include "cmocka_all.h"
#include "e2e.h"
#include "transitions.h"

#include <string.h>

static const char config[] = "sites:\n"
                             "  - id: s\n"
                             "    domains:\n"
                             "      - {id: a, url: 'http://@http@%s', interval_seconds: 60}\n"
                             "      - {id: b, url: 'http://@http@/flap/3', interval_seconds: 60}\n"
                             "      - {id: c, url: 'http://@http@/ok', interval_seconds: 60}\n";

/* Ticks during which monitor a is up or down. */
static void live(struct e2e *world, bool up, const char *const *moments)
{
    e2e_config(world, e2e_format(world, config, up ? "/ok" : "/status/503"));
    for (; *moments; moments++)
        e2e_tick(world, *moments);
}

/* As kept by the ticks, rebuilt with the old state, and rebuilt without it. */
static void expect_transitions(struct e2e *world, const char *now, const char *expected)
{
    for (int round = 0; round < 3; round++) {
        world->clock = now;
        if (round == 2)
            e2e_shell(world, "rm data/state.db");
        if (round)
            e2e_uptick(world, "rebuild", NULL);
        if (round)
            assert_int_equal(world->last.status, 0);
        transitions_check(world);
        assert_string_equal(transitions_of(world, "s/a"), expected);
        assert_true(strchr(transitions_of(world, "s/c"), ',') == NULL);
    }
}

static void an_outage_over_midnight_is_kept(struct e2e *world)
{
    live(world, true, (const char *[]){"2026-11-23 23:57:00", "2026-11-23 23:58:00", NULL});
    live(world, false,
         (const char *[]){"2026-11-23 23:59:00", "2026-11-24 00:00:00", "2026-11-24 00:01:00",
                          NULL});
    live(world, true, (const char *[]){"2026-11-24 00:02:00", "2026-11-24 01:00:00", NULL});
    expect_transitions(world, "2026-11-24 01:00:30",
                       "UP 23:57 first, DOWN 23:59 after 23:58, UP 00:02 after 00:01");
}

static void minutes_without_a_tick_split_an_outage(struct e2e *world)
{
    live(world, false,
         (const char *[]){"2026-11-23 09:30:00", "2026-11-23 09:31:00", "2026-11-23 09:45:00",
                          "2026-11-23 09:46:00", NULL});
    expect_transitions(world, "2026-11-23 09:46:30", "DOWN 09:30 first, DOWN 09:45 after 09:31");
}

static void rows_of_a_clock_set_back_update_the_transitions(struct e2e *world)
{
    live(world, true,
         (const char *[]){"2026-11-24 00:10:00", "2026-11-24 00:12:00", "2026-11-24 00:14:00",
                          NULL});
    live(world, false, (const char *[]){"2026-11-23 23:59:00", "2026-11-24 00:13:00", NULL});
    live(world, true, (const char *[]){"2026-11-24 00:15:00", NULL});
    expect_transitions(world, "2026-11-24 00:15:30",
                       "DOWN 23:59 first, UP 00:10 after 23:59, DOWN 00:13 after 00:12, "
                       "UP 00:14 after 00:13");
}

static void a_rebuild_keeps_transitions_of_deleted_archives(struct e2e *world)
{
    live(world, true, (const char *[]){"2026-11-20 09:30:00", NULL});
    live(world, false, (const char *[]){"2026-11-20 09:31:00", "2026-11-20 09:32:00", NULL});
    live(world, true,
         (const char *[]){"2026-11-20 09:33:00", "2026-11-20 11:00:00", "2026-11-24 09:30:00",
                          "2026-11-24 11:00:00", NULL});
    e2e_shell(world, "rm -r data/archive/2026-11-20");
    world->clock = "2026-11-24 11:00:30";
    e2e_uptick(world, "rebuild", NULL);
    e2e_silent(world, 0);
    assert_string_equal(transitions_of(world, "s/a"),
                        "UP 09:30 first, DOWN 09:31 after 09:30, UP 09:33 after 09:32");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(an_outage_over_midnight_is_kept),
        E2E_TEST(minutes_without_a_tick_split_an_outage),
        E2E_TEST(rows_of_a_clock_set_back_update_the_transitions),
        E2E_TEST(a_rebuild_keeps_transitions_of_deleted_archives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
