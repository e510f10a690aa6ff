/* Keeps the table of transitions correct, whatever the order in which rows arrive. */
#include "state/transitions.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/reach.h"
#include "state/column.h"

#include <assert.h>
#include <stdlib.h>

/*
 * Search at most this many hours for the neighbours of a late row: the minute index reaches no
 * further back than twice the longest interval plus two days.
 */
enum { SEARCH_HOURS = 17 * HOURS_PER_DAY };

void transitions_begin(struct transitions *transitions, struct minute_index *minute_index,
                       int64_t monitor, int64_t latest_ms, enum status latest_status)
{
    const struct storage *storage = minute_index->storage;
    const struct owner *owner = owners_find(&storage->monitors, monitor);
    int64_t reach = REACH_UNLIMITED;

    if (owner)
        reach = reach_ms(storage->config->domains[owner->index].interval_seconds);
    *transitions = (struct transitions){minute_index, monitor, reach, latest_ms, latest_status};
}

/* 0 is well; the others are kinds of failures. */
static const uint8_t kind_of[STATUS_COUNT] = {
    [STATUS_BOT_DETECTED] = 1, [STATUS_DOWN] = 2, [STATUS_TIMEOUT] = 2};

static bool is_transition(const struct transitions *transitions, const struct check *check,
                          enum status before, int64_t before_ms)
{
    if (before == STATUS_UNKNOWN || kind_of[check->status] != kind_of[before])
        return true;
    return kind_of[check->status] && before_ms != INT64_MIN &&
           !reach_covers(before_ms, transitions->reach_ms, check->start_ms);
}

/*
 * Stores a check that is a transition, by the check before it. For a transition to UP only the time
 * matters: HTTP status and failure text stay empty.
 */
static int put_transition(const struct transitions *transitions, const struct check *check,
                          int64_t before_ms, struct error *error)
{
    struct storage *storage = transitions->minute_index->storage;
    bool is_up = check->status == STATUS_UP;
    sqlite3_stmt *put;

    assert(before_ms < check->start_ms);
    put = database_bind(storage, SQL_PUT_TRANSITION, transitions->monitor, check->start_ms,
                        before_ms, check->status);
    column_bind_time(put, 3, before_ms, INT64_MIN);
    sqlite3_bind_int(put, 5, is_up ? 0 : check->http_status);
    sqlite3_bind_text(put, 6, is_up ? "" : check->failure, -1, SQLITE_STATIC);
    return database_run(storage, put, error);
}

/* Decides again about the check after a late row: it may become a transition, or stop being one. */
static int decide_again(const struct transitions *transitions, const struct check *check,
                        const struct check *late, struct error *error)
{
    struct storage *storage = transitions->minute_index->storage;
    sqlite3_stmt *delete;

    if (is_transition(transitions, check, late->status, late->start_ms))
        return put_transition(transitions, check, late->start_ms, error);
    delete = database_bind(storage, SQL_DELETE_TRANSITION, transitions->monitor, check->start_ms);
    return database_run(storage, delete, error);
}

/* Reads start_ms, before_ms and status from this column on. */
static int read_start(struct storage *storage, sqlite3_stmt *row, int first,
                      struct transition *transition, struct error *error)
{
    int64_t status;

    if (column_read_number(storage, row, first, COLUMN_TIME, &transition->start_ms, error) ||
        column_read_optional(storage, row, first + 1, COLUMN_TIME, INT64_MIN,
                             &transition->before_ms, error) ||
        column_read_number(storage, row, first + 2, COLUMN_STATUS, &status, error))
        return -1;
    transition->status = (enum status)status;
    return transition->before_ms < transition->start_ms ? 0 : database_damaged(storage, error);
}

/* Finds the last transition at or before at_ms, or the first one after it, depending on the
 * statement. Its status is UNKNOWN if there is none. HTTP status and failure text are not read. */
static int find_transition(const struct transitions *transitions, enum sql sql, int64_t at_ms,
                           struct transition *found, struct error *error)
{
    struct storage *storage = transitions->minute_index->storage;
    sqlite3_stmt *get = database_bind(storage, sql, transitions->monitor, at_ms);
    int result = database_step(storage, get, error);

