/* Decides which checks are due in a minute. */
#include "model/scheduler.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "model/retry_after.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    RETRY_PAUSE_MS = 2 * MS_PER_SECOND, /* between two attempts of one check */
    BUILD_SLACK_MS = 2 * MS_PER_MINUTE, /* added to valid_until */
    FINISH_MS = 5 * MS_PER_SECOND,      /* of the minute, for the records and the pages */
    GRACE_MS = 5 * MS_PER_SECOND,       /* after its slot, a check may always start */
};

static int64_t interval_ms(const struct domain *domain)
{
    return (int64_t)domain->interval_seconds * MS_PER_SECOND;
}

static bool is_below_a_minute(const struct domain *domain)
{
    return domain->interval_seconds < SECONDS_PER_MINUTE;
}

static int64_t minute_end(int64_t ms)
{
    return (clock_floor_div(ms, MS_PER_MINUTE) + 1) * MS_PER_MINUTE;
}

int64_t scheduler_phase(const struct config *config, size_t domain)
{
    const struct domain *d = &config->domains[domain];
    char name[CONFIG_MONITOR_MAX];
    uint64_t hash;

    config_monitor_name(config, domain, name);
    hash = table_hash(name, strlen(name));
    assert(d->interval_seconds > 0);
    return (int64_t)(hash % (uint64_t)d->interval_seconds) * MS_PER_SECOND;
}

int64_t scheduler_next_slot(const struct config *config, size_t domain, int64_t from_ms)
{
    int64_t interval = interval_ms(&config->domains[domain]);
    int64_t phase = scheduler_phase(config, domain);
    int64_t k = clock_floor_div(from_ms - phase + interval - 1, interval);

    return phase + k * interval;
}

int64_t scheduler_due_after(const struct domain *domain, int64_t start_ms)
{
    return is_below_a_minute(domain) ? start_ms + 1 : minute_end(start_ms);
}

int64_t scheduler_longest_check(const struct domain *domain)
{
    return (int64_t)(domain->retries + 1) * domain->timeout_ms +
           (int64_t)domain->retries * RETRY_PAUSE_MS;
}

/* The jobs of a tick while they are made. */
struct agenda {
    const struct config *config;
    const bool *undecided; /* of each domain; NULL: none is */
    int64_t end_ms;        /* of the tick's minute */
    struct job *jobs;
    size_t n, capacity;
};

static int64_t latest_ms(const struct agenda *agenda, size_t domain, int64_t start_ms)
{
    int64_t fits =
        agenda->end_ms - FINISH_MS - scheduler_longest_check(&agenda->config->domains[domain]);

    return fits > start_ms + GRACE_MS ? fits : start_ms + GRACE_MS;
}

static int add_job(struct agenda *agenda, struct job job)
{
    struct job *grown = memory_grow(agenda->jobs, &agenda->capacity, agenda->n + 1, sizeof *grown);

    if (!grown)
        return -1;
    job.latest_ms = latest_ms(agenda, job.domain, job.start_ms);
    agenda->jobs = grown;
    agenda->jobs[agenda->n++] = job;
    return 0;
}

/* The earliest moment from now_ms on at which a domain that waits until until_ms may be checked. */
static int64_t wait_end(int64_t until_ms, int64_t now_ms)
{
    bool waits =
        until_ms > now_ms && until_ms - now_ms <= RETRY_AFTER_MAX_S * (int64_t)MS_PER_SECOND;

    return waits ? until_ms : now_ms;
}

/* The same of a domain; wait_until_ms may be NULL. */
static int64_t wait_end_of(const int64_t *wait_until_ms, size_t domain, int64_t now_ms)
{
    return wait_end(wait_until_ms ? wait_until_ms[domain] : 0, now_ms);
}

/* Whether a domain with this due_after_ms is due before the horizon. An undecided one is due in
 * each minute, unless it is to wait for its slot. */
