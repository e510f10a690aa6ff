#ifndef RECORDS_JOURNAL_H
#define RECORDS_JOURNAL_H

#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "state/storage.h"

#include <stdint.h>

/*
 * The CSV files below data_dir, made equal to what is staged in state.db and kept so by the ledger
 * (DESIGN.md). Every function may be killed at any instruction and called again: recovery is the
 * ordinary path, run first. The caller holds the lock.
 */

struct journal;

/*
 * Opens data_dir, which must exist, and its state.db. A state that is missing is made anew from the
 * CSV; one that is corrupt or of another version is moved aside first (state.db.corrupt-TIMESTAMP).
 * Either is said once as a warning where there is any CSV. now_ms is the clock. Returns 0 or -1.
 */
int journal_open(struct journal **journal, const struct config *config, const struct log *log,
                 int64_t now_ms, struct error *error);

/* NULL is fine. */
void journal_close(struct journal *journal);

/* The state, which belongs to the journal. */
struct storage *journal_storage(struct journal *journal);

/*
 * Writes all that is staged to the CSV, vouches for it and indexes it. Where some files cannot be
 * written, the rest is done, their rows stay staged, and -1 is returned with one error for all.
 */
int export_run(struct journal *journal, struct error *error);

/* Moves what lies under live to the archives of the rows' own days, if the hour has changed. */
int rotate_run(struct journal *journal, int64_t now_ms, struct error *error);

/* Deletes archives older than retention_days, and what the index no longer needs. */
int prune_run(struct journal *journal, int64_t now_ms, struct error *error);

/*
 * Packs the archives of days that are over, as the configuration says, for so long at most (one
 * file in any case), and stops where a signal came; the next call goes on. Where a file cannot be
 * packed, it stays as it is, and the rest is done. *n_packed counts the files.
 */
int compress_run(struct journal *journal, int64_t now_ms, int64_t room_ms, size_t *n_packed,
                 struct error *error);

/* What a state was made from. */
struct journal_counts {
    int64_t rows, files;
};

/*
 * The command rebuild: makes state.db anew from the CSV, beside the old one, which it replaces.
 * Shows its progress where the log is a terminal. SIGINT and SIGTERM stop it; the old state stands.
 */
int journal_rebuild(const struct config *config, const struct log *log, int64_t now_ms,
                    struct journal_counts *counts, struct error *error);

/*
 * The state as it was at until_ms, in memory, from the CSV alone but for the counts of days that
 * the CSV no longer covers, which come from state.db. Writes nothing. The caller closes the
 * storage.
 */
int journal_load_at(struct storage **storage, const struct config *config, const struct log *log,
                    int64_t until_ms, struct error *error);

#endif
