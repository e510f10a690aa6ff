#ifndef COMMANDS_STAGER_H
#define COMMANDS_STAGER_H

#include "base/error.h"
#include "check/runner.h"
#include "config/config.h"
#include "model/scheduler.h"
#include "records/journal.h"
#include "state/staged.h"

#include <stddef.h>
#include <stdint.h>

/* Stages the results of checks in state.db, many at once. */
struct stager {
    struct storage *storage;
    const struct job *jobs;
    size_t n_jobs;
    struct staged_result *results; /* taken and not staged yet; n_jobs at most */
    size_t n_results;
    size_t n_staged;       /* so far */
    int64_t *due_after_ms; /* of each domain: the furthest of its results */
};

/*
 * Prepares the stager for the results of these jobs, which must outlive it, as must the storage.
 * Returns 0, or -1 with the error and nothing to free.
 */
int stager_init(struct stager *stager, struct storage *storage, const struct config *config,
                const struct job *jobs, size_t n_jobs, struct error *error);

/* The two functions of a struct collector_sink; context is the stager. A result without a verdict
 * is not kept. */
void stager_take(void *context, const struct result *result);
int stager_store(void *context, struct error *error);

/*
 * At the end: writes the results that could not be staged to a file of their own, which the next
 * tick reads (records/unstaged.h). They count as staged. Returns 0 or -1.
 */
int stager_rescue(struct stager *stager, struct journal *journal, struct error *error);

/* Frees the memory. Results that are neither staged nor rescued are lost. */
void stager_free(struct stager *stager);

#endif
