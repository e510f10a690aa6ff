/* All records -> a state: the archives day by day, then the live files. */
#include "records/replay.h"

#include "base/clock.h"
#include "config/config.h"
#include "dashboard/history.h"
#include "records/prune.h"
#include "records/walk.h"
#include "state/expiry.h"
#include "state/minute_index.h"
#include "state/monitors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Deletes samples before this day, and other entries that the finished state does not need. */
static int prune_before(struct replay *replay, int64_t day_ms, struct error *error)
{
    int64_t horizon_ms = replay->until_ms - (int64_t)PRUNE_INDEX_HOURS * MS_PER_HOUR;

    return expiry_delete(replay->journal->storage, day_ms < horizon_ms ? day_ms : horizon_ms,
                         prune_first_transition(replay->until_ms), INT64_MIN, INT64_MIN, error);
}

/*
 * After the archive of this day: the day before which no more rows will come. Live rows are read
 * last and may be older, but not those that are too old for any span.
 */
static int64_t first_open_day(const struct replay *replay, int64_t day)
{
    int64_t today = clock_floor_div(replay->until_ms, MS_PER_DAY);
    int64_t live = replay->overlaps.first_live_day;

    if (live < today - PRUNE_COUNT_DAYS)
        live = today - PRUNE_COUNT_DAYS;
    if (day > today)
        day = today;
    return live < day ? live : day;
}

/* Reads a folder, and counts the days before open_day. */
static int replay_folder(struct replay *replay, const char *folder, int64_t open_day,
                         struct error *error)
{
    struct journal *journal = replay->journal;

    if (walk_records(journal, folder, read_file_record, replay, error) ||
        minute_index_save(replay->minute_index, error))
        return -1;
    return history_count_days(journal->storage, journal->config, open_day, error);
}

static int replay_day(struct replay *replay, int64_t day, struct error *error)
{
    int64_t open_day = first_open_day(replay, day);
    char date[CLOCK_TEXT_MAX], folder[CALL_PATH_MAX];

    replay->day = day;
    clock_write_day(day, date);
    snprintf(folder, sizeof folder, "archive/%s", date);
    if (replay_folder(replay, folder, open_day, error))
        return -1;
    return prune_before(replay, open_day * MS_PER_DAY, error);
}

static int replay_live(struct replay *replay, struct error *error)
{
    replay->is_live = true;
    if (replay_folder(replay, "live", clock_floor_div(replay->until_ms, MS_PER_DAY), error))
        return -1;
    return prune_before(replay, INT64_MAX, error);
}

/* Reads a day, or the live files if day is NULL. One transaction each, so that the memory does not
 * grow with the number of days. */
static int replay_in_transaction(struct replay *replay, const int64_t *day, struct error *error)
{
    struct storage *storage = replay->journal->storage;

    if (progress_update(&replay->progress, error) || storage_begin(storage, error))
        return -1;
    return storage_end(storage, day ? replay_day(replay, *day, error) : replay_live(replay, error),
                       error);
}

static int replay_all(struct replay *replay, struct error *error)
{
    int64_t *days = NULL, last_day = clock_floor_div(replay->until_ms, MS_PER_DAY);
    size_t n;
    int result = walk_days(replay->journal, &days, &n, error);

    if (result == 0)
        result = overlap_find(&replay->overlaps, replay->journal, error);
    for (size_t i = 0; result == 0 && i < n; i++) {
        if (days[i] <= last_day || replay->is_rebuild)
            result = replay_in_transaction(replay, &days[i], error);
    }
    if (result == 0)
        result = replay_in_transaction(replay, NULL, error);
    overlap_free(&replay->overlaps);
    free(days);
    return result;
}

/* Adds what to do about a record that uptick may not read. */
static void explain_permission(struct error *error)
{
    struct error bare = *error;

    error_set(error, bare.code,
              "%.800s; cannot rebuild from only part of the records; give uptick read access",
              bare.text);
    error->os = bare.os;
}

int replay_run(struct replay *replay, bool show_progress, struct error *error)
{
    struct journal *journal = replay->journal;
    struct minute_index minute_index;
    int result = -1;

    replay->first_live_hour = INT64_MAX;
    replay->minute_index = &minute_index;
    minute_index_begin(replay->minute_index, journal->storage);
    progress_start(&replay->progress, journal, show_progress);
    if (reader_init(&replay->reader))
        error_set(error, EXIT_IO, "%s: out of memory", journal->config->data_dir);
    else
        result = replay_all(replay, error);
    if (result && (error->os == EACCES || error->os == EPERM))
        explain_permission(error);
    progress_end(&replay->progress);
    reader_free(&replay->reader);
    return result;
}

/* Ends the walk by an error, because one record is enough. */
static int visit_first(void *context, const struct monitor_id *monitor, struct error *error)
{
    bool *found = context;

    (void)monitor;
    *found = true;
    return error_set(error, EXIT_IO, "one is enough");
}

int replay_has_records(const struct journal *journal, bool *has, struct error *error)
{
    int64_t *days = NULL;
    size_t n = 0;
    int result;

    *has = false;
    if (walk_records(journal, "live", visit_first, has, error))
        return *has ? 0 : -1;
    result = walk_days(journal, &days, &n, error);
    *has = n > 0;
    free(days);
    return result;
}
