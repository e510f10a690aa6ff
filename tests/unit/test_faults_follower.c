/* Each call that fails while conditions are made from rows and the event log: the error is
 * reported, nothing is half done, and the next attempt makes all of them. Impossible events are
 * damage. */
#include "base/clock.h"
#include "state/conditions.h"
#include "state/database.h"
#include "state/event_table.h"
#include "state/follower.h"
#include "state/monitors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "records.h"
#include "state_query.h"

enum { DOMAINS = 4, LOGGED = 8, SECOND = 1000 };

/* A state with a log. Rows come of the first two monitors only. */
struct stage {
    struct world *world;
    struct storage *storage;
    int64_t monitors[DOMAINS];
};

static int64_t at(int second)
{
    return AT_0 + second * (int64_t)SECOND;
}

static void log_event(struct event_table_adding *adding, const char *scope, enum event_check check,
                      enum event_change change, enum event_state state, int began, int second)
{
    struct event event = {at(second), scope, check, at(began), change, state, "", ""};
    struct error error;
    bool is_new;

    if (change == EVENT_CLOSED)
        event.detail = EVENT_REMOVED;
    else
        event.code = "status.5xx";
    assert_done(event_table_add(adding, &event, &is_new, &error), &error);
}

/* The log of monitor 0 ends in the middle of an outage. Of the others it has what no row shows: an
 * outage, one that is over, one of a monitor that was removed, and a certificate. */
static void write_log(struct stage *stage)
{
    struct event_table_adding adding;
    struct error error;

    assert_done(storage_begin(stage->storage, &error), &error);
    assert_done(event_table_begin(&adding, stage->storage, &error), &error);
    log_event(&adding, "s0/d2", EVENT_HTTP, EVENT_OPENED, EVENT_SUSPECT, -100, -100);
    log_event(&adding, "s0/d0", EVENT_HTTP, EVENT_OPENED, EVENT_SUSPECT, 0, 0);
    log_event(&adding, "s0/d2", EVENT_HTTP, EVENT_CONFIRMED, EVENT_DOWN, -100, 10);
    log_event(&adding, "s1/d3", EVENT_BOT, EVENT_OPENED, EVENT_SUSPECT, 5, 5);
    log_event(&adding, "s1/d3", EVENT_BOT, EVENT_CLOSED, EVENT_UP, 5, 30);
    log_event(&adding, "gone/www", EVENT_HTTP, EVENT_OPENED, EVENT_SUSPECT, 7, 7);
    log_event(&adding, "gone/www", EVENT_HTTP, EVENT_CLOSED, EVENT_UP, 7, 40);
    log_event(&adding, "a.example:443", EVENT_CERTIFICATE, EVENT_OPENED, EVENT_WARN, 8, 8);
    assert_done(event_table_end(&adding, &error), &error);
    assert_done(storage_end(stage->storage, 0, &error), &error);
}

