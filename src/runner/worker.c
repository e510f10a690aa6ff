#include "runner/worker.h"

#include "base/clock.h"
#include "runner/transfer.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    RETRY_MS = 2000,     /* from the end of an attempt to the next (spec 3) */
    OWN_RETRIES = 1,     /* after a fault of our own machine */
    LONGEST_WAIT = 1000, /* so that a clock that is set is noticed, ms */
    OPEN_AT_ONCE = 16,   /* transfers opened before those in flight are looked after again */
    MOST_LOOKUPS = 64,   /* names being looked up per worker: libcurl starts a thread for each */
};

/* A job in hand. */
struct task {
    struct transfer transfer; /* of the attempt in flight */
    size_t job;
    int attempts;
    int own_faults;
    int64_t retry_ms;          /* when the next attempt is due, on the monotonic clock */
    struct task *next, **link; /* link: what points here */
};

/* What one thread has in hand. */
struct hands {
    struct worker *worker;
    struct task *flying;
    size_t n_flying;
    size_t lookups;
    struct task *retries, **retries_end; /* in the order in which they are due */
    size_t job;                          /* taken, and not due yet; NO_JOB: none */
};

#define NO_JOB SIZE_MAX

static const struct domain *domain_of(const struct hands *hands, size_t job)
{
    const struct pool *pool = hands->worker->pool;

    return &pool->config->domains[pool->jobs[job].domain];
}

/* A job in hand, where there is one left. */
static bool take_job(struct hands *hands)
{
    struct pool *pool = hands->worker->pool;
    size_t job;

    if (hands->job != NO_JOB)
        return true;
    job = atomic_fetch_add(&pool->next, 1);
    if (job < pool->n_jobs)
        hands->job = job;
    return job < pool->n_jobs;
}

/*
 * How long until the job in hand is due, by the clock that comes first: the wall clock may be set
 * forward, and one that is set back must not keep the tick waiting.
 */
static int64_t job_wait(const struct hands *hands)
{
    const struct pool *pool = hands->worker->pool;
    int64_t start = pool->jobs[hands->job].start_ms;
    int64_t by_wall = start - clock_now();
    int64_t by_monotonic = start - pool->wall_ms - (clock_monotonic() - pool->monotonic_ms);

    return by_wall < by_monotonic ? by_wall : by_monotonic;
}

static void fly(struct hands *hands, struct task *task)
{
    task->next = hands->flying;
    task->link = &hands->flying;
    if (task->next)
        task->next->link = &task->next;
    hands->flying = task;
    hands->n_flying++;
}

static void land(struct hands *hands, struct task *task)
{
    *task->link = task->next;
    if (task->next)
        task->next->link = task->link;
    hands->n_flying--;
}

static void wait_for_retry(struct hands *hands, struct task *task)
{
    task->retry_ms = clock_monotonic() + RETRY_MS;
    task->next = NULL;
    *hands->retries_end = task;
    hands->retries_end = &task->next;
}

static struct task *pop_retry(struct hands *hands)
{
    struct task *task = hands->retries;

    hands->retries = task->next;
    if (!hands->retries)
        hands->retries_end = &hands->retries;
    return task;
}

static bool wants_retry(const struct hands *hands, const struct task *task,
                        const struct result *result)
{
    enum status status = result->check.status;

    if (result->no_verdict)
        return task->own_faults <= OWN_RETRIES;
    return (status == STATUS_DOWN || status == STATUS_TIMEOUT) &&
           task->attempts - task->own_faults <= domain_of(hands, task->job)->retries;
}

/* The attempt is over, and its transfer closed: once more, or that was the verdict. */
static void conclude(struct hands *hands, struct task *task, struct result *result)
{
    result->job = task->job;
    result->attempts = ++task->attempts;
    if (result->no_verdict)
        task->own_faults++;
    if (wants_retry(hands, task, result)) {
        wait_for_retry(hands, task);
        return;
    }
    results_put(&hands->worker->pool->results, result);
    free(task);
}

