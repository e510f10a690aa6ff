#include "check/worker.h"

#include "base/clock.h"
#include "check/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    RETRY_MS = 2000,     /* from the end of an attempt to the next (spec 3) */
    OWN_RETRIES = 1,     /* after a fault of our own machine */
    LONGEST_WAIT = 1000, /* so that a clock that is set is noticed, ms */
    LATE_EVERY_MS = 20,  /* how often lookups are looked at whose time may be up */
    FIRST_WINDOW = 32,   /* checks in hand before it is asked whether those all wait */
    WIDER = 32,          /* by how much more then */
    QUIET_MS = 30,       /* how long none of them has ended, and */
    PATIENCE_MS = 1,     /* how long nothing happens before they are said to wait */
};

/* A job in hand. */
struct task {
    struct transfer transfer; /* of the attempt under way */
    struct question question; /* where its target is */
    size_t job;
    int attempts;
    int own_faults;
    int64_t retry_ms;          /* when the next attempt is due, on the monotonic clock */
    struct task *next, **link; /* link: what points here */
};

/*
 * What one thread has in hand. It takes on more than `window` checks only while those it has are
 * waiting for their servers: what answers at once is then served by few transfers and little
 * memory, and what hangs does not hold up the rest. A server that is slow because it is busy ends
 * some check now and then; more at once would not make it faster.
 */
struct hands {
    struct worker *worker;
    struct inbox inbox;
    struct task *looking, *flying; /* for a name, and with a request under way */
    size_t n_tasks;                /* of both */
    size_t window;
    int64_t ended_ms;                    /* when a check ended last, on the monotonic clock */
    bool is_full;                        /* there may be jobs for which the window has no room */
    struct task *retries, **retries_end; /* in the order in which they are due */
};

static const struct domain *domain_of(const struct hands *hands, size_t job)
{
    const struct queue *queue = &hands->worker->pool->queue;

    return &queue->config->domains[queue->jobs[job].domain];
}

static void push(struct task **list, struct task *task)
{
    task->next = *list;
    task->link = list;
    if (task->next)
        task->next->link = &task->next;
    *list = task;
}

static void unlink_task(struct task *task)
{
    *task->link = task->next;
    if (task->next)
        task->next->link = task->link;
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

static void give(struct hands *hands, const struct result *result)
{
    struct pool *pool = hands->worker->pool;

    queue_release(&pool->queue, result->job);
    results_put(&pool->results, result);
}

/* Drops the attempt that is under way. */
static void drop(struct hands *hands, struct task *task)
{
    struct pool *pool = hands->worker->pool;

    curl_multi_remove_handle(hands->worker->events.multi, task->transfer.easy);
    lookups_withdraw(pool->lookups, &task->question);
    transfer_close(&task->transfer);
    unlink_task(task);
    hands->n_tasks--;
}

/* The attempt is over: once more, or that was the verdict. */
static void conclude(struct hands *hands, struct task *task, CURLcode code)
{
    struct result result = {.job = task->job};

    transfer_finish(&task->transfer, code, &result);
    drop(hands, task);
    hands->ended_ms = clock_monotonic();
    result.attempts = ++task->attempts;
    if (result.no_verdict) {
        /* Where this machine is at its limits, less at once is more. */
        task->own_faults++;
        hands->window = hands->window / 2 + 1;
    }
    if (wants_retry(hands, task, &result)) {
        wait_for_retry(hands, task);
        return;
    }
    give(hands, &result);
    free(task);
}

/* The target's address is known: sends the request. */
static void fly(struct hands *hands, struct task *task)
{
    struct transfer *transfer = &task->transfer;

    if (transfer_open(transfer, task->question.answer->addresses) == 0) {
        curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, task);
        if (curl_multi_add_handle(hands->worker->events.multi, transfer->easy) == CURLM_OK) {
            unlink_task(task);
            push(&hands->flying, task);
            return;
        }
    }
    transfer->own = "out of memory";
    conclude(hands, task, CURLE_OUT_OF_MEMORY);
}

static void hear_answer(struct hands *hands, struct task *task)
{
    const struct answer *answer = task->question.answer;

    if (answer->result == LOOKUP_FOUND) {
        fly(hands, task);
        return;
    }
    if (answer->result == LOOKUP_OWN)
        task->transfer.own = answer->words;
    else
        task->transfer.unknown = answer->words;
    conclude(hands, task, CURLE_COULDNT_RESOLVE_HOST);
}

/* Asks where the target is; the task is among those that look. */
static void look(struct hands *hands, struct task *task)
{
    static const int families[] = {[IP_ANY] = AF_UNSPEC, [IP_4] = AF_INET, [IP_6] = AF_INET6};

    task->question = (struct question){.host = task->transfer.target.host,
                                       .family = families[task->transfer.domain->ip_version],
                                       .inbox = &hands->inbox,
                                       .owner = task};
    if (lookups_ask(hands->worker->pool->lookups, &task->question))
        hear_answer(hands, task);
}

static void begin(struct hands *hands, struct task *task)
{
    transfer_start(&task->transfer, domain_of(hands, task->job), hands->worker->pool->trust);
    task->transfer.retried_local_fault = task->own_faults > 0;
    push(&hands->looking, task);
    hands->n_tasks++;
    look(hands, task);
}

