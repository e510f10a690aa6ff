#ifndef RECORDS_JOURNAL_H
#define RECORDS_JOURNAL_H

#include "base/log.h"
#include "records/recorded_days.h"
#include "state/storage.h"

/*
 * The records: moves staged results from state.db to the CSV files below data_dir and keeps both
 * consistent (DESIGN.md, "The ledger"). This header opens and closes them; export.h, rotate.h,
 * prune.h and compress.h have the steps of a tick. Each function may be killed at any instruction
 * and called again: recovery is simply the next call. The caller holds the lock.
 */
struct journal;

/*
 * Opens data_dir, which must exist, and state.db. A missing state is rebuilt from the CSV. So is
 * one that is damaged, of another version or changed by another program; the old file is kept as
 * state.db.corrupt-TIMESTAMP. A rebuild is reported with one warning; if there is neither a state
 * nor any CSV, an empty state is created without one. now_ms is the current time. config and log
 * must outlive the journal. Returns 0, or -1 with *journal NULL. If another process has the records
 * open, os of the error is EWOULDBLOCK.
 */
int journal_open(struct journal **journal, const struct config *config, const struct log *log,
                 int64_t now_ms, struct error *error);

/* Closes the state and frees everything. NULL is allowed. */
void journal_close(struct journal *journal);

/* The state. It belongs to the journal and is closed with it. */
struct storage *journal_storage(struct journal *journal);

/* What a state was rebuilt from. */
struct journal_counts {
    int64_t rows, files;
};

/*
 * The command rebuild: builds a new state.db from the CSV and then replaces the old one with it.
 * Shows progress if the log is a terminal. SIGINT or SIGTERM ends it, and the old state stays in
 * place. Returns 0 or -1.
 */
int journal_rebuild(const struct config *config, const struct log *log, int64_t now_ms,
                    struct journal_counts *counts, struct error *error);

/*
 * Loads the state as of until_ms into memory, from the CSV; only the first checks and day counts
 * before the oldest archive come from state.db. Writes nothing, and may be used without the lock,
 * while a tick runs. The caller closes the storage. Returns 0, or -1 with *storage NULL.
 */
int journal_load_at(struct storage **storage, const struct config *config, const struct log *log,
                    int64_t until_ms, struct error *error);

/* Finds the days with records next to a day, as recorded_days_find does. Writes nothing, and may be
 * used without the lock. Returns 0 or -1. */
int journal_recorded_days(const struct config *config, const struct log *log, int64_t day,
                          struct recorded_days *days, struct error *error);

#endif
