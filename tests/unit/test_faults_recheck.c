/* Each call that fails while rechecks are planned: then the next tick checks the domain. */
#include "base/clock.h"
#include "commands/recheck.h"
#include "state/conditions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "records.h"
#include "state_query.h"

enum { DOMAINS = 3 };

/* A state in which the second domain has failed once. */
static struct world *make_state(void)
{
    struct world *world = make_world(DOMAINS);
    struct staged_result down = outcome_of(1, 100, check_at(AT_0, STATUS_DOWN));
    struct storage *storage;
    struct error error;

    world->domains[1].confirm =
        (struct confirm){.failures = 3, .successes = 2, .recheck_seconds = {5}, .n_rechecks = 1};
    storage = open_world_state(world);
    assert_done(staged_add(storage, &down, 1, &error), &error);
    storage_close(storage);
    return world;
}

/* Returns the number of jobs, or -1. */
static int plan(struct rechecks *rechecks)
{
    int64_t due_after_ms[DOMAINS] = {0}, wait_until_ms[DOMAINS] = {0};
    struct schedule schedule = {.due_after_ms = due_after_ms, .wait_until_ms = wait_until_ms};
    struct job *jobs = (struct job *)rechecks;
    struct error error = {.text = ""};
    size_t n = 9;
    int failed = recheck_plan(rechecks, &schedule, &jobs, &n, &error);

    if (failed) {
        assert_null(jobs);
        assert_int_equal(n, 0);
        assert_int_equal(error.code, EXIT_IO);
        assert_true(*error.text);
    }
    assert_int_equal(rechecks->n_results, 0);
    free(jobs);
    return failed ? -1 : (int)n;
}

/* Plans the recheck of a failed check; the nth call of this kind fails. Returns whether there was
 * an nth call. */
static bool plan_with_fault(struct world *world, enum fault_kind kind, int nth)
{
    struct result result = {.domain = 1, .check = check_at(AT_0, STATUS_DOWN)};
    struct storage *storage = open_world_state(world);
    struct rechecks rechecks;
    int planned;
    bool met;

    recheck_init(&rechecks, &world->config, storage);
    recheck_begin_minute(&rechecks, AT_0, clock_monotonic_us());
    fault_arm(kind, nth, false, SQLITE_IOERR);
    recheck_take(&rechecks, &result);
    planned = plan(&rechecks);
    met = fault_disarm();

    /* A result that is not taken is not missed. */
    assert_int_equal(planned, !met ? 1 : kind == FAULT_OF_MEMORY && nth == 1 ? 0 : -1);

    /* Nothing is left of the failed one. Another result is planned. */
    if (met) {
        assert_int_equal(plan(&rechecks), 0);
        recheck_take(&rechecks, &result);
        assert_int_equal(plan(&rechecks), 1);
    }
    recheck_free(&rechecks);
    storage_close(storage);
    return met;
}

static void rechecks_are_planned_or_fail(void **state)
{
    static const enum fault_kind kinds[] = {FAULT_OF_MEMORY, FAULT_OF_SQL};
    struct world *world = make_state();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        int nth = 1;

        while (plan_with_fault(world, kinds[i], nth))
            nth++;
        assert_true(nth > 3);
    }
    free_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rechecks_are_planned_or_fail),
    };

    return cmocka_run_group_tests_name("faults_recheck", tests, NULL, NULL);
}
