/* The live files → the archives of their rows' days. */
#include "base/clock.h"
#include "records/batch.h"
#include "records/compressed.h"
#include "records/internal.h"
#include "state/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Rows for a day that was packed already make it one that is to be packed again. */
static int reopen_day(struct journal *journal, int64_t day, struct error *error)
{
    if (day >= journal->first_unpacked)
        return 0;
    journal->first_unpacked = day;
    return storage_set_setting(journal->storage, SETTING_FIRST_UNCOMPRESSED, day, error);
}

static int archive_day(struct journal *journal, const struct monitor_id *monitor, int64_t day,
                       const struct buffer *rows, struct error *error)
{
    struct record record;
    int64_t length;

    record_archive(&record, day, monitor->site, monitor->domain);
    if (ledger_get_archive(journal->storage, day, monitor->id, &length, error) ||
        compressed_settle(journal, monitor, day, &length, error) ||
        reopen_day(journal, day, error) || record_append(journal, &record, &length, rows, error))
        return -1;
    return ledger_set_archive(journal->storage, day, monitor->id, length, error);
}

/* Appends a batch to the archives of its rows' days; what is no row is set aside. */
static int archive_batch(struct journal *journal, const struct monitor_id *monitor,
                         struct batch *batch, struct error *error)
{
    struct record record;
    int64_t day, next_day;

    if (batch_gather_bad(batch, monitor, &day, error))
        return -1;
    record_live(&record, monitor->site, monitor->domain);
    if (batch->bad.size &&
        record_set_aside(journal, &record, batch->bad.data, batch->bad.size, error))
        return -1;
    for (; day != INT64_MAX; day = next_day) {
        if (batch_gather_day(batch, monitor, day, &next_day, error) ||
            archive_day(journal, monitor, day, &batch->day, error))
            return -1;
    }
    return 0;
}

/* Hands over all that a live file still has. One that lost some of it has less to hand over. */
static int archive_file(struct journal *journal, const struct monitor_id *monitor,
                        struct ledger_live live, struct batch *batch, struct error *error)
{
    struct record record;
    int64_t size = 0;
    int fd, result = -1;

    record_live(&record, monitor->site, monitor->domain);
    fd = record_open(journal, &record, O_RDONLY, &size, error);
    if (fd < 0 && error->os != ENOENT)
        return -1;
    if (size < live.length) {
        journal_note(&journal->lost, &record);
        if (record_whole_lines(fd, size, &live.length)) {
            record_fail(journal, &record, error);
            goto out;
        }
        if (live.archived > live.length)
            live.archived = live.length;
    } else if (fd >= 0 && record_take_edited(journal, &record, fd, size, &live.length, error)) {
        goto out;
    }
    while (live.archived < live.length) {
        if (batch_read(batch, fd, live.archived, live.length)) {
            record_fail(journal, &record, error);
            goto out;
        }
        if (archive_batch(journal, monitor, batch, error))
            goto out;
        live.archived += (int64_t)batch->rows.size;
    }
    result = ledger_set_live(journal->storage, monitor->id, &live, error);
out:
    if (fd >= 0)
        close(fd);
    return result;
}

static int remove_file(struct journal *journal, const struct monitor_id *monitor,
                       const struct ledger_live *live, struct error *error)
{
    static const struct ledger_live gone = {0, 0};
    struct record record;

    record_live(&record, monitor->site, monitor->domain);
    if (record_remove(journal, &record, live->length, error))
        return -1;
    return ledger_set_live(journal->storage, monitor->id, &gone, error);
}

/* Archives or removes one live file, whichever of the two steps it has come to. */
static int step_file(struct journal *journal, const struct monitor_id *monitor,
                     const struct ledger_live *live, bool remove, struct batch *batch,
                     struct error *error)
{
    bool archived = live->archived == live->length;

    if (archived != remove)
        return 0;
    return remove ? remove_file(journal, monitor, live, error)
                  : archive_file(journal, monitor, *live, batch, error);
}

/*
 * Takes one step with all live files, in one transaction, which ends once the files are on disk.
 * Where results are staged that could not be written, their rows may stand in the file all the
 * same, and be no rows of the ledger's yet: that file waits, and *complete becomes false.
 */
static int step_all(struct journal *journal, bool remove, bool *complete, struct error *error)
{
    struct batch batch;
    struct monitor_id monitor = {.id = 0};
    struct ledger_live live;
    bool staged;
    int result;

    if (storage_begin(journal->storage, error))
        return -1;
    batch_init(&batch);
    while ((result = ledger_next_live(journal->storage, &monitor, &live, &staged, error)) == 0 &&
           monitor.id) {
        *complete = *complete && !staged;
        if (staged || step_file(journal, &monitor, &live, remove, &batch, error) == 0)
            continue;
        if (journal_note_failure(journal, error) || !storage_in_transaction(journal->storage)) {
            result = -1;
            break;
        }
    }
    if (result == 0)
        result = journal_sync(journal, error);
    batch_free(&batch);
    return storage_end(journal->storage, result, error);
}

/*
 * First all archives, then all removals: a file is gone only once the state knows that its rows
 * stand elsewhere. The hour is noted last, so that a rotation cut short is taken up again.
 */
static int rotate(struct journal *journal, int64_t hour, struct error *error)
{
    struct error failure;
    bool complete = true;
    int result;

    journal_begin_call(journal, false);
    if (storage_get_setting(journal->storage, SETTING_FIRST_UNCOMPRESSED, &journal->first_unpacked,
                            error))
        return -1;
    result = step_all(journal, false, &complete, error);
    if (result == 0)
        result = step_all(journal, true, &complete, error);
    if (result && journal->n_failed == 0)
        journal_note_failure(journal, error);
    failure = *error;
    if (journal_end_call(journal, "; its rows stay where they are until that is mended",
                         &failure)) {
        *error = failure;
        return -1;
    }
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
    if (rotated == 0)
        return storage_set_setting(journal->storage, SETTING_ROTATED_HOUR, hour, error);
    if (!journal_claim_moving(journal))
        return 0;
    result = rotate(journal, hour, error);
    journal_release(journal);
    return result;
}
