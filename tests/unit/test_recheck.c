/* scheduler.h, commands/recheck.h and addresses.h: when and how an undecided domain is checked
 * again. */
#include "base/clock.h"
#include "commands/recheck.h"
#include "lookup/addresses.h"
#include "model/scheduler.h"
#include "state/conditions.h"
#include "state/monitor_conditions.h"
#include "state/staged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records.h"
#include "state_query.h"

enum { MINUTE = 60000 };

/* 2026-11-23T09:30:00Z, the start of a minute */
static const int64_t nine_thirty = 1795426200000;

static struct site site = {.id = "shop", .name = "shop", .n_domains = 1};
static struct domain domain;
static const struct config config = {
    .sites = &site, .n_sites = 1, .domains = &domain, .n_domains = 1};

static void set_rules(int interval_seconds, int timeout_ms, int retries, size_t n_rechecks)
{
    domain = (struct domain){.id = "www",
                             .interval_seconds = interval_seconds,
                             .timeout_ms = timeout_ms,
                             .retries = retries,
                             .confirm = {.recheck_seconds = {5, 15}, .n_rechecks = n_rechecks}};
}

/* When the first check of the minute starts, from nine_thirty on; -1: none is due. */
static int64_t first_start(int64_t due_after, int64_t wait_until, bool is_undecided, int64_t now)
{
    struct job *jobs;
    int64_t start = -1;
    size_t n;

    due_after += nine_thirty;
    wait_until = wait_until ? nine_thirty + wait_until : 0;
    assert_int_equal(scheduler_due(&config, &due_after, &wait_until, &is_undecided,
                                   nine_thirty + now, &jobs, &n),
                     0);
    if (n > 0)
        start = jobs[0].start_ms - nine_thirty;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(jobs[i].recheck, 0);
    free(jobs);
    return start;
}

static void an_undecided_domain_is_due_in_each_minute(void **state)
{
    static const int intervals[] = {10, 60, 61, 300, 604800};

    (void)state;
    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
        set_rules(intervals[i], 20000, 0, 1 + i % 2);

        /* It was checked in the minute before, or in this one. */
        assert_int_equal(first_start(0, 0, true, 700), 700);
        assert_int_equal(first_start(0, 0, true, 0), 0);
        if (intervals[i] >= 60)
            assert_int_equal(first_start(MINUTE, 0, true, 700), -1);

        /* Its server asks to wait: within this minute, or for longer. */
        assert_int_equal(first_start(0, 700 + 1, true, 700), 700 + 1);
        assert_int_equal(first_start(0, MINUTE, true, 700), -1);
    }
}

static void other_domains_are_due_at_their_slots(void **state)
{
    (void)state;

    /* The phase of this name is not 0. */
    set_rules(604800, 20000, 0, 2);
    assert_int_equal(first_start(0, 0, false, 700), -1);
    set_rules(604800, 20000, 0, 0);
    assert_int_equal(first_start(0, 0, true, 700), -1);
}

static void a_recheck_starts_at_its_second(void **state)
{
    static const struct {
        int timeout, retries, made;
        int64_t from, wait_until, now;
        int64_t start; /* -1: there is none */
    } cases[] = {
        {20000, 0, 0, 700, 0, 900, 5700},
        {20000, 0, 1, 700, 0, 6000, 15700},
        {20000, 0, 2, 700, 0, 20000, -1},
        /* The one before it has ended later. */
        {20000, 0, 1, 700, 0, 26000, 26000},
        {20000, 0, 0, 700, 0, 5700, 5700},
        /* It may last longer than the minute, and begin after it. */
        {20000, 0, 0, 30001, 0, 30001, 35001},
        {20000, 0, 1, 0, 0, 59999, 59999},
        {50000, 0, 0, 59000, 0, 59000, 64000},
        {10000, 1, 0, 55000, 0, 55000, 60000},
        /* The server asks to wait; not for more than an hour, for then the clock was set back. */
        {20000, 0, 0, 700, 5701, 900, 5701},
        {20000, 0, 0, 700, 5699, 900, 5700},
        {20000, 0, 0, 700, 59999, 900, 59999},
        {20000, 0, 0, 700, 60000, 900, -1},
        {20000, 0, 0, 700, 900 + 3600000, 900, -1},
        {20000, 0, 0, 700, 900 + 3600001, 900, 5700},
        {20000, 0, 0, 700, 0 - MINUTE, 900, 5700},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t wait = cases[i].wait_until ? nine_thirty + cases[i].wait_until : 0;
        struct job job;
        bool is_made;

        set_rules(300, cases[i].timeout, cases[i].retries, 2);
        is_made = scheduler_recheck(&config, 0, cases[i].made, nine_thirty + cases[i].from, wait,
                                    nine_thirty, nine_thirty + cases[i].now, &job);
        if (is_made != (cases[i].start >= 0))
            fail_msg("case %zu", i);
        if (!is_made)
            continue;
        assert_int_equal(job.start_ms - nine_thirty, cases[i].start);
        assert_int_equal(job.recheck, cases[i].made + 1);
        assert_int_equal(job.latest_ms, 0);
    }
}

