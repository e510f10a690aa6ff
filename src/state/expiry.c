/* Deletes everything that no timeline and no span needs any more. */
#include "state/expiry.h"

#include "base/clock.h"
#include "model/reach.h"
#include "state/column.h"
#include "state/days.h"
#include "state/minute_index.h"
#include "state/staged.h"

/* How many hours before a bucket a check of the row's monitors can begin and still count. */
static int64_t row_reach_hours(const struct storage *storage, int64_t first_monitor)
{
    const struct owner *end = storage->monitors.by_id + storage->monitors.n;
    const struct owner *owner = owners_from(&storage->monitors, first_monitor);
    int64_t hours = 0;

    for (; owner < end && owner->id < first_monitor + MINUTE_INDEX_MONITORS; owner++) {
        int64_t reach = reach_hours(storage->config->domains[owner->index].interval_seconds);

        if (reach > hours)
            hours = reach;
    }
    return hours;
}

/* The samples that are being deleted. */
struct expiring {
    struct storage *storage;
    int64_t horizon_hour;
};

/* Deletes a row of the minute index if none of its samples counts at the horizon. */
static int delete_row(void *context, sqlite3_stmt *row, struct error *error)
{
    const struct expiring *expiring = context;
    struct storage *storage = expiring->storage;
    int64_t key;

    if (column_read_number(storage, row, 0, COLUMN_KEY, &key, error))
        return -1;
    if (minute_index_key_hour(key) >=
        expiring->horizon_hour - row_reach_hours(storage, minute_index_key_monitor(key)))
        return 0;
    return database_run(storage, database_bind(storage, SQL_DELETE_SAMPLES, key), error);
}

static int delete_samples(struct storage *storage, int64_t horizon_hour, struct error *error)
{
    struct expiring expiring = {storage, horizon_hour};
    sqlite3_stmt *list =
        database_bind(storage, SQL_LIST_KEYS_BEFORE, minute_index_key(horizon_hour, 0));
    int64_t indexed;

    if (storage_get_setting(storage, SETTING_INDEXED_HOUR, &indexed, error) ||
        database_each(storage, list, delete_row, &expiring, error))
        return -1;
    return indexed >= horizon_hour
               ? 0
               : storage_set_setting(storage, SETTING_INDEXED_HOUR, horizon_hour, error);
}

/* Finds the first hour that is needed to count a day. INT64_MIN: all of them. */
static int find_needed_hour(struct storage *storage, int64_t *hour, struct error *error)
{
    int64_t counted, oldest;

    if (storage_get_setting(storage, SETTING_COUNTED_DAY, &counted, error) ||
        staged_oldest(storage, &oldest, error))
        return -1;
    *hour = counted ? (counted + 1) * HOURS_PER_DAY : INT64_MIN;

    /* When a staged result is indexed, its whole day is counted again. */
    if (oldest != INT64_MAX) {
        oldest = clock_floor_div(oldest, MS_PER_DAY) * HOURS_PER_DAY;
        if (oldest < *hour)
            *hour = oldest;
    }
    return 0;
}

/* Runs a statement that deletes everything before `first`. */
static int delete_before(struct storage *storage, enum sql sql, int64_t first, struct error *error)
{
    return database_run(storage, database_bind(storage, sql, first), error);
}

/* A first check that no count supports any more must not keep a monitor old for ever. */
static int forget_first_checks(struct storage *storage, int64_t first_day, struct error *error)
{
    if (first_day < 0)
        return 0;
    return database_run(storage,
                        database_bind(storage, SQL_FORGET_FIRST_CHECKS, first_day, DAYS_LAST,
                                      MS_PER_DAY, MS_PER_MINUTE),
                        error);
}

/* Committed lengths: the event logs are kept longer than the other files of an archive. */
static int delete_archives(struct storage *storage, int64_t first_day, int64_t first_log_day,
                           struct error *error)
{
    sqlite3_stmt *delete =
        database_bind(storage, SQL_DELETE_ARCHIVES_BEFORE, first_day, LEDGER_EVENT_LOG);

    if (database_run(storage, delete, error))
        return -1;
    delete = database_bind(storage, SQL_DELETE_EVENT_LOGS_BEFORE, first_log_day, LEDGER_EVENT_LOG);
    return database_run(storage, delete, error);
}

int expiry_delete(struct storage *storage, int64_t horizon_ms, int64_t first_archive_day,
                  int64_t first_log_day, int64_t first_count_day, struct error *error)
{
    int64_t horizon_hour = clock_floor_div(horizon_ms, MS_PER_HOUR), needed;
    int result = -1;

    if (storage_begin(storage, error))
        return -1;
    if (find_needed_hour(storage, &needed, error) == 0 &&
        (needed == INT64_MIN ||
         delete_samples(storage, needed < horizon_hour ? needed : horizon_hour, error) == 0) &&
        delete_archives(storage, first_archive_day, first_log_day, error) == 0 &&
        delete_before(storage, SQL_DELETE_DAYS_BEFORE, first_count_day, error) == 0 &&
        forget_first_checks(storage, first_count_day, error) == 0)
        result = 0;
    return storage_end(storage, result, error);
}
