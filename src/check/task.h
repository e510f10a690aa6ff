#ifndef CHECK_TASK_H
#define CHECK_TASK_H

#include "check/transfer.h"
#include "lookup/inbox.h"

#include <sys/queue.h>

struct worker;

struct queue_job;

/*
 * An attempt of a job that a worker has taken. A task is in one of four lists of its worker: it
 * waits for the address of its target, a request is running, its request has ended, or it is over
 * and can be used again.
 */
struct task {
    struct transfer transfer;
    struct question question; /* for the address of its target */
    struct queue_job *job;
    LIST_ENTRY(task) in_list;
    bool is_resolving; /* it waits for an address, */
    bool is_waiting;   /* and its name waits for other names */
    CURLcode code;     /* with which its request has ended */
};

LIST_HEAD(task_list, task);

/* Starts the next attempt of a job from the queue, or ends the job if it is too late for that.
 * Without memory for it, its result is a local fault. */
void task_begin(struct worker *worker, struct queue_job *job);

/* Continues a task that is resolving and whose question has been answered. */
void task_take_answer(struct worker *worker, struct task *task);

/* The request of a task has ended with this code. Its time stops. */
void task_request_ended(struct worker *worker, struct task *task, CURLcode code);

/* Continues a task whose request has ended: it follows a redirect, or the attempt is over. */
void task_end_request(struct worker *worker, struct task *task);

/* The time of a task that is resolving runs, perhaps since now. */
void task_began(struct worker *worker, struct task *task);

/* Ends the attempts whose time has run out by now_us, on the monotonic clock. Sets
 * worker->ends_us for the others. */
void task_end_late(struct worker *worker, int64_t now_us);

/* All attempts learn that the worker was late by this time, in microseconds. */
void task_set_late(struct worker *worker, int64_t late_us);

/* Ends, as local faults, the requests that would never get an event: those with a socket that
 * cannot be polled, and all of them if libcurl failed. */
void task_end_broken(struct worker *worker);

/* Drops all tasks and their jobs without a result. */
void task_drop_all(struct worker *worker);

#endif
