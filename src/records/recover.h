#ifndef RECORDS_RECOVER_H
#define RECORDS_RECOVER_H

#include "records/call.h"

/* Why the state is rebuilt. */
enum recover_cause {
    RECOVER_MISSING,
    RECOVER_EMPTY, /* a database without tables, although there are records */
    RECOVER_DAMAGED,
    RECOVER_CHANGED, /* by another program */
    RECOVER_VERSION, /* another version of uptick wrote it */
    RECOVER_REQUESTED
};

/*
 * Builds state.db.new from the CSV, and from the old state what only that has; then replaces
 * state.db with it. A damaged state.db is set aside. Reports the cause in one warning, unless the
 * rebuild was requested. journal->storage must be NULL, and stays NULL. If it fails, the old state
 * is still in place. Returns 0 or -1.
 */
int recover_run(struct journal *journal, enum recover_cause cause, bool show_progress,
                struct error *error);

/* Deletes the state.db.new of a rebuild that was killed. A failure to do so is harmless. */
void recover_delete_unfinished(const struct journal *journal);

#endif
