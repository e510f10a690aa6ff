/* Stages the results of checks. */
#include "commands/stager.h"

#include "records/unstaged.h"

#include <assert.h>
#include <stdlib.h>

int stager_init(struct stager *stager, struct storage *storage, const struct config *config,
                const struct job *jobs, size_t n_jobs, struct error *error)
{
    *stager = (struct stager){.storage = storage, .jobs = jobs, .n_jobs = n_jobs};
    stager->results = calloc(n_jobs, sizeof *stager->results);
    stager->due_after_ms = calloc(config->n_domains, sizeof *stager->due_after_ms);
    if (stager->results && stager->due_after_ms)
        return 0;
    stager_free(stager);
    return error_set(error, EXIT_IO, "state.db: out of memory while preparing to store results");
}

void stager_take(void *context, const struct result *result)
{
    struct stager *stager = context;
    const struct job *job = &stager->jobs[result->job];
    int64_t *due_after_ms;

    assert(result->job < stager->n_jobs && stager->n_results < stager->n_jobs);
    if (result->no_verdict)
        return;

    /* If a domain is checked several times a minute, a slow check may end after a later one. */
    due_after_ms = &stager->due_after_ms[job->domain];
    if (job->due_after_ms > *due_after_ms)
        *due_after_ms = job->due_after_ms;
    stager->results[stager->n_results++] = (struct staged_result){.domain = job->domain,
                                                                  .due_after_ms = *due_after_ms,
                                                                  .check = result->check,
                                                                  .has_phases = true,
                                                                  .phases = result->phases};
}

/* Forgets the results only after the commit succeeded. */
int stager_store(void *context, struct error *error)
{
    struct stager *stager = context;

    if (stager->n_results == 0)
        return 0;
    if (staged_add(stager->storage, stager->results, stager->n_results, error))
        return -1;
    stager->n_staged += stager->n_results;
    stager->n_results = 0;
    return 0;
}

int stager_rescue(struct stager *stager, struct journal *journal, struct error *error)
{
    if (unstaged_write(journal, stager->results, stager->n_results, error))
        return -1;
    stager->n_staged += stager->n_results;
    stager->n_results = 0;
    return 0;
}

void stager_free(struct stager *stager)
{
    free(stager->results);
    free(stager->due_after_ms);
}
