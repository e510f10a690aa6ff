/*
 * state: targets, reports and messages. If a statement fails or memory runs out, the error names
 * state.db, and the whole transaction is taken back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "records.h"
#include "state/alert_log.h"
#include "state/alert_table.h"
#include "state/event_table.h"
#include "state/message_table.h"
#include "state_query.h"

static const struct alert_target two_targets[] = {{.id = "ops"}, {.id = "pager"}};

struct desk {
    struct world *world;
    struct storage *storage;
};

static void set_up(struct desk *desk)
{
    *desk = (struct desk){.world = make_world(2)};
    desk->world->config.alerts = two_targets;
    desk->world->config.n_alerts = 2;
    desk->storage = open_world_state(desk->world);
}

static void tear_down(struct desk *desk)
{
    storage_close(desk->storage);
    free_world(desk->world);
}

static int log_events(struct storage *storage, struct error *error)
{
    static const struct event events[] = {
        {AT_0, "s0/d0", EVENT_HTTP, AT_0, EVENT_OPENED, EVENT_SUSPECT, "", ""},
        {AT_0, "s0/d0", EVENT_HTTP, AT_0, EVENT_CONFIRMED, EVENT_DOWN, "", ""},
        {AT_0, "s0/d0", EVENT_HTTP, AT_0, EVENT_SENT, EVENT_DOWN, "", "gone 1 began"},
        {AT_0, "s0/d0", EVENT_HTTP, AT_0, EVENT_SENT, EVENT_DOWN, "", "ops 1 began"},
        {AT_0, "s0/d1", EVENT_HTTP, AT_0, EVENT_FAILED, EVENT_DOWN, "", "ops 1 began"},
    };
    struct event_table_adding adding;
    bool is_new;

    if (event_table_begin(&adding, storage, error))
        return -1;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (event_table_add(&adding, &events[i], &is_new, error))
            return -1;
    }
    return event_table_end(&adding, error);
}

static int put_message(struct storage *storage, struct error *error)
{
    const struct alert_part part = {.change = ALERT_ENDED,
                                    .check = EVENT_HTTP,
                                    .series_ms = AT_0,
                                    .n = 2,
                                    .outage.began_ms = AT_0};
    struct alert_message message = {.target = "ops", .content = "{}", .answer = ""};

    if (message_table_add(storage, &message, (const char *const[]){"s0/d0"}, &part, 1,
                          &message.number, error))
        return -1;
    message.attempts = 1;
    return message_table_update(storage, &message, error);
}

static int decide_subject(void *context, enum event_check check, const char *scope,
                          struct error *error)
{
    struct storage *storage = context;
    struct alert_reported reported;
    struct alert_story story;
    int64_t first, number;

    if (alert_table_get_first(storage, "ops", &first, error) ||
        alert_table_read_story(storage, check, scope, AT_0, &story, error) ||
        alert_table_get_reported(storage, "ops", check, scope, &reported, error) ||
        alert_table_put_reported(storage, "ops", check, scope, &reported, AT_0, error) ||
        message_table_find(storage, "ops", check, scope, &number, error))
        return -1;
    return number ? 0 : put_message(storage, error);
}

static int see_part(void *context, const char *scope, const struct alert_part *part,
                    struct error *error)
{
    (void)context;
    (void)scope;
    (void)part;
    (void)error;
    return 0;
}

static int see_message(void *context, const struct alert_message *message, struct error *error)
{
    struct storage *storage = context;
    char answer[MESSAGE_ANSWER_MAX];
    int64_t created_ms;
    int attempts;

    return message_table_get_age(storage, message->number, &created_ms, &attempts, error) ||
                   message_table_get_failed(storage, "ops", &attempts, answer, error) ||
                   message_table_each_part(storage, message->number, see_part, NULL, error) ||
                   message_table_delete(storage, message->number, error)
               ? -1
               : 0;
}

static int see_event(void *context, const struct event *event, struct error *error)
{
    (void)context;
    (void)event;
    (void)error;
    return 0;
}

static int read_all(struct storage *storage, struct error *error)
{
    int64_t number;
    bool was_sent;

    return alert_table_each_subject(storage, AT_0, decide_subject, storage, error) ||
                   alert_table_next(storage, &number, error) ||
                   message_table_count_undelivered(storage, &number, error) ||
                   message_table_was_sent(storage, "ops", AT_0, 0, &was_sent, error) ||
                   message_table_each(storage, INT64_MAX, see_message, storage, error) ||
                   event_table_find_end(storage, EVENT_HTTP, "s0/d0", AT_0 + 1, &number, error) ||
                   event_table_each_of_messages(storage, 9, see_event, NULL, error)
               ? -1
               : 0;
}

static int do_all(struct storage *storage, struct error *error)
{
    struct event_table_adding adding;

    return log_events(storage, error) || alert_log_restore(storage, AT_0, error) ||
                   alert_table_set_targets(storage, AT_0, error) || read_all(storage, error) ||
                   alert_table_mark_subject(storage, EVENT_HTTP, "s0/d0", error) ||
                   alert_table_set_back(storage, 1, error) ||
                   event_table_begin(&adding, storage, error) ||
                   event_table_take_back(&adding, error) ||
                   event_table_delete_before(storage, AT_0 + 1, error)
               ? -1
               : 0;
}

static int play_all(struct storage *storage, struct error *error)
{
    if (storage_begin(storage, error))
        return -1;
    return storage_end(storage, do_all(storage, error), error);
}

static bool sweep_one(enum fault_kind kind, int nth, bool lasting, int code)
{
    struct desk desk;
    struct error error;
    bool met;
    int result;

    set_up(&desk);
    fault_arm(kind, nth, lasting, code);
    result = play_all(desk.storage, &error);
    met = fault_disarm();
    if (result) {
        assert_true(met);
        assert_int_equal(error.code, EXIT_IO);
        assert_non_null(strstr(error.text, "state.db"));
        storage_close(desk.storage);
        desk.storage = open_world_state(desk.world);
        assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM target"), 0);
        assert_done(play_all(desk.storage, &error), &error);
    }
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM target"), 2);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM changed_subject"), 1);
    assert_int_equal(count_in_state(desk.storage, "SELECT count(*) FROM message_part"), 0);
    tear_down(&desk);
    return met;
}

static void a_failed_statement_takes_back_the_transaction(void **state)
{
    static const int codes[] = {SQLITE_IOERR, SQLITE_FULL, SQLITE_NOMEM};

    (void)state;
    for (size_t i = 0; i < 2 * (sizeof codes / sizeof codes[0]); i++) {
        for (int nth = 1; sweep_one(FAULT_OF_SQL, nth, i % 2, codes[i / 2]); nth++)
            continue;
    }
}

static void a_failed_allocation_takes_back_the_transaction(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        for (int nth = 1; sweep_one(FAULT_OF_MEMORY, nth, i, 0); nth++)
            continue;
    }
}

/* A state that has a subject to decide, a report, and a message with a part. */
static void fill_state(struct desk *desk)
{
    struct alert_reported reported = ALERT_NO_REPORTS;
    struct error error;

    set_up(desk);
    assert_done(storage_begin(desk->storage, &error), &error);
    assert_done(log_events(desk->storage, &error), &error);
    assert_done(alert_table_set_targets(desk->storage, AT_0, &error), &error);
    assert_done(put_message(desk->storage, &error), &error);
    assert_done(alert_table_put_reported(desk->storage, "ops", EVENT_HTTP, "s0/d0", &reported, AT_0,
                                         &error),
                &error);
    assert_done(storage_end(desk->storage, 0, &error), &error);
}

