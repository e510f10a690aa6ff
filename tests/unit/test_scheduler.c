/* scheduler.h: which checks are due in a minute. */
#include "base/clock.h"
#include "model/scheduler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* 2026-11-23T09:30:00Z, the start of a minute */
static const int64_t nine_thirty = 1795426200000;

static struct site site = {.id = "shop", .name = "shop", .n_domains = 1};
static struct domain domain = {.id = "www", .timeout_ms = 20000};
static const struct config config = {.sites = &site,
                                     .n_sites = 1,
                                     .domains = &domain,
                                     .n_domains = 1,
                                     .render_interval_seconds = 30};

/* Runs the scheduler for one tick, and stores due_after_ms as the state would. */
static size_t tick(int64_t *due_after_ms, int64_t now_ms)
{
    struct job *jobs;
    size_t n;

    assert_int_equal(scheduler_due(&config, due_after_ms, NULL, NULL, now_ms, &jobs, &n), 0);
    for (size_t i = 0; i < n; i++) {
        assert_true(jobs[i].start_ms >= now_ms);
        assert_true(i == 0 || jobs[i].start_ms > jobs[i - 1].start_ms);
        *due_after_ms = jobs[i].due_after_ms;
    }
    free(jobs);
    return n;
}

static void the_phase_of_a_monitor_never_changes(void **state)
{
    (void)state;
    domain.interval_seconds = 300;
    assert_int_equal(scheduler_phase(&config, 0), 0x19da662527506307u % 300 * 1000);
}

static void a_slot_is_the_phase_plus_whole_intervals(void **state)
{
    static const int intervals[] = {10, 45, 60, 300, 604800};

    (void)state;
    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
        int64_t slot, interval = intervals[i] * INT64_C(1000);

        domain.interval_seconds = intervals[i];
        slot = scheduler_next_slot(&config, 0, nine_thirty);
        assert_true(slot >= nine_thirty && slot < nine_thirty + interval);
        assert_int_equal((slot - scheduler_phase(&config, 0)) % interval, 0);
        assert_int_equal(scheduler_next_slot(&config, 0, slot), slot);
        assert_int_equal(scheduler_next_slot(&config, 0, slot + 1), slot + interval);
    }
}

static void a_new_domain_is_checked_at_once(void **state)
{
    int64_t due_after = 0;

    (void)state;
    domain.interval_seconds = 604800;
    assert_int_equal(tick(&due_after, nine_thirty), 1);
}

static void a_second_tick_in_the_same_minute_checks_nothing(void **state)
{
    static const int intervals[] = {10, 59, 60, 61, 300};

    (void)state;
    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
        int64_t due_after = 0;

        domain.interval_seconds = intervals[i];
        tick(&due_after, nine_thirty + 500);
        assert_int_equal(tick(&due_after, nine_thirty + 900), 0);
        assert_int_equal(tick(&due_after, nine_thirty + 59999), 0);
    }
}

static void each_interval_gives_its_number_of_checks_a_day(void **state)
{
    static const struct {
        int interval;
        size_t checks_a_day;
    } cases[] = {{10, 8640}, {15, 5760}, {45, 1920}, {60, 1440},
                 {90, 960},  {300, 288}, {900, 96},  {3600, 24}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t due_after = 0;
        size_t checks = 0;

        domain.interval_seconds = cases[i].interval;
        tick(&due_after, nine_thirty - 60000 + 300);
        for (int minute = 0; minute < 1440; minute++)
            checks += tick(&due_after, nine_thirty + minute * INT64_C(60000) + 700);
        assert_int_equal(checks, cases[i].checks_a_day);
    }
}

static void a_late_tick_catches_up_its_minute_with_one_check(void **state)
{
    int64_t due_after = 0, slot;
    size_t to_come = 0;

    (void)state;
    domain.interval_seconds = 10;
    tick(&due_after, nine_thirty - 60000);
    tick(&due_after, nine_thirty - 1);
    for (slot = scheduler_next_slot(&config, 0, nine_thirty + 45001); slot < nine_thirty + 60000;
         slot += 10000)
        to_come++;
    assert_int_equal(tick(&due_after, nine_thirty + 45000), 1 + to_come);
}

