/* The results on their way to the CSV, as the journal reads and forgets them. */
#include "state/database.h"
#include "state/ledger.h"

#include <stdlib.h>

/* Columns of pending_list, of which the first three are a monitor's. */
enum {
    MONITOR,
    LENGTH = 3,
    ARCHIVED,
    KNOWN,
    NUMBER = KNOWN + 8,
    SERVED_MS,
    CHECK,
    CHECK_PHASES = CHECK + 5
};

/* The monitor whose rows are being read, with room for its results. */
struct gathering {
    struct storage *storage;
    struct staged_monitor pending;
    size_t room;
};

/* What a monitor's first row says of it. */
static int begin_monitor(struct gathering *gathering, sqlite3_stmt *row, struct error *error)
{
    struct staged_monitor *pending = &gathering->pending;

    pending->n = 0;
    pending->live = (struct ledger_live){sqlite3_column_int64(row, LENGTH),
                                         sqlite3_column_int64(row, ARCHIVED)};
    if (database_read_monitor(gathering->storage, row, &pending->monitor, error))
        return -1;
    return indexer_read_known(&pending->known, gathering->storage, row, KNOWN, error);
}

static int add_result(struct gathering *gathering, sqlite3_stmt *row, struct error *error)
{
    struct staged_monitor *pending = &gathering->pending;
    struct staged *one;

    if (pending->n == gathering->room) {
        size_t larger = gathering->room ? 2 * gathering->room : 8;
        struct staged *grown = realloc(pending->staged, larger * sizeof *grown);

        if (!grown)
            return error_set(error, EXIT_IO, "%s: out of memory", gathering->storage->path);
        pending->staged = grown;
        gathering->room = larger;
    }
    one = &pending->staged[pending->n++];
    one->number = sqlite3_column_int64(row, NUMBER);
    one->due_after_ms = sqlite3_column_int64(row, SERVED_MS);
    return database_read_check(gathering->storage, row, CHECK, &one->check, error) ||
                   database_read_phases(gathering->storage, row, CHECK_PHASES, &one->phases,
                                        &one->has_phases, error)
               ? -1
               : 0;
}

/* Gives the monitor gathered so far, if there is one. */
static int give(const struct gathering *gathering, staged_each_monitor *each, void *context,
                struct error *error)
{
    return gathering->pending.monitor.id ? each(context, &gathering->pending, error) : 0;
}

/* Takes a row: the next result of the monitor at hand, or the first of another. */
static int take_row(struct gathering *gathering, sqlite3_stmt *row, staged_each_monitor *each,
                    void *context, struct error *error)
{
    int result = 0;

    if (sqlite3_column_int64(row, MONITOR) != gathering->pending.monitor.id) {
        result = give(gathering, each, context, error);
        if (result == 0)
            result = begin_monitor(gathering, row, error);
    }
    return result ? result : add_result(gathering, row, error);
}

int staged_each(struct storage *storage, staged_each_monitor *each, void *context,
                struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, SQL_PENDING_LIST);
    struct gathering gathering = {.storage = storage};
    bool row;
    int result;

    while ((result = database_step(storage, list, &row, error)) == 0 && row) {
        result = take_row(&gathering, list, each, context, error);
        if (result)
            break;
    }
    sqlite3_reset(list);
    if (result == 0)
        result = give(&gathering, each, context, error);
    free(gathering.pending.staged);
    return result;
}

int staged_count(struct storage *storage, int most, int *n, bool *all_live, struct error *error)
{
    sqlite3_stmt *count = database_statement(storage, SQL_PENDING_COUNT);
    bool row;

    sqlite3_bind_int(count, 1, most);
    if (database_step(storage, count, &row, error))
        return -1;
    *n = sqlite3_column_int(count, 0);
    *all_live = sqlite3_column_int(count, 1);
    sqlite3_reset(count);
    return 0;
}

int staged_delete_between(struct storage *storage, int64_t after, int64_t before,
                          struct error *error)
{
    sqlite3_stmt *forget = database_statement(storage, SQL_STAGED_DELETE);

    sqlite3_bind_int64(forget, 1, after);
    sqlite3_bind_int64(forget, 2, before);
    return database_run(storage, forget, error);
}

int staged_delete_all(struct storage *storage, struct error *error)
{
    return database_run(storage, database_statement(storage, SQL_STAGED_CLEAR), error);
}

int staged_delete_one(struct storage *storage, int64_t monitor, int64_t number, struct error *error)
{
    sqlite3_stmt *forget = database_statement(storage, SQL_STAGED_DELETE_ONE);

    sqlite3_bind_int64(forget, 1, monitor);
    sqlite3_bind_int64(forget, 2, number);
    return database_run(storage, forget, error);
}
