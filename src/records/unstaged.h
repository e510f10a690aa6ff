#ifndef RECORDS_UNSTAGED_H
#define RECORDS_UNSTAGED_H

#include "records/call.h"
#include "state/staged.h"

/*
 * data_dir/unstaged.csv: finished results that state.db could not take, because another program
 * kept it locked. Its rows are those of the records. The next tick stages them and deletes the
 * file.
 */

/* Appends the results, and brings the file to disk. Returns 0 or -1. */
int unstaged_write(const struct journal *journal, const struct staged_result *results, size_t n,
                   struct error *error);

/*
 * Stages what an earlier run left in the file, then deletes it. A row that is staged already, or is
 * in the live file of its monitor, is not staged again: a run may have been killed after it staged
 * the rows. So call it before anything is exported or archived. Lines that
 * are not rows are moved to unstaged.csv.quarantine, with a warning. Without the file, nothing
 * happens. Returns 0, or -1 and the file stays.
 */
int unstaged_stage(struct journal *journal, struct error *error);

#endif
