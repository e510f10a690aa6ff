/* Loads the events of the log, for those who follow it. */
#include "state/logged_events.h"

#include "base/clock.h"
#include "base/memory.h"
#include "state/column.h"

#include <stdlib.h>
#include <string.h>

/* Columns of list_events_between. */
enum { NUMBER, AT_MS, SCOPE, CHECK, BEGAN_MS, CHANGE, STATE, CODE, DETAIL };

void logged_events_begin(struct logged_events *events, struct storage *storage)
{
    *events = (struct logged_events){.storage = storage, .until_ms = INT64_MIN};
}

void logged_events_free(struct logged_events *events)
{
    arena_free(events->arena);
    free(events->items);
}

/* Reads a text of less than max bytes. */
static int read_text(struct logged_events *events, sqlite3_stmt *row, int column, size_t max,
                     const char **text, struct error *error)
{
    const char *bytes = sqlite3_column_blob(row, column);
    size_t size = (size_t)sqlite3_column_bytes(row, column);

    if (sqlite3_column_type(row, column) != SQLITE_TEXT || size >= max ||
        (size && memchr(bytes, '\0', size)))
        return database_damaged(events->storage, error);
    *text = size ? arena_copy(events->arena, bytes, size) : "";
    return *text ? 0 : database_no_memory(events->storage, error);
}

/* Reads the columns from NUMBER to STATE, apart from SCOPE. */
static int read_numbers(struct storage *storage, sqlite3_stmt *row, struct logged_event *logged,
                        struct error *error)
{
    struct event *event = &logged->event;
    int64_t check, change, state;

    if (column_read_number(storage, row, NUMBER, COLUMN_NUMBER, &logged->number, error) ||
        column_read_number(storage, row, AT_MS, COLUMN_TIME, &event->at_ms, error) ||
        column_read_number(storage, row, CHECK, COLUMN_EVENT_CHECK, &check, error) ||
        column_read_number(storage, row, BEGAN_MS, COLUMN_TIME, &event->began_ms, error) ||
        column_read_number(storage, row, CHANGE, COLUMN_EVENT_CHANGE, &change, error) ||
        column_read_number(storage, row, STATE, COLUMN_EVENT_STATE, &state, error))
        return -1;
    event->check = (enum event_check)check;
    event->change = (enum event_change)change;
    event->state = (enum event_state)state;
    return 0;
}

static int read_event(void *context, sqlite3_stmt *row, struct error *error)
{
    struct logged_events *events = context;
    struct logged_event logged = {.number = 0}, *items;

    if (read_numbers(events->storage, row, &logged, error) ||
        read_text(events, row, SCOPE, EVENT_SCOPE_MAX, &logged.event.scope, error) ||
        read_text(events, row, CODE, EVENT_CODE_MAX, &logged.event.code, error) ||
        read_text(events, row, DETAIL, FAILURE_MAX, &logged.event.detail, error))
        return -1;
    if (!event_is_valid(&logged.event))
        return database_damaged(events->storage, error);
    items = memory_grow(events->items, &events->capacity, events->n + 1, sizeof *items);
    if (!items)
        return database_no_memory(events->storage, error);
    events->items = items;
    items[events->n++] = logged;
    return 0;
}

static int copy_text(struct arena *arena, const char **text)
{
    *text = **text ? arena_copy(arena, *text, strlen(*text)) : "";
    return *text ? 0 : -1;
}

/* Keeps the events that are not applied, in a new arena. */
static int keep_rest(struct logged_events *events, struct error *error)
{
    struct arena *arena = arena_new();
    size_t n = 0;
    int result = arena ? 0 : -1;

    for (size_t i = 0; i < events->n && result == 0; i++) {
        struct event *event = &events->items[i].event;

        if (events->items[i].is_applied)
            continue;
        if (copy_text(arena, &event->scope) || copy_text(arena, &event->code) ||
            copy_text(arena, &event->detail))
            result = -1;
        else
            events->items[n++] = events->items[i];
    }
    arena_free(result ? arena : events->arena);
    events->arena = result ? events->arena : arena;
    events->n = result ? 0 : n;
    return result ? database_no_memory(events->storage, error) : 0;
}

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_by_number(const void *a, const void *b)
{
    return compare_numbers(((const struct logged_event *)a)->number,
                           ((const struct logged_event *)b)->number);
}

static int compare_scopes(const struct event *a, const struct event *b)
{
    int order = strcmp(a->scope, b->scope);

    return order ? order : (int)a->check - (int)b->check;
}