static void missed_slots_are_caught_up_with_one_check(void **state)
{
    (void)state;
    domain.interval_seconds = 300;
    int64_t due_after = nine_thirty - 7 * INT64_C(3600000);
    assert_int_equal(tick(&due_after, nine_thirty), 1);
    assert_int_equal(due_after, nine_thirty + 60000);
}

static void a_check_late_in_its_minute_does_not_use_the_next_slot(void **state)
{
    struct job *jobs;
    size_t n;
    int64_t due_after = 0;

    (void)state;
    domain.interval_seconds = 60;
    assert_int_equal(scheduler_due(&config, &due_after, NULL, NULL, nine_thirty + 59900, &jobs, &n),
                     0);
    assert_int_equal(jobs[0].due_after_ms, nine_thirty + 60000);
    due_after = jobs[0].due_after_ms;
    free(jobs);
    assert_int_equal(tick(&due_after, nine_thirty + 60000), 1);
}

static void a_clock_set_back_never_stops_the_checks(void **state)
{
    static const int intervals[] = {10, 60, 86400};
    static const int64_t steps[] = {90 * INT64_C(1000), 3600 * INT64_C(1000),
                                    365 * INT64_C(86400000)};

    (void)state;
    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
        for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
            int64_t due_after = 0;

            domain.interval_seconds = intervals[i];
            tick(&due_after, nine_thirty);
            assert_true(tick(&due_after, nine_thirty - steps[s]) >= 1);
            assert_int_equal(tick(&due_after, nine_thirty - steps[s] + 1), 0);
        }
    }
}

static void a_thousand_monitors_are_spread_evenly_over_the_minutes(void **state)
{
    static struct domain many[1000];
    static char ids[1000][16];
    static struct site one = {.id = "s", .n_domains = 1000};
    struct config wide = {.sites = &one, .n_sites = 1, .domains = many, .n_domains = 1000};
    static int64_t due_after[1000];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(ids[i], sizeof ids[i], "d%d", i);
        many[i] = (struct domain){.id = ids[i], .interval_seconds = 300};
        due_after[i] = nine_thirty;
    }
    for (int minute = 0; minute < 5; minute++) {
        struct job *jobs;
        size_t n;

        scheduler_due(&wide, due_after, NULL, NULL, nine_thirty + minute * 60000, &jobs, &n);
        for (size_t i = 0; i < n; i++)
            due_after[jobs[i].domain] = jobs[i].due_after_ms;
        assert_in_range(n, 150, 250);
        free(jobs);
    }
}

static void a_page_is_valid_until_two_minutes_after_the_next_check(void **state)
{
    int64_t due_after = nine_thirty + 60000, slot;

    (void)state;
    domain.interval_seconds = 300;
    domain.retries = 0;
    slot = scheduler_next_slot(&config, 0, due_after);
    assert_int_equal(scheduler_valid_until(&config, &due_after, NULL, nine_thirty + 2000),
                     slot + 20000 + 120000);
    domain.retries = 2;
    assert_int_equal(scheduler_valid_until(&config, &due_after, NULL, nine_thirty + 2000),
                     slot + 3 * 20000 + 2 * 2000 + 120000);
    domain.retries = 0;
}

static void a_waiting_check_starts_only_if_it_fits_into_the_minute(void **state)
{
    static const struct {
        int retries, timeout_ms;
        int64_t at, latest; /* within the minute */
    } cases[] = {
        {0, 20000, 0, 35000},  {1, 20000, 0, 13000},
        {0, 50000, 700, 5700}, /* five seconds of grace for a check that starts with the tick */
        {2, 50000, 0, 5000},   {0, 20000, 45000, 50000},
    };

    (void)state;
    domain.interval_seconds = 60;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t due_after = 0;
        struct job *jobs;
        size_t n;

        domain.retries = cases[i].retries;
        domain.timeout_ms = cases[i].timeout_ms;
        scheduler_due(&config, &due_after, NULL, NULL, nine_thirty + cases[i].at, &jobs, &n);
        assert_int_equal(n, 1);
        assert_int_equal(jobs[0].latest_ms, nine_thirty + cases[i].latest);
        free(jobs);
    }
    domain.retries = 0;
    domain.timeout_ms = 20000;
}

