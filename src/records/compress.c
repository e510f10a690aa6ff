/* The archives of finished days -> .gz or .zst files. */
#include "records/compress.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "records/committed.h"
#include "records/compressed.h"
#include "records/open_state.h"
#include "records/walk.h"
#include "state/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH_FILES = 256 /* synced together and committed in one transaction */ };

struct compression_run {
    struct journal *journal;
    int64_t day;
    int64_t stop_at_ms; /* on the monotonic clock */
    bool stopped;
    size_t n_done;         /* files compressed by this call */
    size_t n_ready;        /* files of the current batch whose tmp is written */
    size_t n_renamed;      /* and those of them that have their names */
    bool names_are_synced; /* these names are on disk */
    struct archive ready[BATCH_FILES];
};

/* Compresses a monitor's file of the day into its tmp, if there is something to compress. */
static int compress_record(struct compression_run *run, const struct monitor_id *monitor,
                           struct error *error)
{
    struct journal *journal = run->journal;
    struct archive *ready = &run->ready[run->n_ready];
    struct monitor_id found = *monitor;
    int64_t size;
    int fd, result = 0;

    if (monitors_find(journal->storage, monitor->site, monitor->domain, &found.id, error) ||
        ledger_get_archive(journal->storage, run->day, found.id, &ready->length, error))
        return -1;
    record_name(&ready->plain, run->day, monitor);
    ready->tmp = ready->plain;
    strcat(ready->tmp.name, ".new");
    ready->monitor = found.id;
    fd = record_open(journal, &ready->plain, O_RDWR, &size, error);
    if (fd < 0 && (error->os != ENOENT || ready->length == 0))
        return error->os == ENOENT ? 0 : -1;

    /* If no length is committed, the rows are compressed already, or somebody else wrote them. */
    if (compressed_recover(journal, &found, run->day, &ready->length, error))
        result = -1;
    else if (ready->length)
        result = fd < 0 ? committed_set_behind(journal, &ready->plain, error)
                        : compressed_write(journal, ready, fd, size, error);
    run->n_ready += result > 0;
    if (fd >= 0)
        close(fd);
    return result < 0 ? -1 : 0;
}

/*
 * Gives the files of the batch their names. Their bytes are on disk before they are renamed, the
 * names before the ledger knows, and the ledger knows before a plain file is deleted.
 */
static int install_batch(struct compression_run *run, struct error *error)
{
    struct journal *journal = run->journal;

    if (run->n_ready && call_sync(journal, error))
        return -1;
    for (; run->n_renamed < run->n_ready; run->n_renamed++) {
        const struct archive *ready = &run->ready[run->n_renamed];

        if (record_rename(journal, &ready->tmp, &ready->compressed, error))
            return -1;
    }
    if (run->n_ready && call_sync(journal, error))
        return -1;
    run->names_are_synced = true;
    for (size_t i = 0; i < run->n_ready; i++) {
        const struct archive *ready = &run->ready[i];

        if (ledger_set_archive(journal->storage, run->day, -ready->monitor, ready->encoded_length,
                               error) ||
            ledger_set_archive(journal->storage, run->day, ready->monitor, 0, error))
            return -1;
    }
    return 0;
}

/*
 * After a failure: no row stays both plain and compressed, apart from those of a compressed file
 * that was replaced, and the next call finds out. If the compressed files are on disk, they stay,
 * although the ledger does not know it yet.
 */
static void take_back(const struct compression_run *run)
{
    struct journal *journal = run->journal;
    struct error ignored;

    for (size_t i = 0; i < run->n_ready; i++) {
        const struct archive *ready = &run->ready[i];

        if (run->names_are_synced)
            committed_remove(journal, &ready->plain, ready->length, &ignored);
        else if (i >= run->n_renamed)
            committed_remove(journal, &ready->tmp, INT64_MAX, &ignored);
        else if (!ready->replaces)
            committed_remove(journal, &ready->compressed, INT64_MAX, &ignored);
    }
}

/* Ends the open transaction: with the batch, or after a failure (-1) without it. */
static int end_batch(struct compression_run *run, int result, struct error *error)
{
    struct journal *journal = run->journal;

    run->n_renamed = 0;
    run->names_are_synced = false;
    if (result == 0)
        result = install_batch(run, error);
    result = storage_end(journal->storage, result, error);
    for (size_t i = 0; result == 0 && i < run->n_ready; i++)
        result = committed_remove(journal, &run->ready[i].plain, run->ready[i].length, error);
    if (result)
        take_back(run);
    if (result == 0)
        run->n_done += run->n_ready;
    run->n_ready = 0;
    return result;
}

