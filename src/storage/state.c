/* What is known of each monitor, and the results on their way to the CSV. */
#include "storage/database.h"

#include <stdlib.h>

/* Columns of state_list. */
enum { ID, FIRST_MS, SERVED_MS, LAST, FAILED = LAST + 5 };

static int out_of_memory(const struct storage *storage, struct error *error)
{
    return error_set(error, EXIT_IO, "%s: out of memory", storage->path);
}

/* Into a state that is all zero, but for first_ms: it is large, and is not cleared twice. */
static int read_row(struct storage *storage, sqlite3_stmt *statement, struct monitor_state *state,
                    struct error *error)
{
    if (sqlite3_column_type(statement, FIRST_MS) != SQLITE_NULL)
        state->first_ms = sqlite3_column_int64(statement, FIRST_MS);
    state->served_ms = sqlite3_column_int64(statement, SERVED_MS);
    if (sqlite3_column_type(statement, LAST) != SQLITE_NULL &&
        database_read_check(storage, statement, LAST, &state->last, error))
        return -1;
    if (sqlite3_column_type(statement, FAILED) != SQLITE_NULL &&
        database_read_check(storage, statement, FAILED, &state->last_failure, error))
        return -1;
    return 0;
}

/* Reads a list of monitors and served_ms: the later row of two for one monitor counts. */
static int read_served(struct storage *storage, enum sql sql, int64_t *served_ms,
                       struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, sql);
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        const struct owner *owner =
            database_owner(storage->monitors, storage->n_monitors, sqlite3_column_int64(list, 0));

        if (owner)
            served_ms[owner->index] = sqlite3_column_int64(list, 1);
    }
    return result;
}

int storage_load_served(struct storage *storage, int64_t **served_ms, struct error *error)
{
    size_t n = storage->config->n_domains;
    int64_t *loaded = calloc(n ? n : 1, sizeof *loaded);

    if (!loaded)
        return out_of_memory(storage, error);
    if (read_served(storage, SQL_MONITOR_SERVED, loaded, error) ||
        read_served(storage, SQL_STAGED_SERVED, loaded, error)) {
        free(loaded);
        return -1;
    }
    *served_ms = loaded;
    return 0;
}

static int read_states(struct storage *storage, struct monitor_state *states, struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, SQL_STATE_LIST);
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        const struct owner *owner =
            database_owner(storage->monitors, storage->n_monitors, sqlite3_column_int64(list, ID));

        if (owner && (result = read_row(storage, list, &states[owner->index], error)) != 0)
            break;
    }
    sqlite3_reset(list);
    return result;
}

int storage_load_states(struct storage *storage, struct monitor_state **states, struct error *error)
{
    size_t n = storage->config->n_domains;
    struct monitor_state *loaded = calloc(n ? n : 1, sizeof *loaded);
    int64_t *served_ms = NULL;
    int result = -1;

    if (!loaded)
        return out_of_memory(storage, error);
    for (size_t i = 0; i < n; i++)
        loaded[i].first_ms = INT64_MAX;
    if (read_states(storage, loaded, error) || storage_load_served(storage, &served_ms, error))
        goto out;
    for (size_t i = 0; i < n; i++)
        loaded[i].served_ms = served_ms[i];
    *states = loaded;
    loaded = NULL;
    result = 0;
out:
    free(loaded);
    free(served_ms);
    return result;
}

/* The numbers of a monitor's results ascend: they go on behind the highest that is staged. */
static int find_number(struct storage *storage, struct error *error)
{
    if (storage->last_number)
        return 0;
    return database_number(storage, database_statement(storage, SQL_STAGED_NEWEST), 0,
                           &storage->last_number, error);
}

static int stage_one(struct storage *storage, const struct outcome *outcome, struct error *error)
{
    sqlite3_stmt *add = database_statement(storage, SQL_STAGED_ADD);

    sqlite3_bind_int64(add, 1, storage->monitor_ids[outcome->domain]);
    sqlite3_bind_int64(add, 2, ++storage->last_number);
    sqlite3_bind_int64(add, 3, outcome->served_ms);
    database_bind_check(add, 4, &outcome->check);
    return database_run(storage, add, error);
}

int storage_stage(struct storage *storage, const struct outcome *outcomes, size_t n,
                  struct error *error)
{
    int result;

    if (n == 0)
        return 0;
    if (database_begin(storage, error))
        return -1;
    result = find_number(storage, error);
    for (size_t i = 0; i < n && result == 0; i++)
        result = stage_one(storage, &outcomes[i], error);
    return database_end(storage, result, error);
}