/* What only the old state had: only a rebuild has one. */
static void write_old_event(struct stage *stage)
{
    assert_int_equal(sqlite3_exec(stage->storage->db,
                                  "INSERT INTO event SELECT scope, \"check\", began_ms, 1,"
                                  " at_ms + 60000, 100, 1, 2, 'dns.nxdomain', '' FROM event"
                                  " WHERE scope = 's0/d0'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
}

static void set_up(struct stage *stage, bool is_rebuild)
{
    struct error error;

    *stage = (struct stage){.world = make_world(DOMAINS)};
    for (size_t i = 0; i < DOMAINS; i++)
        stage->world->domains[i].confirm = (struct confirm){.failures = 2, .successes = 2};
    stage->storage = open_world_state(stage->world);
    for (size_t i = 0; i < DOMAINS; i++)
        assert_done(monitors_find(stage->storage, stage->world->ids[MAX_DOMAINS + i / PER_SITE],
                                  stage->world->ids[i], &stage->monitors[i], &error),
                    &error);
    write_log(stage);
    if (is_rebuild)
        write_old_event(stage);
}

static void tear_down(struct stage *stage)
{
    storage_close(stage->storage);
    free_world(stage->world);
}

/* Adds the rows of a monitor; a letter each: Down, Up, bOt wall. */
static int add_rows(struct follower *follower, int64_t monitor, const char *letters,
                    struct error *error)
{
    follower_begin_file(follower, monitor);
    for (int i = 0; letters[i]; i++) {
        struct check row = check_at(at(60 * i), letters[i] == 'D'   ? STATUS_DOWN
                                                : letters[i] == 'O' ? STATUS_BOT_DETECTED
                                                                    : STATUS_UP);

        if (follower_add(follower, &row, error))
            return -1;
    }
    return 0;
}

/* Two folders: of the first one only the log is left. */
static int add_all(struct stage *stage, struct follower *follower, struct error *error)
{
    return follower_begin_folder(follower, AT_0, AT_0, error) ||
                   follower_end_folder(follower, error) ||
                   follower_begin_folder(follower, AT_0, at(1000), error) ||
                   add_rows(follower, stage->monitors[0], "DDDUU", error) ||
                   add_rows(follower, stage->monitors[1], "DDOOU", error) ||
                   follower_end_folder(follower, error) || follower_end(follower, error)
               ? -1
               : 0;
}

/* Makes the conditions, of now or of a moment that is past. */
static int follow(struct stage *stage, bool is_rebuild, struct error *error)
{
    struct storage *storage = stage->storage;
    struct follower *follower = follower_new(storage, at(1000), is_rebuild, error);
    int result = -1;

    if (follower && storage_begin(storage, error) == 0)
        result = storage_end(storage, add_all(stage, follower, error), error);
    follower_free(follower);
    return result;
}

/* The outage of s0/d0 is over; that of s0/d1 seems to be, and its bot wall too. */
static void check_end(struct stage *stage, bool is_rebuild)
{
    int staged = count_in_state(stage->storage, "SELECT count(*) FROM staged_event");
    int logged = count_in_state(stage->storage, "SELECT count(*) FROM event");

    assert_int_equal(count_in_state(stage->storage, "SELECT count(*) FROM condition"), 4);
    assert_int_equal(
        count_in_state(stage->storage, "SELECT count(*) FROM condition WHERE scope = 's0/d1'"), 2);
    assert_int_equal(
        count_in_state(stage->storage, "SELECT state FROM condition WHERE scope = 's0/d2'"),
        EVENT_DOWN);
    assert_int_equal(logged, is_rebuild ? LOGGED : LOGGED + 9);
    assert_int_equal(staged, is_rebuild ? 10 : 0);
}

/* The nth call of this kind fails. Returns whether there was an nth call. */
static bool follow_with_fault(bool is_rebuild, enum fault_kind kind, int nth, bool lasting)
{
    struct error error = {.text = ""};
    struct stage stage;
    int result;
    bool met;

    set_up(&stage, is_rebuild);
    fault_arm(kind, nth, lasting, SQLITE_IOERR);
    result = follow(&stage, is_rebuild, &error);
    met = fault_disarm();
    if (met != (result != 0))
        fail_msg("call %d (%d): result %d, %s", nth, kind, result, error.text);
    if (met) {
        assert_int_equal(error.code, EXIT_IO);
        assert_non_null(strstr(error.text, "state.db"));
        storage_close(stage.storage);
        stage.storage = open_world_state(stage.world);
        assert_int_equal(count_in_state(stage.storage, "SELECT count(*) FROM condition"), 0);
        assert_int_equal(count_in_state(stage.storage, "SELECT count(*) FROM staged_event"), 0);
        assert_int_equal(count_in_state(stage.storage, "SELECT count(*) FROM event"),
                         LOGGED + is_rebuild);
        assert_done(follow(&stage, is_rebuild, &error), &error);
    }
    check_end(&stage, is_rebuild);
    tear_down(&stage);
    return met;
}

static void sweep(enum fault_kind kind)
{
    for (int variant = 0; variant < 4; variant++) {
        int nth = 1;

        while (follow_with_fault(variant % 2, kind, nth, variant / 2))
            nth++;
        assert_true(nth > 10);
    }
}

static void a_failed_statement_leaves_no_condition(void **state)
{
    (void)state;
    sweep(FAULT_OF_SQL);
}

static void a_failed_allocation_leaves_no_condition(void **state)
{
    (void)state;
    sweep(FAULT_OF_MEMORY);
}

static void impossible_events_are_damage(void **state)
{
    static const char *const changes[] = {
        "UPDATE event SET at_ms = 1 << 62",
        "UPDATE event SET began_ms = -(1 << 62)",
        "UPDATE event SET \"check\" = 99",
        "UPDATE event SET change = -1",
        "UPDATE event SET state = 99",
        "UPDATE event SET state = 0 WHERE change = 0",
        "UPDATE event SET code = 'a b'",
        "UPDATE event SET scope = 'shop'",
        "UPDATE event SET code = printf('%.99c', 'x')",
        "UPDATE event SET scope = printf('%.999c', 'x')",
        "UPDATE event SET detail = printf('%.999c', 'x')",
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct stage stage;
        struct error error;

        set_up(&stage, true);
        assert_int_equal(sqlite3_exec(stage.storage->db, changes[i], NULL, NULL, NULL), SQLITE_OK);
        if (follow(&stage, true, &error) == 0 || !storage_is_damaged(stage.storage))
            fail_msg("%s", changes[i]);
        tear_down(&stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_statement_leaves_no_condition),
        cmocka_unit_test(a_failed_allocation_leaves_no_condition),
        cmocka_unit_test(impossible_events_are_damage),
    };

    return cmocka_run_group_tests_name("faults_follower", tests, NULL, NULL);
}
