/* Loads the events of the log, for those who follow it. */
#include "state/logged_events.h"

#include "base/clock.h"
#include "base/memory.h"
#include "state/column.h"
#include "state/event_row.h"

#include <stdlib.h>
#include <string.h>

void logged_events_begin(struct logged_events *events, struct storage *storage)
{
    *events = (struct logged_events){.storage = storage, .until_ms = INT64_MIN};
}

void logged_events_free(struct logged_events *events)
{
    arena_free(events->arena);
    free(events->items);
}

static int copy_text(struct arena *arena, const char **text)
{
    *text = **text ? arena_copy(arena, *text, strlen(*text)) : "";
    return *text ? 0 : -1;
}

static int copy_texts(struct arena *arena, struct event *event)
{
    return copy_text(arena, &event->scope) || copy_text(arena, &event->code) ||
                   copy_text(arena, &event->detail)
               ? -1
               : 0;
}

static int read_number(struct storage *storage, sqlite3_stmt *row, struct logged_event *logged,
                       struct error *error)
{
    return column_read_number(storage, row, EVENT_COLUMN_NUMBER, COLUMN_NUMBER, &logged->number,
                              error);
}

static int read_event(void *context, sqlite3_stmt *row, struct error *error)
{
    struct logged_events *events = context;
    struct logged_event logged = {.number = 0}, *items;
    struct event_texts texts;

    if (read_number(events->storage, row, &logged, error) ||
        event_row_read(events->storage, row, &logged.event, &texts, error))
        return -1;
    items = memory_grow(events->items, &events->capacity, events->n + 1, sizeof *items);
    if (items)
        events->items = items;
    if (!items || copy_texts(events->arena, &logged.event))
        return database_no_memory(events->storage, error);
    items[events->n++] = logged;
    return 0;
}

/* Keeps the events that are not applied, in a new arena. */
static int keep_rest(struct logged_events *events, struct error *error)
{
    struct arena *arena = arena_new();
    size_t n = 0;
    int result = arena ? 0 : -1;

    for (size_t i = 0; i < events->n && result == 0; i++) {
        if (events->items[i].is_applied)
            continue;
        if (copy_texts(arena, &events->items[i].event))
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
    found = read_number(storage, get, &last->logged, error) ||
                    event_row_read_numbers(storage, get, &last->logged.event, error) ||
                    column_read_number(storage, get, EVENT_COLUMN_CODE, COLUMN_FLAG, &has_confirmed,
                                       error) ||
                    column_read_number(storage, get, EVENT_COLUMN_DETAIL, COLUMN_FLAG, &is_removed,
                                       error)
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