static const char *const impossible[] = {
    "UPDATE message_event SET at_ms = 1 << 62",
    "UPDATE message_event SET change = 4",
    "UPDATE message_event SET change = 9",
    "UPDATE message_event SET change = 8",
    "UPDATE message_event SET state = -1",
    "UPDATE message_event SET code = printf('%.40c', 'x')",
    "UPDATE message_event SET detail = 'ops'",
    "UPDATE message_event SET detail = '-ops 1 began'",
    "UPDATE message_event SET scope = '-'",
    "UPDATE event SET change = 5, detail = 'ops 1 began'",
    "UPDATE target SET first = -1",
    "UPDATE target SET first = 1 << 60",
    "UPDATE target SET id = printf('%.200c', 'x') WHERE id = 'ops'",
    "UPDATE changed_subject SET \"check\" = 6",
    "UPDATE changed_subject SET scope = printf('%.400c', 'x')",
    "UPDATE reported SET state = 6",
    "UPDATE reported SET n = 1 << 31",
    "UPDATE reported SET n = -1",
    "UPDATE reported SET is_flapping = 2",
    "UPDATE reported SET given_up = 6",
    "UPDATE reported SET series_ms = 1 << 62",
    "UPDATE reported SET outage_ms = 1 << 62",
    "UPDATE reported SET down_ms = 1 << 62",
    "UPDATE reported SET last_ms = 1 << 62",
    "UPDATE reported SET given_up_ms = 1 << 62",
    "UPDATE reported SET tried_ms = 1 << 62",
    "UPDATE message SET number = -1",
    "UPDATE message SET target = printf('%.200c', 'x')",
    "UPDATE message SET created_ms = 1 << 62",
    "UPDATE message SET next_ms = -(1 << 62)",
    "UPDATE message SET attempts = -1",
    "UPDATE message SET attempts = 1 << 31",
    "UPDATE message SET answer = printf('%.600c', 'x')",
    "UPDATE message SET content = printf('%.32000000c', 'x')",
    "UPDATE message SET content = CAST(x'610062' AS TEXT)",
    "UPDATE message_part SET \"check\" = 6",
    "UPDATE message_part SET scope = printf('%.400c', 'x')",
    "UPDATE message_part SET change = 0",
    "UPDATE message_part SET change = 6",
    "UPDATE message_part SET state = 6",
    "UPDATE message_part SET series_ms = 1 << 62",
    "UPDATE message_part SET n = -1",
    "UPDATE message_part SET began_ms = 1 << 62",
    "UPDATE message_part SET is_flapping = 2",
};
enum { IMPOSSIBLE = sizeof impossible / sizeof impossible[0] };

