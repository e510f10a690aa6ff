#ifndef MODEL_SCHEDULER_H
#define MODEL_SCHEDULER_H

#include "config/config.h"

#include <stdint.h>

/*
 * Which checks fall due in a minute (spec 4). Pure: no clock, no file.
 *
 * A domain's slots are the moments phase + k * interval since the epoch. For each domain one number
 * is kept: due_after_ms, the moment before which all its slots are served. 0: never checked.
 */

/* A check that is to be made. */
struct job {
    size_t domain;        /* index into config.domains */
    int64_t start_ms;     /* not before this */
    int64_t latest_ms;    /* and, but for a moment's grace, not after this; 0: at any time */
    int64_t due_after_ms; /* the domain's new due_after_ms once its result is staged */
    int64_t unserved_ms;  /* its present one: of two that start together the older goes first */
};

/* The domain's phase in ms: a fixed hash of "site/domain" modulo the interval. */
int64_t scheduler_phase(const struct config *config, size_t domain);

/* The first slot at or after this moment. */
int64_t scheduler_next_slot(const struct config *config, size_t domain, int64_t from_ms);

/*
 * All checks that a tick which starts at now_ms has to make, in the order of their start, and of
 * those that start together the longest unserved first, in an array that the caller frees (NULL
 * where there are none). due_after_ms has one value a domain of the configuration. Returns 0, or -1
 * where memory runs out.
 *
 * A tick is over within its minute, so that the next one finds no lock: a check that has to wait
 * for others may begin only as long as its timeout still fits into the minute, with five seconds
 * left for the records and the pages. One that begins within five seconds of its slot may always.
 */
int scheduler_due(const struct config *config, const int64_t *due_after_ms, int64_t now_ms,
                  struct job **jobs, size_t *n_jobs);

/* The due_after_ms that follows from a check which started at this moment: what a rebuild knows. */
int64_t scheduler_served_by(const struct domain *domain, int64_t start_ms);

/*
 * valid_until (spec 7): the latest moment at which the next build after one at now_ms is due: the
 * earliest next slot of any domain, the longest that a check of that minute may take, two minutes.
 */
int64_t scheduler_valid_until(const struct config *config, const int64_t *due_after_ms,
                              int64_t now_ms);

#endif
