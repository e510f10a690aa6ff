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
enum { SEARCH_HOURS = 17 * 24 };

/* A transition in the table; only the columns that place a late row. */
struct stored_transition {
    bool exists;
    int64_t start_ms, before_ms;
    enum status status; /* UNKNOWN if it does not exist */
};

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

static bool is_transition(const struct transitions *transitions, const struct check *check,
                          enum status before, int64_t before_ms)
{
    return outage_is_transition(check->status, check->start_ms, before, before_ms,
                                transitions->reach_ms);
}

/*
 * Stores a check if it is a transition, by the check before it. For a transition to UP only the
 * time matters: HTTP status and failure text stay empty.
 */
static int put_transition(const struct transitions *transitions, const struct check *check,
                          enum status before, int64_t before_ms, struct error *error)
{
    struct storage *storage = transitions->minute_index->storage;
    sqlite3_stmt *put = database_statement(storage, SQL_PUT_TRANSITION);
    bool is_up = check->status == STATUS_UP;

    assert(before_ms < check->start_ms);
    if (!is_transition(transitions, check, before, before_ms))
        return 0;
    sqlite3_bind_int64(put, 1, transitions->monitor);
    sqlite3_bind_int64(put, 2, check->start_ms);
    column_bind_time(put, 3, before_ms, INT64_MIN);
    sqlite3_bind_int(put, 4, (int)check->status);
    sqlite3_bind_int(put, 5, is_up ? 0 : check->http_status);
    sqlite3_bind_text(put, 6, is_up ? "" : check->failure, -1, SQLITE_STATIC);
    return database_run(storage, put, error);
}

/* Computes a check again before which a late row has come: it may become or stop being a
 * transition. */
static int compute_again(const struct transitions *transitions, const struct check *check,
                         const struct check *late, struct error *error)
{
    struct storage *storage = transitions->minute_index->storage;
    sqlite3_stmt *delete = database_statement(storage, SQL_DELETE_TRANSITION);

    if (is_transition(transitions, check, late->status, late->start_ms))
        return put_transition(transitions, check, late->status, late->start_ms, error);
    sqlite3_bind_int64(delete, 1, transitions->monitor);
    sqlite3_bind_int64(delete, 2, check->start_ms);
    return database_run(storage, delete, error);
}

/* Finds the last transition at or before at_ms, or the first one after it, depending on the
 * statement. */
static int find_transition(const struct transitions *transitions, enum sql sql, int64_t at_ms,
                           struct stored_transition *found, struct error *error)
{
    struct storage *storage = transitions->minute_index->storage;
    sqlite3_stmt *get = database_statement(storage, sql);
    int result = 0;

    *found = (struct stored_transition){.status = STATUS_UNKNOWN};
    sqlite3_bind_int64(get, 1, transitions->monitor);
    sqlite3_bind_int64(get, 2, at_ms);
    if (database_step(storage, get, &found->exists, error))
        return -1;
    if (found->exists) {
        found->start_ms = sqlite3_column_int64(get, 0);
        found->before_ms = column_read_time(get, 1, INT64_MIN);
        result = column_read_status(storage, get, 2, &found->status, error);
    }
    sqlite3_reset(get);
    return result;
}

/*
 * Finds the check before at_ms, no further back than the transition that began the run of like
 * checks. *before_ms stays INT64_MIN if the minute index does not reach back that far, or if a
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
 * Adds a late row. It can change two checks only, itself and the one after it, which is computed
 * again. Around it is a run of like checks, which began with a transition. If the row comes after
 * the last check of the run, the table has both of its neighbours. If it is inside of the run, they
 * are in the minute index.
 */
static int add_late(const struct transitions *transitions, const struct check *check,
                    struct error *error)
{
    struct check after = {.failure = ""};
    struct stored_transition run, next;
    int64_t before_ms;

    if (find_transition(transitions, SQL_LAST_TRANSITION, check->start_ms, &run, error) ||
        find_transition(transitions, SQL_NEXT_TRANSITION, check->start_ms, &next, error))
        return -1;
    before_ms = next.exists ? next.before_ms : transitions->latest_ms;
    after.start_ms = next.start_ms;
    after.status = next.status;

