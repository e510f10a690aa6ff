/* Staged results -> the live files, by the four steps of the ledger (DESIGN.md). */
#include "records/export.h"

#include "base/memory.h"
#include "records/appender.h"
#include "records/committed.h"
#include "records/open_state.h"
#include "state/indexer.h"
#include "state/staged.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Up to this many files, one sync for each is cheaper than one for the whole file system. */
enum { FEW_FILES = 16 };

/* If a live file is archived completely, a killed rotation may already have emptied it. It may also
 * be missing: somebody may delete an empty file. */
static int forget_emptied(struct journal *journal, const struct record *record,
                          struct ledger_live *live, struct error *error)
{
    int64_t size;
    int fd;

    if (live->length == 0 || live->archived < live->length)
        return 0;
    fd = record_open(journal, record, O_RDONLY, &size, error);
    if (fd >= 0)
        close(fd);
    else if (error->os == ENOENT)
        size = 0;
    else
        return -1;
    if (size == 0)
        *live = (struct ledger_live){0, 0};
    return 0;
}

/* Monitors, and about this many results, that are exported together: first their files change, then
 * the state. */
enum { BATCH = 2048 };

/* Monitors whose results were read and not exported yet. */
struct batch_of_monitors {
    struct staged_monitor monitors[BATCH];
    size_t appended[BATCH]; /* from appender_run */
    size_t n;
    struct staged_result *results; /* of all of them, in their order */
    size_t n_results, capacity;
};

struct exporting {
    struct journal *journal;
    struct batch_of_monitors *batch;
    struct buffer rows;
    struct minute_index minute_index;
    int64_t last_kept; /* the last monitor whose results stay staged; 0: none */
};

/* Writes the staged results of a monitor to its live file, unless they are appended already, and
 * commits the new length. */
static int write_rows(struct exporting *exporting, const struct staged_monitor *staged,
                      size_t appended, struct error *error)
{
    const struct monitor_id *monitor = &staged->monitor;
    struct ledger_live live = staged->live;
    struct journal *journal = exporting->journal;
    struct record record;

    live.length += (int64_t)appended;
    if (appended)
        return ledger_set_live(journal->storage, monitor->id, &live, error);
    if (appender_format(staged, &exporting->rows))
        return error_set(error, EXIT_IO, "%s/%s: out of memory", monitor->site, monitor->domain);
    record_name(&record, RECORD_LIVE, monitor);
    if (forget_emptied(journal, &record, &live, error) ||
        committed_append(journal, &record, &live.length, &exporting->rows, error))
        return -1;
    return ledger_set_live(journal->storage, monitor->id, &live, error);
}

static int index_rows(struct minute_index *minute_index, const struct staged_monitor *staged,
                      struct error *error)
{
    struct indexer indexer;

    indexer_begin(&indexer, minute_index, staged->monitor.id, &staged->summary, INT64_MAX);
    for (size_t i = 0; i < staged->n; i++) {
        const struct staged_result *one = &staged->results[i];

        if (indexer_add(&indexer, &one->check, one->has_phases ? &one->phases : NULL, error))
            return -1;
        indexer.due_after_ms = one->due_after_ms;
    }
    return indexer_end(&indexer, error);
}

/* Exports one monitor. Returns -1 only if the others must not be tried. */
static int export_monitor(struct exporting *exporting, const struct staged_monitor *staged,
                          size_t appended, struct error *error)
{
    struct journal *journal = exporting->journal;
    int64_t after;

    if (write_rows(exporting, staged, appended, error) == 0)
        return index_rows(&exporting->minute_index, staged, error);
    if (call_add_failure(journal, error) || !storage_in_transaction(journal->storage))
        return -1;

    /* These results stay staged; those of the monitors since the last one so kept are deleted. */
    after = exporting->last_kept;
    exporting->last_kept = staged->monitor.id;
    return staged_delete_between(journal->storage, after, staged->monitor.id, error);
}

static bool is_full(const struct batch_of_monitors *batch)
{
    return batch->n == BATCH || batch->n_results >= BATCH;
}

