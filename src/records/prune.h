#ifndef RECORDS_PRUNE_H
#define RECORDS_PRUNE_H

#include "base/error.h"

#include <stdint.h>

struct journal;

/* How far back the state reaches. */
enum {
    PRUNE_INDEX_HOURS = 49, /* minute index: at midnight, all of yesterday is still to be counted */
    PRUNE_TRANSITION_DAYS = 8, /* transitions: a week, and the day before it */
    PRUNE_COUNT_DAYS = 400,    /* counts: the longest span, and some days before it */
};

/* Transitions before this moment may be deleted. It is the same throughout an hour. */
int64_t prune_first_transition(int64_t now_ms);

/*
 * Once an hour: deletes archives older than retention_days, and entries of the state that are no
 * longer needed. While render --at reads the records, nothing is deleted; a later call does it.
 */
int prune_run(struct journal *journal, int64_t now_ms, struct error *error);

#endif
