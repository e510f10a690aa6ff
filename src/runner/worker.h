#ifndef RUNNER_WORKER_H
#define RUNNER_WORKER_H

#include "config/config.h"
#include "runner/results.h"
#include "runner/trust.h"
#include "scheduler.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* What all workers of a runner share. */
struct pool {
    const struct config *config;
    const struct job *jobs;
    size_t n_jobs;
    atomic_size_t next; /* the first job that nobody took */
    atomic_bool stopping;
    size_t in_flight; /* most transfers at once, per worker */
    int64_t wall_ms;  /* both clocks as they stood at the start */
    int64_t monotonic_ms;
    struct trust *trust;
    struct results results;
};

/* A worker's thread: takes jobs until there are none, or the pool is stopping. */
struct worker {
    struct pool *pool;
    CURLM *multi; /* made and freed by the runner, which may wake it */
};

void *worker_run(void *worker);

#endif
