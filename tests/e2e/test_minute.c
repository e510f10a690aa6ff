/* Intervals below a minute: a check at each slot of the minute. These tests take a minute. */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdlib.h>

static void config_every_ten_seconds(struct e2e *world)
{
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: d, url: 'http://@http@/ok', interval_seconds: 10}\n");
}

/* Starts late in the minute, so that only its last slots are left. */
static void a_short_interval_is_checked_at_each_slot_of_the_minute(struct e2e *world)
{
    long long times[32];
    size_t n;

    config_every_ten_seconds(world);
    e2e_tick(world, "2026-11-23 10:00:35");

    /*
     * One check at once, since it is new, and one at each of the two or three slots until 10:01:00.
     */
    n = e2e_times(world, "/ok", times, 32);
    e2e_check(n >= 3 && n <= 4, "%zu checks", n);
    for (size_t i = 2; i < n; i++)
        e2e_check(llabs(times[i] - times[i - 1] - 10000) < 900, "%lld ms between two slots",
                  times[i] - times[i - 1]);
    e2e_check(world->last.seconds > 14 && world->last.seconds < 26, "the tick took %.1f s",
              world->last.seconds);
    assert_int_equal(e2e_all_rows(world), n);
}

static void an_interval_of_ten_seconds_gives_six_checks_a_minute(struct e2e *world)
{
    long checks;
    size_t rows;

    config_every_ten_seconds(world);
    e2e_tick(world, "2026-11-23 10:00:59");
    checks = e2e_count(world, "/ok");
    rows = e2e_all_rows(world);
    e2e_tick(world, "2026-11-23 10:01:00");
    assert_int_equal(e2e_count(world, "/ok") - checks, 6);
    assert_int_equal(e2e_all_rows(world) - rows, 6);
    e2e_check(world->last.seconds < 63, "the tick took %.1f s", world->last.seconds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_short_interval_is_checked_at_each_slot_of_the_minute),
        E2E_TEST(an_interval_of_ten_seconds_gives_six_checks_a_minute),
    };

    return cmocka_run_group_tests_name("minute", tests, NULL, NULL);
}
