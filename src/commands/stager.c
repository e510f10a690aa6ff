/* Stages the results of checks. */
#include "commands/stager.h"

#include "base/memory.h"
#include "model/retry_after.h"
#include "records/unstaged.h"
#include "state/certificates.h"

#include <assert.h>
#include <stdlib.h>

void stager_init(struct stager *stager, struct storage *storage, struct schedule *schedule)
{
    *stager = (struct stager){.storage = storage, .schedule = schedule};
}

int stager_reserve(struct stager *stager, size_t n, struct error *error)
{
    struct staged_result *grown = memory_grow(stager->results, &stager->capacity,
                                              stager->n_results + n, sizeof *stager->results);

    if (!grown)
        return error_set(error, EXIT_IO,
                         "state.db: out of memory while preparing to store results");
    stager->results = grown;
    return 0;
}

void stager_take(struct stager *stager, const struct result *result)
{
    int64_t *due_after_ms = &stager->schedule->due_after_ms[result->domain];

    if (result->no_verdict)
        return;
    assert(stager->n_results < stager->capacity);
    certificates_see(stager->storage, result->domain, result->check.start_ms, result->chains);

    /* If a domain is checked several times a minute, a slow check may end after a later one. */
    if (result->due_after_ms >= *due_after_ms) {
        *due_after_ms = result->due_after_ms;
        stager->schedule->wait_until_ms[result->domain] = retry_after_until(
            result->check.start_ms + result->check.latency_ms, result->check.failure);
    }
    stager->results[stager->n_results++] = (struct staged_result){.domain = result->domain,
                                                                  .due_after_ms = *due_after_ms,
                                                                  .check = result->check,
                                                                  .has_phases = true,
                                                                  .phases = result->phases};
}

int stager_store(struct stager *stager, struct error *error)
{
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
    stager->results = NULL;
    stager->n_results = stager->capacity = 0;
}