static void a_page_is_valid_until_the_rechecks_are_over(void **state)
{
    int64_t due_after = nine_thirty, now = nine_thirty + 100;
    int64_t plain, slot;

    (void)state;
    set_rules(60, 2000, 0, 0);
    slot = scheduler_next_slot(&config, 0, now);
    plain = scheduler_valid_until(&config, &due_after, NULL, now);
    set_rules(60, 2000, 0, 2);

    /* The slot may be late in its minute. */
    if ((slot - nine_thirty) % MINUTE + 2000 + 15000 <= MINUTE)
        assert_int_equal(scheduler_valid_until(&config, &due_after, NULL, now) - plain, 17000);
    else
        assert_true(scheduler_valid_until(&config, &due_after, NULL, now) >= plain);

    /* The last recheck of a minute begins in it. */
    set_rules(60, 50000, 0, 0);
    plain = scheduler_valid_until(&config, &due_after, NULL, now);
    set_rules(60, 50000, 0, 2);
    assert_in_range(scheduler_valid_until(&config, &due_after, NULL, now) - plain, 1, MINUTE);
}

static void the_addresses_of_a_name_are_tried_in_turn(void **state)
{
    static const char list[] = "[2001:db8::1],192.0.2.1,192.0.2.2";

    (void)state;
    assert_string_equal(addresses_from(list, 0), list);
    assert_string_equal(addresses_from(list, 1), "192.0.2.1,192.0.2.2");
    assert_string_equal(addresses_from(list, 2), "192.0.2.2");
    assert_string_equal(addresses_from(list, 3), list);
    assert_string_equal(addresses_from(list, 10), "192.0.2.1,192.0.2.2");
    assert_string_equal(addresses_from("192.0.2.1", 5), "192.0.2.1");
}

/* A state with the rechecks of a minute that began now. */
struct stage {
    struct world *world;
    struct storage *storage;
    struct rechecks rechecks;
    int64_t due_after_ms[3], wait_until_ms[3];
};

static void open_storage(struct stage *stage)
{
    struct error error;

    stage->storage = open_world_state(stage->world);
    assert_done(conditions_load(stage->storage, &error), &error);
}

static void open_stage(struct stage *stage)
{
    *stage = (struct stage){.world = make_world(3)};
    for (size_t i = 0; i < 3; i++) {
        stage->world->domains[i].confirm = (struct confirm){
            .failures = 3, .successes = 2, .recheck_seconds = {0, 5}, .n_rechecks = 2};
        stage->world->domains[i].timeout_ms = 1;
        stage->due_after_ms[i] = 100 + (int64_t)i;
    }
    open_storage(stage);
    recheck_init(&stage->rechecks, &stage->world->config, stage->storage);

    /* The minute begins now, whatever the clock shows. */
    recheck_begin_minute(&stage->rechecks, nine_thirty, clock_monotonic() * US_PER_MS);
}

static void close_stage(struct stage *stage)
{
    recheck_free(&stage->rechecks);
    storage_close(stage->storage);
    free_world(stage->world);
}

/* A check of a domain ends now, and is stored. */
static void store_check(struct stage *stage, size_t index, int64_t start_ms, enum status status)
{
    struct result result = {
        .domain = index, .ended_ms = clock_monotonic(), .check = check_at(start_ms, status)};
    struct staged_result staged = outcome_of(index, 100, result.check);
    struct error error;

    recheck_take(&stage->rechecks, &result);
    assert_done(staged_add(stage->storage, &staged, 1, &error), &error);
}

