/* Shows how far the reading of all records has come. */
#include "records/progress.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/text.h"
#include "config/config.h"

#include <stdio.h>
#include <unistd.h>

enum { SHOW_EVERY_MS = 200, WARNINGS_MAX = 5 };

void progress_start(struct progress *progress, const struct journal *journal, bool show)
{
    *progress =
        (struct progress){.journal = journal, .is_shown = show && isatty(fileno(journal->log->to))};
}

static void show_counts(struct progress *progress)
{
    FILE *to = progress->journal->log->to;
    int64_t now = clock_monotonic();
    char rows[TEXT_NUMBER_MAX], files[TEXT_NUMBER_MAX];

    if (!progress->is_shown || now - progress->shown_ms < SHOW_EVERY_MS)
        return;
    progress->shown_ms = now;
    text_count((uint64_t)progress->n_rows, rows);
    text_count((uint64_t)progress->n_files, files);
    fprintf(to, "\r%s rows in %s files ", rows, files);
    fflush(to);
}

int progress_update(struct progress *progress, struct error *error)
{
    show_counts(progress);
    if (!interrupt_came())
        return 0;
    return error_set(error, EXIT_IO,
                     "%s/state.db: rebuild interrupted; the next tick, or 'uptick rebuild', starts "
                     "it again",
                     progress->journal->config->data_dir);
}

bool progress_may_warn(struct progress *progress)
{
    return progress->n_warnings++ < WARNINGS_MAX;
}

void progress_end(struct progress *progress)
{
    const struct journal *journal = progress->journal;
    int more = progress->n_warnings - WARNINGS_MAX;

    if (progress->is_shown)
        fprintf(journal->log->to, "\r\033[K");
    if (more > 0)
        log_warn(journal->log, "%s: %d more bad line%s skipped", journal->config->data_dir, more,
                 more > 1 ? "s" : "");
}
