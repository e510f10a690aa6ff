/* All records -> a state: the archives day by day, the live files, and the day counts. */
#include "records/replay.h"

#include "base/clock.h"
#include "dashboard/history.h"
#include "records/day_files.h"
#include "records/doubles.h"
#include "records/proof.h"
#include "records/prune.h"
#include "records/walk.h"
#include "state/alert_log.h"
#include "state/carry_over.h"
#include "state/days.h"
#include "state/event_table.h"
#include "state/expiry.h"
#include "state/follower.h"
#include "state/minute_index.h"
#include "state/staged.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/*
 * The day before which no more rows will come, once this day or the live files are read. Live rows
 * are read last and may be older, but not those that are too old for any span.
 */
static int64_t first_open_day(const struct replay *replay, int64_t day)
{
    int64_t today = clock_floor_div(replay->until_ms, MS_PER_DAY);
    int64_t live = replay->overlaps.first_live_day;
    int kept = days_kept(replay->journal->config);

    if (day == RECORD_LIVE)
        return today;
    if (live < today - kept)
        live = today - kept;
    if (day > today)
        day = today;
    return live < day ? live : day;
}

/* Begins the events of a day. The rows of earlier days have come, unless they are still live. */
static int begin_events(struct replay *replay, int64_t day, struct error *error)
{
    int64_t live_ms = replay->overlaps.first_live_day, end_ms = INT64_MAX;

    if (live_ms != INT64_MAX)
        live_ms *= MS_PER_DAY;
    if (day == RECORD_LIVE)
        return follower_begin_folder(replay->follower, live_ms, end_ms, error);
    end_ms = (day + 1) * MS_PER_DAY;
    day *= MS_PER_DAY;
    return follower_begin_folder(replay->follower, day < live_ms ? day : live_ms, end_ms, error);
}

/* Reads the archive of a day, or the live files. Counts the days that are complete then, and
 * deletes what the finished state does not need. */
static int read_folder(struct replay *replay, int64_t day, struct error *error)
{
    struct journal *journal = replay->journal;
    int64_t open_day = first_open_day(replay, day), open_ms = open_day * MS_PER_DAY;
    int64_t horizon_ms = replay->until_ms - (int64_t)PRUNE_INDEX_HOURS * MS_PER_HOUR;

    replay->day = day;
    if (begin_events(replay, day, error) ||
        walk_records(journal, day, read_file_record, replay, error) ||
        follower_end_folder(replay->follower, error) ||
        minute_index_save(replay->minute_index, error) ||
        history_count_days(journal->storage, journal->config, open_day, error))
        return -1;
    return expiry_delete(journal->storage, open_ms < horizon_ms ? open_ms : horizon_ms, INT64_MIN,
                         INT64_MIN, INT64_MIN, error);
}

/* Reads the event logs, before any rows: they show which conditions the rows belong to. */
static int read_event_logs(struct replay *replay, const int64_t *days, size_t n,
                           struct error *error)
{
    struct event_table_adding adding;
    int result = event_table_begin(&adding, replay->journal->storage, error);

    for (size_t i = 0; result == 0 && i < n; i++) {
        replay->day = days[i];
        result = read_file_event_log(replay, &adding, error);
    }
    replay->day = RECORD_LIVE;
    if (result == 0)
        result = read_file_event_log(replay, &adding, error);
    return result ? -1 : event_table_end(&adding, error);
}

static int replay_event_logs(struct replay *replay, const int64_t *days, size_t n,
                             struct error *error)
{
    struct storage *storage = replay->journal->storage;

    if (storage_begin(storage, error))
        return -1;
    return storage_end(storage, read_event_logs(replay, days, n, error), error);
}

/* One transaction for each folder, so that the memory does not grow with the number of days. */
static int replay_folder(struct replay *replay, int64_t day, struct error *error)
{
    struct storage *storage = replay->journal->storage;

    if (read_file_progress(replay, error) || storage_begin(storage, error))
        return -1;
    return storage_end(storage, read_folder(replay, day, error), error);
}

/* Begins to follow the event log, and what the old state had staged for it. */
static int begin_log(struct replay *replay, struct error *error)
{
    struct storage *storage = replay->journal->storage;

    replay->follower = follower_new(storage, replay->until_ms, replay->is_rebuild, error);
    if (!replay->follower)
        return -1;
    replay->has_event_log = follower_has_log(replay->follower);
    return replay->old_path ? carry_over_events(storage, replay->old_path, error) : 0;
}

/* Follows the staged results of a monitor. A staged_each_monitor. */
static int follow_staged(void *context, const struct staged_monitor *staged, struct error *error)
{
    follower_begin_file(context, staged->monitor.id);
    for (size_t i = 0; i < staged->n; i++) {
        if (follower_add(context, &staged->results[i].check, error))
            return -1;
    }
    return 0;
}

