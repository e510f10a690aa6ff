/* Staged results → the live files (the ledger's four steps, DESIGN.md). */
#include "records/internal.h"
#include "state/indexer.h"
#include "state/staged.h"

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

/* An export under way. */
struct export
{
    struct journal *journal;
    struct buffer rows;
    struct minute_index minute_index; /* rows of the index being added to */
    int64_t
        kept; /* the last monitor whose results stay staged; all before it is settled; 0: none */
};

/* Writes a monitor's staged results to its live file, and vouches for it. */
static int write_file(struct export *export, const struct staged_monitor *pending,
                      struct error *error)
{
    const struct monitor_id *monitor = &pending->monitor;
    struct ledger_live live = pending->live;
    struct journal *journal = export->journal;
    struct record record;

    buffer_reset(&export->rows);
    for (size_t i = 0; i < pending->n; i++) {
        if (csv_write(&export->rows, monitor->site, monitor->domain, &pending->results[i].check))
            return error_set(error, EXIT_IO, "%s/%s: out of memory", monitor->site,
                             monitor->domain);
    }
    record_live(&record, monitor->site, monitor->domain);
    if (find_archived(journal, &record, &live, error) ||
        record_append(journal, &record, &live.length, &export->rows, error))
        return -1;
    if (live.archived > live.length)
        live.archived = live.length;
    return ledger_set_live(journal->storage, monitor->id, &live, error);
}

static int index_rows(struct minute_index *minute_index, const struct staged_monitor *pending,
                      struct error *error)
{
    struct indexer indexer;

    indexer_begin(&indexer, minute_index, pending->monitor.id, &pending->summary, INT64_MAX);
    for (size_t i = 0; i < pending->n; i++) {
        const struct staged_result *one = &pending->results[i];

        if (indexer_add(&indexer, &one->check, one->has_phases ? &one->phases : NULL, error))
            return -1;
        indexer.due_after_ms = one->due_after_ms;
    }
    return indexer_end(&indexer, error);
}

/* Leaves a monitor's results staged, and forgets those of all between it and the last like it. */
static int keep_staged(struct export *export, int64_t monitor, struct error *error)
{
    int64_t after = export->kept;

    export->kept = monitor;
    return staged_delete_between(export->journal->storage, after, monitor, error);
}

/*
 * One monitor's results on their way. Returns -1 only where no other file is to be tried; a file
 * that cannot be written leaves its results staged.
 */
static int export_monitor(void *context, const struct staged_monitor *pending, struct error *error)
{
    struct export *export = context;
    struct journal *journal = export->journal;

    if (write_file(export, pending, error) == 0)
        return index_rows(&export->minute_index, pending, error);
    if (journal_note_failure(journal, error) || !storage_in_transaction(journal->storage))
        return -1;
    return keep_staged(export, pending->monitor.id, error);
}

/* Forgets as staged what is written: all of it, but for the files that failed. */
static int unstage(const struct export *export, struct error *error)
{
    struct storage *storage = export->journal->storage;

    return export->kept ? staged_delete_between(storage, export->kept, INT64_MAX, error)
                        : staged_delete_all(storage, error);
}

static int export_all(struct journal *journal, struct error *error)
{
    struct export export = {.journal = journal, .rows = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS)};
    struct storage *storage = journal->storage;
    int result;

    minute_index_begin(&export.minute_index, storage);
    result = staged_each(storage, export_monitor, &export, error);
    buffer_free(&export.rows);
    if (result == 0)
        result = minute_index_save(&export.minute_index, error);
    if (result == 0)
        result = unstage(&export, error);
    if (result == 0)
        result = storage_set_setting(storage, SETTING_PENDING, 1, error);

    /* The rows are on disk before the transaction that vouches for them. */
    if (result == 0)
        result = journal_sync(journal, error);
    return result;
}

int export_run(struct journal *journal, struct error *error)
{
    struct error failure;
    bool all_live;
    int n, result;

    if (staged_count(journal->storage, FEW_FILES + 1, &n, &all_live, error))
        return -1;
    if (n == 0)
        return 0;

    /* A file that is new needs its folder brought to disk as well. */
    journal_begin_call(journal, n <= FEW_FILES && all_live);
    if (storage_begin(journal->storage, error))
        return -1;
    result = storage_end(journal->storage, export_all(journal, error), error);
    if (result && journal->n_failed == 0)
        journal_note_failure(journal, error);
    failure = *error;
    if (journal_end_call(journal, "; what could not be written waits in state.db", &failure) == 0)
        return 0;
    *error = failure;
    return -1;
}
