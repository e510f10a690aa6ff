/* Finds monitors, and loads their last checks. */
#include "state/monitors.h"

#include "model/retry_after.h"
#include "state/column.h"

#include <stdlib.h>
#include <string.h>

/* Columns of list_states. */
enum { ID, FIRST_MS, LATEST_MS, DUE_AFTER_MS, LAST, PHASES_COLUMN = LAST + 5, FAILED };

int monitors_lookup(struct storage *storage, const char *site, const char *domain, int64_t *id,
                    struct error *error)
{
    sqlite3_stmt *find = database_statement(storage, SQL_FIND_MONITOR);

    sqlite3_bind_text(find, 1, site, -1, SQLITE_STATIC);
    sqlite3_bind_text(find, 2, domain, -1, SQLITE_STATIC);
    return column_fetch(storage, find, COLUMN_MONITOR, 0, id, error);
}

int monitors_find(struct storage *storage, const char *site, const char *domain, int64_t *id,
                  struct error *error)
{
    sqlite3_stmt *add;

    if (monitors_lookup(storage, site, domain, id, error))
        return -1;
    if (*id)
        return 0;
    add = database_statement(storage, SQL_ADD_MONITOR);
    sqlite3_bind_text(add, 1, site, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 2, domain, -1, SQLITE_STATIC);
    if (database_run(storage, add, error))
        return -1;
    *id = sqlite3_last_insert_rowid(storage->db);
    return column_is_in_range(COLUMN_MONITOR, *id) ? 0 : database_damaged(storage, error);
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
    struct phases *copy = arena_alloc(arena, sizeof *copy);
    bool has_phases;

    if (!copy)
        return database_no_memory(storage, error);
    if (column_read_phases(storage, row, PHASES_COLUMN, copy, &has_phases, error))
        return -1;
    *phases = has_phases ? copy : NULL;
    return 0;
}

/* Until when a check asks to wait that ended then, with this failure text. */
static int64_t find_wait(int64_t end_ms, const char *failure)
{
    return column_is_in_range(COLUMN_TIME, end_ms) ? retry_after_until(end_ms, failure) : 0;
}

/* The same of a check with this status: as in list_due_after. */
static int64_t find_wait_of(const struct recorded *check)
{
    enum { TOO_MANY_REQUESTS = 429, SERVICE_UNAVAILABLE = 503 };

    if (check->http_status != TOO_MANY_REQUESTS && check->http_status != SERVICE_UNAVAILABLE)
        return 0;
    return find_wait(check->start_ms + check->latency_ms, check->failure);
}

/* A load under way. */
struct state_loading {
    struct storage *storage;
    struct arena *arena;
    struct monitor_state *states; /* one for each domain of the configuration */
};

/* Reads a row of list_states. */
static int read_state(void *context, sqlite3_stmt *row, struct error *error)
{
    const struct state_loading *loading = context;
    struct storage *storage = loading->storage;
    const struct owner *owner;
    struct monitor_state *state;
    int64_t id;

    if (column_read_number(storage, row, ID, COLUMN_MONITOR, &id, error))
        return -1;
    owner = owners_find(&storage->monitors, id);
    if (!owner)
        return 0;
    state = &loading->states[owner->index];
    if (column_read_optional(storage, row, FIRST_MS, COLUMN_TIME, INT64_MAX, &state->first_ms,
                             error) ||
        column_read_optional(storage, row, LATEST_MS, COLUMN_TIME, INT64_MIN, &state->latest_ms,
                             error) ||
        column_read_number(storage, row, DUE_AFTER_MS, COLUMN_TIME, &state->due_after_ms, error) ||
        read_phases(storage, row, loading->arena, &state->phases, error) ||
        read_recorded(storage, row, LAST, loading->arena, &state->last, error))
        return -1;
    state->wait_until_ms = find_wait_of(&state->last);
    return read_recorded(storage, row, FAILED, loading->arena, &state->last_failure, error);
}

/* Reads a row of a list of monitors and due_after_ms: its monitor, and until when its check asks to
 * wait. When that ended, and its failure text, may be NULL. *owner is NULL if it is not configured.
 */
