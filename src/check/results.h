#ifndef CHECK_RESULTS_H
#define CHECK_RESULTS_H

#include "base/error.h"
#include "check/runner.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* The one queue by which workers hand over what they found. */
struct results {
    pthread_mutex_t mutex;
    struct result *all; /* one place a job, filled in the order in which results come */
    size_t put, taken;
    size_t givers; /* workers that may still put */
    int pipe[2];   /* holds one byte while readable */
    bool raised;   /* that byte is in it */
};

/* There is room for n from the start, so that a worker can always give. Returns 0 or -1. */
int results_init(struct results *results, size_t n, struct error *error);

/* Frees what results_init made. */
void results_free(struct results *results);

/* One more will put, until it leaves. */
void results_join(struct results *results);

void results_put(struct results *results, const struct result *result);

void results_leave(struct results *results);

/* As runner_take. */
size_t results_take(struct results *results, struct result *into, size_t room, bool *finished);

#endif