/* When the checks of a minute start, in milliseconds from nine_thirty; -1 ends the list. */
static void expect_starts(int interval, int64_t due_after, int64_t wait_until, int64_t now,
                          const int64_t *starts)
{
    struct job *jobs;
    size_t n, i = 0;

    domain.interval_seconds = interval;
    due_after = due_after ? nine_thirty + due_after : 0;
    wait_until = wait_until ? nine_thirty + wait_until : 0;
    assert_int_equal(
        scheduler_due(&config, &due_after, &wait_until, NULL, nine_thirty + now, &jobs, &n), 0);
    for (; starts[i] >= 0; i++) {
        if (i >= n || jobs[i].start_ms - nine_thirty != starts[i])
            fail_msg("interval %d, wait until %lld, now %lld: job %zu of %zu", interval,
                     (long long)wait_until, (long long)now, i, n);
        assert_true(jobs[i].due_after_ms > jobs[i].start_ms);
        assert_true(jobs[i].latest_ms >= jobs[i].start_ms);
    }
    assert_int_equal(n, i);
    free(jobs);
}
#define STARTS(...) ((const int64_t[]){__VA_ARGS__, -1})

static void a_domain_whose_server_asks_to_wait_is_checked_when_the_wait_is_over(void **state)
{
    const int64_t minute = 60000, hour = 3600000;

    (void)state;

    /* At an interval of a minute there is a slot in each minute. */
    expect_starts(60, 0 - minute, 0, 700, STARTS(700));
    expect_starts(60, 0, 700, 700, STARTS(700));
    expect_starts(60, 0 - minute, 701, 700, STARTS(701));
    expect_starts(60, 0 - minute, minute - 1, 700, STARTS(minute - 1));
    expect_starts(60, 0 - minute, minute, 700, (const int64_t[]){-1});
    expect_starts(60, 0 - minute, minute + 1, 700, (const int64_t[]){-1});
    expect_starts(60, 0 - minute, 700 - 1, 700, STARTS(700));

    /* One that was never checked can have a wait, if its state was rebuilt. */
    expect_starts(604800, 0, 20000, 700, STARTS(20000));

    /* No wait is longer than an hour: else the clock was set back. */
    expect_starts(60, 0 - minute, 700 + hour, 700, (const int64_t[]){-1});
    expect_starts(60, 0 - minute, 700 + hour + 1, 700, STARTS(700));

    /* The clock was set back by ten minutes: the wait goes on, and then the check is made. */
    expect_starts(60, 10 * minute, 30000, 700, STARTS(30000));
    expect_starts(60, 10 * minute, 20 * minute, 700, (const int64_t[]){-1});

    /* A wait that ends before the next slot changes nothing. */
    expect_starts(300, minute, 20000, 700, (const int64_t[]){-1});
}

static void slots_of_a_short_interval_are_missed_while_the_server_asks_to_wait(void **state)
{
    int64_t slot, end = 60000;

    (void)state;
    domain.interval_seconds = 10;
    slot = scheduler_next_slot(&config, 0, nine_thirty + 1) - nine_thirty;

    /* A slot was missed while the domain waited: it is checked once when the wait is over. */
    expect_starts(
        10, -60000, slot + 20001, 0,
        STARTS(slot + 20001, slot + 30000, slot + 40000, slot + 50000 < end ? slot + 50000 : -1));
    expect_starts(
        10, -60000, slot + 20000, 0,
        STARTS(slot + 20000, slot + 30000, slot + 40000, slot + 50000 < end ? slot + 50000 : -1));
    expect_starts(10, -60000, 59999, 0, STARTS(59999));
    expect_starts(10, -60000, 60000, 0, (const int64_t[]){-1});
}

