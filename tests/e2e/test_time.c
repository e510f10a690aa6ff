/* Special days: the leap day, the end of the year, and clocks that are set. All times are UTC. */
#include "cmocka_all.h"
#include "e2e.h"

#include <string.h>

static const char config[] = "retention_days: 30\n"
                             "defaults: {interval_seconds: 60}\n"
                             "sites:\n"
                             "  - id: s\n"
                             "    domains:\n"
                             "      - {id: a, url: 'http://@http@/flap/3'}\n"
                             "      - {id: b, url: 'http://@http@/flap/4', role: supplementary}\n";

/* Ticks at these moments. An hour later, the rows are in the folders of their own days. */
static void check_days(struct e2e *world, const char *const *moments, const char *folders)
{
    size_t n = 0;

    e2e_config(world, config);
    for (; moments[n]; n++)
        e2e_tick(world, moments[n]);
    assert_int_equal(e2e_rows(world, "s/a").n, n);
    assert_int_equal(e2e_rows(world, "s/b").n, n);
    e2e_shell(world, "test \"$(ls data/archive | tr '\\n' ' ')\" = '%s'", folders);
    e2e_shell(world,
              "for day in %s; do test $(grep -c ^$day data/archive/$day/s/a.log) = "
              "$(grep -c . data/archive/$day/s/a.log) || exit 1; done",
              folders);

    /* A rebuild from the CSV gives the same. */
    world->clock = e2e_format(world, "%.17s30", moments[n - 1]);
    e2e_uptick(world, "render", "--output", "before", NULL);
    e2e_uptick(world, "rebuild", NULL);
    e2e_silent(world, 0);
    e2e_uptick(world, "render", "--output", "after", NULL);
    e2e_shell(world, "sed -i 's/T\\([0-9:]*\\):[0-9]*Z/T\\1Z/g' */status.json && "
                     "cmp before/status.json after/status.json");
}

static void the_leap_day_has_its_own_archive(struct e2e *world)
{
    static const char *const moments[] = {"2028-02-28 23:59:00",
                                          "2028-02-29 00:00:00",
                                          "2028-02-29 12:00:00",
                                          "2028-02-29 23:59:00",
                                          "2028-03-01 00:00:00",
                                          "2028-03-01 01:00:00",
                                          NULL};

    check_days(world, moments, "2028-02-28 2028-02-29 2028-03-01 ");
}

static void the_end_of_a_year_loses_no_row(struct e2e *world)
{
    static const char *const moments[] = {"2026-12-31 23:58:00", "2026-12-31 23:59:00",
                                          "2027-01-01 00:00:00", "2027-01-01 00:01:00",
                                          "2027-01-01 01:00:00", NULL};

    check_days(world, moments, "2026-12-31 2027-01-01 ");
}

static void a_clock_set_back_by_an_hour_loses_nothing(struct e2e *world)
{
    static const char *const moments[] = {"2026-11-23 10:58:00",
                                          "2026-11-23 10:59:00",
                                          "2026-11-23 09:59:00",
                                          "2026-11-23 10:00:00",
                                          "2026-11-23 10:01:00",
                                          "2026-11-23 11:00:00",
                                          NULL};

    check_days(world, moments, "2026-11-23 ");
}

static void a_clock_set_forward_deletes_nothing(struct e2e *world)
{
    static const char *const moments[] = {"2026-11-23 10:58:00", "2026-11-24 10:58:00",
                                          "2026-11-24 10:59:00", "2026-11-24 11:00:00", NULL};
    static const char *const ahead[] = {"2027-01-03 10:00:00", "2027-01-03 11:00:00",
                                        "2027-01-04 10:00:00", "2036-11-24 10:00:00"};

    check_days(world, moments, "2026-11-23 2026-11-24 ");
    for (size_t i = 0; i < sizeof ahead / sizeof ahead[0]; i++) {
        e2e_tick(world, ahead[i]);
        assert_int_equal(e2e_rows(world, "s/a").n, (int)i + 5);
    }
    e2e_tick(world, "2026-11-24 11:01:00");
    e2e_tick(world, "2026-11-24 12:00:00");
    assert_int_equal(e2e_rows(world, "s/a").n, 10);
}

/* Ticks around midnight and around both clock changes, in a zone that has them. */
static void live_in(struct e2e *world, const char *zone, const char *name)
{
    static const char *const moments[] = {
        "2026-03-08 06:59:00", "2026-03-08 07:00:00", "2026-03-29 00:59:00", "2026-03-29 01:00:00",
        "2026-03-29 23:59:00", "2026-03-30 00:00:00", "2026-10-25 00:30:00", "2026-10-25 01:30:00",
        "2026-11-01 05:59:00", "2026-11-01 06:00:00", "2026-11-01 06:59:00", "2026-11-01 07:00:00",
    };
    static int lives;

    e2e_config(world, config);
    e2e_shell(world,
              "sed -i 's/flap.3/&?%d/;s/flap.4/&?%d/;s/retention_days: 30/retention_days: 0/' "
              "uptick.yaml",
              lives, lives);
    lives++;
    world->environment = e2e_format(world, "TZ=%s", zone);
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        e2e_tick(world, moments[i]);
    world->environment = NULL;

    /* Everything except state.db with its inode, the latencies, and the seconds that passed. */
    e2e_shell(
        world,
        "mkdir %s && rm data/state.db* data/ticks data/lock && mv data public %s && "
        "find %s -type f -exec sed -i -e 's/\\(:[0-9][0-9]\\):[0-9][0-9]\\.[0-9]*Z/\\1Z/g' "
        "-e 's/\\(:[0-9][0-9]\\):[0-9][0-9]Z/\\1Z/g' -e 's/flap\\/\\([34]\\)?[0-9]*/flap\\/\\1/g' "
        "-e 's/\\(,[0-9]*\\),[0-9]*,/\\1,,/' -e 's/\"latency_ms\": [0-9]*//g' "
        "-e 's/\"duration_ms\": [0-9]*//g' {} +",
        name, name, name);
}

static void the_time_zone_does_not_change_records_or_status(struct e2e *world)
{
    static const char *const zones[] = {"America/New_York", "Europe/Berlin", "garbage"};

    live_in(world, "UTC", "utc");
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        const char *name = e2e_format(world, "zone%zu", i);

        live_in(world, zones[i], name);
        e2e_shell(world,
                  /* Of checks in one minute, any may end first. */
                  "for log in */data/live/events.log */data/archive/*/events.log; do "
                  "sort -o $log $log || exit 1; done; "
                  "diff -r utc/data %s/data && diff utc/public/status.json "
                  "%s/public/status.json",
                  name, name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(the_leap_day_has_its_own_archive),
        E2E_TEST(the_end_of_a_year_loses_no_row),
        E2E_TEST(a_clock_set_back_by_an_hour_loses_nothing),
        E2E_TEST(a_clock_set_forward_deletes_nothing),
        E2E_TEST(the_time_zone_does_not_change_records_or_status),
    };

    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
