#ifndef CHECK_TASK_H
#define CHECK_TASK_H

#include "check/transfer.h"
#include "lookup/inbox.h"

#include <sys/queue.h>

struct worker;

struct queue_job;

/*
 * An attempt of a job that a worker has taken. A task is in one of two lists of its worker: it
 * waits for the address of its target, or a request is running.
 */
struct task {
    struct transfer transfer;
    struct question question; /* for the address of its target */
    struct queue_job *job;
    LIST_ENTRY(task) in_list;
};

LIST_HEAD(task_list, task);

/* Starts the next attempt of a job from the queue, or ends the job if it is too late for that.
 * Without memory for it, its result is a local fault. */
void task_begin(struct worker *worker, struct queue_job *job);

/* Continues a task that is resolving and whose question has been answered. */
void task_take_answer(struct worker *worker, struct task *task);

/* Continues a task whose request has ended with this code: it follows a redirect, or the attempt is
 * over. */
void task_end_request(struct worker *worker, struct task *task, CURLcode code);

/* Ends the attempts whose time has run out during a name lookup; libcurl ends the others. */
void task_end_late(struct worker *worker);

/* Drops all tasks and their jobs without a result. */
void task_drop_all(struct worker *worker);

#endif
