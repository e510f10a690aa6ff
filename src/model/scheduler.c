#include "model/scheduler.h"

#include "base/clock.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ID_MAX = 64,
    RETRY_PAUSE_MS = 2 * MS_PER_SECOND, /* between two attempts of one check (spec 3) */
    BUILD_SLACK_MS = 2 * MS_PER_MINUTE, /* what valid_until grants on top (spec 7) */
    FINISH_MS = 5 * MS_PER_SECOND,      /* of a minute, for the records and the pages */
    GRACE_MS = 5 * MS_PER_SECOND,       /* after its slot a check may begin, however late it is */
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
    char name[2 * ID_MAX + 2];
    int length = snprintf(name, sizeof name, "%s/%s", config->sites[d->site].id, d->id);
    uint64_t hash = hash_bytes(name, (size_t)length);

    return (int64_t)(hash % (uint64_t)d->interval_seconds) * MS_PER_SECOND;
}

int64_t scheduler_next_slot(const struct config *config, size_t domain, int64_t from_ms)
{
    int64_t interval = interval_ms(&config->domains[domain]);
    int64_t phase = scheduler_phase(config, domain);
    int64_t k = clock_floor_div(from_ms - phase + interval - 1, interval);

    return phase + k * interval;
}

int64_t scheduler_served_by(const struct domain *domain, int64_t start_ms)
{
    return is_below_a_minute(domain) ? start_ms + 1 : minute_end(start_ms);
}

/* The longest that a check may take, with all its attempts. */
static int64_t longest_check_ms(const struct domain *domain)
{
    return (int64_t)(domain->retries + 1) * domain->timeout_ms +
           (int64_t)domain->retries * RETRY_PAUSE_MS;
}

/* The jobs of a tick while they are gathered. */
struct agenda {
    const struct config *config;
    int64_t end_ms; /* of the tick's minute */
    struct job *jobs;
    size_t n, room;
};

static int64_t latest_ms(const struct agenda *agenda, size_t domain, int64_t start_ms)
{
    int64_t fits = agenda->end_ms - FINISH_MS - longest_check_ms(&agenda->config->domains[domain]);

    return fits > start_ms + GRACE_MS ? fits : start_ms + GRACE_MS;
}

static int add_job(struct agenda *agenda, struct job job)
{
    job.latest_ms = latest_ms(agenda, job.domain, job.start_ms);
    if (agenda->n == agenda->room) {
        size_t room = agenda->room ? 2 * agenda->room : 64;
        struct job *grown = realloc(agenda->jobs, room * sizeof *grown);

        if (!grown)
            return -1;
        agenda->jobs = grown;
        agenda->room = room;
    }
    agenda->jobs[agenda->n++] = job;
    return 0;
}

/* One domain's checks in the minute of now_ms. */
static int add_due(struct agenda *agenda, size_t domain, int64_t due_after_ms, int64_t now_ms)
{
    const struct domain *d = &agenda->config->domains[domain];
    struct job job = {.domain = domain, .start_ms = now_ms, .unserved_ms = due_after_ms};
    int64_t end = agenda->end_ms;
    int64_t horizon = is_below_a_minute(d) ? now_ms + 1 : end;
    bool never = due_after_ms == 0;
    int64_t slot;

    /* What was served lies in the future: the clock was set back, and waiting for it to come round
     * again would be a silence of an hour or a year. */
    bool set_back = due_after_ms > end;

    if (set_back)
        job.unserved_ms = 0;
    if (never || set_back || scheduler_next_slot(agenda->config, domain, due_after_ms) < horizon) {
        job.due_after_ms = due_after_ms = scheduler_served_by(d, now_ms);
        if (add_job(agenda, job))
            return -1;
    }
    if (!is_below_a_minute(d))
        return 0;

    /* The slots of this minute that are still to come. */
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
    if (x->unserved_ms != y->unserved_ms)
        return x->unserved_ms < y->unserved_ms ? -1 : 1;
    return (x->domain > y->domain) - (x->domain < y->domain);
}

int scheduler_due(const struct config *config, const int64_t *due_after_ms, int64_t now_ms,
                  struct job **jobs, size_t *n_jobs)
{
    struct agenda agenda = {.config = config, .end_ms = minute_end(now_ms)};

    for (size_t i = 0; i < config->n_domains; i++) {
        if (add_due(&agenda, i, due_after_ms[i], now_ms)) {
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

/* The domain's first slot that no tick up to now has served. */
static int64_t unserved_slot(const struct config *config, size_t domain, int64_t due_after_ms,
                             int64_t now_ms)
{
    bool ahead = due_after_ms > now_ms && due_after_ms <= minute_end(now_ms);

    return scheduler_next_slot(config, domain, ahead ? due_after_ms : now_ms);
}

int64_t scheduler_valid_until(const struct config *config, const int64_t *due_after_ms,
                              int64_t now_ms)
{
    int64_t earliest = INT64_MAX, done = 0;
    int64_t may_build = now_ms + (int64_t)config->render_interval_seconds * MS_PER_SECOND;

    for (size_t i = 0; i < config->n_domains; i++) {
        int64_t slot = unserved_slot(config, i, due_after_ms[i], now_ms);

        if (slot < earliest)
            earliest = slot;
    }

    /* That minute's tick builds when its longest check is over. */
    for (size_t i = 0; i < config->n_domains; i++) {
        int64_t slot = unserved_slot(config, i, due_after_ms[i], now_ms);

        if (slot < minute_end(earliest) && slot + longest_check_ms(&config->domains[i]) > done)
            done = slot + longest_check_ms(&config->domains[i]);
    }
    return (done > may_build ? done : may_build) + BUILD_SLACK_MS;
}
