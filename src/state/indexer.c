/* Derives the state from rows of the CSV. */
#include "state/indexer.h"

#include "base/clock.h"
#include "model/check.h"
#include "state/column.h"

#include <string.h>

void indexer_begin(struct indexer *indexer, struct minute_index *minute_index, int64_t monitor,
                   const struct monitor_summary *summary, int64_t now_ms)
{
    indexer->minute_index = minute_index;
    indexer->monitor = monitor;
    indexer->now_ms = now_ms;
    indexer->first_ms = summary->first_ms;
    indexer->due_after_ms = summary->due_after_ms;
    indexer->last.start_ms = summary->last_ms;
    indexer->last.status = summary->last_status;
    indexer->last_failure.start_ms = summary->failed_ms;
    indexer->last_failure.status = summary->failed_status;
    indexer->has_last = indexer->has_failure = false;
    indexer->latest_ms = summary->latest_ms;
    indexer->latest_status = summary->latest_status;
}

/*
 * Whether a row is a later check than the one before it in the CSV. Checks of one monitor may
 * overlap and end in another order than they began, but none lasts for a minute. So if the row
 * started more than a minute earlier, the clock was set back and the row is the later check. The
 * same is true if only the other check is ahead of the clock: the CSV is ordered by days, so such a
 * check comes after checks that were made later.
 */
static bool is_later(const struct check *row, const struct check *before, int64_t now_ms)
{
    if (before->status == STATUS_UNKNOWN)
        return true;
    if ((row->start_ms > now_ms) != (before->start_ms > now_ms))
        return before->start_ms > now_ms;
    return row->start_ms >= before->start_ms || row->start_ms < before->start_ms - MS_PER_MINUTE;
}

/* Copies only the bytes that the failure text has, because a check is large. Most have none. */
static void copy_check(struct check *to, const struct check *from)
{
    memcpy(to, from, offsetof(struct check, failure));
    to->failure[0] = '\0';
    if (from->failure[0] != '\0')
        memcpy(to->failure, from->failure, strlen(from->failure) + 1);
}

int indexer_add(struct indexer *indexer, const struct check *check, const struct phases *phases,
                struct error *error)
{
    struct sample sample = {check->start_ms, check_state_of(check->status, check->failure),
                            check->latency_ms};

    if (minute_index_add(indexer->minute_index, indexer->monitor, &sample, error))
        return -1;
    if (indexer->latest_status == STATUS_UNKNOWN || check->start_ms > indexer->latest_ms) {
        indexer->latest_ms = check->start_ms;
        indexer->latest_status = check->status;
    }
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

/* Whether the last check is new, and the last failure too. */
static bool has_last_failed(const struct indexer *indexer)
{
    const struct check *last = &indexer->last, *failure = &indexer->last_failure;

    return indexer->has_last && indexer->has_failure && last->start_ms == failure->start_ms &&
           last->status == failure->status && last->http_status == failure->http_status &&
           last->latency_ms == failure->latency_ms && strcmp(last->failure, failure->failure) == 0;
}

/* Saves the times of the first and the latest check, due_after_ms, and the last check if it is new.
 */
static int save_last(struct indexer *indexer, struct error *error)
{
    struct storage *storage = indexer->minute_index->storage;
    enum sql sql = has_last_failed(indexer) ? SQL_PUT_LAST_FAILED
                   : indexer->has_last      ? SQL_PUT_LAST
                                            : SQL_PUT_DUE_AFTER;
    sqlite3_stmt *put =
        database_bind(storage, sql, indexer->monitor, indexer->first_ms, indexer->due_after_ms,
                      indexer->latest_ms, indexer->latest_status);
    unsigned char bytes[PHASES_BYTES];

    column_bind_time(put, 2, indexer->first_ms, INT64_MAX);
    if (indexer->latest_status == STATUS_UNKNOWN) {
        sqlite3_bind_null(put, 4);
        sqlite3_bind_null(put, 5);
    }
    if (indexer->has_last) {
        column_bind_check(put, 6, &indexer->last);
        column_bind_phases(put, 11, indexer->has_phases ? &indexer->phases : NULL, bytes);
    }
    return database_run(storage, put, error);
}

int indexer_end(struct indexer *indexer, struct error *error)
{
    struct storage *storage = indexer->minute_index->storage;
    sqlite3_stmt *put;

    if (save_last(indexer, error))
        return -1;
    if (!indexer->has_failure || has_last_failed(indexer))
        return 0;
    put = database_bind(storage, SQL_PUT_LAST_FAILURE, indexer->monitor);
    column_bind_check(put, 2, &indexer->last_failure);
    return database_run(storage, put, error);
}
