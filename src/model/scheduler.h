#ifndef MODEL_SCHEDULER_H
#define MODEL_SCHEDULER_H

#include "config/config.h"

#include <stdint.h>

/*
 * Decides which checks are due in a minute. Pure: no clock, no file.
 *
 * The slots of a domain are the moments phase + k * interval since the epoch. One number is stored
 * for each domain: due_after_ms. Slots before this moment are done. 0: never checked. This covers
 * missed ticks and a second tick in the same minute. If the clock is set back, the moment is in the
 * future, and the domain is checked at once.
 */

/* A check to make. */
struct job {
    size_t domain;            /* index in the configuration */
    int64_t start_ms;         /* do not start it earlier */
    int64_t latest_ms;        /* do not start it much later; 0: no limit */
    int64_t due_after_ms;     /* of the domain, once the result is staged */
    int64_t waiting_since_ms; /* its due_after_ms until then: of jobs with the same start, the one
                                 that has waited longest goes first */
};

/* The domain's phase in ms: a fixed hash of "site/domain" modulo the interval. */
int64_t scheduler_phase(const struct config *config, size_t domain);

/* The first slot at or after this moment. */
int64_t scheduler_next_slot(const struct config *config, size_t domain, int64_t from_ms);

/*
 * Makes the jobs of a tick that starts at now_ms, ordered by start. due_after_ms has one value for
 * each domain of the configuration. The caller frees the array; it is NULL if there is no job.
 * Returns 0, or -1 if out of memory.
 *
 * A tick ends within its minute, so that the next one finds the lock free. Therefore a check that
 * has to wait for other checks may start only if its longest duration still fits into the minute,
 * with five seconds left for the records and the pages. Within five seconds after its slot, a check
 * may always start, so a tick started by hand late in a minute makes its checks too.
 */
int scheduler_due(const struct config *config, const int64_t *due_after_ms, int64_t now_ms,
                  struct job **jobs, size_t *n_jobs);

/* The due_after_ms after a check that started at this moment. A rebuild computes it from the CSV.
 */
int64_t scheduler_due_after(const struct domain *domain, int64_t start_ms);

/*
 * When a dashboard that is built at now_ms becomes out of date: the latest moment at which the next
 * build ends. That is the earliest next slot of any domain, plus the longest time that a check of
 * that minute can take, plus two minutes.
 */
int64_t scheduler_valid_until(const struct config *config, const int64_t *due_after_ms,
                              int64_t now_ms);

#endif
