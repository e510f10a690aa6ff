#ifndef CHECK_COLLECTOR_H
#define CHECK_COLLECTOR_H

#include "check/runner.h"

/* Makes checks and passes their results on, a few times a second instead of one by one. */

/* Receives the results of a collector, in its thread. */
struct collector_sink {
    void *context;

    /* Takes one result, in any order of the jobs. It is valid only during the call; then the
     * collector frees what it owns. A sink that keeps it moves it (results_move). */
    void (*take)(void *context, struct result *result);

    /* Stores the results taken so far. Returns 0, or -1 with the error: the sink then
     * keeps them, and the next step calls this again. NULL: nothing needs to be stored. */
    int (*store)(void *context, struct error *error);
};

struct collector;

/*
 * Starts the checks. config and sink must outlive the collector. Returns NULL and sets the error if
 * they cannot be started.
 */
struct collector *collector_start(const struct config *config, const struct job *jobs,
                                  size_t n_jobs, const struct collector_sink *sink,
                                  struct error *error);

/*
 * Waits at most a second, gives the finished results to the sink, and lets it store them if the
 * last time was long enough ago. Returns 0, or -1 with the sink's error. Sets *finished when no
 * more results will come and the sink was asked to store all of them. After SIGTERM or SIGINT,
 * unfinished checks are dropped.
 */
int collector_step(struct collector *collector, bool *finished, struct error *error);

/* Gives the sink the results that have come, without waiting, and lets it store them. Returns 0, or
 * -1 with the sink's error. */
int collector_flush(struct collector *collector, struct error *error);

/* Adds more checks; after that, collector_step is called again. Returns 0, or -1 with none added.
 */
int collector_add(struct collector *collector, const struct job *jobs, size_t n_jobs,
                  struct error *error);

/* As runner_is_idle, runner_withdraw, runner_end_by and runner_open. */
bool collector_is_idle(const struct collector *collector);
void collector_withdraw(struct collector *collector, bool *running);
void collector_end_by(struct collector *collector, int64_t end_ms);
size_t collector_open(const struct collector *collector);

/* Drops unfinished checks. The next steps give the sink the results that have come. */
void collector_stop(struct collector *collector);

/* Number of checks that were not started because it was too late for them, or were dropped because
 * of a signal or collector_stop. */
size_t collector_left_over(const struct collector *collector);

/* As runner_limited_to and runner_is_limited. */
size_t collector_limited_to(const struct collector *collector);
bool collector_is_limited(const struct collector *collector);

/* Drops unfinished checks and frees the collector. NULL is allowed. */
void collector_free(struct collector *collector);

#endif