static bool is_due(const struct agenda *agenda, size_t domain, int64_t due_after_ms,
                   int64_t horizon_ms)
{
    const struct domain *d = &agenda->config->domains[domain];

    if (agenda->undecided && agenda->undecided[domain] && d->confirm.n_rechecks > 0 &&
        due_after_ms < horizon_ms)
        return true;
    return due_after_ms == 0 ||
           scheduler_next_slot(agenda->config, domain, due_after_ms) < horizon_ms;
}

/* Adds the checks of one domain from now_ms to the end of its minute. */
static int add_due(struct agenda *agenda, size_t domain, int64_t due_after_ms, int64_t now_ms)
{
    const struct domain *d = &agenda->config->domains[domain];
    struct job job = {.domain = domain, .start_ms = now_ms, .waiting_since_ms = due_after_ms};
    int64_t end = agenda->end_ms;
    int64_t horizon = is_below_a_minute(d) ? now_ms + 1 : end;
    int64_t slot;

    /* Slots of the future are done: the clock was set back. Without a check now, there would be
     * none until the clock is there again, for an hour or for a year. */
    bool set_back = due_after_ms > end;

    if (set_back)
        job.waiting_since_ms = 0;
    if (set_back || is_due(agenda, domain, due_after_ms, horizon)) {
        job.due_after_ms = due_after_ms = scheduler_due_after(d, now_ms);
        if (add_job(agenda, job))
            return -1;
    }
    if (!is_below_a_minute(d))
        return 0;

    /* The later slots of this minute. */
    slot = scheduler_next_slot(agenda->config, domain,
                               due_after_ms > now_ms ? due_after_ms : now_ms + 1);
    for (; slot < end; slot += interval_ms(d)) {
        job.start_ms = slot;
        job.due_after_ms = slot + 1;
        if (add_job(agenda, job))
            return -1;
    }
    return 0;
}

static int by_start(const void *a, const void *b)
{
    const struct job *x = a, *y = b;

    if (x->start_ms != y->start_ms)
        return x->start_ms < y->start_ms ? -1 : 1;
    if (x->waiting_since_ms != y->waiting_since_ms)
        return x->waiting_since_ms < y->waiting_since_ms ? -1 : 1;
    return (x->domain > y->domain) - (x->domain < y->domain);
}

int scheduler_due(const struct config *config, const int64_t *due_after_ms,
                  const int64_t *wait_until_ms, const bool *undecided, int64_t now_ms,
                  struct job **jobs, size_t *n_jobs)
{
    struct agenda agenda = {.config = config, .undecided = undecided, .end_ms = minute_end(now_ms)};

    for (size_t i = 0; i < config->n_domains; i++) {
        int64_t from_ms = wait_end_of(wait_until_ms, i, now_ms);

        if (from_ms < agenda.end_ms && add_due(&agenda, i, due_after_ms[i], from_ms)) {
            free(agenda.jobs);
            return -1;
        }
    }
    if (agenda.n)
        qsort(agenda.jobs, agenda.n, sizeof *agenda.jobs, by_start);
    *jobs = agenda.jobs;
    *n_jobs = agenda.n;
    return 0;
}

bool scheduler_recheck(const struct config *config, size_t domain, int made, int64_t from_ms,
                       int64_t wait_until_ms, int64_t minute_ms, int64_t now_ms, struct job *job)
{
    const struct domain *d = &config->domains[domain];
    int64_t start_ms = wait_end(wait_until_ms, now_ms), second_ms;

    if ((size_t)made >= d->confirm.n_rechecks || start_ms >= minute_end(minute_ms))
        return false;
    second_ms = from_ms + (int64_t)d->confirm.recheck_seconds[made] * MS_PER_SECOND;
    if (start_ms < second_ms)
        start_ms = second_ms;
    *job = (struct job){.domain = domain, .start_ms = start_ms, .recheck = made + 1};
    return true;
}

