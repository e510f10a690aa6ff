/* The tables of events, and the staged events on their way to them. */
#include "state/event_table.h"

#include "state/alert_table.h"
#include "state/column.h"
#include "state/event_row.h"

#include <assert.h>

int event_table_begin(struct event_table_adding *adding, struct storage *storage,
                      struct error *error)
{
    int result;

    assert(storage->depth > 0);
    *adding = (struct event_table_adding){.storage = storage};
    result = storage_get_setting(storage, SETTING_LAST_EVENT, &adding->before, error);
    adding->last = adding->before;
    return result;
}

/* An INSERT that looks for the event itself would make a temporary table each time. */
static int find_event(struct storage *storage, const struct event *event, bool *is_new,
                      struct error *error)
{
    bool is_of_message = event_is_of_message(event->change);
    sqlite3_stmt *find =
        database_bind(storage, is_of_message ? SQL_COUNT_MESSAGE_EVENTS_AT : SQL_COUNT_EVENTS_AT,
                      event->at_ms, event->check, event->began_ms, event->change);
    int64_t n = 0;
    int result;

    sqlite3_bind_text(find, 5, event->scope, -1, SQLITE_STATIC);
    if (is_of_message)
        sqlite3_bind_text(find, 6, event->detail, -1, SQLITE_STATIC);
    result = database_number(storage, find, 0, &n, error);
    *is_new = n == 0;
    return result;
}

int event_table_add(struct event_table_adding *adding, const struct event *event, bool *is_new,
                    struct error *error)
{
    struct storage *storage = adding->storage;
    bool is_of_message = event_is_of_message(event->change);
    sqlite3_stmt *add;

    assert(event_is_valid(event));
    if (find_event(storage, event, is_new, error))
        return -1;
    if (!*is_new)
        return 0;
    add = database_bind(storage, is_of_message ? SQL_ADD_MESSAGE_EVENT : SQL_ADD_EVENT,
                        adding->last + 1, event->at_ms, event->check, event->began_ms,
                        event->change, event->state);
    sqlite3_bind_text(add, 7, event->scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 8, event->code, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 9, event->detail, -1, SQLITE_STATIC);
    if (database_run(storage, add, error))
        return -1;
    adding->last++;
    if (is_of_message)
        return 0;
    adding->has_change = true;
    return alert_table_mark_subject(storage, event->check, event->scope, error);
}

int event_table_end(const struct event_table_adding *adding, struct error *error)
{
    struct storage *storage = adding->storage;

    if (adding->last == adding->before)
        return 0;
    if (adding->has_change && storage_set_setting(storage, SETTING_ALERT_DUE_MS, 0, error))
        return -1;
    return storage_set_setting(storage, SETTING_LAST_EVENT, adding->last, error);
}

int event_table_take_back(const struct event_table_adding *adding, struct error *error)
{
    struct storage *storage = adding->storage;

    return database_run(storage, database_bind(storage, SQL_DELETE_EVENTS_AFTER, adding->before),
                        error) ||
                   database_run(
                       storage,
                       database_bind(storage, SQL_DELETE_MESSAGE_EVENTS_AFTER, adding->before),
                       error)
               ? -1
               : 0;
}

/* A list under way. */
struct event_listing {
    struct storage *storage;
    event_table_each_one *each;
    void *context;
};

static int read_event(void *context, sqlite3_stmt *row, struct error *error)
{
    const struct event_listing *listing = context;
    struct event_texts texts;
    struct event event;

    if (event_row_read(listing->storage, row, &event, &texts, error))
        return -1;
    return listing->each(listing->context, &event, error);
}

static int list(struct storage *storage, sqlite3_stmt *statement, event_table_each_one *each,
                void *context, struct error *error)
{
    struct event_listing listing = {storage, each, context};

    return database_each(storage, statement, read_event, &listing, error);
}

int event_table_each_since(struct storage *storage, int64_t from_ms, event_table_each_one *each,
                           void *context, struct error *error)
{
    return list(storage, database_bind(storage, SQL_LIST_EVENTS_SINCE, from_ms), each, context,
                error);
}

int event_table_each_of_check(struct storage *storage, int64_t from_ms, enum event_check check,
                              event_table_each_one *each, void *context, struct error *error)
{
    return list(storage, database_bind(storage, SQL_LIST_EVENTS_OF_CHECK, from_ms, check), each,
                context, error);
}

int event_table_find_end(struct storage *storage, enum event_check check, const char *scope,
                         int64_t before_ms, int64_t *ended_ms, struct error *error)
{
    sqlite3_stmt *find = database_bind(storage, SQL_FIND_END, check, before_ms, EVENT_CLOSED);

    sqlite3_bind_text(find, 4, scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(find, 5, EVENT_RECOVERED, -1, SQLITE_STATIC);
    return column_fetch(storage, find, COLUMN_TIME, INT64_MIN, ended_ms, error);
}

int event_table_each_of_messages(struct storage *storage, int n, event_table_each_one *each,
                                 void *context, struct error *error)
{
    return list(storage, database_bind(storage, SQL_LIST_NEWEST_MESSAGE_EVENTS, n), each, context,
                error);
}

int event_table_each_staged(struct storage *storage, event_table_each_one *each, void *context,
                            struct error *error)
{
    return list(storage, database_statement(storage, SQL_LIST_STAGED_EVENTS), each, context, error);
}

int event_table_delete_staged(struct storage *storage, struct error *error)
{
    return database_run(storage, database_statement(storage, SQL_DELETE_STAGED_EVENTS), error);
}

static int delete_before(struct storage *storage, int64_t before_ms, struct error *error)
{
    int before = sqlite3_total_changes(storage->db);

    if (database_run(storage, database_bind(storage, SQL_DELETE_EVENTS_BEFORE, before_ms), error) ||
        database_run(storage, database_bind(storage, SQL_DELETE_MESSAGE_EVENTS_BEFORE, before_ms),
                     error))
        return -1;
    return sqlite3_total_changes(storage->db) == before ? 0
                                                        : alert_table_delete_unused(storage, error);
}

int event_table_delete_before(struct storage *storage, int64_t before_ms, struct error *error)
{
    if (storage_begin(storage, error))
        return -1;
    return storage_end(storage, delete_before(storage, before_ms, error), error);
}
