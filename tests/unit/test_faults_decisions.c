/*
 * alert: decisions about alerts, and what is recorded of deliveries. If a statement fails or
 * memory runs out, the whole transaction is taken back, and the next try makes the same messages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alert/alert_decisions.h"
#include "alert/alert_deliveries.h"
#include "faults.h"
#include "records.h"
#include "state/alert_table.h"
#include "state/conditions.h"
#include "state/event_table.h"
#include "state/message_table.h"
#include "state_query.h"

static const struct alert_scope only_s0[] = {{.site = "s0"}};
static const struct alert_target targets[] = {
    {.id = "chat",
     .type = ALERT_WEBHOOK,
     .format = ALERT_SLACK,
     .on = ALERT_DOWN | ALERT_UP,
     .scopes = only_s0,
     .n_scopes = 1},
    {.id = "own", .type = ALERT_WEBHOOK, .on = ALERT_DOWN | ALERT_UP | ALERT_CERTIFICATE},
};
enum { TARGETS = sizeof targets / sizeof targets[0] };

static const struct quiet_spans quiet[TARGETS];

struct desk {
    struct world *world;
    struct storage *storage;
};

/* d0 and d1 are DOWN. A message to "own" about the end of another outage of d0 has failed twice. */
static int fill_state(struct storage *storage, struct error *error)
{
    static const struct event events[] = {
        {AT_0, "s0/d0", EVENT_HTTP, AT_0, EVENT_OPENED, EVENT_SUSPECT, "", ""},
        {AT_0, "s0/d0", EVENT_HTTP, AT_0, EVENT_CONFIRMED, EVENT_DOWN, "", ""},
        {AT_0, "s0/d1", EVENT_HTTP, AT_0, EVENT_OPENED, EVENT_SUSPECT, "", ""},
        {AT_0, "s0/d1", EVENT_HTTP, AT_0, EVENT_CONFIRMED, EVENT_DOWN, "", ""},
        {AT_0, "h:443", EVENT_CERTIFICATE, AT_0, EVENT_OPENED, EVENT_WARN, "", ""},
    };
    const struct alert_part part = {.change = ALERT_ENDED,
                                    .check = EVENT_HTTP,
                                    .series_ms = AT_0 - 1,
                                    .n = 1,
                                    .outage.began_ms = AT_0 - 1};
    struct alert_message message = {
        .target = "own", .content = "{}", .answer = "HTTP 503", .created_ms = AT_0, .attempts = 2};
    struct event_table_adding adding;
    bool is_new;

    if (alert_table_set_targets(storage, AT_0, error) || event_table_begin(&adding, storage, error))
        return -1;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (event_table_add(&adding, &events[i], &is_new, error))
            return -1;
    }
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (alert_table_mark_subject(storage, events[i].check, events[i].scope, error))
            return -1;
    }
    return event_table_end(&adding, error) ||
                   message_table_add(storage, &message, (const char *const[]){"s0/d0"}, &part, 1,
                                     &message.number, error)
               ? -1
               : 0;
}

static void set_up(struct desk *desk)
{
    struct error error;

    *desk = (struct desk){.world = make_world(2)};
    desk->world->config.alerts = targets;
    desk->world->config.n_alerts = TARGETS;
    for (size_t i = 0; i < 2; i++) {
        desk->world->domains[i].url = desk->world->domains[i].shown_url = "http://h/";
        desk->world->domains[i].host = "h";
    }
    desk->world->domains[1].depends_on = "s0/d0";
    desk->world->domains[1].dependency = 0;
    desk->storage = open_world_state(desk->world);
    assert_done(storage_begin(desk->storage, &error), &error);
    assert_done(storage_end(desk->storage, fill_state(desk->storage, &error), &error), &error);
}

static void tear_down(struct desk *desk)
{
    storage_close(desk->storage);
    free_world(desk->world);
}

