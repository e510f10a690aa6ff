#ifndef STATE_INDEXER_H
#define STATE_INDEXER_H

#include "state/minute_index.h"
#include "state/monitors.h"

/*
 * Derives the state from rows of the CSV: the last checks of a monitor, and its samples. A tick and
 * a rebuild use the same code, so the state depends only on the CSV.
 *
 * The rows of one monitor are added in the order of the CSV, between indexer_begin and indexer_end.
 */
struct indexer {
    struct minute_index *minute_index; /* the caller saves it after indexer_end */
    int64_t monitor;
    int64_t now_ms;

    /* indexer_end saves these. The caller moves due_after_ms. last and last_failure have only
     * start_ms and status if they come from the state. */
    int64_t first_ms, due_after_ms;
    struct check last, last_failure;
    bool has_last, has_failure; /* they come from the rows */
    bool has_phases;            /* whether the phases of last are known */
    struct phases phases;
    int64_t latest_ms; /* of the latest check in time */
    enum status latest_status;
};

/*
 * Begins with the summary of the monitor. A row later than now_ms becomes the last check
 * only if there is no other. A tick that has just made the checks passes INT64_MAX.
 */
void indexer_begin(struct indexer *indexer, struct minute_index *minute_index, int64_t monitor,
                   const struct monitor_summary *summary, int64_t now_ms);
/* phases NULL: unknown. */
int indexer_add(struct indexer *indexer, const struct check *check, const struct phases *phases,
                struct error *error);
/* Saves the row of the monitor. */
int indexer_end(struct indexer *indexer, struct error *error);

#endif
