#ifndef STATE_INDEXER_H
#define STATE_INDEXER_H

#include "state/minute_index.h"
#include "state/storage.h"
#include "state/transitions.h"

#include <sqlite3.h>

/* What is known of a monitor before its rows are added: the texts of its checks are not needed. */
struct monitor_summary {
    int64_t first_ms; /* INT64_MAX: never checked */
    int64_t due_after_ms;
    int64_t last_ms, failed_ms;
    enum status last_status, failed_status; /* UNKNOWN: none */
    int64_t latest_ms;                      /* of the latest in time */
    enum status latest_status;              /* UNKNOWN: none */
};

/*
 * Rows of one monitor on their way into the index, in the order in which they stand in the CSV. The
 * tick and the rebuild both go this way, so that the index is a function of the CSV.
 */
struct indexer {
    struct minute_index *minute_index; /* where its marks go; to be saved behind it */
    int64_t monitor;
    int64_t now_ms; /* a row that lies ahead of it is the last only where no other is */

    /* As it will be saved; due_after_ms is the caller's to move on. Of checks that were known
     * before, start_ms and status alone. */
    int64_t first_ms, due_after_ms;
    struct check last, last_failure;
    bool has_last, has_failure; /* they came with the rows */
    bool has_phases;            /* those of the last are known */
    struct phases phases;
    struct transitions transitions;
};

/* Where a tick hands in what it has just recorded, nothing lies ahead: now_ms is INT64_MAX. */
void indexer_begin(struct indexer *indexer, struct minute_index *minute_index, int64_t monitor,
                   const struct monitor_summary *known, int64_t now_ms);
/* phases: NULL: not known. */
int indexer_add(struct indexer *indexer, const struct check *check, const struct phases *phases,
                struct error *error);
/* Saves what the monitor's row has of it. */
int indexer_end(struct indexer *indexer, struct error *error);

/* What the state knows of a monitor. */
int indexer_load(struct monitor_summary *known, struct storage *storage, int64_t monitor,
                 struct error *error);

/* Reads the eight columns of struct known, from this one on, in the order of sql/state_get.sql. */
int indexer_read_known(struct monitor_summary *known, struct storage *storage, sqlite3_stmt *row,
                       int first, struct error *error);

#endif
