#ifndef CHECK_RESULTS_H
#define CHECK_RESULTS_H

#include "check/runner.h"

#include <pthread.h>

/* The queue through which workers hand results to the main thread. */
struct results {
    pthread_mutex_t mutex;
    struct result
        *all; /* space for one for each open job; filled in the order in which they come */
    size_t capacity, n_put, n_taken;
    size_t n_workers; /* that may still put results */
    bool is_done;     /* all jobs are over; a hint for the pipe */
    int pipe[2];      /* has one byte in it while it should be readable */
    bool is_readable;
};

/* Returns 0, or -1 with the error; after either, the caller calls results_free. */
int results_init(struct results *results, struct error *error);
void results_free(struct results *results);

/* Frees what a result owns, and sets its pointers to NULL. */
void results_free_result(struct result *result);

/* Moves a result: what `from` owned belongs to `into`, which owned nothing. */
void results_move(struct result *into, struct result *from);

/* Makes room for n results besides those that were not taken yet, so that a worker can always put
 * its result. Returns 0, or -1 if out of memory. */
int results_reserve(struct results *results, size_t n);

/* The caller has seen that all jobs are over. Any thread may call this. */
void results_set_done(struct results *results);

/* One worker more, or one less, may put results. Any thread may call these. */
void results_join(struct results *results);
void results_leave(struct results *results);

/* Adds a copy of the result. The caller has joined; there is always room for one result a job. */
void results_put(struct results *results, const struct result *result);

/* As runner_take. is_done: whether all jobs were over before the call. */
size_t results_take(struct results *results, struct result *into, size_t max, bool is_done,
                    bool *finished);

/* The number of results that were not taken yet. */
size_t results_waiting(struct results *results);

#endif
