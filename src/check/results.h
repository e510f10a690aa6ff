#ifndef CHECK_RESULTS_H
#define CHECK_RESULTS_H

#include "check/runner.h"

#include <pthread.h>

/* The queue through which workers hand results to the main thread. */
struct results {
    pthread_mutex_t mutex;
    struct result *all; /* space for one for each job; filled in the order in which they come */
    size_t capacity, n_put, n_taken;
    size_t n_workers; /* that may still put results */
    int pipe[2];      /* has one byte in it while it should be readable */
    bool is_readable;
};

/* Makes room for n results. Returns 0, or -1 with the error; after either, the caller calls
 * results_free. */
int results_init(struct results *results, size_t n, struct error *error);
void results_free(struct results *results);

/* One worker more, or one less, may put results. Any thread may call these. */
void results_join(struct results *results);
void results_leave(struct results *results);

/* Adds a copy of the result. The caller has joined; there is always room for one result a job. */
void results_put(struct results *results, const struct result *result);

/* As runner_take. */
size_t results_take(struct results *results, struct result *into, size_t max, bool *finished);

#endif
