/* check/lateness: what this machine adds to a duration fails no limit. */
#include "check/lateness.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The duration after the excuse. Lookups took 100 ms. */
static int64_t excused(int max_latency_ms, int slow_ms, int64_t duration_ms, int64_t late_us)
{
    struct domain domain = {.timeout_ms = 5000,
                            .expect = {.max_latency_ms = max_latency_ms, .slow_ms = slow_ms}};
    struct transfer transfer = {.domain = &domain,
                                .duration_ms = duration_ms,
                                .late_us = late_us,
                                .late_sum_us = late_us,
                                .clock.spent_us[EXCHANGE_LOOKUP] = 100 * US_PER_MS + 999};

    return lateness_excuse(&transfer);
}

static void lateness_is_no_part_of_a_duration_that_was_in_time_without_it(void **state)
{
    (void)state;
    assert_int_equal(excused(0, 0, 4999, 60 * US_PER_MS), 4999);
    assert_int_equal(excused(0, 0, 5060, 60 * US_PER_MS), 5000);
    assert_int_equal(excused(0, 0, 5061, 60 * US_PER_MS), 5061);
    assert_int_equal(excused(800, 0, 960, 60 * US_PER_MS), 900);
    assert_int_equal(excused(800, 0, 961, 60 * US_PER_MS), 961);
    assert_int_equal(excused(800, 700, 960, 60 * US_PER_MS), 900);
    assert_int_equal(excused(800, 700, 860, 60 * US_PER_MS), 800);
    assert_int_equal(excused(800, 700, 861, 60 * US_PER_MS), 861);
    assert_int_equal(excused(800, 700, 800, 60 * US_PER_MS), 800);

    /* After a longer pause, nothing is known. */
    assert_int_equal(excused(800, 0, 1000, AWAY_US), 900);
    assert_int_equal(excused(800, 0, 1000, AWAY_US + 1), 1000);
}

static void each_step_of_an_exchange_may_be_late(void **state)
{
    struct domain domain = {.timeout_ms = 5000, .expect = {.slow_ms = 700}};
    struct transfer transfer = {.domain = &domain, .duration_ms = 1000};

    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(lateness_excuse(&transfer), 1000);
        transfer_was_late(&transfer, 75 * US_PER_MS);
    }
    assert_int_equal(transfer.late_us, 75 * US_PER_MS);
    assert_int_equal(lateness_excuse(&transfer), 700);
}

static void the_shortest_limit_decides_whether_a_pause_matters(void **state)
{
    struct domain domain = {.timeout_ms = 5000};
    struct transfer transfer = {.domain = &domain,
                                .clock.spent_us[EXCHANGE_LOOKUP] = 100 * US_PER_MS};

    (void)state;
    assert_int_equal(lateness_limit_ms(&transfer), 5000);
    domain.expect.max_latency_ms = 800;
    assert_int_equal(lateness_limit_ms(&transfer), 900);
    domain.expect.slow_ms = 700;
    assert_int_equal(lateness_limit_ms(&transfer), 800);
    domain.expect.max_latency_ms = 6000;
    domain.expect.slow_ms = 5500;
    assert_int_equal(lateness_limit_ms(&transfer), 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lateness_is_no_part_of_a_duration_that_was_in_time_without_it),
        cmocka_unit_test(each_step_of_an_exchange_may_be_late),
        cmocka_unit_test(the_shortest_limit_decides_whether_a_pause_matters),
    };

    return cmocka_run_group_tests_name("lateness", tests, NULL, NULL);
}
