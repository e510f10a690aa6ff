/* Stages results, and lists and deletes the staged ones. */
#include "state/staged.h"

#include "base/memory.h"
#include "state/column.h"

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
    return database_number(storage, database_statement(storage, SQL_NEWEST_STAGED_NUMBER), 0,
                           &storage->last_number, error);
}

static int add_one(struct storage *storage, const struct staged_result *result, struct error *error)
{
    sqlite3_stmt *add = database_statement(storage, SQL_ADD_STAGED);
    unsigned char bytes[PHASES_BYTES];

    assert(result->domain < storage->config->n_domains);
    sqlite3_bind_int64(add, 1, storage->monitors.ids[result->domain]);
    sqlite3_bind_int64(add, 2, ++storage->last_number);
    sqlite3_bind_int64(add, 3, result->due_after_ms);
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
    for (size_t i = 0; i < n && result == 0; i++)
        result = add_one(storage, &results[i], error);
    return storage_end(storage, result, error);
}

/* The monitor whose rows are being read. */
struct staged_reading {
    struct storage *storage;
    struct staged_monitor staged;
    size_t capacity; /* of staged.results */
};

/* Starts a monitor with its first row. */
static int begin_monitor(struct staged_reading *reading, sqlite3_stmt *row, struct error *error)
{
    struct staged_monitor *staged = &reading->staged;

    staged->n = 0;
    staged->live = (struct ledger_live){sqlite3_column_int64(row, LENGTH),
                                        sqlite3_column_int64(row, ARCHIVED)};
    if (column_read_monitor(reading->storage, row, &staged->monitor, error))
        return -1;
    return column_read_summary(reading->storage, row, SUMMARY, &staged->summary, error);
}

static int add_row(struct staged_reading *reading, sqlite3_stmt *row, struct error *error)
{
    struct staged_monitor *staged = &reading->staged;
    struct staged_result *result =
        memory_grow(staged->results, &reading->capacity, staged->n + 1, sizeof *staged->results);

    if (!result)
        return database_no_memory(reading->storage, error);
    staged->results = result;
    result += staged->n++;
    result->number = sqlite3_column_int64(row, NUMBER);
    result->due_after_ms = sqlite3_column_int64(row, DUE_AFTER_MS);
    return column_read_check(reading->storage, row, CHECK, &result->check, error) ||
                   column_read_phases(reading->storage, row, PHASES_COLUMN, &result->phases,
                                      &result->has_phases, error)
               ? -1
               : 0;
}

/* Calls each for the monitor gathered so far, if there is one. */
static int call_each(const struct staged_reading *reading, staged_each_monitor *each, void *context,
                     struct error *error)
{
    return reading->staged.monitor.id ? each(context, &reading->staged, error) : 0;
}

/* Gathers a row: the next result of the same monitor, or the first of another one. */
static int gather_row(struct staged_reading *reading, sqlite3_stmt *row, staged_each_monitor *each,
                      void *context, struct error *error)
{
    int result = 0;

    if (sqlite3_column_int64(row, MONITOR) != reading->staged.monitor.id) {
        result = call_each(reading, each, context, error);
        if (result == 0)
            result = begin_monitor(reading, row, error);
    }
    return result ? result : add_row(reading, row, error);
}

int staged_each(struct storage *storage, staged_each_monitor *each, void *context,
                struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, SQL_LIST_STAGED);
    struct staged_reading reading = {.storage = storage};
    bool row;
    int result;

    assert(storage->depth > 0);
    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        result = gather_row(&reading, list, each, context, error);
        if (result)
            break;
    }
    sqlite3_reset(list);
    if (result == 0)
        result = call_each(&reading, each, context, error);
    free(reading.staged.results);
    return result;
}

int staged_count(struct storage *storage, int max, int *n, bool *all_live, struct error *error)
{
    sqlite3_stmt *count = database_statement(storage, SQL_COUNT_STAGED);
    bool row;

    sqlite3_bind_int(count, 1, max);
    if (database_step(storage, count, &row, error))
        return -1;
    *n = sqlite3_column_int(count, 0);
    *all_live = sqlite3_column_int(count, 1);
    sqlite3_reset(count);
    return 0;
}

/* Runs a statement with these two numbers. */
static int run_with(struct storage *storage, enum sql sql, int64_t first, int64_t second,
                    struct error *error)
{
    sqlite3_stmt *statement = database_statement(storage, sql);

    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, second);
    return database_run(storage, statement, error);
}

int staged_delete_between(struct storage *storage, int64_t after, int64_t before,
                          struct error *error)
{
    return run_with(storage, SQL_DELETE_STAGED_BETWEEN, after, before, error);
}

int staged_delete_all(struct storage *storage, struct error *error)
{
    return database_run(storage, database_statement(storage, SQL_DELETE_STAGED), error);
}

int staged_delete_one(struct storage *storage, int64_t monitor, int64_t number, struct error *error)
{
    return run_with(storage, SQL_DELETE_STAGED_ONE, monitor, number, error);
}
