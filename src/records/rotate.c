/* The live files -> the archives of their rows' days. */
#include "records/rotate.h"

#include "base/clock.h"
#include "records/batch.h"
#include "records/committed.h"
#include "records/compressed.h"
#include "state/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* If rows are added to a day that was compressed, it has to be compressed again. */
static int reopen_day(struct journal *journal, int64_t day, struct error *error)
{
    if (day >= journal->first_uncompressed_day)
        return 0;
    journal->first_uncompressed_day = day;
    return storage_set_setting(journal->storage, SETTING_FIRST_UNCOMPRESSED, day, error);
}

/* Appends rows to the archive of their day; quarantines lines that are not rows. */
static int archive_lines(struct journal *journal, const struct monitor_id *monitor, int64_t day,
                         const struct buffer *lines, struct error *error)
{
    struct record record;
    int64_t length;

    record_name(&record, day == BATCH_BAD ? RECORD_LIVE : day, monitor);
    if (day == BATCH_BAD)
        return committed_quarantine_lines(journal, &record, lines, error);
    if (ledger_get_archive(journal->storage, day, monitor->id, &length, error) ||
        compressed_recover(journal, monitor, day, &length, error) ||
        reopen_day(journal, day, error) ||
        committed_append(journal, &record, &length, lines, error))
        return -1;
    return ledger_set_archive(journal->storage, day, monitor->id, length, error);
}

/* Copies the lines of a batch to where they belong. */
static int archive_batch(struct journal *journal, const struct monitor_id *monitor,
                         struct batch *batch, struct error *error)
{
    int64_t next_day;

    for (int64_t day = BATCH_BAD; day != INT64_MAX; day = next_day) {
        if (batch_gather(batch, monitor, day, &next_day, error) ||
            (batch->lines.size && archive_lines(journal, monitor, day, &batch->lines, error)))
            return -1;
    }
    return 0;
}

/* Archives all rows of a live file that are not archived yet. */
static int archive_file(struct journal *journal, const struct monitor_id *monitor,
                        struct ledger_live live, struct batch *batch, struct error *error)
{
    struct record record;
    int64_t size = 0;
    int fd, result;

    record_name(&record, RECORD_LIVE, monitor);
    fd = record_open(journal, &record, O_RDONLY, &size, error);
    if (fd < 0 && error->os != ENOENT)
        return -1;
    result = committed_adjust(journal, &record, fd, size, &live.length, error);
    if (live.archived > live.length)
        live.archived = live.length;
    while (result == 0 && live.archived < live.length) {
        result = batch_read(batch, fd, live.archived, live.length)
                     ? record_set_error(journal, &record, error)
                     : archive_batch(journal, monitor, batch, error);
        live.archived += (int64_t)batch->rows.size;
    }
    if (fd >= 0)
        close(fd);
    return result ? -1 : ledger_set_live(journal->storage, monitor->id, &live, error);
}

static int delete_file(struct journal *journal, const struct monitor_id *monitor,
                       const struct ledger_live *live, struct error *error)
{
    struct record record;

    record_name(&record, RECORD_LIVE, monitor);
    if (committed_remove(journal, &record, live->length, error))
        return -1;
    return ledger_set_live(journal->storage, monitor->id, &(struct ledger_live){0, 0}, error);
}

/* The two passes of a rotation over the live files. */
enum pass { PASS_ARCHIVE, PASS_DELETE };

static int pass_file(struct journal *journal, enum pass pass, const struct monitor_id *monitor,
                     const struct ledger_live *live, struct batch *batch, struct error *error)
{
    bool is_archived = live->archived == live->length;

    if (is_archived != (pass == PASS_DELETE))
        return 0;
    return pass == PASS_DELETE ? delete_file(journal, monitor, live, error)
                               : archive_file(journal, monitor, *live, batch, error);
}

/*
 * Makes one pass over all live files, in one transaction, which is committed when the files are on
 * disk. A monitor with staged results is left out, and *complete becomes false: those results could
 * not be exported, but their rows may be in the file after the committed length.
 */
static int pass_all(struct journal *journal, enum pass pass, bool *complete, struct error *error)
{
    struct batch batch;
    struct monitor_id monitor = {.id = 0};
    struct ledger_live live;
    bool has_staged;
    int result;

    if (storage_begin(journal->storage, error))
        return -1;
    batch_init(&batch);
    while ((result = ledger_next_live(journal->storage, &monitor, &live, &has_staged, error)) ==
               0 &&
           monitor.id) {
        *complete = *complete && !has_staged;
        if (has_staged || pass_file(journal, pass, &monitor, &live, &batch, error) == 0)
            continue;
        if (call_add_failure(journal, error) || !storage_in_transaction(journal->storage)) {
            result = -1;
            break;
        }
    }
    if (result == 0)
        result = call_sync(journal, error);
    batch_free(&batch);
    return storage_end(journal->storage, result, error);
}

/*
 * First all files are archived, then deleted: a file is deleted only after the state knows
 * that its rows are in the archives. If the rotation is killed, the lengths in the ledger show
 * which of the two files counts. The hour is set last, so an interrupted rotation is continued.
 */
static int rotate_all(struct journal *journal, int64_t hour, struct error *error)
{
    bool complete = true;
    int result;

    call_begin(journal, false);
    if (storage_get_setting(journal->storage, SETTING_FIRST_UNCOMPRESSED,
                            &journal->first_uncompressed_day, error))
        return -1;
    result = pass_all(journal, PASS_ARCHIVE, &complete, error);
    if (result == 0)
        result = pass_all(journal, PASS_DELETE, &complete, error);
    if (call_end(journal, result, "; its rows stay in data/live until this is fixed", error))
        return -1;
    return complete ? storage_set_setting(journal->storage, SETTING_ROTATED_HOUR, hour, error) : 0;
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
    call_release(journal);
    return result;
}
