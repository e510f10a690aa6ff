#include "storage/digest.h"

#include "base/clock.h"
#include "storage/database.h"

#include <string.h>

enum { HOURS_PER_DAY = 24 };

int digest_begin(struct digest *digest, struct storage *storage, int64_t monitor, int64_t now_ms,
                 struct error *error)
{
    digest->now_ms = now_ms;
    digest->storage = storage;
    digest->monitor = monitor;
    digest->hour = INT64_MIN;
    digest->marks.n = 0;
    return database_read_state(storage, monitor, &digest->state, error);
}

/* A row of a day that was counted already: that day and those after it are to be counted again. */
static int recount(struct storage *storage, int64_t hour, struct error *error)
{
    int64_t day = clock_floor_div(hour, HOURS_PER_DAY), counted;

    if (database_get_note(storage, NOTE_COUNTED_DAY, &counted, error))
        return -1;
    if (counted == 0 || day > counted)
        return 0;
    return database_set_note(storage, NOTE_COUNTED_DAY, day - 1, error) ||
                   database_set_note(storage, NOTE_SUMS_DAY, -1, error)
               ? -1
               : 0;
}

static int save_hour(struct digest *digest, struct error *error)
{
    sqlite3_stmt *put = database_statement(digest->storage, SQL_RECENT_PUT);
    unsigned char blob[MARKS_BYTES_MAX];
    size_t size;

    if (digest->marks.n == 0)
        return 0;
    size = marks_pack(&digest->marks, blob);
    sqlite3_bind_int64(put, 1, digest->hour);
    sqlite3_bind_int64(put, 2, digest->monitor);
    sqlite3_bind_blob(put, 3, blob, (int)size, SQLITE_STATIC);
    digest->marks.n = 0;
    if (database_run(digest->storage, put, error))
        return -1;
    return recount(digest->storage, digest->hour, error);
}

static int load_hour(struct digest *digest, int64_t hour, struct error *error)
{
    sqlite3_stmt *get = database_statement(digest->storage, SQL_RECENT_GET);
    bool row;
    int result = 0;

    digest->hour = hour;
    sqlite3_bind_int64(get, 1, hour);
    sqlite3_bind_int64(get, 2, digest->monitor);
    if (database_step(digest->storage, get, &row, error))
        return -1;
    if (row && marks_unpack(&digest->marks, hour, sqlite3_column_blob(get, 0),
                            (size_t)sqlite3_column_bytes(get, 0)))
        result = database_damaged(digest->storage, error);
    sqlite3_reset(get);
    return result;
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

int digest_add(struct digest *digest, const struct check *check, struct error *error)
{
    int64_t hour = clock_floor_div(check->start_ms, MS_PER_HOUR);
    struct mark mark = {check->start_ms, check->status, check->latency_ms};

    if (hour != digest->hour && (save_hour(digest, error) || load_hour(digest, hour, error)))
        return -1;
    marks_add(&digest->marks, &mark);
    if (check->start_ms < digest->state.first_ms)
        digest->state.first_ms = check->start_ms;
    if (is_later(check, &digest->state.last, digest->now_ms))
        copy_check(&digest->state.last, check);
    if (check->status != STATUS_UP && is_later(check, &digest->state.last_failure, digest->now_ms))
        copy_check(&digest->state.last_failure, check);
    return 0;
}

int digest_end(struct digest *digest, struct error *error)
{
    if (save_hour(digest, error))
        return -1;
    return database_save_state(digest->storage, digest->monitor, &digest->state, error);
}