    *found = (struct transition){.status = STATUS_UNKNOWN};
    if (result > 0) {
        bool is_next = sql == SQL_NEXT_TRANSITION;

        result = read_start(storage, get, 0, found, error);
        if (result == 0 && is_next != (found->start_ms > at_ms))
            result = database_damaged(storage, error);
        sqlite3_reset(get);
    }
    return result;
}

/*
 * Finds the check before at_ms, no further back than the transition at run_ms, which began the run.
 * *before_ms stays INT64_MIN if the minute index does not reach back that far, or if a
 * check at at_ms is already there: of two checks with the same start, the first one counts.
 */
static int find_before(const struct transitions *transitions, int64_t run_ms, int64_t at_ms,
                       int64_t *before_ms, struct error *error)
{
    int64_t run_minute_ms = clock_floor_div(run_ms, MS_PER_MINUTE) * MS_PER_MINUTE;
    int64_t first = clock_floor_div(run_ms, MS_PER_HOUR);
    int64_t hour = clock_floor_div(at_ms, MS_PER_HOUR);
    struct sample samples[SAMPLES_MAX];
    size_t n;

    *before_ms = INT64_MIN;
    if (first < hour - SEARCH_HOURS)
        first = hour - SEARCH_HOURS;
    for (; hour >= first; hour--) {
        if (minute_index_get(transitions->minute_index, transitions->monitor, hour, samples, &n,
                             error))
            return -1;
        while (n > 0 && samples[n - 1].start_ms > at_ms)
            n--;
        if (n == 0)
            continue;

        /* The index may have an earlier check of the minute in which the run began. */
        if (samples[n - 1].start_ms >= run_minute_ms && samples[n - 1].start_ms != at_ms)
            *before_ms = samples[n - 1].start_ms > run_ms ? samples[n - 1].start_ms : run_ms;
        return 0;
    }
    return 0;
}

/* Finds the check after at_ms: the first one in the index, or *after_ms if none comes before it. */
static int find_after(const struct transitions *transitions, int64_t at_ms, int64_t *after_ms,
                      struct error *error)
{
    int64_t last = clock_floor_div(*after_ms, MS_PER_HOUR);
    int64_t hour = clock_floor_div(at_ms, MS_PER_HOUR);
    struct sample samples[SAMPLES_MAX];
    size_t n;

    if (last > hour + SEARCH_HOURS)
        last = hour + SEARCH_HOURS;
    for (; hour <= last; hour++) {
        if (minute_index_get(transitions->minute_index, transitions->monitor, hour, samples, &n,
                             error))
            return -1;
        for (size_t i = 0; i < n; i++) {
            if (samples[i].start_ms > at_ms) {
                if (samples[i].start_ms < *after_ms)
                    *after_ms = samples[i].start_ms;
                return 0;
            }
        }
    }
    return 0;
}

/*
 * Adds a late row. Only two checks can change: the row itself, and the check after it. The row is
 * in a run (transitions.h), or between the last check of a run and the next transition. In a run,
 * the checks before and after it are in the minute index; otherwise they are in the table.
 */
static int add_late(const struct transitions *transitions, const struct check *check,
                    struct error *error)
{
    struct check after = {.failure = ""};
    struct transition run, next;
    int64_t before_ms;
    bool is_last; /* the run has not ended */

    if (find_transition(transitions, SQL_LAST_TRANSITION, check->start_ms, &run, error) ||
        find_transition(transitions, SQL_NEXT_TRANSITION, check->start_ms, &next, error))
        return -1;
    is_last = next.status == STATUS_UNKNOWN;
    before_ms = is_last ? transitions->latest_ms : next.before_ms;
    after.start_ms = next.start_ms;
    after.status = next.status;

    assert(!is_last || check->start_ms <= before_ms);

