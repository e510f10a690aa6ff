/* Takes one attempt of a job through name lookups, requests and redirects to its result, or back to
 * the queue for a retry. */
#include "check/task.h"

#include "base/clock.h"
#include "check/worker.h"
#include "model/retry_after.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    RETRY_MS = 2000,                   /* from the end of an attempt to the next one */
    LOCAL_FAULT_RETRIES = 1,           /* do not count as configured retries */
    LOOKUP_WAIT_US = 300 * 1000 * 1000 /* how long a name may wait for others to be looked up */
};

static const struct domain *domain_of(const struct worker *worker, const struct queue_job *job)
{
    return &worker->runner->queue.config->domains[job->job.domain];
}

/* Ends the job with this result. The result comes first: once a job is over, its result can be
 * taken. If the server asks to wait, the domain's jobs are paused before that. */
static void put_result(struct worker *worker, struct queue_job *job, struct result *result)
{
    int64_t wait_ms = (int64_t)retry_after_wait(result->check.failure) * MS_PER_SECOND;

    result->job = job->number;
    result->domain = job->job.domain;
    result->due_after_ms = job->job.due_after_ms;
    if (wait_ms > 0)
        queue_pause(&worker->runner->queue, job->job.domain, clock_monotonic() + wait_ms);
    results_put(&worker->runner->results, result);
    result->explanation = NULL; /* the taker has these now */
    memset(result->chains, 0, sizeof result->chains);
    queue_release(&worker->runner->queue, job);
}

static bool wants_retry(const struct worker *worker, const struct queue_job *job,
                        const struct result *result)
{
    enum status status = result->check.status;

    if (result->no_verdict)
        return job->local_faults <= LOCAL_FAULT_RETRIES;
    return (status == STATUS_DOWN || status == STATUS_TIMEOUT) &&
           retry_after_wait(result->check.failure) == 0 &&
           job->attempts - job->local_faults <= domain_of(worker, job)->retries;
}

/* Whether the time of the attempt runs: not while its name waits for other names. */
static bool has_begun(const struct task *task)
{
    return task->transfer.requests > 0 || task->question.begun_us;
}

/* When the time of the attempt runs out, on the monotonic clock. */
static int64_t end_us(const struct task *task)
{
    return task->transfer.deadline_us + (has_begun(task) ? 0 : LOOKUP_WAIT_US);
}

/* Lowers worker->ends_us to the moment when the time of the task runs out. */
static void lower_end(struct worker *worker, const struct task *task)
{
    if (end_us(task) < worker->ends_us)
        worker->ends_us = end_us(task);
}

static void leave_list(struct worker *worker, struct task *task)
{
    LIST_REMOVE(task, in_list);
    worker->n_resolving -= task->is_resolving;
    worker->n_waiting -= task->is_waiting;
    task->is_resolving = task->is_waiting = false;
}

/* Drops the current attempt and takes the task out of its list. */
static void drop_attempt(struct worker *worker, struct task *task)
{
    assert(worker->n_tasks > 0);
    curl_multi_remove_handle(worker->events.multi, task->transfer.easy);
    lookups_withdraw(worker->runner->lookups, &task->question);
    transfer_close(&task->transfer);
    leave_list(worker, task);
    worker->n_tasks--;
}

/* Ends the attempt: either the job is retried, or this is its result. */
static void end_attempt(struct worker *worker, struct task *task, CURLcode code)
{
    struct queue_job *job = task->job;
    struct result result = {.attempts = ++job->attempts, .ended_ms = clock_monotonic()};

    transfer_finish(&task->transfer, code, &result);
    drop_attempt(worker, task);
    LIST_INSERT_HEAD(&worker->idle, task, in_list);
    worker->ended_ms = result.ended_ms;
    if (result.no_verdict) {
        /* This machine may be at its limits, so make fewer checks at once. */
        job->local_faults++;
        worker->window = worker->window / 2 + 1;
    }
    if (wants_retry(worker, job, &result) &&
        queue_retry(&worker->runner->queue, job, &result, RETRY_MS))
        return;
    put_result(worker, job, &result);
}

