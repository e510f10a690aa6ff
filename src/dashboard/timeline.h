#ifndef DASHBOARD_TIMELINE_H
#define DASHBOARD_TIMELINE_H

#include "dashboard/messages.h"
#include "dashboard/object.h"
#include "model/aggregator.h"

#include <stdint.h>

/*
 * How a site or a domain fared: its timeline, bucket by bucket, and the same in words.
 */

/* What a course is told from. */
struct timeline_source {
    const uint8_t *cells;
    size_t n_cells;
    int64_t from_ms;  /* start of the first bucket */
    int64_t first_ms; /* the first check ever: what lies before it was not monitored */
    size_t most;      /* so many times of trouble are told in words, TIMELINE_PERIODS at most */

    /* Writes into the form why a bucket is not UP, as the text "reason", or nothing. */
    void (*reason)(const void *context, size_t bucket, struct object *into);
    const void *context;
};

/* Buckets of one status that follow each other. */
struct timeline_run {
    size_t first, n;
    enum status status;
    bool monitored; /* not before the first check */
};

enum { TIMELINE_MOST = 24 * 60, TIMELINE_PERIODS = 12 };

/* Filled anew for each site and each domain. */
struct timeline_text {
    struct timeline_source source;
    const struct messages *words;
    struct timeline_run runs[TIMELINE_MOST];
    size_t n_runs;
    size_t periods[TIMELINE_PERIODS]; /* of the runs that are worse than UNKNOWN, the latest */
    size_t n_periods;
    const struct timeline_run *run; /* whose buckets are being shown */
    struct value classes[STATUS_COUNT];
    struct object run_form, bucket, status, period, from, to, since;
};

/*
 * Adds to the form
 * - timeline: a list of runs of buckets of one status. Those that have nothing to tell are
 *   {plain: their classes}, after {unwatched} where they lie before the first check, the first of
 *   them then being no part of plain; others are {buckets: a list of {status, clock, first,
 *   reason}};
 * - periods: a list of {status, from, to, goes_on, duration, more} for each time that it was worse
 * than UNKNOWN, the latest few, oldest first; n_periods; n_earlier: how many there were before
 * those;
 * - no_data: for how long it was UNKNOWN since its first check; since: the moment of that check,
 *   where it lies within the timeline; never: there was none; well: it was UP ever since.
 * The source's arrays must outlive the use of the form.
 */
void timeline_fill(struct timeline_text *timeline_text, const struct timeline_source *source,
                   const struct messages *words, struct object *into);

#endif
