#ifndef RECORDS_PRUNE_H
#define RECORDS_PRUNE_H

#include "base/error.h"

#include <stdint.h>

struct config;
struct journal;
struct proof;

/* How far back the state reaches. */
enum {
    PRUNE_INDEX_HOURS = 49, /* minute index: at midnight, all of yesterday is still to be counted */
};

/* Counts of days before this one may be deleted. INT64_MIN: none. */
int64_t prune_first_count(const struct config *config, const struct proof *proof);

/* Events before this day may be deleted from the state; event logs of days before this one, from
 * the archives. INT64_MIN: none. */
int64_t prune_first_event(const struct proof *proof);
int64_t prune_first_event_log(const struct proof *proof);

/*
 * Once an hour: deletes archives older than retention_days, apart from event logs that are not
 * older than 400 days, and entries of the state that are no longer needed. How old they are is
 * judged by the archives (proof.h). While render --at reads the records, nothing is deleted; a
 * later call does it.
 */
int prune_run(struct journal *journal, int64_t now_ms, struct error *error);

#endif
