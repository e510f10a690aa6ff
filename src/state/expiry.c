/* Forgetting what no timeline and no span needs any more. */
#include "base/clock.h"
#include "state/database.h"
#include "state/ledger.h"
#include "state/minute_index.h"
#include "state/transitions.h"

enum { HOURS_PER_DAY = 24, BATCH = 1000 /* as in sql/recent_before.sql */ };

/* The next rows of the index between these two places. */
static int read_batch(struct storage *storage, int64_t after, int64_t before, int64_t batch[BATCH],
                      size_t *n, struct error *error)
{
    sqlite3_stmt *list = database_statement(storage, SQL_RECENT_BEFORE);
    bool row;
    int result;

    *n = 0;
    sqlite3_bind_int64(list, 1, after);
    sqlite3_bind_int64(list, 2, before);
    while ((result = database_step(storage, list, &row, error)) == 0 && row && *n < BATCH)
        batch[(*n)++] = sqlite3_column_int64(list, 0);
    sqlite3_reset(list);
    return result;
}

/* How many hours before a bucket a check of a row's monitors may have started that still speaks for
 * it. */
static int64_t reach_hours(const struct storage *storage, int64_t first_monitor)
{
    const struct owner *end = storage->monitors + storage->n_monitors;
    const struct owner *owner =
        database_owner_from(storage->monitors, storage->n_monitors, first_monitor);
    int64_t hours = 0;

    for (; owner < end && owner->id < first_monitor + MINUTE_INDEX_MONITORS; owner++) {
        int64_t interval_ms =
            (int64_t)storage->config->domains[owner->index].interval_seconds * MS_PER_SECOND;

        if (2 * interval_ms / MS_PER_HOUR + 1 > hours)
            hours = 2 * interval_ms / MS_PER_HOUR + 1;
    }
    return hours;
}

static int prune_recent(struct storage *storage, int64_t horizon_hour, struct error *error)
{
    sqlite3_stmt *forget = database_statement(storage, SQL_RECENT_DELETE);
    int64_t batch[BATCH], last = INT64_MIN;
    size_t n;

    do {
        if (read_batch(storage, last, minute_index_key(horizon_hour, 0), batch, &n, error))
            return -1;
        for (size_t i = 0; i < n; i++) {
            last = batch[i];
            if (minute_index_key_hour(last) >=
                horizon_hour - reach_hours(storage, minute_index_key_monitor(last)))
                continue;
            sqlite3_bind_int64(forget, 1, last);
            if (database_run(storage, forget, error))
                return -1;
        }
    } while (n == BATCH);
    return 0;
}

/* The hour before which neither a day to be counted nor a staged result needs the index. */
static int earliest_need(struct storage *storage, int64_t *hour, struct error *error)
{
    int64_t counted, oldest;

    if (database_get_note(storage, SETTING_COUNTED_DAY, &counted, error) ||
        database_number(storage, database_statement(storage, SQL_STAGED_OLDEST), INT64_MAX, &oldest,
                        error))
        return -1;
    *hour = counted ? (counted + 1) * HOURS_PER_DAY : INT64_MIN;

    /* A staged result makes its day be counted again, from the day's beginning. */
    if (oldest != INT64_MAX) {
        oldest = clock_floor_div(oldest, MS_PER_DAY) * HOURS_PER_DAY;
        if (oldest < *hour)
            *hour = oldest;
    }
    return 0;
}

static int prune_days(struct storage *storage, enum sql sql, int64_t first_day, struct error *error)
{
    sqlite3_stmt *forget = database_statement(storage, sql);

    sqlite3_bind_int64(forget, 1, first_day);
    return database_run(storage, forget, error);
}

/* Those that are too old, and those that are too many. */
static int prune_turns(struct storage *storage, int64_t first_ms, struct error *error)
{
    sqlite3_stmt *forget = database_statement(storage, SQL_TURN_PRUNE);
    sqlite3_stmt *cut = database_statement(storage, SQL_TURN_CUT);

    sqlite3_bind_int64(forget, 1, first_ms);
    sqlite3_bind_int(cut, 1, TRANSITIONS_MAX);
    return database_run(storage, forget, error) || database_run(storage, cut, error) ? -1 : 0;
}

int expiry_delete(struct storage *storage, int64_t horizon_ms, int64_t first_transition_ms,
                  int64_t first_archive_day, int64_t first_count_day, struct error *error)
{
    int64_t horizon_hour = clock_floor_div(horizon_ms, MS_PER_HOUR), need;
    int result = -1;

    if (database_begin(storage, error))
        return -1;
    if (earliest_need(storage, &need, error) == 0 &&
        (need == INT64_MIN ||
         prune_recent(storage, need < horizon_hour ? need : horizon_hour, error) == 0) &&
        prune_turns(storage, first_transition_ms, error) == 0 &&
        prune_days(storage, SQL_ARCHIVE_PRUNE, first_archive_day, error) == 0 &&
        prune_days(storage, SQL_DAY_PRUNE, first_count_day, error) == 0)
        result = 0;
    return database_end(storage, result, error);
}