void scheduler_forget_future(const struct config *config, int64_t *due_after_ms, int64_t now_ms)
{
    for (size_t i = 0; i < config->n_domains; i++) {
        if (due_after_ms[i] > minute_end(now_ms))
            due_after_ms[i] = 0;
    }
}

size_t scheduler_skip_running(const struct config *config, const bool *running, int64_t now_ms,
                              struct job *jobs, size_t *n_jobs)
{
    size_t n = 0, left_over = 0;

    for (size_t i = 0; i < *n_jobs; i++) {
        if (running[jobs[i].domain] && jobs[i].start_ms == now_ms)
            left_over += !is_below_a_minute(&config->domains[jobs[i].domain]);
        else
            jobs[n++] = jobs[i];
    }
    *n_jobs = n;
    return left_over;
}

bool scheduler_minute_is_over(int64_t minute_ms, int64_t now_ms, int64_t passed_ms)
{
    return now_ms >= minute_end(minute_ms) ||
           (minute_end(now_ms) < minute_end(minute_ms) && passed_ms >= MS_PER_MINUTE);
}

bool scheduler_may_take_over(int64_t age_ms, int64_t now_ms)
{
    return age_ms + minute_end(now_ms) - now_ms <= SCHEDULER_TICK_MAX_MS;
}

bool scheduler_is_last_minute(int64_t age_ms, int64_t now_ms)
{
    int64_t next = minute_end(now_ms);

    return !scheduler_may_take_over(age_ms + next - now_ms, next);
}

int64_t scheduler_time_left(int64_t now_ms)
{
    return minute_end(now_ms) - FINISH_MS - now_ms;
}

/* When the domain is checked next: at its first slot that is not done, or when a wait ends. */
static int64_t next_check(const struct config *config, size_t domain, int64_t due_after_ms,
                          const int64_t *wait_until_ms, int64_t now_ms)
{
    bool ahead = due_after_ms > now_ms && due_after_ms <= minute_end(now_ms);
    int64_t slot = scheduler_next_slot(config, domain, ahead ? due_after_ms : now_ms);
    int64_t from_ms = wait_end_of(wait_until_ms, domain, now_ms);

    return slot > from_ms ? slot : from_ms;
}

/* When a check of the domain that starts at this moment is over, at the latest, with its rechecks
 * of that minute. */
static int64_t last_end(const struct domain *domain, int64_t start_ms)
{
    int64_t end_ms = start_ms + scheduler_longest_check(domain);
    int64_t again_ms;

    if (domain->confirm.n_rechecks == 0)
        return end_ms;
    again_ms =
        end_ms + scheduler_longest_check(domain) +
        (int64_t)domain->confirm.recheck_seconds[domain->confirm.n_rechecks - 1] * MS_PER_SECOND;
    if (again_ms > minute_end(start_ms) + scheduler_longest_check(domain))
        again_ms = minute_end(start_ms) + scheduler_longest_check(domain);
    return again_ms > end_ms ? again_ms : end_ms;
}

int64_t scheduler_valid_until(const struct config *config, const int64_t *due_after_ms,
                              const int64_t *wait_until_ms, int64_t now_ms)
{
    int64_t earliest = INT64_MAX, done = 0;
    int64_t may_build = now_ms + (int64_t)config->render_interval_seconds * MS_PER_SECOND;

    for (size_t i = 0; i < config->n_domains; i++) {
        int64_t slot = next_check(config, i, due_after_ms[i], wait_until_ms, now_ms);

        if (slot < earliest)
            earliest = slot;
    }

    /* The tick of that minute builds the dashboard after its longest check. */
    for (size_t i = 0; i < config->n_domains; i++) {
        int64_t slot = next_check(config, i, due_after_ms[i], wait_until_ms, now_ms);
        int64_t end_ms = last_end(&config->domains[i], slot);

        if (slot < minute_end(earliest) && end_ms > done)
            done = end_ms;
    }
    return (done > may_build ? done : may_build) + BUILD_SLACK_MS;
}
