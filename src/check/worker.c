/* The loop of one worker: starts what is due, waits for events, and continues its tasks. */
#include "check/worker.h"

#include "base/clock.h"
#include "base/thread.h"

#include <assert.h>
#include <stdlib.h>

enum {
    WAIT_MAX_MS = 1000,   /* so that a change of the wall clock is noticed */
    LOOK_EVERY_MS = 20,   /* so that a pause of this machine is noticed */
    ENDS_APART_US = 5000, /* attempts that end within this time are ended together */
    AFTERMATH_MS = 2000,  /* how long failures of a pause can be found */
    WINDOW_AT_FIRST = 32,
    TASK_BYTES = 20 << 10,   /* what a task needs over HTTP, most of it in libcurl */
    BLOCK_BYTES = 120 << 10, /* longer ones are no part of a thread's own memory */
    QUIET_MS = 30, /* all tasks are waiting for servers if none has ended for this long, */
    IDLE_MS = 1,   /* and there was no event for this long */
};

/* Whether one more task may begin. */
static bool may_begin(const struct worker *worker)
{
    size_t counted = worker->n_tasks - worker->n_resolving + worker->n_waiting;

    return counted < worker->window && worker->n_tasks < worker->runner->in_flight;
}

/* Starts what is due and fits into the window. Returns the time until more is due, in milliseconds;
 * -1: nothing is left to start. */
static int64_t begin_due(struct worker *worker)
{
    int64_t wait = -1;

    while (may_begin(worker)) {
        struct queue_job *job = queue_take(&worker->runner->queue, &wait);

        if (!job)
            break;
        task_begin(worker, job);
    }
    worker->is_full = !may_begin(worker);
    return wait;
}

/*
 * Judges what has ended, but does not keep the sockets waiting for long: a check can use much CPU
 * time, for example for a pattern. That must not look like the latency of other servers.
 */
static void end_requests(struct worker *worker)
{
    int64_t until_us = clock_monotonic_us() + EVENTS_LATE_US;

    do
        task_end_request(worker, LIST_FIRST(&worker->ended));
    while (!LIST_EMPTY(&worker->ended) && clock_monotonic_us() < until_us);
}

/* First all of them learn that they have ended, since judging one takes time. */
static void take_requests(struct worker *worker)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(worker->events.multi, &left))) {
        struct events_client *client = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &client);
        task_request_ended(worker, client->owner, message->data.result);
    }
    if (!LIST_EMPTY(&worker->ended))
        end_requests(worker);
}

static void take_answers(struct worker *worker)
{
    struct question *question;

    while ((question = inbox_take(&worker->inbox))) {
        struct task *task = question->owner;

        transfer_began(&task->transfer, question->begun_us);
        task_began(worker, task);
        if (question->answer)
            task_take_answer(worker, task);
    }
}

static size_t min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * glibc makes the memory of a thread larger by a page at a time, each by a system call. It keeps
 * what these blocks got, so no page of the next tasks needs one. If a block is refused, so be it.
 */
static void reserve_memory(size_t bytes)
{
    void *volatile block = malloc(BLOCK_BYTES);

    if (bytes > BLOCK_BYTES)
        reserve_memory(bytes - BLOCK_BYTES);
    free(block);
}

static void set_window(struct worker *worker, size_t window)
{
    reserve_memory((window - worker->window) * TASK_BYTES);
    worker->window = window;
}

/* Allows more tasks at once; if this worker may have no more, adds another worker. */
static void widen(struct worker *worker)
{
    struct runner *runner = worker->runner;

    if (worker->window >= runner->in_flight) {
        if (queue_has_due(&runner->queue))
            worker_add(runner, worker->ended_ms);
        return;
    }
    set_window(worker, min(2 * worker->window, runner->in_flight));
}

/* The worker looks at its sockets late: passes this on to the attempts. */
static void on_late(void *context, int64_t late_us)
{
    struct worker *worker = context;

    task_set_late(worker, late_us);
    if (late_us <= AWAY_US)
        return;
    worker->away_us = late_us;
    worker->away_until_ms = clock_monotonic() + AFTERMATH_MS;
}

