#include "check/collector.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "check/runner.h"
#include "state/staged.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    TAKEN_AT_ONCE = 256,
    STAGE_EVERY_MS = 250, /* at least this long between two transactions */
};

struct collector {
    const struct config *config;
    struct storage *storage;
    const struct job *jobs;
    struct runner *runner;
    struct result *results; /* TAKEN_AT_ONCE of them */
    struct staged_result
        *staged_results; /* what has come and is not staged yet: room for every job */
    size_t n_outcomes;
    size_t staged;
    int64_t *due_after_ms; /* the furthest of each domain in this tick */
    int64_t stage_at;      /* on the monotonic clock */
    size_t not_made;       /* checks that a fault of this machine prevented */
    struct result first_not_made;
    bool all_came;
};

struct collector *collector_start(const struct config *config, struct storage *storage,
                                  const struct job *jobs, size_t n_jobs, struct error *error)
{
    struct collector *collector = calloc(1, sizeof *collector);

    if (!collector)
        goto out_of_memory;
    *collector = (struct collector){.config = config, .storage = storage, .jobs = jobs};
    collector->all_came = n_jobs == 0;
    if (n_jobs == 0)
        return collector;
    collector->results = calloc(TAKEN_AT_ONCE, sizeof *collector->results);
    collector->staged_results = calloc(n_jobs, sizeof *collector->staged_results);
    collector->due_after_ms = calloc(config->n_domains, sizeof *collector->due_after_ms);
    if (!collector->results || !collector->staged_results || !collector->due_after_ms)
        goto out_of_memory;
    if (runner_start(&collector->runner, config, jobs, n_jobs, error) == 0)
        return collector;
    collector_free(collector);
    return NULL;

out_of_memory:
    collector_free(collector);
    error_set(error, EXIT_IO, "checks: out of memory");
    return NULL;
}

/* Waits until many results came, a signal came, or what is here is due to be staged. */
static void wait_for_news(const struct collector *collector)
{
    struct pollfd news[] = {{.fd = runner_fd(collector->runner), .events = POLLIN},
                            {.fd = interrupt_fd(), .events = POLLIN}};
    int64_t wait = STAGE_EVERY_MS;

    if (collector->n_outcomes > 0)
        wait = collector->stage_at - clock_monotonic();
    poll(news, 2, wait < 0 ? 0 : (int)wait);
}

static void keep(struct collector *collector, const struct result *result)
{
    const struct job *job = &collector->jobs[result->job];
    int64_t *due_after_ms = &collector->due_after_ms[job->domain];

    if (result->no_verdict) {
        if (collector->not_made++ == 0)
            collector->first_not_made = *result;
        return;
    }

    /* Of a domain that is checked several times a minute, a slow check may end after a later one.
     */
    if (job->due_after_ms > *due_after_ms)
        *due_after_ms = job->due_after_ms;
    if (collector->n_outcomes == 0)
        collector->stage_at = clock_monotonic() + STAGE_EVERY_MS;
    collector->staged_results[collector->n_outcomes++] =
        (struct staged_result){.domain = job->domain,
                               .due_after_ms = *due_after_ms,
                               .check = result->check,
                               .has_phases = true,
                               .phases = result->phases};
}

static void take(struct collector *collector)
{
    size_t n;

    do {
        n = runner_take(collector->runner, collector->results, TAKEN_AT_ONCE, &collector->all_came);
        for (size_t i = 0; i < n; i++)
            keep(collector, &collector->results[i]);
    } while (n == TAKEN_AT_ONCE && !collector->all_came);
}

/* Memory is cleared only after the commit succeeded. */
static int stage(struct collector *collector, struct error *error)
{
    if (collector->n_outcomes == 0)
        return 0;
    collector->stage_at = clock_monotonic() + STAGE_EVERY_MS;
    if (staged_add(collector->storage, collector->staged_results, collector->n_outcomes, error))
        return -1;
    collector->staged += collector->n_outcomes;
    collector->n_outcomes = 0;
    return 0;
}

int collector_step(struct collector *collector, bool *finished, struct error *error)
{
    if (!collector->all_came) {
        wait_for_news(collector);
        if (interrupt_came())
            runner_stop(collector->runner);
        take(collector);
    }
    *finished = collector->all_came;
    if (collector->all_came || clock_monotonic() >= collector->stage_at)
        return stage(collector, error);
    return 0;
}

size_t collector_staged(const struct collector *collector)
{
    return collector->staged;
}

size_t collector_left_over(const struct collector *collector)
{
    return collector->runner ? runner_left_over(collector->runner) : 0;
}

void collector_warn(const struct collector *collector, const struct log *log)
{
    const struct domain *domain;
    size_t limited_to = collector->runner ? runner_limited_to(collector->runner) : 0;

    if (limited_to)
        log_warn(
            log,
            "the limit of open files holds the checks to %zu at once: raise it (ulimit -n), or "
            "lower workers and in_flight",
            limited_to);
    if (collector->not_made == 0)
        return;
    domain = &collector->config->domains[collector->jobs[collector->first_not_made.job].domain];
    log_warn(log, "%s/%s: not checked: %s%s; nothing is recorded, the next tick tries again",
             collector->config->sites[domain->site].id, domain->id,
             collector->first_not_made.check.failure,
             collector->not_made > 1 ? " (and so are other monitors)" : "");
}

void collector_free(struct collector *collector)
{
    if (!collector)
        return;
    runner_free(collector->runner);
    free(collector->results);
    free(collector->staged_results);
    free(collector->due_after_ms);
    free(collector);
}
