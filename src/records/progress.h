#ifndef RECORDS_PROGRESS_H
#define RECORDS_PROGRESS_H

#include "records/call.h"

/* How far the reading of all records has come, and what was wrong with them. */
struct progress {
    const struct journal *journal;
    bool is_shown; /* on a terminal */
    int64_t shown_ms;
    int64_t n_rows, n_files;
    int n_warnings; /* including those that are only counted */
};

/* Starts at zero. With show, the counts are shown if the log is a terminal. */
void progress_start(struct progress *progress, const struct journal *journal, bool show);

/* Shows the counts now and then. Returns 0; or -1 after SIGINT or SIGTERM. */
int progress_update(struct progress *progress, struct error *error);

/* Whether to print one more warning about a bad line: the first five are printed, the rest are only
 * counted. */
bool progress_may_warn(struct progress *progress);

/* Clears the line with the counts and reports how many bad lines were only counted. */
void progress_end(struct progress *progress);

#endif
