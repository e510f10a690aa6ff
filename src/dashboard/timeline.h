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

    /* Both are only called for buckets whose status is worse than UNKNOWN. */
    /* Returns the bucket after the last one that has the same reason as the bucket at `first`. It
     * is after first, and not after end. All buckets from first to end have the same status. */
    size_t (*same_until)(const void *context, size_t first, size_t end);
    /* Adds the text "reason" to into: why these n buckets are not UP. Adds nothing if that is not
     * known. */
    void (*reason)(const void *context, size_t first, size_t n, struct object *into);
    const void *context;
};

/* Consecutive buckets of one status and one reason. */
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
    size_t reasons_from;                            /* runs before this one get no reason */
    struct timeline_run bad_runs[CEILING_BAD_RUNS]; /* the latest ones worse than UNKNOWN, whatever
                                                       their reasons, newest first */
    size_t n_bad_runs;
    struct value classes[STATUS_COUNT];
    struct object run_object, bad_run;
};

/*
 * Adds to into
 * - timeline: a list of runs, oldest first: {labelled, status, before_first_check, from, to,
 *   ongoing, duration, reason, plain}. plain has the classes of the buckets of the run; if it is
 *   labelled, without the first bucket, which has the label. A run is labelled if it is not UP.
 *   from and to are clock times. Only the newest CEILING_REASONS bad runs have a reason;
 * - bad_runs: a list of {status, from, to, ongoing, duration, more}, the latest few runs of a
 *   status worse than UNKNOWN, oldest first; n_bad_runs; n_earlier: the number of such runs before
 *   them;
 * - no_data: for how long the status was UNKNOWN since the first check; since: the moment of that
 *   check, if it is within the timeline; never_checked; all_up: UP in every minute since then.
 * timeline, the arrays of source, messages and into must live as long as the values are used.
 */
void timeline_fill(struct timeline *timeline, const struct timeline_source *source,
                   const struct messages *messages, struct object *into);

#endif