static void finish(struct hands *hands, struct task *task, CURLcode code)
{
    struct result result = {.job = task->job};

    transfer_finish(&task->transfer, code, &result);
    curl_multi_remove_handle(hands->worker->multi, task->transfer.easy);
    transfer_close(&task->transfer);
    land(hands, task);
    conclude(hands, task, &result);
}

/* What is said of an attempt for which there was no memory. */
static struct result no_memory(size_t job)
{
    struct result result = {.job = job, .no_verdict = true, .phases = {-1, -1, -1, -1, -1}};

    result.check.start_ms = clock_now();
    result.check.latency_ms = -1;
    snprintf(result.check.failure, sizeof result.check.failure, "this machine: out of memory");
    return result;
}

static void begin(struct hands *hands, struct task *task)
{
    struct worker *worker = hands->worker;
    struct transfer *transfer = &task->transfer;
    struct result result;

    if (transfer_open(transfer, domain_of(hands, task->job), worker->pool->trust,
                      &hands->lookups) == 0) {
        curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, task);
        if (curl_multi_add_handle(worker->multi, transfer->easy) == CURLM_OK) {
            fly(hands, task);
            return;
        }
    }
    transfer_close(transfer);
    result = no_memory(task->job);
    conclude(hands, task, &result);
}

static void begin_job(struct hands *hands, size_t job)
{
    struct task *task = calloc(1, sizeof *task);

    if (task) {
        task->job = job;
        begin(hands, task);
    } else {
        struct result result = no_memory(job);

        results_put(&hands->worker->pool->results, &result);
    }
}

static bool has_room(const struct hands *hands)
{
    return hands->n_flying < hands->worker->pool->in_flight && hands->lookups < MOST_LOOKUPS;
}

/*
 * Begins what is due, retries first; not all at once, so that with fast endpoints few are in flight
 * at a time. A job is taken only where there is room for it; while one waits for its slot, so would
 * all after it. Returns how long until this is to be called again, in ms.
 */
static int64_t begin_due(struct hands *hands)
{
    int64_t wait = LONGEST_WAIT, until;

    for (int i = 0; has_room(hands); i++) {
        if (i == OPEN_AT_ONCE)
            return 0;
        until = hands->retries ? hands->retries->retry_ms - clock_monotonic() : LONGEST_WAIT;
        if (until <= 0) {
            begin(hands, pop_retry(hands));
            continue;
        }
        wait = until < wait ? until : wait;
        if (!take_job(hands))
            return wait;
        until = job_wait(hands);
        if (until > 0)
            return until < wait ? until : wait;
        begin_job(hands, hands->job);
        hands->job = NO_JOB;
    }
    return wait;
}

static void finish_done(struct hands *hands)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(hands->worker->multi, &left))) {
        struct task *task = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &task);
        finish(hands, task, message->data.result);
    }
}

static void drop_all(struct hands *hands)
{
    while (hands->flying) {
        struct task *task = hands->flying;

        curl_multi_remove_handle(hands->worker->multi, task->transfer.easy);
        transfer_close(&task->transfer);
        land(hands, task);
        free(task);
    }
    while (hands->retries)
        free(pop_retry(hands));
}

static bool has_work(const struct hands *hands)
{
    struct pool *pool = hands->worker->pool;

    return hands->flying || hands->retries || hands->job != NO_JOB ||
           atomic_load(&pool->next) < pool->n_jobs;
}

void *worker_run(void *context)
{
    struct worker *worker = context;
    struct pool *pool = worker->pool;
    struct hands hands = {.worker = worker, .job = NO_JOB};

    hands.retries_end = &hands.retries;
    while (has_work(&hands) && !atomic_load(&pool->stopping)) {
        int64_t wait = begin_due(&hands);
        int running;

        curl_multi_perform(worker->multi, &running);
        finish_done(&hands);
        if (has_work(&hands))
            curl_multi_poll(worker->multi, NULL, 0, (int)wait, NULL);
    }
    drop_all(&hands);
    results_leave(&pool->results);
    return NULL;
}
