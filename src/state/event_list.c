/* Lists events of the event log. */
#include "state/event_list.h"

#include "base/text.h"
#include "model/check.h"
#include "state/column.h"
#include "state/monitors.h"

#include <string.h>

/* Columns of list_events_since. */
enum { SCOPE, CHECK, BEGAN_MS, AT_MS, CHANGE, STATE, CODE, DETAIL };

/* A list under way. */
struct event_listing {
    struct storage *storage;
    char scope[EVENT_SCOPE_MAX]; /* of the last row */
    const struct owner *owner;   /* its monitor; NULL: it is not configured */
    event_list_each *each;
    void *context;
};

/* Copies a text column of at most size - 1 bytes. */
static int read_text(struct storage *storage, sqlite3_stmt *row, int column, char *text,
                     size_t size, struct error *error)
{
    const char *bytes;
    size_t n;

    if (column_read_failure(storage, row, column, &bytes, &n, error))
        return -1;
    if (n >= size)
        return database_damaged(storage, error);
    if (n)
        memcpy(text, bytes, n);
    text[n] = '\0';
    return 0;
}

/* Finds the monitor of a scope: "site/domain". */
static int find_owner(struct event_listing *listing, const char *scope, struct error *error)
{
    struct storage *storage = listing->storage;
    char site[TEXT_ID_MAX + 1];
    size_t size = strcspn(scope, "/");
    int64_t id;

    listing->owner = NULL;
    if (size > TEXT_ID_MAX || scope[size] == '\0')
        return 0;
    memcpy(site, scope, size);
    site[size] = '\0';
    if (monitors_lookup(storage, site, scope + size + 1, &id, error))
        return -1;
    listing->owner = owners_find(&storage->monitors, id);
    return 0;
}

static int read_event(struct storage *storage, sqlite3_stmt *row, struct event *event,
                      struct error *error)
{
    int64_t check, change, state;

    if (column_read_number(storage, row, CHECK, COLUMN_EVENT_CHECK, &check, error) ||
        column_read_number(storage, row, BEGAN_MS, COLUMN_TIME, &event->began_ms, error) ||
        column_read_number(storage, row, AT_MS, COLUMN_TIME, &event->at_ms, error) ||
        column_read_number(storage, row, CHANGE, COLUMN_EVENT_CHANGE, &change, error) ||
        column_read_number(storage, row, STATE, COLUMN_EVENT_STATE, &state, error))
        return -1;
    event->check = (enum event_check)check;
    event->change = (enum event_change)change;
    event->state = (enum event_state)state;
    return 0;
}

static int read_row(void *context, sqlite3_stmt *row, struct error *error)
{
    struct event_listing *listing = context;
    struct storage *storage = listing->storage;
    char scope[EVENT_SCOPE_MAX], code[EVENT_CODE_MAX], detail[FAILURE_MAX];
    struct event event = {.scope = "", .code = code, .detail = detail};

    if (read_text(storage, row, SCOPE, scope, sizeof scope, error))
        return -1;
    if (strcmp(scope, listing->scope) != 0) {
        memcpy(listing->scope, scope, strlen(scope) + 1);
        if (find_owner(listing, scope, error))
            return -1;
    }
    if (!listing->owner)
        return 0;
    if (read_text(storage, row, CODE, code, sizeof code, error) ||
        read_text(storage, row, DETAIL, detail, sizeof detail, error) ||
        read_event(storage, row, &event, error))
        return -1;
    return listing->each(listing->context, listing->owner->index, &event, error);
}

int event_list_since(struct storage *storage, int64_t from_ms, event_list_each *each,
                      void *context, struct error *error)
{
    struct event_listing listing = {.storage = storage, .each = each, .context = context};
    sqlite3_stmt *list =
        database_bind(storage, SQL_LIST_EVENTS_SINCE, from_ms, EVENT_HTTP, EVENT_BOT);

    return database_each(storage, list, read_row, &listing, error);
}
