/* The CSV → a state: what was archived, day by day, and then what is live. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "dashboard/history.h"
#include "records/overlap.h"
#include "records/read_file.h"
#include "state/expiry.h"
#include "state/minute_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROGRESS_MS = 200 };

static void show_progress(struct replay *replay)
{
    int64_t now = clock_monotonic();

    if (!replay->show_progress || now - replay->shown_ms < PROGRESS_MS)
        return;
    replay->shown_ms = now;
    fprintf(replay->journal->log->to, "\r%lld rows in %lld files ", (long long)replay->counts.rows,
            (long long)replay->counts.files);
    fflush(replay->journal->log->to);
}

int replay_look_up(struct replay *replay, struct error *error)
{
    show_progress(replay);
    if (!interrupt_came())
        return 0;
    return error_set(error, EXIT_IO,
                     "%s/state.db: interrupted while it was made anew; run it again",
                     replay->journal->config->data_dir);
}

/* What may be forgotten while the replay goes on: what lies before this day. */
static int prune_before(struct replay *replay, int64_t day_ms, struct error *error)
{
    int64_t horizon_ms = replay->until_ms - (int64_t)INDEX_HOURS * MS_PER_HOUR;

    return expiry_delete(replay->journal->storage, day_ms < horizon_ms ? day_ms : horizon_ms,
                         prune_first_transition(replay->until_ms), INT64_MIN, INT64_MIN, error);
}

/*
 * The day before which no row comes any more, once the archive of this one is read: live rows come
 * last, and may be older. Those too old for any span need not be waited for.
 */
static int64_t first_open_day(const struct replay *replay, int64_t day)
{
    int64_t today = clock_floor_div(replay->until_ms, MS_PER_DAY), live = replay->first_live_day;

    if (live < today - COUNT_DAYS)
        live = today - COUNT_DAYS;
    if (day > today)
        day = today;
    return live < day ? live : day;
}

/* A day's archive. */
static int replay_day(struct replay *replay, int64_t day, struct error *error)
{
    struct intake intake = {.replay = replay, .day = day};
    struct journal *journal = replay->journal;
    int64_t open_day = first_open_day(replay, day);
    char date[CLOCK_TEXT_MAX], folder[RECORD_PATH_MAX];

    clock_write_day(day, date);
    snprintf(folder, sizeof folder, "archive/%s", date);
    if (walk_records(journal, folder, read_file_record, &intake, error) ||
        minute_index_save(&replay->minute_index, error) ||
        history_count_days(journal->storage, journal->config, open_day, error))
        return -1;
    return prune_before(replay, open_day * MS_PER_DAY, error);
}

static int replay_live(struct replay *replay, struct error *error)
{
    struct intake intake = {.replay = replay, .live = true};
    struct journal *journal = replay->journal;

    if (walk_records(journal, "live", read_file_record, &intake, error) ||
        minute_index_save(&replay->minute_index, error) ||
        history_count_days(journal->storage, journal->config,
                           clock_floor_div(replay->until_ms, MS_PER_DAY), error))
        return -1;
    return prune_before(replay, INT64_MAX, error);
}

/* One transaction a day, so that what it holds in memory does not grow with the days. */
static int in_transaction(struct replay *replay, const int64_t *day, struct error *error)
{
    struct storage *storage = replay->journal->storage;

    if (replay_look_up(replay, error) || storage_begin(storage, error))
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
        result = overlap_find(replay, error);
    for (size_t i = 0; result == 0 && i < n; i++) {
        if (days[i] <= last_day || replay->mend)
            result = in_transaction(replay, &days[i], error);
    }
    if (result == 0)
        result = in_transaction(replay, NULL, error);
    free(days);
    return result;
}

/* Says what to do about a record that may not be read. */
static int say_forbidden(struct error *error)
{
    struct error said = *error;

    error_set(error, said.code,
              "%.800s; nothing is made of a part of the records: let uptick read "
              "this one",
              said.text);
    error->os = said.os;
    return -1;
}

int replay_run(struct replay *replay, struct error *error)
{
    const struct log *log = replay->journal->log;
    int result = -1;

    replay->first_live_hour = replay->first_live_day = INT64_MAX;
    minute_index_begin(&replay->minute_index, replay->journal->storage);
    replay->show_progress = replay->show_progress && isatty(fileno(log->to));
    if (reader_init(&replay->reader))
        error_set(error, EXIT_IO, "%s: out of memory", replay->journal->config->data_dir);
    else
        result = replay_all(replay, error);
    if (result && (error->os == EACCES || error->os == EPERM))
        say_forbidden(error);
    if (replay->show_progress)
        fprintf(log->to, "\r\033[K");
    if (replay->n_skipped > REPLAY_WARNINGS)
        log_warn(log, "%s: %d more lines skipped", replay->journal->config->data_dir,
                 replay->n_skipped - REPLAY_WARNINGS);
    reader_free(&replay->reader);
    free(replay->overlaps);
    return result;
}

/* Ends the walk, as an error does. */
static int found_one(void *context, const char *site, const char *domain, struct error *error)
{
    bool *found = context;

    (void)site;
    (void)domain;
    *found = true;
    return error_set(error, EXIT_IO, "one is enough");
}

int replay_has_records(const struct journal *journal, bool *has, struct error *error)
{
    int64_t *days = NULL;
    size_t n = 0;
    int result;

    *has = false;
    if (walk_records(journal, "live", found_one, has, error))
        return *has ? 0 : -1;
    result = walk_days(journal, &days, &n, error);
    *has = n > 0;
    free(days);
    return result;
}