/* What to connect to is known: sends the request. */
static void start_transfer(struct worker *worker, struct task *task, const char *addresses)
{
    struct transfer *transfer = &task->transfer;

    if (transfer_open(transfer, addresses) == 0) {
        if (curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, &transfer->client) == CURLE_OK &&
            curl_multi_add_handle(worker->events.multi, transfer->easy) == CURLM_OK) {
            leave_list(worker, task);
            LIST_INSERT_HEAD(&worker->transferring, task, in_list);
            lower_end(worker, task);
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
    if (task->transfer.requests == 0)
        task->transfer.looked_up = !answer->is_local;
    if (answer->result == LOOKUP_FOUND) {
        start_transfer(worker, task, answer->addresses);
        return;
    }
    if (answer->result == LOOKUP_LOCAL_FAULT)
        task->transfer.local_fault = answer->reason;
    else
        task->transfer.lookup_failure = answer->reason;
    end_attempt(worker, task, CURLE_COULDNT_RESOLVE_HOST);
}

/* Puts the task among those that are resolving, and asks for the address of its route, if that has
 * a name. */
static void start_lookup(struct worker *worker, struct task *task)
{
    static const int families[] = {[IP_ANY] = AF_UNSPEC, [IP_4] = AF_INET, [IP_6] = AF_INET6};

    LIST_INSERT_HEAD(&worker->resolving, task, in_list);
    task->is_resolving = true;
    worker->n_resolving++;
    task->question = (struct question){.host = task->transfer.route.host,
                                       .family = families[task->transfer.domain->ip_version],
                                       .inbox = &worker->inbox,
                                       .owner = task};
    if (!task->question.host) {
        start_transfer(worker, task, NULL);
        return;
    }
    if (lookups_ask(worker->runner->lookups, &task->question)) {
        task_take_answer(worker, task);
        return;
    }
    if (task->transfer.requests == 0)
        task->transfer.looked_up = true;
    task->is_waiting = !has_begun(task);
    worker->n_waiting += task->is_waiting;
    lower_end(worker, task);
}

static void begin_attempt(struct worker *worker, struct task *task)
{
    transfer_start(&task->transfer, domain_of(worker, task->job), worker->runner->ca_store,
                   &worker->pool);
    if (task->transfer.domain->bot_detection)
        task->transfer.wall.walls = worker->runner->walls;
    task->transfer.client =
        (struct events_client){.owner = task, .events = &worker->events, .fd = -1};
    if (clock_monotonic() < worker->away_until_ms)
        task->transfer.late_us = worker->away_us;
    task->transfer.retried_local_fault = task->job->local_faults > 0;
    task->transfer.store = worker->runner->chains;
    task->transfer.explains = task->job->job.explains;
    task->transfer.first_address = task->job->job.recheck;
    worker->n_tasks++;
    start_lookup(worker, task);
}

/* Returns a task that is over, or a new one; NULL: out of memory. */
static struct task *take_task(struct worker *worker)
{
    struct task *task = LIST_FIRST(&worker->idle);

    if (!task)
        return malloc(sizeof *task);
    LIST_REMOVE(task, in_list);
    return task;
}

void task_begin(struct worker *worker, struct queue_job *job)
{
    struct task *task = job->is_over ? NULL : take_task(worker);
    struct result result = {.attempts = 1,
                            .no_verdict = true,
                            .phases = PHASES_NONE,
                            .sighting = {.scope = SCOPE_NONE, .other = SCOPE_NONE},
                            .ended_ms = clock_monotonic()};

    if (task) {
        *task = (struct task){.job = job};
        begin_attempt(worker, task);
        return;
    }
    result.check = (struct check){
        .start_ms = clock_now(), .latency_ms = -1, .failure = "local fault: out of memory"};
    put_result(worker, job, job->last ? job->last : &result);
}

void task_request_ended(struct worker *worker, struct task *task, CURLcode code)
{
    phase_clock_stop(&task->transfer.clock);
    task->code = code;
    LIST_REMOVE(task, in_list);
    LIST_INSERT_HEAD(&worker->ended, task, in_list);
}

void task_end_request(struct worker *worker, struct task *task)
{
    CURLcode code = task->code;

    if (!transfer_follow(&task->transfer, &code)) {
        end_attempt(worker, task, code);
        return;
    }
    curl_multi_remove_handle(worker->events.multi, task->transfer.easy);
    leave_list(worker, task);
    start_lookup(worker, task);
}

void task_began(struct worker *worker, struct task *task)
{
    worker->n_waiting -= task->is_waiting;
    task->is_waiting = false;
    lower_end(worker, task);
}

static void end_late(struct worker *worker, struct task_list *list, int64_t now_us)
{
    struct task *next;

    for (struct task *task = LIST_FIRST(list); task; task = next) {
        next = LIST_NEXT(task, in_list);
        if (end_us(task) > now_us) {
            lower_end(worker, task);
        } else if (!has_begun(task)) {
            task->transfer.local_fault = "the name lookup did not begin";
            end_attempt(worker, task, CURLE_COULDNT_RESOLVE_HOST);
        } else if (list == &worker->transferring || lookups_has_answer(worker->runner->lookups)) {
            end_attempt(worker, task, CURLE_OPERATION_TIMEDOUT);
        } else {
            task->transfer.local_fault = "no name server answers";
            end_attempt(worker, task, CURLE_COULDNT_RESOLVE_HOST);
        }
    }
}

void task_end_late(struct worker *worker, int64_t now_us)
{
    end_late(worker, &worker->resolving, now_us);
    end_late(worker, &worker->transferring, now_us);
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
        struct queue_job *job = task->job;

        drop_attempt(worker, task);
        free(task);
        queue_drop(&worker->runner->queue, job);
    }
}

void task_drop_all(struct worker *worker)
{
    struct task *task;

    drop_list(worker, &worker->resolving);
    drop_list(worker, &worker->transferring);
    drop_list(worker, &worker->ended);
    while ((task = LIST_FIRST(&worker->idle))) {
        LIST_REMOVE(task, in_list);
        free(task);
    }
}
