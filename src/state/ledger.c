/* The committed lengths of the CSV files. */
#include "state/ledger.h"

#include "state/column.h"

#include <assert.h>

int ledger_set_live(struct storage *storage, int64_t monitor, const struct ledger_live *live,
                    struct error *error)
{
    sqlite3_stmt *set = database_statement(storage, live->length ? SQL_PUT_LIVE : SQL_DELETE_LIVE);

    sqlite3_bind_int64(set, 1, monitor);
    if (live->length) {
        sqlite3_bind_int64(set, 2, live->length);
        sqlite3_bind_int64(set, 3, live->archived);
    }
    return database_run(storage, set, error);
}

int ledger_next_live(struct storage *storage, struct monitor_id *monitor, struct ledger_live *live,
                     bool *staged, struct error *error)
{
    sqlite3_stmt *next = database_statement(storage, SQL_NEXT_LIVE);
    bool row;
    int result = 0;

    sqlite3_bind_int64(next, 1, monitor->id);
    monitor->id = 0;
    if (database_step(storage, next, &row, error))
        return -1;
    if (row) {
        result = column_read_monitor(storage, next, monitor, error);
        *live = (struct ledger_live){sqlite3_column_int64(next, 3), sqlite3_column_int64(next, 4)};
        *staged = sqlite3_column_int(next, 5);
    }
    sqlite3_reset(next);
    return result;
}

int ledger_get_archive(struct storage *storage, int64_t day, int64_t monitor, int64_t *length,
                       struct error *error)
{
    sqlite3_stmt *get = database_statement(storage, SQL_GET_ARCHIVE);

    sqlite3_bind_int64(get, 1, day);
    sqlite3_bind_int64(get, 2, monitor);
    return database_number(storage, get, 0, length, error);
}

int ledger_set_archive(struct storage *storage, int64_t day, int64_t monitor, int64_t length,
                       struct error *error)
{
    sqlite3_stmt *set = database_statement(storage, length ? SQL_PUT_ARCHIVE : SQL_DELETE_ARCHIVE);

    assert(length >= 0);
    sqlite3_bind_int64(set, 1, day);
    sqlite3_bind_int64(set, 2, monitor);
    if (length)
        sqlite3_bind_int64(set, 3, length);
    return database_run(storage, set, error);
}
