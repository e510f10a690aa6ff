/* Stages results, and lists and deletes the staged ones. */
#include "state/staged.h"

#include "base/memory.h"
#include "state/column.h"
#include "state/monitor_conditions.h"

#include <assert.h>
#include <stdlib.h>

/* Columns of list_staged; the first three are the monitor's. */
enum {
    MONITOR,
    LENGTH = 3,
    ARCHIVED,
    SUMMARY,
    NUMBER = SUMMARY + 8,
    DUE_AFTER_MS,
    CHECK,
    PHASES_COLUMN = CHECK + 5
};

/* Numbers of results ascend: the next one is above all that are still staged. */
static int find_last_number(struct storage *storage, struct error *error)
{
    if (storage->last_number)
        return 0;
    return column_fetch(storage, database_statement(storage, SQL_NEWEST_STAGED_NUMBER),
                        COLUMN_NUMBER, 0, &storage->last_number, error);
}

static int add_one(struct storage *storage, int64_t monitor, const struct staged_result *result,
                   struct error *error)
{
    int64_t number = ++storage->last_number;
    sqlite3_stmt *add =
        database_bind(storage, SQL_ADD_STAGED, monitor, number, result->due_after_ms);
    unsigned char bytes[PHASES_BYTES];

    column_bind_check(add, 4, &result->check);
    column_bind_phases(add, 9, result->has_phases ? &result->phases : NULL, bytes);
    return database_run(storage, add, error);
}

int staged_add(struct storage *storage, const struct staged_result *results, size_t n,
               struct error *error)
{
    int result;

    if (n == 0)
        return 0;
    if (storage_begin(storage, error))
        return -1;
    result = find_last_number(storage, error);
    for (size_t i = 0; i < n && result == 0; i++) {
        assert(results[i].domain < storage->config->n_domains);
        result = add_one(storage, storage->monitors.ids[results[i].domain], &results[i], error);
        if (result == 0)
            result =
                monitor_conditions_add_check(storage, results[i].domain, &results[i].check, error);
    }
    return storage_end(storage, result, error);
}

int staged_has(struct storage *storage, int64_t monitor, int64_t start_ms, bool *has,
               struct error *error)
{
    int64_t n = 0;
    int result = database_number(
        storage, database_bind(storage, SQL_COUNT_STAGED_AT, monitor, start_ms), 0, &n, error);

    *has = n > 0;
    return result;
}

int staged_add_once(struct storage *storage, int64_t monitor, const struct staged_result *result,
                    bool *is_new, struct error *error)
{
    bool has;

    assert(storage->depth > 0);
    if (find_last_number(storage, error) ||
        staged_has(storage, monitor, result->check.start_ms, &has, error))
        return -1;
    *is_new = !has;
    return has ? 0 : add_one(storage, monitor, result, error);
}

/* The monitor whose rows are being read, for the caller of staged_each. */
struct staged_reading {
    struct storage *storage;
    struct staged_monitor staged;
    size_t capacity; /* of staged.results */
    staged_each_monitor *each;
    void *context;
};

/* Starts a monitor with its first row. */
static int begin_monitor(struct staged_reading *reading, sqlite3_stmt *row, struct error *error)
{
    struct staged_monitor *staged = &reading->staged;

    staged->n = 0;
    if (column_read_live(reading->storage, row, LENGTH, &staged->live, error) ||
        column_read_monitor(reading->storage, row, &staged->monitor, error))
        return -1;
    return column_read_summary(reading->storage, row, SUMMARY, &staged->summary, error);
}

/* Calls each for the monitor read so far, if there is one. */
static int call_each(const struct staged_reading *reading, struct error *error)
{
    return reading->staged.monitor.id ? reading->each(reading->context, &reading->staged, error)
                                      : 0;
}

/* Reads a row: the next result of the same monitor, or the first of another one. */
static int read_row(void *context, sqlite3_stmt *row, struct error *error)
{
    struct staged_reading *reading = context;
    struct staged_monitor *staged = &reading->staged;
    struct staged_result *result;
    int64_t id;
    int stopped;

    if (column_read_number(reading->storage, row, MONITOR, COLUMN_MONITOR, &id, error))
        return -1;
    if (id < staged->monitor.id)
        return database_damaged(reading->storage, error);
    if (id != staged->monitor.id) {
        if ((stopped = call_each(reading, error)) != 0)
            return stopped;
        if (begin_monitor(reading, row, error))
            return -1;
    }
    result = memory_grow(staged->results, &reading->capacity, staged->n + 1, sizeof *result);
    if (!result)
        return database_no_memory(reading->storage, error);
    staged->results = result;
    result += staged->n++;
    if (column_read_number(reading->storage, row, NUMBER, COLUMN_NUMBER, &result->number, error) ||
        column_read_number(reading->storage, row, DUE_AFTER_MS, COLUMN_TIME, &result->due_after_ms,
                           error) ||
        column_read_check(reading->storage, row, CHECK, &result->check, error))
        return -1;

    /* Pages that form a circle would give the same rows without end. */
    if (staged->n > 1 && result->number <= result[-1].number)
        return database_damaged(reading->storage, error);
    return column_read_phases(reading->storage, row, PHASES_COLUMN, &result->phases,
                              &result->has_phases, error);
}

int staged_each(struct storage *storage, staged_each_monitor *each, void *context,
                struct error *error)
{
    struct staged_reading reading = {.storage = storage, .each = each, .context = context};
    int result;

    assert(storage->depth > 0);
    result = database_each(storage, database_statement(storage, SQL_LIST_STAGED), read_row,
                           &reading, error);
    if (result == 0)
        result = call_each(&reading, error);
    free(reading.staged.results);
    return result;
}

int staged_count(struct storage *storage, int max, int *n, bool *all_live, bool *has_events,
                 struct error *error)
{
    sqlite3_stmt *count = database_bind(storage, SQL_COUNT_STAGED, max);

    if (database_step(storage, count, error) < 0)
        return -1;
    *n = sqlite3_column_int(count, 0);
    *all_live = sqlite3_column_int(count, 1);
    *has_events = sqlite3_column_int(count, 2);
    sqlite3_reset(count);
    return 0;
}

int staged_oldest(struct storage *storage, int64_t *start_ms, struct error *error)
{
    return column_fetch(storage, database_statement(storage, SQL_OLDEST_STAGED), COLUMN_TIME,
                        INT64_MAX, start_ms, error);
}

int staged_delete_between(struct storage *storage, int64_t after, int64_t before,
                          struct error *error)
{
    return database_run(storage, database_bind(storage, SQL_DELETE_STAGED_BETWEEN, after, before),
                        error);
}

int staged_delete_all(struct storage *storage, struct error *error)
{
    return database_run(storage, database_statement(storage, SQL_DELETE_STAGED), error);
}

int staged_delete_one(struct storage *storage, int64_t monitor, int64_t number, struct error *error)
{
    return database_run(storage, database_bind(storage, SQL_DELETE_STAGED_ONE, monitor, number),
                        error);
}
