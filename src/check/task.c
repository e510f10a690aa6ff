/* Takes one job through name lookups, requests, redirects and retries to its result. */
#include "check/task.h"

#include "base/clock.h"
#include "check/worker.h"

#include <assert.h>
#include <stdlib.h>

enum {
    RETRY_MS = 2000,                   /* from the end of an attempt to the next one */
    LOCAL_FAULT_RETRIES = 1,           /* do not count as configured retries */
    LOOKUP_WAIT_US = 300 * 1000 * 1000 /* how long a name may wait for others to be looked up */
};

static const struct domain *domain_of(const struct worker *worker, size_t job)
{
    const struct queue *queue = &worker->runner->queue;

    return &queue->config->domains[queue->jobs[job].domain];
}

static void put_result(struct worker *worker, const struct result *result)
{
    queue_release(&worker->runner->queue, result->job);
    results_put(&worker->runner->results, result);
}

static bool wants_retry(const struct worker *worker, const struct task *task,
                        const struct result *result)
{
    enum status status = result->check.status;

    if (result->no_verdict)
        return task->local_faults <= LOCAL_FAULT_RETRIES;
    return (status == STATUS_DOWN || status == STATUS_TIMEOUT) &&
           task->attempts - task->local_faults <= domain_of(worker, task->job)->retries;
}

/* Drops the current attempt and takes the task out of its list. */
static void drop_attempt(struct worker *worker, struct task *task)
{
    assert(worker->n_tasks > 0);
    curl_multi_remove_handle(worker->events.multi, task->transfer.easy);
    lookups_withdraw(worker->runner->lookups, &task->question);
    transfer_close(&task->transfer);
    LIST_REMOVE(task, in_list);
    worker->n_tasks--;
}

/* Ends the attempt: either the task is retried, or this is its result. */
static void end_attempt(struct worker *worker, struct task *task, CURLcode code)
{
    struct result result = {.job = task->job};

    transfer_finish(&task->transfer, code, &result);
    drop_attempt(worker, task);
    worker->ended_ms = clock_monotonic();
    result.attempts = ++task->attempts;
    if (result.no_verdict) {
        /* This machine may be at its limits, so make fewer checks at once. */
        task->local_faults++;
        worker->window = worker->window / 2 + 1;
    }
    if (wants_retry(worker, task, &result)) {
        task->retry_ms = clock_monotonic() + RETRY_MS;
        STAILQ_INSERT_TAIL(&worker->retries, task, retry);
        return;
    }
    put_result(worker, &result);
    free(task);
}

/* The address of the target is known: sends the request. */
static void start_transfer(struct worker *worker, struct task *task)
{
    struct transfer *transfer = &task->transfer;

    if (transfer_open(transfer, task->question.answer->addresses) == 0) {
        if (curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, &transfer->client) == CURLE_OK &&
            curl_multi_add_handle(worker->events.multi, transfer->easy) == CURLM_OK) {
            LIST_REMOVE(task, in_list);
            LIST_INSERT_HEAD(&worker->transferring, task, in_list);
            return;
        }
    }
    transfer->local_fault = "out of memory";
    end_attempt(worker, task, CURLE_OUT_OF_MEMORY);
}

void task_take_answer(struct worker *worker, struct task *task)
{
    const struct answer *answer = task->question.answer;

    assert(answer);
    if (answer->result == LOOKUP_FOUND) {
        start_transfer(worker, task);
        return;
    }
    if (answer->result == LOOKUP_LOCAL_FAULT)
        task->transfer.local_fault = answer->reason;
    else
        task->transfer.lookup_failure = answer->reason;
    end_attempt(worker, task, CURLE_COULDNT_RESOLVE_HOST);
}

/* Puts the task among those that are resolving, and asks for the address of its target. */
static void start_lookup(struct worker *worker, struct task *task)
{
    static const int families[] = {[IP_ANY] = AF_UNSPEC, [IP_4] = AF_INET, [IP_6] = AF_INET6};

    LIST_INSERT_HEAD(&worker->resolving, task, in_list);
    task->question = (struct question){.host = task->transfer.target.host,
                                       .family = families[task->transfer.domain->ip_version],
                                       .inbox = &worker->inbox,
                                       .owner = task};
    if (lookups_ask(worker->runner->lookups, &task->question))
        task_take_answer(worker, task);
}