/*
 * Exports the monitors of the batch, and empties it. If more may follow, the system begins to bring
 * their files to disk meanwhile; a second sync for the last ones would cost more than it saves.
 */
static int export_batch(struct exporting *exporting, struct error *error)
{
    struct batch_of_monitors *batch = exporting->batch;
    struct journal *journal = exporting->journal;
    struct staged_result *results = batch->results;
    size_t n = batch->n;
    int result = 0;

    for (size_t i = 0; i < n; results += batch->monitors[i++].n)
        batch->monitors[i].results = results;
    memset(batch->appended, 0, n * sizeof batch->appended[0]);
    if (!journal->sync_each)
        appender_run(journal, batch->monitors, n, batch->appended);
    if (is_full(batch))
        call_sync_early(journal);
    for (size_t i = 0; i < n && result == 0; i++)
        result = export_monitor(exporting, &batch->monitors[i], batch->appended[i], error);
    batch->n = batch->n_results = 0;
    return result;
}

static int add_monitor(void *context, const struct staged_monitor *staged, struct error *error)
{
    struct exporting *exporting = context;
    struct batch_of_monitors *batch = exporting->batch;
    struct staged_result *results = memory_grow(
        batch->results, &batch->capacity, batch->n_results + staged->n, sizeof *batch->results);

    if (!results)
        return error_set(error, EXIT_IO, "%s/%s: out of memory", staged->monitor.site,
                         staged->monitor.domain);
    batch->results = results;
    memcpy(results + batch->n_results, staged->results, staged->n * sizeof *results);
    batch->n_results += staged->n;
    batch->monitors[batch->n++] = *staged;
    return is_full(batch) ? export_batch(exporting, error) : 0;
}

static int export_each(struct exporting *exporting, struct error *error)
{
    struct storage *storage = exporting->journal->storage;
    int result = -1;

    exporting->batch = calloc(1, sizeof *exporting->batch);
    if (!exporting->batch)
        return error_set(error, EXIT_IO, "%s: out of memory", exporting->journal->config->data_dir);
    if (staged_each(storage, add_monitor, exporting, error) == 0)
        result = export_batch(exporting, error);
    free(exporting->batch->results);
    free(exporting->batch);
    return result;
}

/* Deletes the staged results that are now in the CSV: all, apart from those that were kept. */
static int delete_staged(const struct exporting *exporting, struct error *error)
{
    struct storage *storage = exporting->journal->storage;

    return exporting->last_kept
               ? staged_delete_between(storage, exporting->last_kept, INT64_MAX, error)
               : staged_delete_all(storage, error);
}

static int export_all(struct journal *journal, struct error *error)
{
    struct exporting exporting = {.journal = journal, .rows = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS)};
    struct storage *storage = journal->storage;
    int result;

    minute_index_begin(&exporting.minute_index, storage);
    result = export_each(&exporting, error);
    buffer_free(&exporting.rows);
    if (result || minute_index_save(&exporting.minute_index, error) ||
        delete_staged(&exporting, error) || storage_set_setting(storage, SETTING_PENDING, 1, error))
        return -1;

    /* The rows are on disk before the transaction that commits their lengths. */
    return call_sync(journal, error);
}

static int export_once(struct journal *journal, struct error *error)
{
    bool all_live;
    int n, result;

    if (staged_count(journal->storage, FEW_FILES + 1, &n, &all_live, error))
        return -1;
    if (n == 0)
        return 0;

    /* Only a sync of everything brings the name of a new file to disk, which is in its folder. */
    call_begin(journal, n <= FEW_FILES && all_live);
    if (storage_begin(journal->storage, error))
        return -1;
    result = storage_end(journal->storage, export_all(journal, error), error);
    return call_end(journal, result, "; the results are kept in state.db for the next tick", error);
}

int export_run(struct journal *journal, struct error *error)
{
    int result = export_once(journal, error);

    if (!result || !journal->is_behind)
        return result;
    return open_state_again(journal, error) ? -1 : export_once(journal, error);
}