/* What another program has written is damage that storage_examine finds. */
static void impossible_values_are_found(void **state)
{
    struct desk desk;
    struct error error;

    (void)state;
    for (size_t i = 0; i < IMPOSSIBLE; i++) {
        fill_state(&desk);
        assert_done(storage_examine(desk.storage, &error), &error);
        assert_int_equal(sqlite3_exec(desk.storage->db, impossible[i], NULL, NULL, NULL),
                         SQLITE_OK);
        if (storage_examine(desk.storage, &error) == 0)
            fail_msg("not found: %s", impossible[i]);
        assert_true(storage_is_damaged(desk.storage));
        tear_down(&desk);
    }
}

/* Without an examination, they are read as damage or do no harm. */
static void impossible_values_do_no_harm(void **state)
{
    struct desk desk;
    struct error error;

    (void)state;
    for (size_t i = 0; i < 2 * IMPOSSIBLE; i++) {
        fill_state(&desk);
        assert_int_equal(sqlite3_exec(desk.storage->db, impossible[i / 2], NULL, NULL, NULL),
                         SQLITE_OK);
        assert_done(storage_begin(desk.storage, &error), &error);
        if (i % 2 && alert_log_restore(desk.storage, AT_0, &error))
            assert_true(storage_is_damaged(desk.storage));
        else if (read_all(desk.storage, &error))
            assert_true(storage_is_damaged(desk.storage));
        tear_down(&desk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_statement_takes_back_the_transaction),
        cmocka_unit_test(a_failed_allocation_takes_back_the_transaction),
        cmocka_unit_test(impossible_values_are_found),
        cmocka_unit_test(impossible_values_do_no_harm),
    };

    return cmocka_run_group_tests_name("faults_alerts", tests, NULL, NULL);
}
