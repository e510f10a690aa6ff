/* Staged results → the live files (the ledger's four steps, DESIGN.md). */
#include "journal/internal.h"
#include "storage/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    FEW_FILES = 16 /* up to here a sync of each costs less than one of the whole file system */
};

/* A live file all of which is in the archives may be gone, or go on to be used. */
static int find_archived(struct journal *journal, const struct record *record,
                         struct ledger_live *live, struct error *error)
{
    int64_t size;
    int fd;

    if (live->length == 0 || live->archived < live->length)
        return 0;
    fd = record_open(journal, record, O_RDONLY, &size, error);
    if (fd < 0 && error->os != ENOENT)
        return -1;
    if (fd < 0)
        *live = (struct ledger_live){0, 0};
    else
        close(fd);
    return 0;
}

/* Writes a monitor's staged results to its live file, and vouches for it. */
static int write_file(struct journal *journal, const struct ledger_monitor *monitor,
                      const struct ledger_staged *staged, size_t n, struct buffer *rows,
                      struct error *error)
{
    struct ledger_live live;
    struct record record;

    buffer_reset(rows);
    for (size_t i = 0; i < n; i++) {
        if (csv_write(rows, monitor->site, monitor->domain, &staged[i].check))
            return error_set(error, EXIT_IO, "%s/%s: out of memory", monitor->site,
                             monitor->domain);
    }
    record_live(&record, monitor->site, monitor->domain);
    if (ledger_get_live(journal->storage, monitor->id, &live, error) ||
        find_archived(journal, &record, &live, error) ||
        record_append(journal, &record, &live.length, rows, error))
        return -1;
    if (live.archived > live.length)
        live.archived = live.length;
    return ledger_set_live(journal->storage, monitor->id, &live, error);
}

static int index_rows(struct storage *storage, int64_t monitor, const struct ledger_staged *staged,
                      size_t n, struct error *error)
{
    struct digest digest;

    if (digest_begin(&digest, storage, monitor, INT64_MAX, error))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (digest_add(&digest, &staged[i].check, error))
            return -1;
        digest.state.served_ms = staged[i].served_ms;
    }
    return digest_end(&digest, error);
}

/*
 * One monitor's results on their way. Returns -1 only where no other file is to be tried; a file
 * that cannot be written leaves its results staged.
 */
static int export_monitor(struct journal *journal, const struct ledger_monitor *monitor,
                          struct buffer *rows, struct error *error)
{
    struct storage *storage = journal->storage;
    struct ledger_staged *staged;
    size_t n;
    int result;

    if (ledger_load_staged(storage, monitor->id, &staged, &n, error))
        return -1;
    result = write_file(journal, monitor, staged, n, rows, error);
    if (result) {
        if (journal_note_failure(journal, error) || !ledger_stands(storage))
            result = -1;
        else
            result = 0;
    } else if (index_rows(storage, monitor->id, staged, n, error) ||
               ledger_unstage(storage, monitor->id, error)) {
        result = -1;
    }
    free(staged);
    return result;
}

/* Whether each file is to be brought to disk by itself: they are few, and all were there before. */
static int choose_sync(struct journal *journal, bool *any, bool *each, struct error *error)
{
    struct ledger_monitor monitor = {.id = 0};
    int n = 0;

    *each = true;
    for (;;) {
        struct ledger_live live;

        if (ledger_next_staged(journal->storage, &monitor, error))
            return -1;
        if (monitor.id == 0 || !*each)
            break;
        if (ledger_get_live(journal->storage, monitor.id, &live, error))
            return -1;
        *each = ++n <= FEW_FILES && live.length > live.archived;
    }
    *any = n > 0;
    return 0;
}

static int export_all(struct journal *journal, struct error *error)
{
    struct ledger_monitor monitor = {.id = 0};
    struct buffer rows = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS);
    int result = 0;

    while (result == 0) {
        result = ledger_next_staged(journal->storage, &monitor, error);
        if (result || monitor.id == 0)
            break;
        result = export_monitor(journal, &monitor, &rows, error);
    }
    buffer_free(&rows);
    if (result == 0)
        result = storage_set_note(journal->storage, NOTE_PENDING, 1, error);

    /* The rows are on disk before the transaction that vouches for them. */
    if (result == 0)
        result = journal_sync(journal, error);
    return result;
}

int journal_export(struct journal *journal, struct error *error)
{
    bool any, each;
    struct error failure;
    int result;

    if (choose_sync(journal, &any, &each, error))
        return -1;
    if (!any)
        return 0;
    journal_begin_call(journal, each);
    if (ledger_begin(journal->storage, error))
        return -1;
    result = ledger_end(journal->storage, export_all(journal, error), error);
    if (result && journal->n_failed == 0)
        journal_note_failure(journal, error);
    failure = *error;
    if (journal_end_call(journal, "; what could not be written waits in state.db", &failure) == 0)
        return 0;
    *error = failure;
    return -1;
}
