#ifndef CHECK_RUNNER_H
#define CHECK_RUNNER_H

#include "base/error.h"
#include "config/config.h"
#include "model/chain.h"
#include "model/check.h"
#include "model/scheduler.h"
#include "model/suspicion.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes the checks with a pool of threads. Each worker drives many transfers through its own curl
 * multi handle. A failed check is a result, never an error. Workers do not touch files of the
 * records or the dashboard.
 */

struct result {
    size_t job;    /* number of the job: from 0, in the order in which they were added */
    size_t domain; /* of the job, and its due_after_ms */
    int64_t due_after_ms;
    struct check check; /* of the last attempt */
    struct phases phases;
    struct sighting sighting; /* of the last attempt */
    int attempts;
    int64_t ended_ms;  /* when the last attempt ended, on the monotonic clock */
    char *explanation; /* of an expectation that failed, in lines (expectation.h); NULL: there is
                          none, or the job did not want it. It belongs to the taker of the result */
    struct chain *chains[CHAIN_SEEN_MAX]; /* of the servers (chain.h); NULL: none was verified.
                                             The taker of the result releases them */
    bool no_verdict; /* a local fault (check.failure names it): nothing is known about the endpoint,
                        and nothing may be recorded */
};

struct runner;

/*
 * Starts one thread for each processor, fewer if there are few jobs. Whenever a worker has
 * config->in_flight requests waiting for servers, another thread is added, up to config->workers. A
 * host and port never gets more than config->max_per_host checks at once. jobs must be ordered by
 * start; config must outlive the runner. Raises the soft limit of open files to the hard limit and
 * keeps the number of transfers below it. Returns 0 if at least one thread could be started, else
 * -1.
 */
int runner_start(struct runner **runner, const struct config *config, const struct job *jobs,
                 size_t n_jobs, struct error *error);

/* Adds more jobs, ordered by start, while the runner runs or after it has finished. Returns 0, or
 * -1 with none added. */
int runner_add(struct runner *runner, const struct job *jobs, size_t n_jobs, struct error *error);

/* Whether no check runs or waits for others: all that are left begin later. */
bool runner_is_idle(struct runner *runner);

/* Drops the jobs that have not begun; they are left over. Sets running[i] to whether domain i has a
 * check that has begun and is not finished. */
void runner_withdraw(struct runner *runner, bool *running);

/* From now on nothing begins that could outlast this moment of the monotonic clock. If there is no
 * time for another attempt, the result of the last one counts. */
void runner_end_by(struct runner *runner, int64_t end_ms);

/* A descriptor to poll: readable when 64 results are waiting or all jobs are done. Call runner_take
 * now and then even if it is not, because a few results do not make it readable. */
int runner_fd(const struct runner *runner);

/* Moves up to max finished results into the array, in any order, and returns their number. Never
 * blocks. Sets *finished when no further results will come, unless jobs are added. */
size_t runner_take(struct runner *runner, struct result *results, size_t max, bool *finished);

/* Number of jobs that have not been started, or were dropped unfinished by runner_stop. Once the
 * runner has finished, they never will be: it was too late for them, or they were dropped. Rechecks
 * do not count: their domains are due in the next minute anyway. */
size_t runner_left_over(struct runner *runner);

/* The number of requests at once, if the limit of open files keeps it below what was configured and
 * needed; else 0. */
size_t runner_limited_to(const struct runner *runner);

/* Whether the limit of open files keeps that number down if every domain has a job at once. */
bool runner_is_limited(const struct runner *runner);

/* Number of jobs whose result may still come, or has come and was not taken. */
size_t runner_open(struct runner *runner);

/* Drops all jobs that are not finished, without waiting. Finished results can still be taken. */
void runner_stop(struct runner *runner);

/* Stops the runner if needed, joins its threads and frees it. NULL is allowed. */
void runner_free(struct runner *runner);

#endif
