/* Takes results from the threads of a runner and passes them to a sink. */
#include "check/collector.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/text.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TAKEN_AT_ONCE = 256,
    STORE_EVERY_MS = 250, /* at least this long between two transactions of the sink */
};

struct collector {
    const struct config *config;
    const struct job *jobs;
    const struct collector_sink *sink;
    struct runner *runner;
    bool unstored;    /* the sink has results that it has not stored */
    int64_t store_at; /* on the monotonic clock */
    size_t not_made;  /* checks that a local fault prevented */
    struct result first_not_made;
    bool stopped, all_came;
    struct result results[TAKEN_AT_ONCE];
};

struct collector *collector_start(const struct config *config, const struct job *jobs,
                                  size_t n_jobs, const struct collector_sink *sink,
                                  struct error *error)
{
    struct collector *collector = calloc(1, sizeof *collector);

    assert(n_jobs > 0);
    if (!collector) {
        error_set(error, EXIT_IO, "cannot start the checks: out of memory");
        return NULL;
    }
    collector->config = config;
    collector->jobs = jobs;
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

static void take_result(struct collector *collector, const struct result *result)
{
    if (result->no_verdict && collector->not_made++ == 0)
        collector->first_not_made = *result;
    collector->sink->take(collector->sink->context, result);
    if (!collector->unstored)
        collector->store_at = clock_monotonic() + STORE_EVERY_MS;
    collector->unstored = collector->sink->store != NULL;
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
    if (collector->sink->store(collector->sink->context, error))
        return -1;
    collector->unstored = false;
    return 0;
}

int collector_step(struct collector *collector, bool *finished, struct error *error)
{
    if (!collector->all_came) {
        wait_for_results(collector);
        if (interrupt_came() && !collector->stopped) {
            runner_stop(collector->runner);
            collector->stopped = true;
        }
        take_results(collector);
    }
    *finished = collector->all_came;
    if (collector->all_came || clock_monotonic() >= collector->store_at)
        return store_results(collector, error);
    return 0;
}

size_t collector_left_over(const struct collector *collector)
{
    return runner_left_over(collector->runner);
}

/* One line for all of them, because one cause usually prevents all. */
static void warn_not_made(const struct collector *collector, const struct log *log)
{
    const struct result *first = &collector->first_not_made;
    char name[CONFIG_MONITOR_MAX], count[TEXT_NUMBER_MAX], more[TEXT_NUMBER_MAX + 16] = "";

    if (collector->not_made > 1) {
        text_count(collector->not_made - 1, count);
        snprintf(more, sizeof more, " and %s more", count);
    }
    config_monitor_name(collector->config, collector->jobs[first->job].domain, name);
    log_warn(log, "%s%s not checked: %s; nothing recorded, the next tick tries again", name, more,
             first->check.failure);
}

void collector_warn(const struct collector *collector, const struct log *log)
{
    size_t limited_to = runner_limited_to(collector->runner);
    char checks[TEXT_COUNTED_MAX];

    if (limited_to)
        log_warn(log,
                 "only %s run%s at once because of the limit of open files; raise it (ulimit -n) "
                 "or lower in_flight",
                 text_counted(limited_to, "check", checks), limited_to == 1 ? "s" : "");
    if (collector->not_made > 0)
        warn_not_made(collector, log);
}

void collector_free(struct collector *collector)
{
    if (!collector)
        return;
    runner_free(collector->runner);
    free(collector);
}