static int read_due_after(struct storage *storage, sqlite3_stmt *row, const struct owner **owner,
                          int64_t *due_after_ms, int64_t *wait_until_ms, struct error *error)
{
    enum { MONITOR, DUE, END, FAILURE };
    char failure[FAILURE_MAX];
    int64_t id, end_ms;

    *wait_until_ms = 0;
    if (column_read_number(storage, row, MONITOR, COLUMN_MONITOR, &id, error) ||
        column_read_number(storage, row, DUE, COLUMN_TIME, due_after_ms, error))
        return -1;
    *owner = owners_find(&storage->monitors, id);
    if (sqlite3_column_type(row, FAILURE) == SQLITE_NULL)
        return 0;
    if (column_read_optional(storage, row, END, COLUMN_ANY, -1, &end_ms, error) ||
        column_read_text(storage, row, FAILURE, failure, sizeof failure, error))
        return -1;
    *wait_until_ms = find_wait(end_ms, failure);
    return 0;
}

/* Of two rows for one monitor, the later one counts. */
static int read_staged_state(void *context, sqlite3_stmt *row, struct error *error)
{
    const struct state_loading *loading = context;
    int64_t due_after_ms, wait_until_ms;
    const struct owner *owner;

    if (read_due_after(loading->storage, row, &owner, &due_after_ms, &wait_until_ms, error))
        return -1;
    if (owner) {
        loading->states[owner->index].due_after_ms = due_after_ms;
        loading->states[owner->index].wait_until_ms = wait_until_ms;
    }
    return 0;
}

int monitors_load(struct storage *storage, struct arena *arena, struct monitor_state **states,
                  struct error *error)
{
    size_t n = storage->config->n_domains;
    struct state_loading loading = {storage, arena, arena_alloc(arena, n * sizeof **states)};

    if (!loading.states)
        return database_no_memory(storage, error);
    for (size_t i = 0; i < n; i++) {
        loading.states[i].first_ms = INT64_MAX;
        loading.states[i].latest_ms = INT64_MIN;
    }
    *states = loading.states;
    if (database_each(storage, database_statement(storage, SQL_LIST_STATES), read_state, &loading,
                      error))
        return -1;
    return database_each(storage, database_statement(storage, SQL_LIST_STAGED_DUE_AFTER),
                         read_staged_state, &loading, error);
}

struct due_after_loading {
    struct storage *storage;
    int64_t *due_after_ms, *wait_until_ms; /* one for each domain of the configuration */
};

/* The same without the states. */
static int read_schedule(void *context, sqlite3_stmt *row, struct error *error)
{
    const struct due_after_loading *loading = context;
    int64_t due_after_ms, wait_until_ms;
    const struct owner *owner;

    if (read_due_after(loading->storage, row, &owner, &due_after_ms, &wait_until_ms, error))
        return -1;
    if (owner) {
        loading->due_after_ms[owner->index] = due_after_ms;
        loading->wait_until_ms[owner->index] = wait_until_ms;
    }
    return 0;
}

int monitors_load_due_after(struct storage *storage, int64_t **due_after_ms,
                            int64_t **wait_until_ms, struct error *error)
{
    size_t n = storage->config->n_domains ? storage->config->n_domains : 1;
    struct due_after_loading loading = {storage, calloc(n, sizeof **due_after_ms),
                                        calloc(n, sizeof **wait_until_ms)};
    int result = 0;

    if (!loading.due_after_ms || !loading.wait_until_ms)
        result = database_no_memory(storage, error);
    if (result ||
        database_each(storage, database_statement(storage, SQL_LIST_DUE_AFTER), read_schedule,
                      &loading, error) ||
        database_each(storage, database_statement(storage, SQL_LIST_STAGED_DUE_AFTER),
                      read_schedule, &loading, error)) {
        free(loading.due_after_ms);
        free(loading.wait_until_ms);
        return -1;
    }
    *due_after_ms = loading.due_after_ms;
    *wait_until_ms = loading.wait_until_ms;
    return 0;
}

int monitors_load_summary(struct storage *storage, int64_t monitor, struct monitor_summary *summary,
                          struct error *error)
{
    sqlite3_stmt *get = database_bind(storage, SQL_GET_SUMMARY, monitor);
    int result = database_step(storage, get, error);

    if (result < 0)
        return -1;
    result = result ? column_read_summary(storage, get, 0, summary, error)
                    : database_damaged(storage, error);
    sqlite3_reset(get);
    return result;
}
