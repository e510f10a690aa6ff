/* The live files -> the archives of their rows' days. */
#include "records/rotate.h"

#include "base/clock.h"
#include "base/memory.h"
#include "records/batch.h"
#include "records/committed.h"
#include "records/compressed.h"
#include "records/open_state.h"
#include "state/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* If rows are added to a day that was compressed, it has to be compressed again. */
static int reopen_day(struct journal *journal, int64_t day, struct error *error)
{
    if (day >= journal->first_uncompressed_day)
        return 0;
    journal->first_uncompressed_day = day;
    return storage_set_setting(journal->storage, SETTING_FIRST_UNCOMPRESSED, day, error);
}

/* An archive that the open transaction appends to, and its committed length before that. */
struct appended {
    struct monitor_id monitor;
    int64_t day, length;
    int64_t live_length; /* the committed length of the live file whose rows these are */
};

/* The two passes of a rotation over the live files. */
enum pass { PASS_ARCHIVE, PASS_EMPTY };

struct rotation {
    struct journal *journal;
    enum pass pass;
    bool complete;       /* no file was left out, and none failed */
    bool pauses;         /* the next tick goes on */
    int64_t first, last; /* monitors: earlier ticks have passed the first; the last one passed */
    size_t n_passed;
    int64_t stop_at_ms; /* on the monotonic clock */
    struct batch batch;
    struct appended *appended;
    size_t n_appended, capacity;
};

/* Cuts off what was appended to an archive whose committed length is the old one. If that fails,
 * the rows are in both files until the next rotation writes them again. */
static void cut_archive(struct journal *journal, const struct appended *appended)
{
    struct record record;
    struct error ignored;
    int64_t size, length;
    int fd;

    record_name(&record, appended->day, &appended->monitor);
    if (ledger_get_archive(journal->storage, appended->day, appended->monitor.id, &length,
                           &ignored) ||
        length != appended->length)
        return;
    fd = record_open(journal, &record, O_RDWR, &size, &ignored);
    if (fd < 0)
        return;
    if (size > length && ftruncate(fd, length) == 0 && length == 0)
        unlinkat(journal->folder.fd, record.name, 0);
    close(fd);
}

/*
 * After a failure, takes back what was appended since this one: rows must not be in live and in an
 * archive when the tick ends. If the transaction goes on, the lengths are taken back too.
 */
static int take_back(struct rotation *rotation, size_t first, struct error *error)
{
    struct journal *journal = rotation->journal;
    int result = 0;

    while (rotation->n_appended > first) {
        const struct appended *last = &rotation->appended[--rotation->n_appended];

        if (storage_in_transaction(journal->storage) &&
            ledger_set_archive(journal->storage, last->day, last->monitor.id, last->length, error))
            result = -1;
        else
            cut_archive(journal, last);
    }
    return result;
}

static int remember(struct rotation *rotation, const struct monitor_id *monitor, int64_t day,
                    int64_t length, int64_t live_length, struct error *error)
{
    struct appended *grown = memory_grow(rotation->appended, &rotation->capacity,
                                         rotation->n_appended + 1, sizeof *grown);

    if (!grown)
        return error_set(error, EXIT_IO, "%s/%s: out of memory", monitor->site, monitor->domain);
    rotation->appended = grown;
    grown[rotation->n_appended++] = (struct appended){*monitor, day, length, live_length};
    return 0;
}

/* Appends rows to the archive of their day; quarantines lines that are not rows. */
static int archive_lines(struct rotation *rotation, const struct monitor_id *monitor, int64_t day,
                         int64_t live_length, struct error *error)
{
    const struct buffer *lines = &rotation->batch.lines;
    struct journal *journal = rotation->journal;
    struct record record;
    int64_t length;

    record_name(&record, day == BATCH_BAD ? RECORD_LIVE : day, monitor);
    if (day == BATCH_BAD)
        return committed_quarantine_lines(journal, &record, lines, error);
    if (ledger_get_archive(journal->storage, day, monitor->id, &length, error) ||
        compressed_recover(journal, monitor, day, &length, error) ||
        reopen_day(journal, day, error) ||
        remember(rotation, monitor, day, length, live_length, error) ||
        committed_append(journal, &record, &length, lines, error))
        return -1;
    return ledger_set_archive(journal->storage, day, monitor->id, length, error);
}

