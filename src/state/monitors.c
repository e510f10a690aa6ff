/* What is known of each monitor, and the results on their way to the CSV. */
#include "base/arena.h"
#include "state/database.h"

#include <stdlib.h>
#include <string.h>

/* Columns of state_list. */
enum { ID, FIRST_MS, SERVED_MS, LATEST_MS, LAST, LAST_PHASES = LAST + 5, FAILED };

static int out_of_memory(const struct storage *storage, struct error *error)
{
    return error_set(error, EXIT_IO, "%s: out of memory", storage->path);
}

/* A check, from this column on: as it is where there is none. */
static int read_recorded(struct storage *storage, sqlite3_stmt *row, int first, struct arena *arena,
                         struct recorded *recorded, struct error *error)
{
    struct check check;

    if (sqlite3_column_type(row, first) == SQLITE_NULL)
        return 0;
    if (database_read_check(storage, row, first, &check, error))
        return -1;
    *recorded =
        (struct recorded){check.start_ms, check.status, check.http_status, check.latency_ms, ""};
    if (check.failure[0])
        recorded->failure = arena_copy(arena, check.failure, strlen(check.failure));
    return recorded->failure ? 0 : out_of_memory(storage, error);
}

static int read_phases(struct storage *storage, sqlite3_stmt *row, struct arena *arena,
                       const struct phases **phases, struct error *error)
{
    struct phases read, *kept;
    bool known;

    if (database_read_phases(storage, row, LAST_PHASES, &read, &known, error))
        return -1;
    if (!known)
        return 0;
    kept = arena_alloc(arena, sizeof *kept);
    if (!kept)
        return out_of_memory(storage, error);
    *kept = read;
    *phases = kept;
    return 0;
}

static int read_row(struct storage *storage, sqlite3_stmt *row, struct arena *arena,
                    struct monitor_state *state, struct error *error)
{
    if (sqlite3_column_type(row, FIRST_MS) != SQLITE_NULL)
        state->first_ms = sqlite3_column_int64(row, FIRST_MS);
    state->due_after_ms = sqlite3_column_int64(row, SERVED_MS);
    if (sqlite3_column_type(row, LATEST_MS) != SQLITE_NULL)
        state->latest_ms = sqlite3_column_int64(row, LATEST_MS);
    return read_phases(storage, row, arena, &state->phases, error) ||
                   read_recorded(storage, row, LAST, arena, &state->last, error) ||
                   read_recorded(storage, row, FAILED, arena, &state->last_failure, error)
               ? -1
               : 0;
}

/* Reads a list of monitors and due_after_ms: the later row of two for one monitor counts. */
static int read_served(struct storage *storage, enum sql sql, int64_t *due_after_ms,
                       struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, sql);
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        const struct owner *owner =
            database_owner(storage->monitors, storage->n_monitors, sqlite3_column_int64(list, 0));

        if (owner)
            due_after_ms[owner->index] = sqlite3_column_int64(list, 1);
    }
    return result;
}

int monitors_load_due_after(struct storage *storage, int64_t **due_after_ms, struct error *error)
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
    *due_after_ms = loaded;
    return 0;
}

static int read_states(struct storage *storage, struct arena *arena, struct monitor_state *states,
                       struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, SQL_STATE_LIST);
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        const struct owner *owner =
            database_owner(storage->monitors, storage->n_monitors, sqlite3_column_int64(list, ID));

        if (owner && (result = read_row(storage, list, arena, &states[owner->index], error)) != 0)
            break;
    }
    sqlite3_reset(list);
    return result;
}

int monitors_load(struct storage *storage, struct arena *arena, struct monitor_state **states,
                  struct error *error)
{
    size_t n = storage->config->n_domains;
    struct monitor_state *loaded = arena_alloc(arena, n * sizeof *loaded);
    int64_t *due_after_ms = NULL;

    if (!loaded)
        return out_of_memory(storage, error);
    for (size_t i = 0; i < n; i++) {
        loaded[i].first_ms = INT64_MAX;
        loaded[i].latest_ms = INT64_MIN;
    }
    if (read_states(storage, arena, loaded, error) ||
        monitors_load_due_after(storage, &due_after_ms, error))
        return -1;
    for (size_t i = 0; i < n; i++)
        loaded[i].due_after_ms = due_after_ms[i];
    free(due_after_ms);
    *states = loaded;
    return 0;
}

/* The numbers of a monitor's results ascend: they go on behind the highest that is staged. */
static int find_number(struct storage *storage, struct error *error)
{
    if (storage->last_number)
        return 0;
    return database_number(storage, database_statement(storage, SQL_STAGED_NEWEST), 0,
                           &storage->last_number, error);
}

static int stage_one(struct storage *storage, const struct staged_result *outcome,
                     struct error *error)
{
    sqlite3_stmt *add = database_statement(storage, SQL_STAGED_ADD);
    unsigned char packed[PHASES_BYTES];

    sqlite3_bind_int64(add, 1, storage->monitor_ids[outcome->domain]);
    sqlite3_bind_int64(add, 2, ++storage->last_number);
    sqlite3_bind_int64(add, 3, outcome->due_after_ms);
    database_bind_check(add, 4, &outcome->check);
    if (outcome->has_phases)
        phases_pack(&outcome->phases, packed);
    database_bind_phases(add, 9, outcome->has_phases ? packed : NULL);
    return database_run(storage, add, error);
}

int staged_add(struct storage *storage, const struct staged_result *staged_results, size_t n,
               struct error *error)
{
    int result;

    if (n == 0)
        return 0;
    if (database_begin(storage, error))
        return -1;
    result = find_number(storage, error);
    for (size_t i = 0; i < n && result == 0; i++)
        result = stage_one(storage, &staged_results[i], error);
    return database_end(storage, result, error);
}
