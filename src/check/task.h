#ifndef CHECK_TASK_H
#define CHECK_TASK_H

#include "check/transfer.h"
#include "lookup/inbox.h"

#include <sys/queue.h>

struct worker;

/*
 * A job that a worker has begun. A task is in one of three lists of its worker: it waits for the
 * address of its target, a request is running, or it waits for its next attempt.
 */
struct task {
    struct transfer transfer; /* of the current attempt */
    struct question question; /* for the address of its target */
    size_t job;
    int attempts;
    int local_faults; /* attempts that failed by a local fault */
    int64_t retry_ms; /* when the next attempt is due, on the monotonic clock */
    LIST_ENTRY(task) in_list;
    STAILQ_ENTRY(task) retry;
};

LIST_HEAD(task_list, task);
STAILQ_HEAD(task_queue, task);

/* Starts a job from the queue. Without memory for it, its result is a local fault. */
void task_begin(struct worker *worker, size_t job);

/* Starts the next attempt of the task that is first in worker->retries. */
void task_begin_retry(struct worker *worker);

/* Continues a task that is resolving and whose question has been answered. */
void task_take_answer(struct worker *worker, struct task *task);

/* Continues a task whose request has ended with this code: it follows a redirect, or the attempt is
 * over. */
void task_end_request(struct worker *worker, struct task *task, CURLcode code);

/* Ends the attempts whose time has run out. */
void task_end_late(struct worker *worker);

/* All attempts learn that the worker was late by this time, in microseconds. */
void task_set_late(struct worker *worker, int64_t late_us);

/* Ends, as local faults, the requests that would never get an event: those with a socket that
 * cannot be polled, and all of them if libcurl failed. */
void task_end_broken(struct worker *worker);

/* Drops all tasks without a result. */
void task_drop_all(struct worker *worker);

#endif