    /* Older transitions have been pruned: what preceded this row is unknown. */
    if (run.status == STATUS_UNKNOWN && before_ms != INT64_MIN)
        return 0;
    if (check->start_ms <= before_ms) {
        if (check->start_ms == run.start_ms || check->start_ms == before_ms ||
            kind_of[check->status] == kind_of[run.status])
            return 0;
        after.start_ms = before_ms;
        after.status = run.status;
        if (find_before(transitions, run.start_ms, check->start_ms, &before_ms, error))
            return -1;
        if (before_ms == INT64_MIN)
            return 0;
        if (find_after(transitions, check->start_ms, &after.start_ms, error))
            return -1;
    }
    if (is_transition(transitions, check, run.status, before_ms) &&
        put_transition(transitions, check, before_ms, error))
        return -1;
    return decide_again(transitions, &after, check, error);
}

int transitions_add(struct transitions *transitions, const struct check *check, struct error *error)
{
    int64_t before_ms =
        transitions->latest_status == STATUS_UNKNOWN ? INT64_MIN : transitions->latest_ms;

    if (check->start_ms <= before_ms)
        return add_late(transitions, check, error);
    if (is_transition(transitions, check, transitions->latest_status, before_ms) &&
        put_transition(transitions, check, before_ms, error))
        return -1;
    transitions->latest_ms = check->start_ms;
    transitions->latest_status = check->status;
    return 0;
}

/* Columns of list_transitions. */
enum { MONITOR, START_MS, HTTP_STATUS = START_MS + 3, FAILURE };

/* The monitor whose transitions are being read, for the caller of transitions_each. */
struct transition_reading {
    struct storage *storage;
    struct arena *arena;
    int64_t last_id;           /* of the monitor of the last row */
    const struct owner *owner; /* NULL: none, or not configured */
    struct transition *transitions;
    size_t n, capacity;
    transitions_each_monitor *each;
    void *context;
};

static int add_row(struct transition_reading *reading, sqlite3_stmt *row, struct error *error)
{
    struct storage *storage = reading->storage;
    int64_t last_ms = reading->n ? reading->transitions[reading->n - 1].start_ms : INT64_MIN;
    int64_t http_status;
    const char *failure;
    size_t size;
    struct transition *transition =
        memory_grow(reading->transitions, &reading->capacity, reading->n + 1, sizeof *transition);

    if (!transition)
        return database_no_memory(reading->storage, error);
    reading->transitions = transition;
    transition += reading->n++;
    if (read_start(storage, row, START_MS, transition, error) ||
        column_read_number(storage, row, HTTP_STATUS, COLUMN_HTTP_STATUS, &http_status, error) ||
        column_read_failure(storage, row, FAILURE, &failure, &size, error))
        return -1;
    if (transition->start_ms <= last_ms)
        return database_damaged(storage, error);
    transition->http_status = (int)http_status;
    transition->failure = size ? arena_copy(reading->arena, failure, size) : "";
    return transition->failure ? 0 : database_no_memory(storage, error);
}

/* Calls each for the monitor read so far, if it has transitions. */
static int call_each(const struct transition_reading *reading, struct error *error)
{
    if (reading->n == 0)
        return 0;
    return reading->each(reading->context, reading->owner->index, reading->transitions, reading->n,
                         error);
}

/* Reads a row: the next transition of the same monitor, or the first of another one. */
static int read_row(void *context, sqlite3_stmt *row, struct error *error)
{
    struct transition_reading *reading = context;
    int64_t id;

    if (column_read_number(reading->storage, row, MONITOR, COLUMN_MONITOR, &id, error))
        return -1;
    if (id < reading->last_id)
        return database_damaged(reading->storage, error);
    reading->last_id = id;
    if (!reading->owner || reading->owner->id != id) {
        if (call_each(reading, error))
            return -1;
        reading->owner = owners_find(&reading->storage->monitors, id);
        reading->n = 0;
    }
    return reading->owner ? add_row(reading, row, error) : 0;
}

int transitions_each(struct storage *storage, struct arena *arena, transitions_each_monitor *each,
                     void *context, struct error *error)
{
    struct transition_reading reading = {
        .storage = storage, .arena = arena, .each = each, .context = context};
    int result = database_each(storage, database_statement(storage, SQL_LIST_TRANSITIONS), read_row,
                               &reading, error);

    if (result == 0)
        result = call_each(&reading, error);
    free(reading.transitions);
    return result;
}
