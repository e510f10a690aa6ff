/* Plans the rechecks of domains whose outage is not decided. */
#include "commands/recheck.h"

#include "base/clock.h"
#include "base/memory.h"
#include "state/conditions.h"

#include <stdlib.h>
#include <string.h>

void recheck_init(struct rechecks *rechecks, const struct config *config, struct storage *storage)
{
    *rechecks = (struct rechecks){.config = config, .storage = storage};
}

void recheck_free(struct rechecks *rechecks)
{
    free(rechecks->of);
    free(rechecks->results);
    *rechecks = (struct rechecks){.of = NULL};
}

void recheck_begin_minute(struct rechecks *rechecks, int64_t minute_ms, int64_t began_us)
{
    rechecks->minute_ms = minute_ms;
    rechecks->minute_began_ms = began_us / US_PER_MS;
    if (rechecks->of)
        memset(rechecks->of, 0, rechecks->config->n_domains * sizeof *rechecks->of);
}

void recheck_take(struct rechecks *rechecks, const struct result *result)
{
    struct recheck_result *grown;

    if (result->check.status == STATUS_UP && !conditions_may_have(rechecks->storage, EVENT_HTTP))
        return;
    grown = memory_grow(rechecks->results, &rechecks->capacity, rechecks->n_results + 1,
                        sizeof *rechecks->results);

    /* Without memory for it, the next tick checks the domain. */
    if (!grown)
        return;
    rechecks->results = grown;
    grown[rechecks->n_results++] = (struct recheck_result){result->domain, result->ended_ms};
}

/* Returns the domain's rechecks if it is undecided; else forgets them, and returns NULL. */
static struct recheck *find_undecided(struct rechecks *rechecks, size_t domain)
{
    const struct condition *condition = conditions_of(rechecks->storage, EVENT_HTTP, domain);

    if (condition && confirm_is_undecided(condition))
        return &rechecks->of[domain];
    rechecks->of[domain] = (struct recheck){.made = 0};
    return NULL;
}

/* Makes the job of the recheck that follows from a result. Returns false if there is none. */
static bool make_job(struct rechecks *rechecks, const struct schedule *schedule,
                     const struct recheck_result *result, struct job *job)
{
    struct recheck *recheck = find_undecided(rechecks, result->domain);
    int64_t now_ms = clock_monotonic(), wall_ms = clock_now();

    /* What to add to the monotonic clock for the time as if the wall clock had not been set since
     * the minute began, and what then to add for the wall clock as it is now. */
    int64_t minute = rechecks->minute_ms - rechecks->minute_began_ms;
    int64_t set_by = wall_ms - (now_ms + minute);

    if (!recheck)
        return false;
    if (!recheck->is_counting)
        *recheck = (struct recheck){.is_counting = true, .from_ms = result->ended_ms};

    /* A check of a slot ended while a recheck is to come. */
    else if (recheck->begins_ms > now_ms)
        return false;
    if (!scheduler_recheck(rechecks->config, result->domain, recheck->made,
                           recheck->from_ms + minute,
                           schedule->wait_until_ms[result->domain] - set_by, rechecks->minute_ms,
                           now_ms + minute, job))
        return false;
    recheck->made++;
    recheck->begins_ms = job->start_ms - minute;
    job->due_after_ms = schedule->due_after_ms[result->domain];
    job->start_ms += set_by;
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct job *x = a, *y = b;

    return (x->start_ms > y->start_ms) - (x->start_ms < y->start_ms);
}

/* Conditions may have been forgotten since: a transaction that fails does that. */
static int prepare(struct rechecks *rechecks, struct job **jobs, struct error *error)
{
    if (conditions_load(rechecks->storage, error))
        return -1;
    if (!rechecks->of)
        rechecks->of = calloc(rechecks->config->n_domains, sizeof *rechecks->of);
    if (rechecks->of)
        *jobs = calloc(rechecks->n_results, sizeof **jobs);
    if (*jobs)
        return 0;
    return error_set(error, EXIT_IO, "tick: out of memory while planning rechecks");
}

int recheck_plan(struct rechecks *rechecks, const struct schedule *schedule, struct job **jobs,
                 size_t *n_jobs, struct error *error)
{
    size_t n_results = rechecks->n_results;
    int failed;

    *jobs = NULL;
    *n_jobs = 0;
    if (n_results == 0)
        return 0;
    failed = prepare(rechecks, jobs, error);
    rechecks->n_results = 0;
    if (failed)
        return -1;
    for (size_t i = 0; i < n_results; i++)
        *n_jobs += make_job(rechecks, schedule, &rechecks->results[i], &(*jobs)[*n_jobs]);
    qsort(*jobs, *n_jobs, sizeof **jobs, by_start);
    return 0;
}
