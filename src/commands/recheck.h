#ifndef COMMANDS_RECHECK_H
#define COMMANDS_RECHECK_H

#include "base/error.h"
#include "check/runner.h"
#include "commands/schedule.h"
#include "state/storage.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Plans the rechecks of a minute: while it is not decided whether a domain has an outage, or
 * whether the outage is over, the domain is checked again within the same minute. Only the results
 * of failed checks, and of domains with an outage, are looked at.
 *
 * All is computed on the clock that is never set, so that a recheck comes at its second even if the
 * wall clock is set meanwhile.
 */

/* The rechecks of a domain in this minute. */
struct recheck {
    bool is_counting;  /* its seconds count from from_ms */
    int64_t from_ms;   /* end of the check that left the domain undecided first in this minute, */
    int64_t begins_ms; /* and begin of the last recheck; both on the monotonic clock */
    int made;          /* rechecks so far */
};

/* A result that may call for a recheck. */
struct recheck_result {
    size_t domain;
    int64_t ended_ms;
};

struct rechecks {
    const struct config *config;
    struct storage *storage;
    int64_t minute_ms;       /* when the minute began, */
    int64_t minute_began_ms; /* and the same moment on the monotonic clock */
    struct recheck *of;      /* for each domain; NULL: none is undecided */
    struct recheck_result *results;
    size_t n_results, capacity;
};

/* Config and storage must outlive the rechecks. The minute is that of recheck_begin_minute. */
void recheck_init(struct rechecks *rechecks, const struct config *config, struct storage *storage);
/* May be called again. */
void recheck_free(struct rechecks *rechecks);

/* Another minute began at minute_ms, which is began_us on the monotonic clock: all domains start
 * again with their first recheck. */
void recheck_begin_minute(struct rechecks *rechecks, int64_t minute_ms, int64_t began_us);

/* Takes a result, before it is stored. */
void recheck_take(struct rechecks *rechecks, const struct result *result);

/*
 * All results taken so far are stored. Makes the jobs of the rechecks that follow from them,
 * ordered by start; *jobs is to be freed by the caller and NULL if there is none. Returns 0, or
 * -1; then the next tick checks the domains.
 */
int recheck_plan(struct rechecks *rechecks, const struct schedule *schedule, struct job **jobs,
                 size_t *n_jobs, struct error *error);

#endif