/* Looks at the clocks of the tasks, after the sockets, if the time of one of them may be up. */
static void end_late(struct worker *worker)
{
    int64_t now_us = clock_monotonic_us();

    if (now_us < worker->ends_us)
        return;
    worker->ends_us = INT64_MAX;
    task_end_late(worker, now_us);
    if (worker->ends_us < now_us + ENDS_APART_US)
        worker->ends_us = now_us + ENDS_APART_US;
}

/* Ends what would otherwise wait for ever. First, all requests that have ended are judged: they are
 * still part of the multi handle. */
static void end_broken(struct worker *worker)
{
    if ((!worker->events.has_unwatched && !worker->events.failed) || !LIST_EMPTY(&worker->ended))
        return;
    task_end_broken(worker);
    if (worker->events.failed)
        events_renew(&worker->events);
}

/* How long to wait for an event if more is due in `wait` milliseconds (-1: no more is). */
static int64_t limit_wait(const struct worker *worker, int64_t wait)
{
    int64_t left_ms;

    if (!LIST_EMPTY(&worker->ended))
        return 0;
    if (wait < 0 || wait > WAIT_MAX_MS)
        wait = WAIT_MAX_MS;
    if (worker->n_tasks == 0)
        return wait;
    left_ms = (worker->ends_us - clock_monotonic_us()) / US_PER_MS + 1;
    if (left_ms > LOOK_EVERY_MS)
        left_ms = LOOK_EVERY_MS;
    if (left_ms < 0)
        left_ms = 0;
    return wait < left_ms ? wait : left_ms;
}

static void wait_for_event(struct worker *worker, int64_t wait)
{
    bool can_widen =
        worker->is_full && worker->n_waiting == 0 && queue_has_due(&worker->runner->queue);
    bool any;

    wait = can_widen ? IDLE_MS : limit_wait(worker, wait);
    any = events_wait(&worker->events, wait);
    if (can_widen && !any && clock_monotonic() - worker->ended_ms >= QUIET_MS)
        widen(worker);
}

static void run_loop(struct worker *worker)
{
    while (!atomic_load(&worker->runner->stopping)) {
        int64_t wait;

        take_requests(worker);
        end_broken(worker);
        take_answers(worker);
        end_late(worker);
        wait = begin_due(worker);
        if (worker->n_tasks == 0 && wait < 0 && queue_open(&worker->runner->queue) == 0)
            results_set_done(&worker->runner->results);
        wait_for_event(worker, wait);
    }
}

static void wake(void *events)
{
    events_wake(events);
}

static void *run(void *context)
{
    struct worker *worker = context;
    struct runner *runner = worker->runner;

    set_window(worker, min(WINDOW_AT_FIRST, runner->in_flight));
    worker->ends_us = INT64_MAX;
    LIST_INIT(&worker->resolving);
    LIST_INIT(&worker->transferring);
    LIST_INIT(&worker->ended);
    LIST_INIT(&worker->idle);
    inbox_init(&worker->inbox, wake, &worker->events);
    worker->events.late_context = worker;
    worker->events.on_late = on_late;
    run_loop(worker);
    events_end(&worker->events);
    task_drop_all(worker);
    handle_pool_close(&worker->pool);
    inbox_free(&worker->inbox);
    results_leave(&runner->results);
    return NULL;
}

int worker_add(struct runner *runner, int64_t quiet_since_ms)
{
    int failed = 0;

    pthread_mutex_lock(&runner->mutex);
    assert(runner->n_started <= runner->n_workers);
    if (runner->n_started < runner->n_workers && !atomic_load(&runner->stopping)) {
        struct worker *worker = &runner->workers[runner->n_started];

        worker->runner = runner;
        worker->ended_ms = quiet_since_ms;
        results_join(&runner->results);
        failed = events_open(&worker->events);
        if (!failed)
            failed = thread_start(&worker->thread, run, worker);
        if (failed) {
            results_leave(&runner->results);
            events_close(&worker->events);
        } else {
            runner->n_started++;
        }
    }
    pthread_mutex_unlock(&runner->mutex);
    return failed;
}
