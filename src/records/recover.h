#ifndef RECORDS_RECOVER_H
#define RECORDS_RECOVER_H

#include "records/call.h"

#include <limits.h>

/* Why the state is rebuilt. */
enum recover_cause {
    RECOVER_NOT, /* it is not rebuilt, because that would not help */
    RECOVER_MISSING,
    RECOVER_EMPTY, /* a database without tables, although there are records */
    RECOVER_DAMAGED,
    RECOVER_CHANGED, /* by another program */
    RECOVER_LINKED,  /* the file has another name, so it must not be written */
    RECOVER_VERSION, /* another version of uptick wrote it */
    RECOVER_BEHIND,  /* it is of another moment than the records */
    RECOVER_COPIED,  /* it was copied while a tick wrote it */
    RECOVER_REQUESTED
};

/*
 * Builds state.db.new from the CSV and replaces state.db with it. Results and events that were
 * staged and never written are carried over from the old state if it can be read. So are counts of
 * days that a state of an older version has not written to data/days. A rebuild never uses only
 * part of the records: it fails if it may not read a file.
 *
 * Rows that are in two files, as in a backup that was made during a rotation, are removed from one
 * of them. Unless the rebuild was requested, the cause is reported in one warning. A damaged or
 * changed state is set aside; one that is only of another moment than the records is replaced.
 * journal->storage is NULL before and after. After a failure the old state is still in place.
 * Returns 0 or -1.
 */
int recover_run(struct journal *journal, enum recover_cause cause, struct error *error);

/* Deletes the state.db.new of a rebuild that was killed. A failure to do so does not matter. */
void recover_delete_unfinished(const struct journal *journal);

/* The path of state.db, with a suffix such as ".new" or "", for messages and for SQLite. */
void recover_state_path(const struct config *config, const char *suffix, char path[PATH_MAX]);

#endif
