/* Loads what the state knows of each monitor. */
#include "state/monitors.h"

#include "state/column.h"

#include <stdlib.h>
#include <string.h>

/* Columns of list_states. */
enum { ID, FIRST_MS, LATEST_MS, LAST, PHASES_COLUMN = LAST + 5, FAILED };

int monitors_find(struct storage *storage, const char *site, const char *domain, int64_t *id,
                  struct error *error)
{
    sqlite3_stmt *find = database_statement(storage, SQL_FIND_MONITOR);
    sqlite3_stmt *add = database_statement(storage, SQL_ADD_MONITOR);

    sqlite3_bind_text(find, 1, site, -1, SQLITE_STATIC);
    sqlite3_bind_text(find, 2, domain, -1, SQLITE_STATIC);
    if (database_number(storage, find, 0, id, error))
        return -1;
    if (*id)
        return 0;
    sqlite3_bind_text(add, 1, site, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 2, domain, -1, SQLITE_STATIC);
    if (database_run(storage, add, error))
        return -1;
    *id = sqlite3_last_insert_rowid(storage->db);
    return 0;
}

bool monitors_is_configured(const struct storage *storage, int64_t monitor, size_t *domain)
{
    const struct owner *owner = owners_find(&storage->monitors, monitor);

    if (owner)
        *domain = owner->index;
    return owner != NULL;
}

/* Reads a check from this column on. If it is NULL, *recorded stays as it is. */
static int read_recorded(struct storage *storage, sqlite3_stmt *row, int first, struct arena *arena,
                         struct recorded *recorded, struct error *error)
{
    struct check check;

    if (sqlite3_column_type(row, first) == SQLITE_NULL)
        return 0;
    if (column_read_check(storage, row, first, &check, error))
        return -1;
    *recorded =
        (struct recorded){check.start_ms, check.status, check.http_status, check.latency_ms, ""};
    if (check.failure[0])
        recorded->failure = arena_copy(arena, check.failure, strlen(check.failure));
    return recorded->failure ? 0 : database_no_memory(storage, error);
}

static int read_phases(struct storage *storage, sqlite3_stmt *row, struct arena *arena,
                       const struct phases **phases, struct error *error)
{
    struct phases read, *copy;
    bool known;

    if (column_read_phases(storage, row, PHASES_COLUMN, &read, &known, error))
        return -1;
    if (!known)
        return 0;
    copy = arena_alloc(arena, sizeof *copy);
    if (!copy)
        return database_no_memory(storage, error);
    *copy = read;
    *phases = copy;
    return 0;
}

static int read_state(struct storage *storage, sqlite3_stmt *row, struct arena *arena,
                      struct monitor_state *state, struct error *error)
{
    state->first_ms = column_read_time(row, FIRST_MS, INT64_MAX);
    state->latest_ms = column_read_time(row, LATEST_MS, INT64_MIN);
    return read_phases(storage, row, arena, &state->phases, error) ||
                   read_recorded(storage, row, LAST, arena, &state->last, error) ||
                   read_recorded(storage, row, FAILED, arena, &state->last_failure, error)
               ? -1
               : 0;
}

static int read_states(struct storage *storage, struct arena *arena, struct monitor_state *states,
                       struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, SQL_LIST_STATES);
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        const struct owner *owner = owners_find(&storage->monitors, sqlite3_column_int64(list, ID));

        if (owner && (result = read_state(storage, list, arena, &states[owner->index], error)) != 0)
            break;
    }
    sqlite3_reset(list);
    return result;
}

/* Reads a list of monitors and due_after_ms. Of two rows for one monitor, the later one counts. */
static int read_due_after(struct storage *storage, enum sql sql, int64_t *due_after_ms,
                          struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, sql);
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        const struct owner *owner = owners_find(&storage->monitors, sqlite3_column_int64(list, 0));

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
        return database_no_memory(storage, error);
    if (read_due_after(storage, SQL_LIST_DUE_AFTER, loaded, error) ||
        read_due_after(storage, SQL_LIST_STAGED_DUE_AFTER, loaded, error)) {
        free(loaded);
        return -1;
    }
    *due_after_ms = loaded;
    return 0;
}

int monitors_load(struct storage *storage, struct arena *arena, struct monitor_state **states,
                  struct error *error)
{
    size_t n = storage->config->n_domains;
    struct monitor_state *loaded = arena_alloc(arena, n * sizeof *loaded);
    int64_t *due_after_ms = NULL;

    if (!loaded)
        return database_no_memory(storage, error);
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

int monitors_load_summary(struct storage *storage, int64_t monitor, struct monitor_summary *summary,
                          struct error *error)
{
    sqlite3_stmt *get = database_statement(storage, SQL_GET_SUMMARY);
    bool row;
    int result;

    sqlite3_bind_int64(get, 1, monitor);
    if (database_step(storage, get, &row, error))
        return -1;
    result = row ? column_read_summary(storage, get, 0, summary, error)
                 : database_damaged(storage, error);
    sqlite3_reset(get);
    return result;
}