/* Copies the lines of a batch to where they belong. */
static int archive_batch(struct rotation *rotation, const struct monitor_id *monitor,
                         int64_t live_length, struct error *error)
{
    int64_t next_day;

    for (int64_t day = BATCH_BAD; day != INT64_MAX; day = next_day) {
        if (batch_gather(&rotation->batch, monitor, day, &next_day, error) ||
            (rotation->batch.lines.size &&
             archive_lines(rotation, monitor, day, live_length, error)))
            return -1;
    }
    return 0;
}

/* Archives all rows of an open live file that are not archived yet. */
static int archive_rows(struct rotation *rotation, const struct monitor_id *monitor,
                        const struct record *record, int fd, int64_t size, struct ledger_live live,
                        struct error *error)
{
    struct journal *journal = rotation->journal;
    bool matches;

    if (committed_matches(journal, record, fd, size, live.length, &matches, error))
        return -1;
    if (!matches)
        return committed_set_behind(journal, record, error);
    while (live.archived < live.length) {
        if (batch_read(&rotation->batch, fd, live.archived, live.length))
            return record_set_error(journal, record, error);
        if (archive_batch(rotation, monitor, live.length, error))
            return -1;
        live.archived += (int64_t)rotation->batch.rows.size;
    }
    return ledger_set_live(journal->storage, monitor->id, &live, error);
}

/* Opens the file for writing: if it could not be emptied, its rows would be doubled. */
static int archive_file(struct rotation *rotation, const struct monitor_id *monitor,
                        const struct ledger_live *live, struct error *error)
{
    struct journal *journal = rotation->journal;
    size_t first = rotation->n_appended;
    struct record record;
    struct error second;
    int64_t size = 0;
    int fd, result;

    record_name(&record, RECORD_LIVE, monitor);
    fd = record_open(journal, &record, O_RDWR, &size, error);
    if (fd < 0)
        return error->os == ENOENT ? committed_set_behind(journal, &record, error) : -1;
    result = archive_rows(rotation, monitor, &record, fd, size, *live, error);
    close(fd);
    if (result && take_back(rotation, first, &second))
        rotation->journal->is_behind = true; /* so that nothing of the transaction is kept */
    return result;
}

static int empty_file(struct journal *journal, const struct monitor_id *monitor,
                      const struct ledger_live *live, struct error *error)
{
    struct record record;

    record_name(&record, RECORD_LIVE, monitor);
    if (committed_empty(journal, &record, live->length, error))
        return -1;
    return ledger_set_live(journal->storage, monitor->id, &(struct ledger_live){0, 0}, error);
}

static int pass_file(struct rotation *rotation, const struct monitor_id *monitor,
                     const struct ledger_live *live, struct error *error)
{
    bool is_archived = live->archived == live->length;

    if (is_archived != (rotation->pass == PASS_EMPTY))
        return 0;
    return rotation->pass == PASS_EMPTY ? empty_file(rotation->journal, monitor, live, error)
                                        : archive_file(rotation, monitor, live, error);
}

/*
 * Whether the pass ends before this live file. The second pass is over the same files. The first
 * one does not end before rows that a killed rotation has archived: they leave live in this tick.
 */
static bool ends_before(struct rotation *rotation, int64_t passed, const struct ledger_live *live)
{
    if (rotation->pass == PASS_EMPTY)
        return rotation->pauses && passed >= rotation->last;
    if (live->archived > 0)
        return false;
    rotation->last = passed;
    rotation->pauses = rotation->n_passed++ >= rotation->journal->rotates_min &&
                       clock_monotonic() >= rotation->stop_at_ms;
    return rotation->pauses;
}

/*
 * Passes over the live files. A monitor with staged results is left out: those results could not be
 * exported, but their rows may be in the file after the committed length. If the disk is full, the
 * pass ends early, and what it has done counts. Returns -1 if it does not count.
 */