static int decide(struct desk *desk, struct error *error)
{
    const struct alert_decisions decisions = {.config = &desk->world->config,
                                              .storage = desk->storage,
                                              .quiet = quiet,
                                              .now_ms = AT_0 + 60000};

    if (storage_begin(desk->storage, error))
        return -1;
    return storage_end(desk->storage, alert_decisions_make(&decisions, error), error);
}

/* The messages of "chat" are accepted; those of "own" fail, one of them for the third time. */
static int deliver(struct desk *desk, struct error *error)
{
    struct alert_deliveries due;
    int result = alert_deliveries_take(&due, &desk->world->config, quiet, desk->storage,
                                       ALERT_DELIVERIES_SENT, AT_0 + 60000, error);

    for (size_t i = 0; i < due.n; i++) {
        struct delivery *delivery = &due.deliveries[i];
        bool accepts = delivery->target == &targets[0];

        delivery->result = accepts ? DELIVERY_ACCEPTED : DELIVERY_FAILED;
        strcpy(delivery->answer, accepts ? "HTTP 200" : "HTTP 503");
    }
    if (result == 0)
        result =
            alert_deliveries_record(&due, desk->storage, &desk->world->log, AT_0 + 61000, error);
    alert_deliveries_free(&due);
    return result;
}

static void check_all(struct desk *desk)
{
    struct storage *storage = desk->storage;

    assert_int_equal(count_in_state(storage, "SELECT count(*) FROM changed_subject"), 0);
    assert_int_equal(count_in_state(storage, "SELECT count(*) FROM message"), 3);
    assert_int_equal(count_in_state(storage, "SELECT count(*) FROM message WHERE attempts = 3"), 1);
    assert_int_equal(count_in_state(storage, "SELECT count(*) FROM message WHERE content = '{}'"),
                     0);
    assert_int_equal(
        count_in_state(storage, "SELECT count(*) FROM staged_event WHERE detail LIKE 'chat %'"), 2);
    assert_int_equal(count_in_state(storage, "SELECT count(*) FROM condition WHERE scope = 'own'"),
                     1);
}

/* Lets one call fail, and tries again without faults. Returns whether the call came. */
static bool sweep_one(int (*act)(struct desk *desk, struct error *error), enum fault_kind kind,
                      int nth, bool lasting, int code)
{
    struct desk desk;
    struct error error;
    bool met;
    int result;

    set_up(&desk);
    if (act == deliver)
        assert_done(decide(&desk, &error), &error);
    fault_arm(kind, nth, lasting, code);
    result = act(&desk, &error);
    met = fault_disarm();
    if (result) {
        assert_true(met);
        assert_int_equal(error.code, EXIT_IO);
        assert_true(strstr(error.text, "state.db") || strstr(error.text, "memory"));
        storage_close(desk.storage);
        desk.storage = open_world_state(desk.world);
        assert_done(act(&desk, &error), &error);
    }
    if (act == decide)
        assert_done(deliver(&desk, &error), &error);
    check_all(&desk);
    tear_down(&desk);
    return met;
}

static void sweep(enum fault_kind kind, const int *codes, size_t n_codes)
{
    for (size_t i = 0; i < 4 * n_codes; i++) {
        for (int nth = 1; sweep_one(i % 4 < 2 ? decide : deliver, kind, nth, i % 2, codes[i / 4]);
             nth++)
            continue;
    }
}

static void a_failed_statement_loses_no_message(void **state)
{
    static const int codes[] = {SQLITE_IOERR, SQLITE_FULL};

    (void)state;
    sweep(FAULT_OF_SQL, codes, 2);
}

static void a_failed_allocation_loses_no_message(void **state)
{
    (void)state;
    sweep(FAULT_OF_MEMORY, (const int[]){0}, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_statement_loses_no_message),
        cmocka_unit_test(a_failed_allocation_loses_no_message),
    };

    return cmocka_run_group_tests_name("faults_decisions", tests, NULL, NULL);
}
