#include "storage/digest.h"

#include "base/clock.h"
#include "storage/database.h"

#include <string.h>

int digest_read_known(struct known *known, struct storage *storage, sqlite3_stmt *row, int first,
                      struct error *error)
{
    known->first_ms = sqlite3_column_type(row, first) == SQLITE_NULL
                          ? INT64_MAX
                          : sqlite3_column_int64(row, first);
    known->served_ms = sqlite3_column_int64(row, first + 1);
    known->last_ms = sqlite3_column_int64(row, first + 2);
    known->failed_ms = sqlite3_column_int64(row, first + 4);
    known->latest_ms = sqlite3_column_int64(row, first + 6);
    return database_read_status(storage, row, first + 3, &known->last_status, error) ||
                   database_read_status(storage, row, first + 5, &known->failed_status, error) ||
                   database_read_status(storage, row, first + 7, &known->latest_status, error)
               ? -1
               : 0;
}

int digest_load(struct known *known, struct storage *storage, int64_t monitor, struct error *error)
{
    sqlite3_stmt *get = database_statement(storage, SQL_STATE_GET);
    bool row;
    int result;

    sqlite3_bind_int64(get, 1, monitor);
    if (database_step(storage, get, &row, error))
        return -1;
    result =
        row ? digest_read_known(known, storage, get, 0, error) : database_damaged(storage, error);
    sqlite3_reset(get);
    return result;
}

void digest_begin(struct digest *digest, struct recent *recent, int64_t monitor,
                  const struct known *known, int64_t now_ms)
{
    digest->recent = recent;
    digest->monitor = monitor;
    digest->now_ms = now_ms;
    digest->first_ms = known->first_ms;
    digest->served_ms = known->served_ms;
    digest->last.start_ms = known->last_ms;
    digest->last.status = known->last_status;
    digest->last_failure.start_ms = known->failed_ms;
    digest->last_failure.status = known->failed_status;
    digest->has_last = digest->has_failure = false;
    turns_begin(&digest->turns, recent, monitor, known->latest_ms, known->latest_status);
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

int digest_add(struct digest *digest, const struct check *check, const struct phases *phases,
               struct error *error)
{
    struct mark mark = {check->start_ms, check->status, check->latency_ms};

    if (turns_add(&digest->turns, check, error) ||
        recent_add(digest->recent, digest->monitor, &mark, error))
        return -1;
    if (check->start_ms < digest->first_ms)
        digest->first_ms = check->start_ms;
    if (is_later(check, &digest->last, digest->now_ms)) {
        copy_check(&digest->last, check);
        digest->has_last = true;
        digest->has_phases = phases != NULL;
        if (phases)
            digest->phases = *phases;
    }
    if (check->status != STATUS_UP && is_later(check, &digest->last_failure, digest->now_ms)) {
        copy_check(&digest->last_failure, check);
        digest->has_failure = true;
    }
    return 0;
}

/* The check that is the latest in time. */
static void bind_latest(sqlite3_stmt *put, int first, const struct turns *turns)
{
    bool none = turns->latest_status == STATUS_UNKNOWN;

    if (none)
        sqlite3_bind_null(put, first);
    else
        sqlite3_bind_int64(put, first, turns->latest_ms);
    if (none)
        sqlite3_bind_null(put, first + 1);
    else
        sqlite3_bind_int(put, first + 1, (int)turns->latest_status);
}

/* When it was first checked, up to when it is served; and its last check, where that has changed.
 */
static int save_last(struct digest *digest, struct error *error)
{
    sqlite3_stmt *put = database_statement(digest->recent->storage,
                                           digest->has_last ? SQL_STATE_PUT : SQL_SERVED_PUT);
    unsigned char packed[PHASES_BYTES];

    sqlite3_bind_int64(put, 1, digest->monitor);
    if (digest->first_ms == INT64_MAX)
        sqlite3_bind_null(put, 2);
    else
        sqlite3_bind_int64(put, 2, digest->first_ms);
    sqlite3_bind_int64(put, 3, digest->served_ms);
    bind_latest(put, 4, &digest->turns);
    if (digest->has_last) {
        if (digest->has_phases)
            phases_pack(&digest->phases, packed);
        database_bind_check(put, 6, &digest->last);
        database_bind_phases(put, 11, digest->has_phases ? packed : NULL);
    }
    return database_run(digest->recent->storage, put, error);
}

static int save_failure(struct digest *digest, struct error *error)
{
    sqlite3_stmt *put = database_statement(digest->recent->storage, SQL_FAILED_PUT);

    if (!digest->has_failure)
        return 0;
    sqlite3_bind_int64(put, 1, digest->monitor);
    database_bind_check(put, 2, &digest->last_failure);
    return database_run(digest->recent->storage, put, error);
}

int digest_end(struct digest *digest, struct error *error)
{
    return save_last(digest, error) || save_failure(digest, error) ? -1 : 0;
}
