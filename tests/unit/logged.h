#ifndef TESTS_LOGGED_H
#define TESTS_LOGGED_H

/* Events that are put into the state of a world as if the event log had them, without their checks.
 * Include after cmocka.h. */

#include "records/export.h"
#include "records/journal.h"
#include "state/conditions.h"
#include "state/event_table.h"

#include "records.h"

/* Events that are being added in one transaction. */
struct logging {
    struct journal *journal;
    struct event_table_adding adding;
};

static inline void logging_begin(struct logging *logging, struct world *world)
{
    struct error error;
    struct storage *storage;

    logging->journal = open_world(world, AT_0 + MS_PER_DAY);
    storage = journal_storage(logging->journal);
    assert_done(storage_begin(storage, &error), &error);
    assert_done(event_table_begin(&logging->adding, storage, &error), &error);
}

static inline void logging_end(struct logging *logging)
{
    struct storage *storage = journal_storage(logging->journal);
    struct error error;

    assert_done(event_table_end(&logging->adding, &error), &error);
    assert_done(storage_end(storage, 0, &error), &error);
    journal_close(logging->journal);
}

static inline void logging_add(struct logging *logging, struct event event)
{
    struct error error;
    bool is_new;

    assert_done(event_table_add(&logging->adding, &event, &is_new, &error), &error);
}

/*
 * Adds a condition that began at began_ms, and ended at end_ms for this reason: confirmed, unless
 * it is EVENT_BLIP or EVENT_UNSEEN. NULL: it is confirmed and open; "recovering": open, and
 * recovering since end_ms.
 */
static inline void logging_add_outage(struct logging *logging, const char *scope,
                                      enum event_check check, int64_t began_ms, int64_t end_ms,
                                      const char *reason)
{
    struct event event = {began_ms,
                          scope,
                          check,
                          began_ms,
                          EVENT_OPENED,
                          EVENT_SUSPECT,
                          "connect.refused",
                          "connect: connection refused"};
    bool recovering = reason && strcmp(reason, "recovering") == 0;

    logging_add(logging, event);
    if (!reason || (strcmp(reason, EVENT_BLIP) != 0 && strcmp(reason, EVENT_UNSEEN) != 0)) {
        event.change = EVENT_CONFIRMED;
        event.state = EVENT_DOWN;
        logging_add(logging, event);
    }
    if (!reason)
        return;
    event.at_ms = end_ms;
    event.change = recovering ? EVENT_RECOVERING : EVENT_CLOSED;
    event.state = recovering ? EVENT_RECOVERING_STATE : EVENT_UP;
    event.code = "";
    event.detail = recovering ? "" : reason;
    logging_add(logging, event);
}

static inline void log_outage(struct world *world, const char *scope, enum event_check check,
                              int64_t began_ms, int64_t end_ms, const char *reason)
{
    struct logging logging;

    logging_begin(&logging, world);
    logging_add_outage(&logging, scope, check, began_ms, end_ms, reason);
    logging_end(&logging);
}

/* Opens a condition that is confirmed, without an event. */
static inline void log_condition(struct world *world, const char *scope, enum event_check check,
                                 int64_t began_ms)
{
    const struct condition condition = {.state = EVENT_DOWN,
                                        .began_ms = began_ms,
                                        .last_ms = began_ms,
                                        .changed_ms = INT64_MIN,
                                        .code = "connect.refused"};
    struct journal *journal = open_world(world, AT_0 + MS_PER_DAY);
    struct storage *storage = journal_storage(journal);
    struct error error;

    assert_done(conditions_load(storage, &error), &error);
    assert_done(storage_begin(storage, &error), &error);
    assert_done(
        storage_end(storage, conditions_put(storage, check, scope, &condition, &error), &error),
        &error);
    journal_close(journal);
}

/* Records a check. Its events get into the log too, if it has any. */
static inline void log_check(struct world *world, size_t domain, int64_t start_ms,
                             enum status status)
{
    struct journal *journal = open_world(world, AT_0 + MS_PER_DAY);
    struct check check = check_at(start_ms, status);
    struct error error;

    stage(journal, domain, &check);
    assert_done(export_run(journal, &error), &error);
    journal_close(journal);
}

#endif