    assert(next.exists || check->start_ms <= before_ms);

    /* Older transitions have been pruned: what preceded this row is unknown. */
    if (!run.exists && before_ms != INT64_MIN)
        return 0;
    if (check->start_ms <= before_ms) {
        if (check->start_ms == run.start_ms || check->start_ms == before_ms ||
            outage_is_same_kind(check->status, run.status))
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
    return put_transition(transitions, check, run.status, before_ms, error) ||
                   compute_again(transitions, &after, check, error)
               ? -1
               : 0;
}

int transitions_add(struct transitions *transitions, const struct check *check, struct error *error)
{
    int64_t before_ms =
        transitions->latest_status == STATUS_UNKNOWN ? INT64_MIN : transitions->latest_ms;

    if (check->start_ms <= before_ms)
        return add_late(transitions, check, error);
    if (put_transition(transitions, check, transitions->latest_status, before_ms, error))
        return -1;
    transitions->latest_ms = check->start_ms;
    transitions->latest_status = check->status;
    return 0;
}

/* Columns of list_transitions. */
enum { MONITOR, START_MS, BEFORE_MS, STATUS, HTTP_STATUS, FAILURE };

/* The monitor whose transitions are being read. */
struct transition_reading {
    struct storage *storage;
    struct arena *arena;
    const struct owner *owner; /* NULL: none, or not configured */
    struct transition *transitions;
    size_t n, capacity;
};

static int add_row(struct transition_reading *reading, sqlite3_stmt *row, struct error *error)
{
    size_t size = (size_t)sqlite3_column_bytes(row, FAILURE);
    struct transition *transition =
        memory_grow(reading->transitions, &reading->capacity, reading->n + 1, sizeof *transition);

    if (!transition)
        return database_no_memory(reading->storage, error);
    reading->transitions = transition;
    transition += reading->n++;
    *transition = (struct transition){.start_ms = sqlite3_column_int64(row, START_MS),
                                      .before_ms = column_read_time(row, BEFORE_MS, INT64_MIN),
                                      .http_status = sqlite3_column_int(row, HTTP_STATUS),
                                      .failure = ""};
    if (column_read_status(reading->storage, row, STATUS, &transition->status, error))
        return -1;
    if (size >= FAILURE_MAX)
        return database_damaged(reading->storage, error);
    if (size)
        transition->failure = arena_copy(reading->arena, sqlite3_column_blob(row, FAILURE), size);
    return transition->failure ? 0 : database_no_memory(reading->storage, error);
}

/* Calls each for the monitor read so far, if there is one. */
static int call_each(const struct transition_reading *reading, transitions_each_monitor *each,
                     void *context, struct error *error)
{
    if (!reading->owner || reading->n == 0)
        return 0;
    return each(context, reading->owner->index, reading->transitions, reading->n, error);
}

/* Reads a row: the next transition of the same monitor, or the first of another one. */
static int read_row(struct transition_reading *reading, sqlite3_stmt *row,
                    transitions_each_monitor *each, void *context, struct error *error)
{
    int64_t id = sqlite3_column_int64(row, MONITOR);

    if (!reading->owner || reading->owner->id != id) {
        if (call_each(reading, each, context, error))
            return -1;
        reading->owner = owners_find(&reading->storage->monitors, id);
        reading->n = 0;
    }
    return reading->owner ? add_row(reading, row, error) : 0;
}

int transitions_each(struct storage *storage, struct arena *arena, transitions_each_monitor *each,
                     void *context, struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, SQL_LIST_TRANSITIONS);
    struct transition_reading reading = {.storage = storage, .arena = arena};
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        result = read_row(&reading, list, each, context, error);
        if (result)
            break;
    }
    sqlite3_reset(list);
    if (result == 0)
        result = call_each(&reading, each, context, error);
    free(reading.transitions);
    return result;
}
