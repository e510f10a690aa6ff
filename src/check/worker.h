#ifndef CHECK_WORKER_H
#define CHECK_WORKER_H

#include "check/ca_store.h"
#include "check/events.h"
#include "check/queue.h"
#include "check/results.h"
#include "config/config.h"
#include "lookup/lookups.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct pool;

/* One thread with a curl multi handle of its own. */
struct worker {
    struct pool *pool;
    struct events events;
    pthread_t thread;
};

/* What all workers of a runner share. */
struct pool {
    const struct config *config;
    struct queue queue;
    struct lookups *lookups;
    struct ca_store *trust;
    struct results results;
    size_t in_flight; /* most transfers at once, per worker */
    atomic_bool stopping;
    pthread_mutex_t mutex; /* of the workers */
    struct worker *workers;
    size_t n_workers; /* most that may be started */
    size_t n_started;
};

/*
 * Starts one more worker, where one may be. Any thread may call this. Returns 0, or the errno of
 * what kept it from starting.
 */
int pool_add_worker(struct pool *pool);

/* A worker's thread: takes jobs until there are none, or the pool is stopping. */
void *worker_run(void *worker);

#endif