/* Follows all staged results, which are later than the rows of the CSV; and ends. Then the log and
 * the open conditions are complete, and show what was reported to targets. */
static int end_log(struct replay *replay, struct error *error)
{
    struct follower *follower = replay->follower;
    struct storage *storage = replay->journal->storage;
    int64_t oldest_ms;

    if (staged_oldest(storage, &oldest_ms, error) ||
        follower_begin_folder(follower, oldest_ms, INT64_MAX, error) ||
        staged_each(storage, follow_staged, follower, error) ||
        follower_end_folder(follower, error) || follower_end(follower, error))
        return -1;
    return replay->is_rebuild ? alert_log_restore(storage, replay->until_ms, error) : 0;
}

/* Adds what only the old state has, and the conditions. */
static int finish(struct replay *replay, struct error *error)
{
    struct journal *journal = replay->journal;
    struct storage *storage = journal->storage;

    assert(!storage_in_transaction(storage));
    if (replay->old_path &&
        (carry_over_derived(storage, replay->old_path, error) ||
         carry_over_staged(storage, replay->old_path, error) || doubles_unstage(journal, error)))
        return -1;
    if (storage_begin(storage, error) || storage_end(storage, end_log(replay, error), error))
        return -1;
    replay->n_missing_events = follower_missing(replay->follower);
    return 0;
}

static int replay_all(struct replay *replay, struct error *error)
{
    int64_t *days = NULL, last_day = clock_floor_div(replay->until_ms, MS_PER_DAY);
    struct proof proof;
    size_t n;
    int result = walk_days(replay->journal, &days, &n, error);

    if (result == 0 && replay->is_rebuild)
        result = doubles_remove(replay->journal, error);
    if (result == 0)
        result = overlap_find(&replay->overlaps, replay->journal, error);
    if (result == 0)
        result = replay_event_logs(replay, days, n, error);
    if (result == 0)
        result = begin_log(replay, error);
    for (size_t i = 0; result == 0 && i < n; i++) {
        if (days[i] <= last_day || replay->is_rebuild)
            result = replay_folder(replay, days[i], error);
    }
    if (result == 0)
        result = replay_folder(replay, RECORD_LIVE, error);
    if (result == 0) {
        proof_find(days, n, last_day, 0, &proof);
        result = day_files_read(replay, prune_first_count(replay->journal->config, &proof), error);
    }
    if (result == 0)
        result = finish(replay, error);
    overlap_free(&replay->overlaps);
    free(days);
    return result;
}

/* Adds advice about a record that uptick may not read. */
static void explain_permission(struct error *error)
{
    struct error bare = *error;

    error_set(error, bare.code,
              "%.800s; cannot rebuild from only part of the records; give uptick read access",
              bare.text);
    error->os = bare.os;
}

/* Clears the line with the counts and reports how many bad lines were only counted. */
static void end_progress(const struct replay *replay)
{
    const struct journal *journal = replay->journal;
    int more = replay->n_warnings - READ_FILE_WARNINGS_MAX;

    if (journal->show_progress)
        fprintf(journal->log->to, "\r\033[K");
    if (more > 0)
        log_warn(journal->log, "%s: %d more bad line%s skipped", journal->config->data_dir, more,
                 more > 1 ? "s" : "");
}

int replay_run(struct replay *replay, struct error *error)
{
    struct journal *journal = replay->journal;
    struct minute_index minute_index;
    int result = -1;

    replay->first_live_hour = INT64_MAX;
    replay->minute_index = &minute_index;
    minute_index_begin(&minute_index, journal->storage);
    journal->n_rows = journal->n_files = 0;
    if (reader_init(&replay->reader))
        error_set(error, EXIT_IO, "%s: out of memory", journal->config->data_dir);
    else
        result = replay_all(replay, error);
    if (result && (error->os == EACCES || error->os == EPERM))
        explain_permission(error);
    end_progress(replay);
    follower_free(replay->follower);
    reader_free(&replay->reader);
    return result;
}

/* Whether there is a live event log. */
static bool has_event_log(const struct journal *journal)
{
    struct stat status;

    return fstatat(journal->data_fd, "live/" EVENT_LOG_NAME, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status.st_mode) && status.st_size > 0;
}

int replay_has_records(const struct journal *journal, bool *has, struct error *error)
{
    int64_t *days = NULL;
    size_t n = 0;
    int result;

    *has = false;
    result = walk_has_records(journal, RECORD_LIVE, has, error);
    if (result || *has)
        return result;
    result = walk_days(journal, &days, &n, error);
    *has = n > 0 || has_event_log(journal);
    free(days);
    return result || *has ? result : day_files_exist(journal, has, error);
}