static void a_dashboard_is_valid_until_a_wait_is_over(void **state)
{
    int64_t due_after = nine_thirty + 60000, wait = nine_thirty + 1800000;

    (void)state;
    domain.interval_seconds = 60;
    assert_int_equal(scheduler_valid_until(&config, &due_after, &wait, nine_thirty + 2000),
                     wait + 20000 + 120000);
    wait = nine_thirty + 2000;
    assert_int_equal(scheduler_valid_until(&config, &due_after, &wait, nine_thirty + 2000),
                     scheduler_valid_until(&config, &due_after, NULL, nine_thirty + 2000));
    wait = nine_thirty + 2000 + 3600001;
    assert_int_equal(scheduler_valid_until(&config, &due_after, &wait, nine_thirty + 2000),
                     scheduler_valid_until(&config, &due_after, NULL, nine_thirty + 2000));
}

static void left_over_checks_go_first(void **state)
{
    struct domain four[] = {{.id = "fresh", .interval_seconds = 60},
                            {.id = "left-over", .interval_seconds = 60},
                            {.id = "ahead", .interval_seconds = 60},
                            {.id = "new", .interval_seconds = 60}};
    struct site one = {.id = "s", .n_domains = 4};
    struct config wide = {.sites = &one, .n_sites = 1, .domains = four, .n_domains = 4};
    int64_t due_after[] = {nine_thirty, nine_thirty - 60000, nine_thirty + 86400000, 0};
    static const size_t order[] = {2, 3, 1, 0};
    struct job *jobs;
    size_t n;

    (void)state;
    scheduler_due(&wide, due_after, NULL, NULL, nine_thirty + 100, &jobs, &n);
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(jobs[i].domain, order[i]);
    free(jobs);
}