/* Compresses one record. Returns 1 if it is time to stop. */
static int visit_record(void *context, const struct monitor_id *monitor, struct error *error)
{
    struct compression_run *run = context;
    struct journal *journal = run->journal;

    /* At least one file is compressed, or nothing ever would be if no tick has time left. */
    if (interrupt_came() ||
        (run->n_done + run->n_ready > 0 && clock_monotonic() >= run->stop_at_ms)) {
        run->stopped = true;
        return 1;
    }

    /* A folder that cannot be read counts as a file that failed: its files stay plain. */
    if ((!monitor || compress_record(run, monitor, error)) && !interrupt_came() &&
        (call_add_failure(journal, error) || !storage_in_transaction(journal->storage)))
        return -1;
    if (run->n_ready < BATCH_FILES)
        return 0;
    if (end_batch(run, 0, error))
        return -1;
    return storage_begin(journal->storage, error);
}

static int compress_day(struct compression_run *run, struct error *error)
{
    struct journal *journal = run->journal;
    size_t n_before = run->n_done;
    int result;

    if (storage_begin(journal->storage, error))
        return -1;
    result = walk_records(journal, run->day, visit_record, run, error);
    result = end_batch(run, result < 0 ? -1 : 0, error);

    /* The deletions are on disk before the ledger counts the day as compressed. */
    if (result == 0 && run->n_done > n_before)
        result = call_sync(journal, error);
    return result;
}

/* Compresses day after day. *first becomes the first day that is not finished. */
static int compress_days(struct compression_run *run, int64_t today, int64_t *first,
                         struct error *error)
{
    int64_t *days = NULL;
    size_t n;
    int result = walk_days(run->journal, &days, &n, error);

    for (size_t i = 0; result == 0 && i < n && !run->stopped; i++) {
        if (days[i] < *first || days[i] >= today)
            continue;
        run->day = days[i];
        result = compress_day(run, error);
        if (result == 0)
            *first = days[i] + !run->stopped;
    }
    if (result == 0 && !run->stopped)
        *first = today;
    free(days);
    return result;
}

/* Needs the claim on data_dir. */
static int compress_archives(struct journal *journal, int64_t today, int64_t first, int64_t max_ms,
                             size_t *n, struct error *error)
{
    struct compression_run *run = calloc(1, sizeof *run);
    struct error ignored;
    int64_t reached = first;
    int result;

    if (!run)
        return error_set(error, EXIT_IO, "%s: out of memory; left uncompressed",
                         journal->config->data_dir);
    call_begin(journal, false);
    run->journal = journal;
    run->stop_at_ms = clock_monotonic() + max_ms;
    result = compress_days(run, today, &reached, error);
    *n = run->n_done;
    free(run);
    if (reached != first && storage_set_setting(journal->storage, SETTING_FIRST_UNCOMPRESSED,
                                                reached, result ? &ignored : error))
        result = -1;
    return call_end(journal, result, "; left uncompressed", error);
}

int compress_run(struct journal *journal, int64_t now_ms, int64_t max_ms, size_t *n,
                 struct error *error)
{
    int64_t today = clock_floor_div(now_ms, MS_PER_DAY), first, rotated;
    int result;

    *n = 0;
    if (journal->config->archive_compress == COMPRESSION_NONE)
        return 0;
    if (storage_get_setting(journal->storage, SETTING_FIRST_UNCOMPRESSED, &first, error) ||
        storage_get_setting(journal->storage, SETTING_ROTATED_HOUR, &rotated, error))
        return -1;

    /* Wait for a complete rotation: if the state is lost during one, rows that are both archived
     * and live can be found only in a plain archive (overlap.h). */
    if (first >= today || rotated != clock_floor_div(now_ms, MS_PER_HOUR) || !call_claim(journal))
        return 0;
    result = compress_archives(journal, today, first, max_ms, n, error);
    if (result && journal->is_behind)
        result = open_state_again(journal, error); /* and a later tick compresses */
    call_release(journal);
    return result;
}
