/* The committed lengths of the CSV files. */
#include "state/ledger.h"

#include "state/column.h"
#include "state/minute_index.h"

_Static_assert((int)LEDGER_EVENT_LOG > (int)MINUTE_INDEX_MONITOR_MAX, "no monitor has this id");

const struct monitor_id ledger_event_log = {.id = LEDGER_EVENT_LOG, .site = "", .domain = "events"};

bool ledger_is_event_log(const struct monitor_id *monitor)
{
    return monitor->site[0] == '\0';
}

int ledger_set_live(struct storage *storage, int64_t monitor, const struct ledger_live *live,
                    struct error *error)
{
    sqlite3_stmt *set =
        live->length ? database_bind(storage, SQL_PUT_LIVE, monitor, live->length, live->archived)
                     : database_bind(storage, SQL_DELETE_LIVE, monitor);

    return database_run(storage, set, error);
}

/* The first column is the id; the event log has no others. */
static int read_monitor(struct storage *storage, sqlite3_stmt *row, struct monitor_id *monitor,
                        struct error *error)
{
    if (sqlite3_column_int64(row, 0) != LEDGER_EVENT_LOG)
        return column_read_monitor(storage, row, monitor, error);
    *monitor = ledger_event_log;
    return 0;
}

int ledger_next_live(struct storage *storage, struct monitor_id *monitor, struct ledger_live *live,
                     bool *staged, struct error *error)
{
    int64_t after = monitor->id;
    sqlite3_stmt *next = database_bind(storage, SQL_NEXT_LIVE, after, LEDGER_EVENT_LOG);
    int result = database_step(storage, next, error);

    monitor->id = 0;
    if (result > 0) {
        result = read_monitor(storage, next, monitor, error) ||
                         column_read_live(storage, next, 3, live, error)
                     ? -1
                     : 0;
        *staged = sqlite3_column_int(next, 5);
        if (result == 0 && monitor->id <= after)
            result = database_damaged(storage, error);
        sqlite3_reset(next);
    }
    return result;
}

int ledger_get_live(struct storage *storage, int64_t monitor, struct ledger_live *live,
                    bool *staged, struct error *error)
{
    sqlite3_stmt *get = database_bind(storage, SQL_GET_LIVE, monitor, LEDGER_EVENT_LOG);
    int result;

    if (database_step(storage, get, error) < 0)
        return -1;
    result = column_read_live(storage, get, 0, live, error);
    *staged = sqlite3_column_int(get, 2);
    sqlite3_reset(get);
    return result;
}

int ledger_count_live(struct storage *storage, int64_t *n, struct error *error)
{
    return database_number(storage, database_statement(storage, SQL_COUNT_LIVE), 0, n, error);
}

int ledger_count_archives(struct storage *storage, int64_t first_day, int64_t first_event_day,
                          int64_t *n, struct error *error)
{
    return database_number(
        storage,
        database_bind(storage, SQL_COUNT_ARCHIVES, first_day, first_event_day, LEDGER_EVENT_LOG), 0,
        n, error);
}

int ledger_get_archive(struct storage *storage, int64_t day, int64_t monitor, int64_t *length,
                       struct error *error)
{
    return column_fetch(storage, database_bind(storage, SQL_GET_ARCHIVE, day, monitor),
                        COLUMN_LENGTH, 0, length, error);
}

int ledger_set_archive(struct storage *storage, int64_t day, int64_t monitor, int64_t length,
                       struct error *error)
{
    return database_run(storage,
                        length ? database_bind(storage, SQL_PUT_ARCHIVE, day, monitor, length)
                               : database_bind(storage, SQL_DELETE_ARCHIVE, day, monitor),
                        error);
}