static void another_minute_begins_when_the_clock_shows_it(void **state)
{
    static const struct {
        int64_t minute, now, passed; /* from nine_thirty; passed on the other clock */
        bool is_over;
    } cases[] = {
        {0, 59999, 59999, false},
        {0, 60000, 60000, true},
        {59999, 60000, 1, true},
        {30000, 3600000, 200, true}, /* set forward */
        {0, 120000, 200, true},

        /* set back: not before a minute has passed, and only if it is another minute */
        {0, -1, 1000, false},
        {0, -1, 60000, true},
        {0, -3600000, 59999, false},
        {0, -3600000, 60000, true},
        {0, 30000, 70000, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(scheduler_minute_is_over(nine_thirty + cases[i].minute,
                                                  nine_thirty + cases[i].now, cases[i].passed),
                         cases[i].is_over);
}

/* Also if a clock jumps to and fro each time it is looked at. */
static void a_clock_set_back_and_forth_begins_no_minute_twice(void **state)
{
    static const int64_t jumps[] = {60000, -60000, 1, -3600000, 3600000, -1};
    int64_t minute = nine_thirty, began = 0;
    int begun = 0;

    (void)state;
    for (int64_t passed = 0; passed < 600000; passed += 50) {
        int64_t now = nine_thirty + passed + jumps[passed / 50 % 6];

        if (!scheduler_minute_is_over(minute, now, passed - began))
            continue;
        minute = now;
        began = passed;
        begun++;
    }
    assert_in_range(begun, 8, 22);
}

static void a_tick_takes_over_minutes_for_a_quarter_of_an_hour(void **state)
{
    static const struct {
        int64_t start; /* within its minute */
        int minutes;   /* that it covers */
    } cases[] = {{0, 15}, {300, 15}, {30000, 15}, {59999, 15}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t now = nine_thirty + cases[i].start;
        int minutes = 1;

        for (int64_t age = 0; !scheduler_is_last_minute(age, now); minutes++) {
            int64_t next = clock_floor_div(now, 60000) * 60000 + 60000;

            age += next - now;
            now = next;
            assert_true(scheduler_may_take_over(age, now));
            assert_true(scheduler_may_take_over(age + 3000, now + 3000));
        }
        assert_in_range(minutes, cases[i].minutes, cases[i].minutes + (cases[i].start > 0));
        assert_true(now + 60000 - nine_thirty - cases[i].start <= 15 * 60000);
    }
    assert_false(scheduler_may_take_over(SCHEDULER_TICK_MAX_MS - 59999, nine_thirty));
    assert_int_equal(scheduler_time_left(nine_thirty + 100), 54900);
}

/* The tick of nine_thirty takes over the next minute while some of its checks are running. */
static void a_running_check_is_not_started_again(void **state)
{
    struct domain four[] = {{.id = "running", .interval_seconds = 60},
                            {.id = "done", .interval_seconds = 60},
                            {.id = "often", .interval_seconds = 10},
                            {.id = "rare", .interval_seconds = 604800}};
    struct site one = {.id = "s", .n_domains = 4};
    struct config wide = {.sites = &one, .n_sites = 1, .domains = four, .n_domains = 4};
    int64_t due_after[] = {nine_thirty, nine_thirty, nine_thirty, nine_thirty}, now;
    const bool running[] = {true, false, true, true};
    size_t n, often = 0, done = 0;
    struct job *jobs;

    (void)state;
    now = scheduler_next_slot(&wide, 2, nine_thirty + 60000) + 1;
    scheduler_due(&wide, due_after, NULL, NULL, now, &jobs, &n);
    assert_int_equal(scheduler_skip_running(&wide, running, now, jobs, &n), 1);
    for (size_t i = 0; i < n; i++) {
        assert_true(jobs[i].domain == 1 || jobs[i].domain == 2);
        often += jobs[i].domain == 2;
        done += jobs[i].domain == 1;
    }

    /* Its slots from now on are checked all the same. */
    assert_int_equal(often, 5);
    assert_int_equal(done, 1);
    free(jobs);
}

static void slots_of_a_future_that_was_set_back_are_forgotten(void **state)
{
    int64_t due_after;
    static const int64_t cases[][2] = {{0, 0}, {60000, 60000}, {60001, 0}, {86400000, 0}, {-5, -5}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        due_after = nine_thirty + cases[i][0];
        scheduler_forget_future(&config, &due_after, nine_thirty + 1);
        assert_int_equal(due_after, cases[i][1] || i == 0 ? nine_thirty + cases[i][1] : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_phase_of_a_monitor_never_changes),
        cmocka_unit_test(a_slot_is_the_phase_plus_whole_intervals),
        cmocka_unit_test(a_new_domain_is_checked_at_once),
        cmocka_unit_test(a_second_tick_in_the_same_minute_checks_nothing),
        cmocka_unit_test(each_interval_gives_its_number_of_checks_a_day),
        cmocka_unit_test(a_late_tick_catches_up_its_minute_with_one_check),
        cmocka_unit_test(missed_slots_are_caught_up_with_one_check),
        cmocka_unit_test(a_check_late_in_its_minute_does_not_use_the_next_slot),
        cmocka_unit_test(a_clock_set_back_never_stops_the_checks),
        cmocka_unit_test(a_thousand_monitors_are_spread_evenly_over_the_minutes),
        cmocka_unit_test(a_waiting_check_starts_only_if_it_fits_into_the_minute),
        cmocka_unit_test(a_domain_whose_server_asks_to_wait_is_checked_when_the_wait_is_over),
        cmocka_unit_test(slots_of_a_short_interval_are_missed_while_the_server_asks_to_wait),
        cmocka_unit_test(a_dashboard_is_valid_until_a_wait_is_over),
        cmocka_unit_test(left_over_checks_go_first),
        cmocka_unit_test(another_minute_begins_when_the_clock_shows_it),
        cmocka_unit_test(a_clock_set_back_and_forth_begins_no_minute_twice),
        cmocka_unit_test(a_tick_takes_over_minutes_for_a_quarter_of_an_hour),
        cmocka_unit_test(a_running_check_is_not_started_again),
        cmocka_unit_test(slots_of_a_future_that_was_set_back_are_forgotten),
        cmocka_unit_test(a_page_is_valid_until_two_minutes_after_the_next_check),
    };

    return cmocka_run_group_tests_name("scheduler", tests, NULL, NULL);
}