static int compare_by_scope(const void *a, const void *b)
{
    const struct logged_event *one = a, *other = b;
    int order = compare_scopes(&one->event, &other->event);

    if (order == 0)
        order = compare_numbers(one->event.at_ms, other->event.at_ms);
    return order ? order : compare_numbers(one->number, other->number);
}

static void sort(struct logged_events *events, int (*compare)(const void *, const void *))
{
    if (events->n)
        qsort(events->items, events->n, sizeof *events->items, compare);
}

int logged_events_load(struct logged_events *events, int64_t end_ms, struct error *error)
{
    struct storage *storage = events->storage;

    if (keep_rest(events, error))
        return -1;
    if (end_ms > events->until_ms &&
        database_each(storage,
                      database_bind(storage, SQL_LIST_EVENTS_BETWEEN, events->until_ms, end_ms),
                      read_event, events, error))
        return -1;
    if (end_ms > events->until_ms)
        events->until_ms = end_ms;
    sort(events, compare_by_number);
    return 0;
}

void logged_events_sort(struct logged_events *events)
{
    sort(events, compare_by_scope);
}

/* The first event that is not before this scope, check and time. */
static size_t find_first(const struct logged_event *items, size_t n, const struct logged_event *key)
{
    size_t first = 0;

    while (n > 0) {
        size_t half = n / 2;

        if (compare_by_scope(&items[first + half], key) < 0) {
            first += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return first;
}

/* The events from the first one that is not before `key`, to the last one with its scope and check,
 * at this moment or any. */
static struct logged_span find_span(struct logged_event *items, size_t n,
                                    const struct logged_event *key, bool any_time)
{
    size_t first = find_first(items, n, key), end = first;

    while (end < n && compare_scopes(&items[end].event, &key->event) == 0 &&
           (any_time || items[end].event.at_ms == key->event.at_ms))
        end++;
    return (struct logged_span){items ? items + first : NULL, end - first};
}

struct logged_span logged_events_find(const struct logged_events *events, const char *scope,
                                      enum event_check check)
{
    struct logged_event key = {.event = {.scope = scope, .check = check, .at_ms = INT64_MIN}};

    return find_span(events->items, events->n, &key, true);
}

struct logged_span logged_events_at(const struct logged_span *span, int64_t at_ms)
{
    struct logged_event key;

    if (span->n == 0)
        return *span;
    key = span->items[0];
    key.event.at_ms = at_ms;
    key.number = INT64_MIN;
    return find_span(span->items, span->n, &key, false);
}

int logged_events_last(struct storage *storage, const char *scope, enum event_check check,
                       int64_t began_ms, int64_t until_ms, struct logged_last *last,
                       struct error *error)
{
    sqlite3_stmt *get = database_bind(storage, SQL_GET_LAST_EVENT, check, began_ms, until_ms);
    int found;
    int64_t is_removed = 0, has_confirmed = 0;

    *last = (struct logged_last){.logged.number = 0};
    sqlite3_bind_text(get, 4, scope, -1, SQLITE_STATIC);
    sqlite3_bind_text(get, 5, EVENT_REMOVED, -1, SQLITE_STATIC);
    sqlite3_bind_int(get, 6, EVENT_CLOSED);
    sqlite3_bind_int(get, 7, EVENT_CONFIRMED);
    found = database_step(storage, get, error);
    if (found <= 0)
        return found;
    found = read_numbers(storage, get, &last->logged, error) ||
                    column_read_number(storage, get, CODE, COLUMN_FLAG, &has_confirmed, error) ||
                    column_read_number(storage, get, DETAIL, COLUMN_FLAG, &is_removed, error)
                ? -1
                : 0;
    sqlite3_reset(get);
    last->has_confirmed = has_confirmed;
    last->is_removed = is_removed && last->logged.event.change == EVENT_CLOSED;
    last->logged.event.scope = last->logged.event.code = last->logged.event.detail = "";
    return found;
}

int logged_events_have_inverted(struct storage *storage, const char *scope, enum event_check check,
                                int64_t start_ms, int64_t applied, bool *is_inverted,
                                struct error *error)
{
    sqlite3_stmt *count = database_bind(storage, SQL_COUNT_INVERTED_EVENTS, check, start_ms,
                                        start_ms + MS_PER_MINUTE, start_ms + MS_PER_DAY, applied);
    int64_t n;

    sqlite3_bind_text(count, 6, scope, -1, SQLITE_STATIC);
    if (database_number(storage, count, 0, &n, error))
        return -1;
    *is_inverted = n > 0;
    return 0;
}
