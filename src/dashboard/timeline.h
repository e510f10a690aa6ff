#ifndef DASHBOARD_TIMELINE_H
#define DASHBOARD_TIMELINE_H

#include "dashboard/ceilings.h"
#include "dashboard/messages.h"
#include "dashboard/object.h"
#include "model/aggregator.h"

#include <stdint.h>

/* The timeline of a site or a domain, bucket by bucket, and as text. */

enum { TIMELINE_MAX = 24 * 60 /* buckets */ };

/* What a timeline is made from. */
struct timeline_source {
    const uint8_t *cells; /* n_cells, at most TIMELINE_MAX */
    size_t n_cells;
    int64_t from_ms;     /* start of the first bucket */
    int64_t first_ms;    /* the first check ever; INT64_MAX: never checked */
    size_t max_bad_runs; /* at most this many are named in text; CEILING_BAD_RUNS at most */

    /* Adds the text "reason" to into: why this bucket is not UP. Adds nothing if that is not known.
     * It is not called for UNKNOWN buckets. */
    void (*reason)(const void *context, size_t bucket, struct object *into);
    const void *context;
};

/* Consecutive buckets of one status. */
struct timeline_run {
    size_t first, n;
    enum status status;
    bool monitored; /* not before the first check */
};

/* Filled for one site or domain after the other. */
struct timeline {
    struct timeline_source source;
    const struct messages *messages;
    struct timeline_run runs[TIMELINE_MAX];
    size_t n_runs;
    size_t reasons_from;               /* buckets before this one get no reason */
    size_t bad_runs[CEILING_BAD_RUNS]; /* indices of the latest runs worse than UNKNOWN, newest
                                           first */
    size_t n_bad_runs;
    const struct timeline_run *run; /* the run whose buckets are being made */
    struct value classes[STATUS_COUNT];
    struct object run_object, bucket, bad_run;
};

/*
 * Adds to into
 * - timeline: a list of runs. A run that is UP or before the first check is {plain: the classes of
 *   its buckets}. Before the first check, before_first_check is also true, and the first bucket of
 *   the run is not in plain. Other runs are {buckets: a list of {status, clock, first, reason}};
 *   only the newest CEILING_REASONS bad buckets have a reason;
 * - bad_runs: a list of {status, from, to, ongoing, duration, more}, the latest few runs worse than
 *   UNKNOWN, oldest first; n_bad_runs; n_earlier: the number of such runs before them;
 * - no_data: for how long the status was UNKNOWN since the first check; since: the moment of that
 *   check, if it is within the timeline; never_checked; all_up: UP in every minute since then.
 * timeline, the arrays of source, messages and into must live as long as the values are used.
 */
void timeline_fill(struct timeline *timeline, const struct timeline_source *source,
                   const struct messages *messages, struct object *into);

#endif