static void begin_attempt(struct worker *worker, struct task *task)
{
    transfer_start(&task->transfer, domain_of(worker, task->job), worker->runner->ca_store);
    task->transfer.client =
        (struct events_client){.owner = task, .events = &worker->events, .fd = -1};
    if (clock_monotonic() < worker->away_until_ms)
        task->transfer.late_us = worker->away_us;
    task->transfer.retried_local_fault = task->local_faults > 0;
    worker->n_tasks++;
    start_lookup(worker, task);
}

void task_begin(struct worker *worker, size_t job)
{
    struct task *task = calloc(1, sizeof *task);
    struct result result = {.job = job, .attempts = 1, .no_verdict = true, .phases = PHASES_NONE};

    if (task) {
        task->job = job;
        begin_attempt(worker, task);
        return;
    }
    result.check = (struct check){
        .start_ms = clock_now(), .latency_ms = -1, .failure = "local fault: out of memory"};
    put_result(worker, &result);
}

void task_begin_retry(struct worker *worker)
{
    struct task *task = STAILQ_FIRST(&worker->retries);

    assert(task);
    STAILQ_REMOVE_HEAD(&worker->retries, retry);
    begin_attempt(worker, task);
}

void task_end_request(struct worker *worker, struct task *task, CURLcode code)
{
    if (!transfer_follow(&task->transfer, &code)) {
        end_attempt(worker, task, code);
        return;
    }
    curl_multi_remove_handle(worker->events.multi, task->transfer.easy);
    LIST_REMOVE(task, in_list);
    start_lookup(worker, task);
}

/* Whether the time of the attempt runs: not while its name waits for other names. */
static bool has_begun(const struct task *task)
{
    return task->transfer.requests > 0 || task->question.begun_us;
}

static void end_late(struct worker *worker, struct task_list *list)
{
    struct task *next;

    for (struct task *task = LIST_FIRST(list); task; task = next) {
        int64_t left_us = transfer_left_us(&task->transfer);

        next = LIST_NEXT(task, in_list);
        if (left_us > (has_begun(task) ? 0 : -LOOKUP_WAIT_US))
            continue;
        if (has_begun(task)) {
            end_attempt(worker, task, CURLE_OPERATION_TIMEDOUT);
        } else {
            task->transfer.local_fault = "the name lookup did not begin";
            end_attempt(worker, task, CURLE_COULDNT_RESOLVE_HOST);
        }
    }
}

void task_end_late(struct worker *worker)
{
    end_late(worker, &worker->resolving);
    end_late(worker, &worker->transferring);
}

static void set_late(const struct task_list *list, int64_t late_us)
{
    struct task *task;

    LIST_FOREACH(task, list, in_list)
    {
        transfer_was_late(&task->transfer, late_us);
    }
}

void task_set_late(struct worker *worker, int64_t late_us)
{
    set_late(&worker->resolving, late_us);
    set_late(&worker->transferring, late_us);
}

void task_end_broken(struct worker *worker)
{
    bool all = worker->events.failed != CURLM_OK;
    struct task *next;

    for (struct task *task = LIST_FIRST(&worker->transferring); task; task = next) {
        struct transfer *transfer = &task->transfer;

        next = LIST_NEXT(task, in_list);
        if (transfer->client.is_unwatched)
            transfer->local_fault =
                "cannot watch a connection (memory, or fs.epoll.max_user_watches)";
        else if (all)
            transfer->local_fault = "libcurl failed (out of memory)";
        else
            continue;
        end_attempt(worker, task, CURLE_ABORTED_BY_CALLBACK);
    }
    worker->events.has_unwatched = false;
}

static void drop_list(struct worker *worker, struct task_list *list)
{
    struct task *task;

    while ((task = LIST_FIRST(list))) {
        drop_attempt(worker, task);
        free(task);
    }
}

void task_drop_all(struct worker *worker)
{
    struct task *task;

    drop_list(worker, &worker->resolving);
    drop_list(worker, &worker->transferring);
    while ((task = STAILQ_FIRST(&worker->retries))) {
        STAILQ_REMOVE_HEAD(&worker->retries, retry);
        free(task);
    }
}
