/* Restores what was reported to targets from the event log, for a rebuild. */
#include "state/alert_log.h"

#include "state/alert_table.h"
#include "state/column.h"
#include "state/event_row.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* What was reported to a target about a subject, while the log is read. */
struct reported_reading {
    struct storage *storage;
    struct alert_reported reported;
    enum event_check check;
    char scope[EVENT_SCOPE_MAX], target[TEXT_ID_MAX + 1]; /* "": none yet */
    int64_t last_number;                                  /* of its events */
    int64_t failed_ms; /* began_ms of an outage whose message failed; INT64_MIN: the last event is
                          not about that */
    int (*finish)(struct reported_reading *reading, struct error *error);
};

/* Stores what was reported, and the target with the last event of its messages as `first`. */
static int store_reported(struct reported_reading *reading, struct error *error)
{
    struct alert_reported *reported = &reading->reported;
    sqlite3_stmt *restore;
    bool is_open = reported->state != EVENT_UP || reported->given_up != EVENT_UP ||
                   reading->failed_ms != INT64_MIN;

    if (reported->n < INT_MAX - ALERT_TABLE_NUMBERS_SKIPPED)
        reported->n += ALERT_TABLE_NUMBERS_SKIPPED;
    restore = database_bind(reading->storage, SQL_RESTORE_TARGET, reading->last_number);
    sqlite3_bind_text(restore, 2, reading->target, -1, SQLITE_STATIC);
    if (database_run(reading->storage, restore, error))
        return -1;
    return alert_table_put_reported(reading->storage, reading->target, reading->check,
                                    reading->scope, reported, is_open ? 0 : INT64_MAX, error);
}

/* An outage that was not reported, because its message or the one before it failed, must not count
 * as older than the target: news about a waiting message are no event. */
static int lower_first(struct reported_reading *reading, struct error *error)
{
    sqlite3_stmt *lower;

    if (reading->failed_ms == INT64_MIN)
        return 0;
    lower = database_bind(reading->storage, SQL_LOWER_TARGET, reading->check, reading->failed_ms);
    sqlite3_bind_text(lower, 3, reading->scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(lower, 4, reading->target, -1, SQLITE_STATIC);
    sqlite3_bind_int64(lower, 5, reading->reported.outage_ms);
    return database_run(reading->storage, lower, error);
}

/* Whether an event is about the same target and subject as the one before it. */
static bool is_same_subject(const struct reported_reading *reading, const struct event *event,
                            size_t target_size)
{
    return reading->check == event->check && strcmp(reading->scope, event->scope) == 0 &&
           strlen(reading->target) == target_size &&
           memcmp(reading->target, event->detail, target_size) == 0;
}

/* Adds an event of a message. Those of a target and subject come together. One whose detail is of
 * another version of uptick is left out. */
static int add_message_event(void *context, sqlite3_stmt *row, struct error *error)
{
    struct reported_reading *reading = context;
    struct event_texts texts;
    struct event event;
    struct alert_part part;
    int64_t number;
    size_t size;

    if (event_row_read(reading->storage, row, &event, &texts, error) ||
        column_read_number(reading->storage, row, EVENT_COLUMN_NUMBER, COLUMN_NUMBER, &number,
                           error))
        return -1;
    if (alert_read_detail(&event, &size, &part))
        return 0;
    if (!is_same_subject(reading, &event, size)) {
        if (*reading->target && reading->finish(reading, error))
            return -1;
        reading->reported = ALERT_NO_REPORTS;
        reading->check = event.check;
        snprintf(reading->scope, sizeof reading->scope, "%s", event.scope);
        snprintf(reading->target, sizeof reading->target, "%.*s", (int)size, event.detail);
    }
    reading->last_number = number;
    reading->failed_ms = event.change == EVENT_FAILED ? event.began_ms : INT64_MIN;
    alert_restore(&reading->reported, &event, &part);
    return 0;
}

/* Reads the events of messages. Calls `finish` after the last one of a target and subject. */
static int read_reported(struct storage *storage,
                         int (*finish)(struct reported_reading *reading, struct error *error),
                         struct error *error)
{
    struct reported_reading reading = {.storage = storage, .finish = finish};

    if (database_each(storage,
                      database_bind(storage, SQL_LIST_MESSAGE_EVENTS_BY_TARGET, EVENT_ACKNOWLEDGED),
                      add_message_event, &reading, error))
        return -1;
    return *reading.target ? finish(&reading, error) : 0;
}

/* A tick that was killed has recorded no message. What it sent must not be the key of another one.
 */
static int skip_numbers(struct storage *storage, struct error *error)
{
    for (size_t i = 0; i < storage->config->n_alerts; i++) {
        sqlite3_stmt *skip =
            database_bind(storage, SQL_SKIP_NUMBERS, EVENT_UP, ALERT_TABLE_NUMBERS_SKIPPED);

        sqlite3_bind_text(skip, 3, storage->config->alerts[i].id, -1, SQLITE_STATIC);
        if (database_run(storage, skip, error))
            return -1;
    }
    return 0;
}

int alert_log_restore(struct storage *storage, int64_t now_ms, struct error *error)
{
    assert(storage->depth > 0);
    if (read_reported(storage, store_reported, error) ||
        read_reported(storage, lower_first, error) ||
        database_run(storage, database_statement(storage, SQL_DELETE_CHANGED_SUBJECTS), error) ||
        alert_table_mark_current(storage, now_ms, error))
        return -1;
    return skip_numbers(storage, error);
}