/* Plans, and expects jobs for these domains; -1 ends the list. */
static void expect_jobs(struct stage *stage, const int *domains)
{
    struct schedule schedule = {.due_after_ms = stage->due_after_ms,
                                .wait_until_ms = stage->wait_until_ms};
    struct job *jobs = (struct job *)stage;
    struct error error;
    size_t n, i = 0;

    assert_done(recheck_plan(&stage->rechecks, &schedule, &jobs, &n, &error), &error);
    for (; domains[i] >= 0; i++) {
        assert_true(i < n);
        assert_int_equal(jobs[i].domain, domains[i]);
        assert_int_equal(jobs[i].due_after_ms, 100 + domains[i]);
        assert_true(i == 0 || jobs[i].start_ms >= jobs[i - 1].start_ms);
        assert_true(jobs[i].start_ms >= clock_now() - 1000);
        assert_true(jobs[i].start_ms <= clock_now() + 5000);
        assert_int_equal(jobs[i].latest_ms, 0);
    }
    assert_int_equal(n, i);
    free(jobs);
}
#define DOMAINS(...) ((const int[]){__VA_ARGS__, -1})
static const int no_domains[] = {-1};

static void rechecks_follow_from_undecided_conditions_only(void **state)
{
    struct stage stage;

    (void)state;
    open_stage(&stage);
    store_check(&stage, 0, AT_0, STATUS_UP);
    assert_int_equal(stage.rechecks.n_results, 0);
    expect_jobs(&stage, no_domains);

    /* SUSPECT: one at once, and one five seconds after the check. Then the list is used up. */
    store_check(&stage, 1, AT_0, STATUS_DOWN);
    store_check(&stage, 0, AT_0 + 1, STATUS_UP);
    expect_jobs(&stage, DOMAINS(1));
    store_check(&stage, 1, AT_0 + 1, STATUS_DOWN);
    store_check(&stage, 2, AT_0 + 1, STATUS_TIMEOUT);
    expect_jobs(&stage, DOMAINS(2, 1));
    store_check(&stage, 1, AT_0 + 2, STATUS_BOT_DETECTED);
    expect_jobs(&stage, no_domains);

    /* A good check decides; the next failure starts again. */
    store_check(&stage, 2, AT_0 + 3, STATUS_UP);
    expect_jobs(&stage, no_domains);
    store_check(&stage, 2, AT_0 + 4, STATUS_DOWN);
    expect_jobs(&stage, DOMAINS(2));
    close_stage(&stage);
}

/* Plans, and expects the nth recheck of a domain, which begins in this many seconds. */
static void expect_job(struct stage *stage, size_t index, int nth, int seconds)
{
    struct schedule schedule = {.due_after_ms = stage->due_after_ms,
                                .wait_until_ms = stage->wait_until_ms};
    struct error error;
    struct job *jobs;
    size_t n;

    assert_done(recheck_plan(&stage->rechecks, &schedule, &jobs, &n, &error), &error);
    assert_int_equal(n, 1);
    assert_int_equal(jobs->domain, index);
    assert_int_equal(jobs->recheck, nth);
    assert_true(jobs->start_ms > clock_now() + (int64_t)(seconds - 2) * MS_PER_SECOND);
    assert_true(jobs->start_ms <= clock_now() + (int64_t)seconds * MS_PER_SECOND);
    free(jobs);
}

static void another_minute_starts_with_the_first_recheck(void **state)
{
    struct stage stage;

    (void)state;
    open_stage(&stage);
    for (int minute = 0; minute < 2; minute++) {
        recheck_begin_minute(&stage.rechecks, nine_thirty + minute * (int64_t)MINUTE,
                             clock_monotonic() * US_PER_MS);
        store_check(&stage, 2, AT_0 + minute * (int64_t)MINUTE, STATUS_DOWN);
        expect_job(&stage, 2, 1, 0);
    }
    close_stage(&stage);
}

static void a_decision_starts_again_with_the_first_recheck(void **state)
{
    struct stage stage;

    (void)state;
    open_stage(&stage);
    for (int i = 0; i < 2; i++) {
        store_check(&stage, 1, AT_0 + 10 * i, STATUS_DOWN);
        expect_job(&stage, 1, 1, 0);
        store_check(&stage, 1, AT_0 + 10 * i + 1, STATUS_DOWN);
        expect_job(&stage, 1, 2, 5);
        store_check(&stage, 1, AT_0 + 10 * i + 2, STATUS_UP);
        expect_jobs(&stage, no_domains);
    }
    close_stage(&stage);
}