static int pass_files(struct rotation *rotation, struct error *error)
{
    struct journal *journal = rotation->journal;
    struct monitor_id monitor = {.id = rotation->first};
    struct ledger_live live;
    bool has_staged;

    for (;;) {
        int64_t passed = monitor.id;

        if (ledger_next_live(journal->storage, &monitor, &live, &has_staged, error))
            return -1;
        if (!monitor.id || ends_before(rotation, passed, &live))
            return 0;
        rotation->complete = rotation->complete && !has_staged;
        if (has_staged || pass_file(rotation, &monitor, &live, error) == 0)
            continue;
        rotation->complete = false;
        if (call_add_failure(journal, error))
            return journal->is_behind || !storage_in_transaction(journal->storage) ? -1 : 0;
        if (!storage_in_transaction(journal->storage))
            return -1;
    }
}

/* Stores how far the rotation came; the hour only if no file remains, so it is tried again. */
static int save_progress(const struct rotation *rotation, int64_t hour, struct error *error)
{
    struct storage *storage = rotation->journal->storage;
    int64_t last = rotation->pauses ? rotation->last : 0;

    if (storage_set_setting(storage, SETTING_ROTATED_TO, rotation->complete ? last : -last, error))
        return -1;
    return rotation->pauses || !rotation->complete
               ? 0
               : storage_set_setting(storage, SETTING_ROTATED_HOUR, hour, error);
}

/* Makes one pass in one transaction, which is committed when the files are on disk. */
static int pass_all(struct rotation *rotation, enum pass pass, int64_t hour, struct error *error)
{
    struct journal *journal = rotation->journal;
    struct error second;
    int result;

    rotation->pass = pass;
    if (storage_begin(journal->storage, error))
        return -1;
    result = pass_files(rotation, error);
    if (result == 0 && pass == PASS_EMPTY)
        result = save_progress(rotation, hour, error);
    if (result == 0)
        result = call_sync(journal, error);
    result = storage_end(journal->storage, result, error);
    if (result && pass == PASS_ARCHIVE)
        take_back(rotation, 0, &second);
    return result;
}

/* After a failure: tries again to empty the live files of this rotation, also if the state cannot
 * be written. It finds out later that they are empty. */
static void empty_archived(const struct rotation *rotation)
{
    for (size_t i = 0; i < rotation->n_appended; i++) {
        const struct appended *appended = &rotation->appended[i];
        struct record record;
        struct error ignored;

        record_name(&record, RECORD_LIVE, &appended->monitor);
        committed_empty(rotation->journal, &record, appended->live_length, &ignored);
    }
}

/*
 * First all files are archived, then emptied: a file is emptied only after the state knows
 * that its rows are in the archives. If the rotation is killed, the lengths in the ledger show
 * which of the two files counts.
 */
static int rotate_all(struct journal *journal, int64_t hour, struct error *error)
{
    struct rotation rotation = {.journal = journal,
                                .stop_at_ms = clock_monotonic() + journal->rotates_for_ms};
    int64_t rotated_to;
    int result;

    call_begin(journal, false);
    if (storage_get_setting(journal->storage, SETTING_FIRST_UNCOMPRESSED,
                            &journal->first_uncompressed_day, error) ||
        storage_get_setting(journal->storage, SETTING_ROTATED_TO, &rotated_to, error))
        return -1;
    rotation.complete = rotated_to >= 0;
    rotation.first = llabs(rotated_to);
    batch_init(&rotation.batch);
    result = pass_all(&rotation, PASS_ARCHIVE, hour, error);
    if (result == 0) {
        result = pass_all(&rotation, PASS_EMPTY, hour, error);
        if (result || !rotation.complete)
            empty_archived(&rotation);
    }
    batch_free(&rotation.batch);
    free(rotation.appended);
    return call_end(journal, result, "; its rows stay in data/live until this is fixed", error);
}

int rotate_run(struct journal *journal, int64_t now_ms, struct error *error)
{
    int64_t hour = clock_floor_div(now_ms, MS_PER_HOUR), rotated;
    int result;

    if (storage_get_setting(journal->storage, SETTING_ROTATED_HOUR, &rotated, error))
        return -1;
    if (rotated == hour)
        return 0;
    if (rotated == 0) /* a new state: no hour has ended yet */
        return storage_set_setting(journal->storage, SETTING_ROTATED_HOUR, hour, error);
    if (!call_claim(journal))
        return 0;
    result = rotate_all(journal, hour, error);
    if (result && journal->is_behind && open_state_again(journal, error) == 0)
        result = rotate_all(journal, hour, error);
    call_release(journal);
    return result;
}