/* What is said of a check for which there was no memory. */
static struct result no_memory(size_t job)
{
    struct result result = {.job = job, .attempts = 1, .no_verdict = true, .phases = PHASES_NONE};

    result.check.start_ms = clock_now();
    result.check.latency_ms = -1;
    snprintf(result.check.failure, sizeof result.check.failure, "this machine: out of memory");
    return result;
}

static void begin_job(struct hands *hands, size_t job)
{
    struct task *task = calloc(1, sizeof *task);
    struct result result;

    if (task) {
        task->job = job;
        begin(hands, task);
    } else {
        result = no_memory(job);
        give(hands, &result);
    }
}

/*
 * Begins what is due and has room. Returns how long until more is due, in ms; -1 where nothing is
 * left to begin.
 */
static int64_t begin_due(struct hands *hands)
{
    int64_t retry = -1, wait = -1;

    while (hands->n_tasks < hands->window) {
        size_t job = QUEUE_NONE;

        retry = hands->retries ? hands->retries->retry_ms - clock_monotonic() : -1;
        if (hands->retries && retry <= 0) {
            begin(hands, pop_retry(hands));
            continue;
        }
        job = queue_take(&hands->worker->pool->queue, &wait);
        if (job == QUEUE_NONE)
            break;
        begin_job(hands, job);
    }
    hands->is_full = hands->n_tasks >= hands->window;
    return retry >= 0 && (wait < 0 || retry < wait) ? retry : wait;
}

/* Of a response that leads elsewhere the next request begins like the first, with its lookup. */
static void finish(struct hands *hands, struct task *task, CURLcode code)
{
    if (!transfer_follow(&task->transfer, &code)) {
        conclude(hands, task, code);
        return;
    }
    curl_multi_remove_handle(hands->worker->events.multi, task->transfer.easy);
    unlink_task(task);
    push(&hands->looking, task);
    look(hands, task);
}

static void finish_done(struct hands *hands)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(hands->worker->events.multi, &left))) {
        struct task *task = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &task);
        finish(hands, task, message->data.result);
    }
}

static void hear_news(struct hands *hands)
{
    struct question *question;

    while ((question = inbox_take(&hands->inbox))) {
        struct task *task = question->owner;

        transfer_began(&task->transfer, question->begun_us);
        if (question->answer)
            hear_answer(hands, task);
    }
}

/* Ends those whose time is up while their name is being looked up; libcurl ends the others. */
static void end_late(struct hands *hands)
{
    struct task *next;

    for (struct task *task = hands->looking; task; task = next) {
        next = task->next;
        if (task->question.begun_us && transfer_is_late(&task->transfer))
            conclude(hands, task, CURLE_OPERATION_TIMEDOUT);
    }
}

/* More at once; and where one thread may have no more, one more thread. */
static void widen(struct hands *hands)
{
    struct pool *pool = hands->worker->pool;

    if (hands->window >= pool->in_flight) {
        if (queue_has_due(&pool->queue))
            pool_add_worker(pool);
        return;
    }
    hands->window += WIDER;
    if (hands->window > pool->in_flight)
        hands->window = pool->in_flight;
}

/* Whether there is what a wider window would let begin. */
static bool has_due(const struct hands *hands)
{
    bool retries = hands->retries && hands->retries->retry_ms <= clock_monotonic();

    return retries || queue_has_due(&hands->worker->pool->queue);
}

/* Waits until something happens, or more is due in `wait` ms (-1: nothing more is). */
static void rest(struct hands *hands, int64_t wait)
{
    bool can_widen = hands->is_full && has_due(hands);
    bool any;

    if (wait < 0 || wait > LONGEST_WAIT)
        wait = LONGEST_WAIT;
    if (hands->looking && wait > LATE_EVERY_MS)
        wait = LATE_EVERY_MS;
    if (can_widen)
        wait = PATIENCE_MS;
    any = events_wait(&hands->worker->events, wait);
    if (can_widen && !any && clock_monotonic() - hands->ended_ms >= QUIET_MS)
        widen(hands);
}

static void drop_all(struct hands *hands)
{
    struct task **lists[] = {&hands->looking, &hands->flying};

    events_end(&hands->worker->events);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        while (*lists[i]) {
            struct task *task = *lists[i];

            drop(hands, task);
            free(task);
        }
    }
    while (hands->retries)
        free(pop_retry(hands));
}

static void wake(void *events)
{
    events_wake(events);
}

/* Until there is nothing to do any more. */
static void work(struct hands *hands)
{
    struct pool *pool = hands->worker->pool;

    while (!atomic_load(&pool->stopping)) {
        int64_t wait;

        finish_done(hands);
        hear_news(hands);
        end_late(hands);
        wait = begin_due(hands);
        if (hands->n_tasks == 0 && !hands->retries && wait < 0)
            return;
        rest(hands, wait);
    }
}

void *worker_run(void *context)
{
    struct worker *worker = context;
    struct pool *pool = worker->pool;
    struct hands hands = {.worker = worker};

    hands.window = pool->in_flight < FIRST_WINDOW ? pool->in_flight : FIRST_WINDOW;
    hands.retries_end = &hands.retries;
    hands.ended_ms = clock_monotonic();
    inbox_init(&hands.inbox, wake, &worker->events);
    work(&hands);
    drop_all(&hands);
    inbox_free(&hands.inbox);
    results_leave(&pool->results);
    return NULL;
}
