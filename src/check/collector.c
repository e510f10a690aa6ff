/* Takes results from the threads of a runner and passes them to a sink. */
#include "check/collector.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "check/results.h"

#include <poll.h>
#include <stdlib.h>

enum {
    TAKEN_AT_ONCE = 256,
    STORE_EVERY_MS = 250, /* the sink stores its results after this time, */
    STORE_FROM = 2048,    /* or when this number of new ones has come */
};

struct collector {
    const struct collector_sink *sink;
    struct runner *runner;
    bool unstored;    /* the sink has results that it has not stored */
    size_t n_new;     /* of them, those that came after it was last called to store */
    int64_t store_at; /* on the monotonic clock */
    bool stopped, all_came;
    struct result results[TAKEN_AT_ONCE];
};

struct collector *collector_start(const struct config *config, const struct job *jobs,
                                  size_t n_jobs, const struct collector_sink *sink,
                                  struct error *error)
{
    struct collector *collector = calloc(1, sizeof *collector);

    if (!collector) {
        error_set(error, EXIT_IO, "cannot start the checks: out of memory");
        return NULL;
    }
    collector->sink = sink;
    if (runner_start(&collector->runner, config, jobs, n_jobs, error)) {
        collector_free(collector);
        return NULL;
    }
    return collector;
}

/* Waits until many results or a signal came, or until it is time to store the results. */
static void wait_for_results(const struct collector *collector)
{
    struct pollfd fds[] = {{.fd = runner_fd(collector->runner), .events = POLLIN},
                           {.fd = collector->stopped ? -1 : interrupt_fd(), .events = POLLIN}};
    int64_t wait = STORE_EVERY_MS;

    if (collector->unstored)
        wait = collector->store_at - clock_monotonic();
    poll(fds, 2, wait < 0 ? 0 : (int)wait);
}

static void take_result(struct collector *collector, struct result *result)
{
    collector->sink->take(collector->sink->context, result);
    results_free_result(result);
    if (!collector->unstored)
        collector->store_at = clock_monotonic() + STORE_EVERY_MS;
    collector->unstored = collector->sink->store != NULL;
    collector->n_new++;
}

static void take_results(struct collector *collector)
{
    size_t n;

    do {
        n = runner_take(collector->runner, collector->results, TAKEN_AT_ONCE, &collector->all_came);
        for (size_t i = 0; i < n; i++)
            take_result(collector, &collector->results[i]);
    } while (n == TAKEN_AT_ONCE && !collector->all_came);
}

static int store_results(struct collector *collector, struct error *error)
{
    if (!collector->unstored)
        return 0;
    collector->store_at = clock_monotonic() + STORE_EVERY_MS;
    collector->n_new = 0;
    if (collector->sink->store(collector->sink->context, error))
        return -1;
    collector->unstored = false;
    return 0;
}

int collector_step(struct collector *collector, bool *finished, struct error *error)
{
    if (!collector->all_came) {
        wait_for_results(collector);
        if (interrupt_came())
            collector_stop(collector);
        take_results(collector);
    }
    *finished = collector->all_came;
    if (collector->all_came || collector->n_new >= STORE_FROM ||
        clock_monotonic() >= collector->store_at)
        return store_results(collector, error);
    return 0;
}

int collector_flush(struct collector *collector, struct error *error)
{
    if (!collector->all_came)
        take_results(collector);
    return store_results(collector, error);
}

int collector_add(struct collector *collector, const struct job *jobs, size_t n_jobs,
                  struct error *error)
{
    if (runner_add(collector->runner, jobs, n_jobs, error))
        return -1;
    collector->all_came = false;
    return 0;
}

bool collector_is_idle(const struct collector *collector)
{
    return runner_is_idle(collector->runner);
}

void collector_withdraw(struct collector *collector, bool *running)
{
    runner_withdraw(collector->runner, running);
}

void collector_end_by(struct collector *collector, int64_t end_ms)
{
    runner_end_by(collector->runner, end_ms);
}

size_t collector_open(const struct collector *collector)
{
    return runner_open(collector->runner);
}

void collector_stop(struct collector *collector)
{
    if (collector->stopped)
        return;
    runner_stop(collector->runner);
    collector->stopped = true;
}

size_t collector_left_over(const struct collector *collector)
{
    return runner_left_over(collector->runner);
}

size_t collector_limited_to(const struct collector *collector)
{
    return runner_limited_to(collector->runner);
}

bool collector_is_limited(const struct collector *collector)
{
    return runner_is_limited(collector->runner);
}

void collector_free(struct collector *collector)
{
    if (!collector)
        return;
    runner_free(collector->runner);
    free(collector);
}
