#ifndef CHECK_RUNNER_H
#define CHECK_RUNNER_H

#include "base/error.h"
#include "config/config.h"
#include "model/check.h"
#include "model/scheduler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The pthread pool that makes the checks (spec 3). Each worker drives many transfers through its
 * own curl multi handle. A failed check is a result and never an error; workers touch no file.
 */

struct result {
    size_t job;         /* index into the jobs given */
    struct check check; /* of the last attempt */
    struct phases phases;
    int attempts;
    bool no_verdict; /* a fault of our own machine (no descriptor, no memory): check.failure says
                        which; nothing is known about the endpoint and nothing may be recorded */
};

struct runner;

/*
 * Starts a thread a processor, fewer where there are few jobs; more, up to config->workers, once
 * each has config->in_flight requests that wait for their servers. No host and port gets more than
 * config->max_per_host at once. jobs must be in the order of their start, and they and config must
 * outlive the runner. Raises the process's soft limit of descriptors to the hard one, and keeps the
 * transfers in flight below it. Returns 0, or -1.
 */
int runner_start(struct runner **runner, const struct config *config, const struct job *jobs,
                 size_t n_jobs, struct error *error);

/*
 * A descriptor that is readable while many results wait (64) or all jobs are done, to poll beside
 * others; fewer are to be looked for now and then.
 */
int runner_fd(const struct runner *runner);

/*
 * Moves out at most room of the results that have come, in any order. Returns how many. Never
 * blocks. Sets *finished once no more will come after these.
 */
size_t runner_take(struct runner *runner, struct result *results, size_t room, bool *finished);

/* How many jobs were not begun: as long as the runner runs they may still be; once it is finished,
 * they could not be in time, or it was stopped. */
size_t runner_left_over(struct runner *runner);

/* The most requests at once, where the limit of open files holds them below what the configuration
 * allows and the jobs would use; else 0. */
size_t runner_limited_to(const struct runner *runner);

/* Drops what is in flight or not begun; what was finished can still be taken. At once. */
void runner_stop(struct runner *runner);

/* Stops what still runs, joins the threads, frees. NULL is fine. */
void runner_free(struct runner *runner);

#endif
