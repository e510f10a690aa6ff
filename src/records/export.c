/* Staged results and events -> the live files, by the four steps of the ledger (DESIGN.md). */
#include "records/export.h"

#include "base/memory.h"
#include "records/appender.h"
#include "records/committed.h"
#include "records/event_csv.h"
#include "records/open_state.h"
#include "state/event_table.h"
#include "state/indexer.h"
#include "state/ledger.h"
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

/* The staged events on their way to the event log. */
struct event_batch {
    struct event_table_adding adding;
    struct buffer lines;
};

static int add_event(void *context, const struct event *event, struct error *error)
{
    struct event_batch *batch = context;
    bool is_new;

    /* A state that was copied or carried over may have staged what is in the log already. */
    if (event_table_add(&batch->adding, event, &is_new, error))
        return -1;
    return is_new && event_csv_write(&batch->lines, event)
               ? error_set(error, EXIT_IO, "%s: out of memory", event->scope)
               : 0;
}

/* Writes the lines to the live event log and commits its new length. */
static int write_events(struct journal *journal, const struct buffer *lines, struct error *error)
{
    struct storage *storage = journal->storage;
    struct ledger_live live;
    struct record record;
    bool staged;

    if (lines->size == 0)
        return 0;
    record_name(&record, RECORD_LIVE, &ledger_event_log);
    if (ledger_get_live(storage, LEDGER_EVENT_LOG, &live, &staged, error) ||
        forget_emptied(journal, &record, &live, error) ||
        committed_append(journal, &record, &live.length, lines, error))
        return -1;
    return ledger_set_live(storage, LEDGER_EVENT_LOG, &live, error);
}

/* Exports the staged events. *is_shown becomes true if the dashboard shows one of them: not for
 * those of messages. Returns -1 only if what was exported must not be committed. */
static int export_events(struct journal *journal, bool *is_shown, struct error *error)
{
    struct storage *storage = journal->storage;
    struct event_batch batch = {.lines = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS)};
    int result = event_table_begin(&batch.adding, storage, error);

    if (result == 0)
        result = event_table_each_staged(storage, add_event, &batch, error);
    if (result == 0 && write_events(journal, &batch.lines, error) == 0)
        result = event_table_end(&batch.adding, error) || event_table_delete_staged(storage, error)
                     ? -1
                     : 0;
    else if (result == 0) /* they stay staged */
        result = call_add_failure(journal, error) || !storage_in_transaction(storage)
                     ? -1
                     : event_table_take_back(&batch.adding, error);
    *is_shown |= batch.adding.has_change;
    buffer_free(&batch.lines);
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

static int export_all(struct journal *journal, bool has_rows, bool has_events, struct error *error)
{
    struct exporting exporting = {.journal = journal, .rows = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS)};
    struct storage *storage = journal->storage;
    bool is_shown = has_rows;
    int result;

    minute_index_begin(&exporting.minute_index, storage);
    result = export_each(&exporting, error);
    buffer_free(&exporting.rows);
    if (result || minute_index_save(&exporting.minute_index, error) ||
        delete_staged(&exporting, error) ||
        (has_events && export_events(journal, &is_shown, error)) ||
        (is_shown && storage_set_setting(storage, SETTING_PENDING, 1, error)))
        return -1;

    /* The rows are on disk before the transaction that commits their lengths. */
    return call_sync(journal, error);
}

/* Whether the live event log has lines that are not in the archives; then its name is on disk. */
static int is_log_live(struct journal *journal, bool *is_live, struct error *error)
{
    struct ledger_live live;
    bool staged;

    if (ledger_get_live(journal->storage, LEDGER_EVENT_LOG, &live, &staged, error))
        return -1;
    *is_live = live.length > live.archived;
    return 0;
}

static int export_once(struct journal *journal, struct error *error)
{
    bool all_live, has_rows, has_events, is_log_ready = true;
    int n, result;

    if (staged_count(journal->storage, FEW_FILES + 1, &n, &all_live, &has_events, error) ||
        (has_events && is_log_live(journal, &is_log_ready, error)))
        return -1;
    has_rows = n > 0;
    n += has_events;
    if (n == 0)
        return 0;

    /* Only a sync of everything brings the name of a new file to disk, which is in its folder. */
    call_begin(journal, n <= FEW_FILES && all_live && is_log_ready);
    if (storage_begin(journal->storage, error))
        return -1;
    result = storage_end(journal->storage, export_all(journal, has_rows, has_events, error), error);
    return call_end(journal, result, "; the results are kept in state.db for the next tick", error);
}

int export_run(struct journal *journal, struct error *error)
{
    int result = export_once(journal, error);

    if (!result || !journal->is_behind)
        return result;
    return open_state_again(journal, error) ? -1 : export_once(journal, error);
}
