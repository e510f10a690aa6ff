#include "state/indexer.h"

#include "base/clock.h"
#include "state/database.h"

#include <string.h>

int indexer_read_known(struct monitor_summary *known, struct storage *storage, sqlite3_stmt *row,
                       int first, struct error *error)
{
    known->first_ms = sqlite3_column_type(row, first) == SQLITE_NULL
                          ? INT64_MAX
                          : sqlite3_column_int64(row, first);
    known->due_after_ms = sqlite3_column_int64(row, first + 1);
    known->last_ms = sqlite3_column_int64(row, first + 2);
    known->failed_ms = sqlite3_column_int64(row, first + 4);
    known->latest_ms = sqlite3_column_int64(row, first + 6);
    return database_read_status(storage, row, first + 3, &known->last_status, error) ||
                   database_read_status(storage, row, first + 5, &known->failed_status, error) ||
                   database_read_status(storage, row, first + 7, &known->latest_status, error)
               ? -1
               : 0;
}

int indexer_load(struct monitor_summary *known, struct storage *storage, int64_t monitor,
                 struct error *error)
{
    sqlite3_stmt *get = database_statement(storage, SQL_STATE_GET);
    bool row;
    int result;

    sqlite3_bind_int64(get, 1, monitor);
    if (database_step(storage, get, &row, error))
        return -1;
    result =
        row ? indexer_read_known(known, storage, get, 0, error) : database_damaged(storage, error);
    sqlite3_reset(get);
    return result;
}

void indexer_begin(struct indexer *indexer, struct minute_index *minute_index, int64_t monitor,
                   const struct monitor_summary *known, int64_t now_ms)
{
    indexer->minute_index = minute_index;
    indexer->monitor = monitor;
    indexer->now_ms = now_ms;
    indexer->first_ms = known->first_ms;
    indexer->due_after_ms = known->due_after_ms;
    indexer->last.start_ms = known->last_ms;
    indexer->last.status = known->last_status;
    indexer->last_failure.start_ms = known->failed_ms;
    indexer->last_failure.status = known->failed_status;
    indexer->has_last = indexer->has_failure = false;
    transitions_begin(&indexer->transitions, minute_index, monitor, known->latest_ms,
                      known->latest_status);
}

/*
 * Whether a row that follows in the CSV is the later check of the two. Checks of one monitor may
 * overlap, and then end in another order than they started; but each lasts less than a minute, so
 * one that started longer before tells of a clock that was set back, and is the later. So does one
 * that lies ahead of the clock: in the CSV, where days follow each other, it stands behind the
 * later rows.
 */
static bool is_later(const struct check *row, const struct check *known, int64_t now_ms)
{
    if (known->status == STATUS_UNKNOWN)
        return true;
    if ((row->start_ms > now_ms) != (known->start_ms > now_ms))
        return known->start_ms > now_ms;
    return row->start_ms >= known->start_ms || row->start_ms < known->start_ms - MS_PER_MINUTE;
}

/* Copies the failure's text as far as it goes, and not all the room it may take. */
static void copy_check(struct check *to, const struct check *from)
{
    memcpy(to, from, offsetof(struct check, failure));
    memcpy(to->failure, from->failure, strlen(from->failure) + 1);
}

int indexer_add(struct indexer *indexer, const struct check *check, const struct phases *phases,
                struct error *error)
{
    struct sample sample = {check->start_ms, check->status, check->latency_ms};

    if (transitions_add(&indexer->transitions, check, error) ||
        minute_index_add(indexer->minute_index, indexer->monitor, &sample, error))
        return -1;
    if (check->start_ms < indexer->first_ms)
        indexer->first_ms = check->start_ms;
    if (is_later(check, &indexer->last, indexer->now_ms)) {
        copy_check(&indexer->last, check);
        indexer->has_last = true;
        indexer->has_phases = phases != NULL;
        if (phases)
            indexer->phases = *phases;
    }
    if (check->status != STATUS_UP && is_later(check, &indexer->last_failure, indexer->now_ms)) {
        copy_check(&indexer->last_failure, check);
        indexer->has_failure = true;
    }
    return 0;
}

/* The check that is the latest in time. */
static void bind_latest(sqlite3_stmt *put, int first, const struct transitions *transitions)
{
    bool none = transitions->latest_status == STATUS_UNKNOWN;

    if (none)
        sqlite3_bind_null(put, first);
    else
        sqlite3_bind_int64(put, first, transitions->latest_ms);
    if (none)
        sqlite3_bind_null(put, first + 1);
    else
        sqlite3_bind_int(put, first + 1, (int)transitions->latest_status);
}

/* When it was first checked, up to when it is served; and its last check, where that has changed.
 */
static int save_last(struct indexer *indexer, struct error *error)
{
    sqlite3_stmt *put = database_statement(indexer->minute_index->storage,
                                           indexer->has_last ? SQL_STATE_PUT : SQL_SERVED_PUT);
    unsigned char packed[PHASES_BYTES];

    sqlite3_bind_int64(put, 1, indexer->monitor);
    if (indexer->first_ms == INT64_MAX)
        sqlite3_bind_null(put, 2);
    else
        sqlite3_bind_int64(put, 2, indexer->first_ms);
    sqlite3_bind_int64(put, 3, indexer->due_after_ms);
    bind_latest(put, 4, &indexer->transitions);
    if (indexer->has_last) {
        if (indexer->has_phases)
            phases_pack(&indexer->phases, packed);
        database_bind_check(put, 6, &indexer->last);
        database_bind_phases(put, 11, indexer->has_phases ? packed : NULL);
    }
    return database_run(indexer->minute_index->storage, put, error);
}

static int save_failure(struct indexer *indexer, struct error *error)
{
    sqlite3_stmt *put = database_statement(indexer->minute_index->storage, SQL_FAILED_PUT);

    if (!indexer->has_failure)
        return 0;
    sqlite3_bind_int64(put, 1, indexer->monitor);
    database_bind_check(put, 2, &indexer->last_failure);
    return database_run(indexer->minute_index->storage, put, error);
}

int indexer_end(struct indexer *indexer, struct error *error)
{
    return save_last(indexer, error) || save_failure(indexer, error) ? -1 : 0;
}
