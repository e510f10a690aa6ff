#ifndef MODEL_SCHEDULER_H
#define MODEL_SCHEDULER_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decides which checks are due in a minute. Pure: no clock, no file.
 *
 * The slots of a domain are the moments phase + k * interval since the epoch. One number is stored
 * for each domain: due_after_ms. Slots before this moment are done. 0: never checked. This covers
 * missed ticks and a second tick in the same minute. If the clock is set back, the moment is in the
 * future, and the domain is checked at once.
 *
 * A second number, wait_until_ms, is not stored: it follows from the last check of the domain
 * (retry_after.h). The domain is not checked before this moment, and slots until then are missed.
 * It counts only if it is at most an hour ahead; else the clock was set back. 0: no wait.
 *
 * A domain that may be at the beginning or at the end of an outage (confirm.h) is due in each
 * minute, whatever its interval. Within the minute it is checked again: these are its rechecks.
 */

/* A check to make. */
struct job {
    size_t domain;            /* index in the configuration */
    int64_t start_ms;         /* do not start it earlier */
    int64_t latest_ms;        /* do not start it much later; 0: no limit */
    int64_t due_after_ms;     /* of the domain, once the result is staged */
    int64_t waiting_since_ms; /* its due_after_ms until then: of jobs with the same start, the one
                                 that has waited longest goes first */
    int recheck; /* 0: a check that is due; 1: the first recheck of its domain in this minute, … */
    bool explains; /* its result explains an expectation that fails */
};

/* The domain's phase in ms: a fixed hash of "site/domain" modulo the interval. */
int64_t scheduler_phase(const struct config *config, size_t domain);

/* The first slot at or after this moment. */
int64_t scheduler_next_slot(const struct config *config, size_t domain, int64_t from_ms);

/*
 * Makes the jobs of a tick that starts at now_ms, ordered by start. due_after_ms has one value for
 * each domain of the configuration. So have wait_until_ms (NULL: no domain waits) and undecided:
 * whether the domain is due in each minute (NULL: none is). The caller frees the array; it is NULL
 * if there is no job. Returns 0, or -1 if out of memory.
 *
 * A tick tries to end within its minute. Therefore a check that has to wait for other checks may
 * start only if its longest duration still fits into the minute, with five seconds left for the
 * records and the pages. Within five seconds after its slot, a check may always start, so a tick
 * started by hand late in a minute makes its checks too.
 */
int scheduler_due(const struct config *config, const int64_t *due_after_ms,
                  const int64_t *wait_until_ms, const bool *undecided, int64_t now_ms,
                  struct job **jobs, size_t *n_jobs);

/*
 * Makes the job of the next recheck of a domain that has had `made` rechecks in the minute of
 * minute_ms. Its second counts from from_ms, the end of the first check that left the domain
 * undecided in this minute. It starts at its second, but not before now_ms and wait_until_ms (as
 * above; 0: none). due_after_ms is the one of the domain: a recheck does not move the schedule.
 * It may start after the minute: the tick goes on until then, and takes the next minute over, in
 * which the domain is due. Returns false if there is none, or if the wait lasts longer than the
 * minute.
 */
bool scheduler_recheck(const struct config *config, size_t domain, int made, int64_t from_ms,
                       int64_t wait_until_ms, int64_t minute_ms, int64_t now_ms, struct job *job);

/* The longest time that a check of the domain can take, with all its attempts and the pauses
 * between them, in milliseconds. */
int64_t scheduler_longest_check(const struct domain *domain);

/*
 * Sets due_after_ms of domains to 0 if it is after the minute of now_ms: the clock was set back, so
 * the slots until then are not done.
 */
void scheduler_forget_future(const struct config *config, int64_t *due_after_ms, int64_t now_ms);

/*
 * Removes the jobs that would start at now_ms from the jobs of a minute that began then, if an
 * earlier check of the same domain is still running: it would be checked twice at once. Returns how
 * many of them are left over; for an interval below a minute the running check is enough.
 */
size_t scheduler_skip_running(const struct config *config, const bool *running, int64_t now_ms,
                              struct job *jobs, size_t *n_jobs);

/*
 * A tick that is still running when another minute begins takes it over, as if it had been started
 * then. The wall clock decides which minute it is, and a clock that is never set decides how long a
 * tick may go on.
 */
enum { SCHEDULER_TICK_MAX_MS = 15 * 60 * 1000 };

/*
 * Whether another minute has begun at now_ms for a tick whose minute began at minute_ms, passed_ms
 * ago. If the wall clock was set back, that minute begins only after a minute has passed: a clock
 * that is set back and forth does not begin minutes again and again.
 */
bool scheduler_minute_is_over(int64_t minute_ms, int64_t now_ms, int64_t passed_ms);

/* Whether the minute of now_ms ends early enough to be taken over by a tick that began age_ms ago.
 */
bool scheduler_may_take_over(int64_t age_ms, int64_t now_ms);

/* Whether a tick that began age_ms ago, and begins the minute of now_ms, cannot take over the next
 * one. */
bool scheduler_is_last_minute(int64_t age_ms, int64_t now_ms);

/* The time from now_ms to the end of its minute, for the checks: without the five seconds that are
 * left for the records and the pages. */
int64_t scheduler_time_left(int64_t now_ms);

/* The due_after_ms after a check that started at this moment. A rebuild computes it from the CSV.
 */
int64_t scheduler_due_after(const struct domain *domain, int64_t start_ms);

/*
 * When a dashboard that is built at now_ms becomes out of date: the latest moment at which the next
 * build ends. That is the earliest next check of any domain, plus the longest time that a check of
 * that minute can take, with its rechecks, plus two minutes.
 */
int64_t scheduler_valid_until(const struct config *config, const int64_t *due_after_ms,
                              const int64_t *wait_until_ms, int64_t now_ms);

#endif
