/* Each call that fails while conditions and events are read or recorded: the error is reported, and
 * nothing is half done. */
#include "base/clock.h"
#include "state/conditions.h"
#include "state/database.h"
#include "state/event_table.h"
#include "state/monitor_conditions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "records.h"
#include "state_query.h"

enum { DOMAINS = 3 };

static const struct event warning = {AT_0 + 5, "a.example:443", EVENT_CERTIFICATE,
                                     AT_0 + 5, EVENT_OPENED,    EVENT_WARN,
                                     "",       "ends soon"};

/* Each scene begins with a state whose conditions are not loaded: the second domain has failed. */
typedef int play_scene(struct storage *storage, struct error *error);

static int find_undecided(struct storage *storage, struct error *error)
{
    bool undecided[DOMAINS];

    if (monitor_conditions_find_undecided(storage, undecided, error))
        return -1;
    assert_true(undecided[1] && !undecided[0] && !undecided[2]);
    return 0;
}

static int close_removed(struct storage *storage, struct error *error)
{
    return monitor_conditions_close_removed(storage, AT_0 + 9, error);
}

static int record(struct storage *storage, struct error *error)
{
    return conditions_record(storage, &warning, error);
}

static int count_one(void *context, const struct event *event, struct error *error)
{
    (void)event;
    (void)error;
    ++*(int *)context;
    return 0;
}

/* Adds an event to the log, and lists it. */
static int log_and_list(struct storage *storage, struct error *error)
{
    struct event_table_adding adding;
    bool is_new;
    int n = 0;

    if (storage_begin(storage, error))
        return -1;
    if (storage_end(storage,
                    event_table_begin(&adding, storage, error) ||
                            event_table_add(&adding, &warning, &is_new, error) ||
                            event_table_end(&adding, error)
                        ? -1
                        : 0,
                    error) ||
        event_table_each_since(storage, AT_0, count_one, &n, error))
        return -1;
    assert_int_equal(n, 1);
    return 0;
}

static const struct {
    const char *name;
    play_scene *play;
    bool removes; /* the failed domain is not configured any more */
    int conditions, staged;
} scenes[] = {
    {"find", find_undecided, false, 1, 1},
    {"close", close_removed, true, 0, 2},
    {"record", record, false, 2, 2},
    {"log", log_and_list, false, 1, 1},
};

/* Returns whether there was an nth call of this kind. */
static bool play_with_fault(size_t scene, enum fault_kind kind, int nth, bool lasting)
{
    struct world *world = make_world(DOMAINS);
    struct staged_result down = outcome_of(1, 100, check_at(AT_0, STATUS_DOWN));
    struct storage *storage;
    struct error error = {.text = ""};
    int result;
    bool met;

    world->domains[1].confirm = (struct confirm){.failures = 3, .successes = 2};
    storage = open_world_state(world);
    assert_done(staged_add(storage, &down, 1, &error), &error);
    storage_close(storage);
    world->config.n_domains = scenes[scene].removes ? 1 : DOMAINS;
    storage = open_world_state(world);
    fault_arm(kind, nth, lasting, SQLITE_IOERR);
    result = scenes[scene].play(storage, &error);
    met = fault_disarm();
    if (met != (result != 0))
        fail_msg("%s, call %d: result %d", scenes[scene].name, nth, result);
    if (met) {
        assert_int_equal(error.code, EXIT_IO);
        assert_non_null(strstr(error.text, "state.db"));
        storage_close(storage);
        storage = open_world_state(world);
        assert_int_equal(count_in_state(storage, "SELECT count(*) FROM condition"), 1);
        assert_int_equal(count_in_state(storage, "SELECT count(*) FROM staged_event"), 1);
        assert_done(scenes[scene].play(storage, &error), &error);
    }
    assert_int_equal(count_in_state(storage, "SELECT count(*) FROM condition"),
                     scenes[scene].conditions);
    assert_int_equal(count_in_state(storage, "SELECT count(*) FROM staged_event"),
                     scenes[scene].staged);
    storage_close(storage);
    free_world(world);
    return met;
}

static void each_call_that_fails_is_reported_and_changes_nothing(void **state)
{
    static const enum fault_kind kinds[] = {FAULT_OF_SQL, FAULT_OF_MEMORY};

    (void)state;
    for (size_t i = 0; i < 4 * (sizeof scenes / sizeof scenes[0]); i++) {
        int nth = 1;

        while (play_with_fault(i / 4, kinds[i % 2], nth, i / 2 % 2))
            nth++;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_that_fails_is_reported_and_changes_nothing),
    };

    return cmocka_run_group_tests_name("faults_conditions", tests, NULL, NULL);
}