/* Slots of an interval below a minute may come while a recheck waits for its second. */
static void a_check_before_its_recheck_causes_no_other_one(void **state)
{
    struct stage stage;

    (void)state;
    open_stage(&stage);
    stage.world->domains[1].confirm.failures = 9;
    stage.world->domains[1].confirm.recheck_seconds[0] = 5;
    stage.world->domains[1].confirm.recheck_seconds[1] = 15;
    store_check(&stage, 1, AT_0, STATUS_DOWN);
    expect_job(&stage, 1, 1, 5);
    for (int i = 1; i < 4; i++) {
        store_check(&stage, 1, AT_0 + i, STATUS_DOWN);
        expect_jobs(&stage, no_domains);
    }
    close_stage(&stage);
}

static void many_results_of_a_domain_cause_one_recheck(void **state)
{
    struct stage stage;

    (void)state;
    open_stage(&stage);
    for (size_t i = 0; i < 3; i++) {
        stage.world->domains[i].confirm.failures = 60;
        stage.world->domains[i].confirm.recheck_seconds[0] = 1 + (int)i;
    }
    for (int i = 0; i < 150; i++)
        store_check(&stage, (size_t)i % 3, AT_0 + i, STATUS_DOWN);
    assert_int_equal(stage.rechecks.n_results, 150);
    expect_jobs(&stage, DOMAINS(0, 1, 2));
    assert_int_equal(stage.rechecks.n_results, 0);
    recheck_free(&stage.rechecks);
    close_stage(&stage); /* frees them again */
}

static void a_wait_that_the_server_asks_for_delays_the_recheck(void **state)
{
    struct stage stage;

    (void)state;
    open_stage(&stage);
    stage.wait_until_ms[0] = clock_now() + 3000;
    stage.wait_until_ms[1] = clock_now() + 70000;
    store_check(&stage, 0, AT_0, STATUS_DOWN);
    store_check(&stage, 1, AT_0, STATUS_DOWN);
    store_check(&stage, 2, AT_0, STATUS_DOWN);
    expect_jobs(&stage, DOMAINS(2, 0));
    close_stage(&stage);
}

static void conditions_of_removed_monitors_are_closed_once(void **state)
{
    struct stage stage;
    bool undecided[3];
    struct error error;

    (void)state;
    open_stage(&stage);
    store_check(&stage, 0, AT_0, STATUS_DOWN);
    store_check(&stage, 2, AT_0, STATUS_DOWN);
    assert_done(monitor_conditions_find_undecided(stage.storage, undecided, &error), &error);
    assert_true(undecided[0] && !undecided[1] && undecided[2]);
    assert_done(monitor_conditions_close_removed(stage.storage, AT_0, &error), &error);
    assert_non_null(conditions_of(stage.storage, EVENT_HTTP, 2));

    /* The last one is removed. */
    stage.world->config.n_domains = 2;
    assert_done(monitor_conditions_close_removed(stage.storage, AT_0 + 5, &error), &error);
    stage.world->config.n_domains = 3;
    assert_null(conditions_of(stage.storage, EVENT_HTTP, 2));
    assert_non_null(conditions_of(stage.storage, EVENT_HTTP, 0));

    /* It is so in state.db too. */
    storage_close(stage.storage);
    open_storage(&stage);
    assert_done(monitor_conditions_find_undecided(stage.storage, undecided, &error), &error);
    assert_true(undecided[0] && !undecided[1] && !undecided[2]);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_undecided_domain_is_due_in_each_minute),
        cmocka_unit_test(other_domains_are_due_at_their_slots),
        cmocka_unit_test(a_recheck_starts_at_its_second),
        cmocka_unit_test(a_page_is_valid_until_the_rechecks_are_over),
        cmocka_unit_test(the_addresses_of_a_name_are_tried_in_turn),
        cmocka_unit_test(rechecks_follow_from_undecided_conditions_only),
        cmocka_unit_test(another_minute_starts_with_the_first_recheck),
        cmocka_unit_test(a_decision_starts_again_with_the_first_recheck),
        cmocka_unit_test(a_check_before_its_recheck_causes_no_other_one),
        cmocka_unit_test(many_results_of_a_domain_cause_one_recheck),
        cmocka_unit_test(a_wait_that_the_server_asks_for_delays_the_recheck),
        cmocka_unit_test(conditions_of_removed_monitors_are_closed_once),
    };

    return cmocka_run_group_tests_name("recheck", tests, NULL, NULL);
}
