#ifndef CHECK_QUEUE_H
#define CHECK_QUEUE_H

#include "check/runner.h"
#include "config/config.h"
#include "model/scheduler.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * The jobs of a runner that may start now or later. More can be added at any time. They are a heap,
 * ordered by start; jobs with the same start keep their order. A job whose server has max_per_host
 * checks already waits in that server's own line and delays no other job. When one of those checks
 * is over, the first job of the line goes before all others. After a redirect, a check still counts
 * for its first server only.
 *
 * A job whose attempt failed comes back with queue_retry. Until its next attempt it does not count
 * as a check of its server.
 *
 * A recheck never runs beside another check of its domain: if one of them runs, it is enough, and
 * the other one is skipped.
 *
 * The moments of jobs are converted to the monotonic clock when they are added, so a wall clock
 * that is set neither delays nor hurries them. Any thread may call the functions, except the first
 * two.
 */

/* One job, from queue_add until it is over. It belongs to the queue, or to its worker from
 * queue_take until it is given back. */
struct queue_job {
    STAILQ_ENTRY(queue_job) next; /* in a line */
    struct job job;
    size_t number;               /* of the job: from 0, in the order in which they were added */
    int64_t start_ms, latest_ms; /* those of the job, on the monotonic clock */
    int attempts;                /* that have ended */
    int local_faults;            /* attempts that failed by a local fault */
    struct result *last;         /* of the last attempt; NULL: there was none */
    bool is_over;                /* it is too late for its next attempt: `last` is its result */
};

STAILQ_HEAD(queue_line, queue_job);

/* A job in the heap, with what orders it: to look at the job itself would cost a cache miss. */
struct queue_place {
    int64_t start_ms; /* as in the job */
    size_t number;
    struct queue_job *job;
};

/* One host and port. */
struct queue_server {
    int in_flight; /* checks that run, or are in queue.ready */
    struct queue_line waiting;
};

/* Jobs of a domain that do not begin. */
struct queue_pause {
    int64_t until_ms; /* on the monotonic clock */
    size_t before;    /* only jobs with a lower number: others were added with the wait in mind */
};

/* The jobs of a domain that have begun and are not over. */
struct queue_running {
    unsigned n;
    bool is_recheck; /* the only one of them is a recheck */
};

struct queue {
    pthread_mutex_t mutex;
    const struct config *config;
    struct queue_place *heap;        /* jobs that wait for their start; the first one is next */
    size_t n_heap, capacity;         /* there is room for all open jobs */
    struct queue_line ready;         /* jobs that have waited; in_flight counts them */
    size_t n_added, n_open;          /* n_open: in the queue or with a worker */
    size_t n_left;                   /* left over: not begun, or dropped after that; no rechecks */
    struct queue_server *servers;    /* one for each host and port */
    struct queue_server **server_of; /* one for each domain */
    struct queue_running *running;   /* for each domain */
    struct queue_pause *pauses;      /* for each domain; NULL: there was no queue_pause */
    int64_t end_ms;                  /* as for queue_end_by; 0: no limit */
    bool stopped;
};

/* config must outlive the queue. Returns 0, or -1 if out of memory. */
int queue_init(struct queue *queue, const struct config *config);

/* Frees the queue and the jobs in it. */
void queue_free(struct queue *queue);

/* Adds copies of these jobs, which must be ordered by start. Returns 0, or -1 if out of memory:
 * then none is added. */
int queue_add(struct queue *queue, const struct job *jobs, size_t n_jobs);

/*
 * Takes the next job that may start now; the caller gives it back with queue_release, queue_retry
 * or queue_drop. Jobs that can no longer start in time are skipped for good. Returns NULL if no job
 * may start now: *wait_ms is then the time until one is due, or -1 if no job is left, or only jobs
 * that wait for others.
 */
struct queue_job *queue_take(struct queue *queue, int64_t *wait_ms);

/* Whether a job is due that may wait only for a free worker. */
bool queue_has_due(struct queue *queue);

/* A job that was taken is over, and its result was put: frees it. The next job of its server may
 * start. */
void queue_release(struct queue *queue, struct queue_job *job);

/*
 * The same for a job whose attempt failed: it is taken again after pause_ms. Returns false if there
 * is no next attempt, because it would not end in time (queue_end_by) or because there is no
 * memory: then the caller keeps the job, and this result is the job's. Else the explanation of the
 * result belongs to the queue. A stopped queue drops the job.
 */
bool queue_retry(struct queue *queue, struct queue_job *job, const struct result *result,
                 int64_t pause_ms);

/*
 * The server asks the domain to wait until this moment of the monotonic clock. Jobs in the queue
 * that would begin earlier are skipped, and do not count as left over. A job that waits for its
 * next attempt ends.
 */
void queue_pause(struct queue *queue, size_t domain, int64_t until_ms);

/* A job that was taken has no result: frees it, and it counts as left over. */
void queue_drop(struct queue *queue, struct queue_job *job);

/*
 * Drops all jobs that have not begun; they are left over. Sets running[i] to whether domain i has a
 * job that has begun and is not over.
 */
void queue_withdraw(struct queue *queue, bool *running);

/* From now on no attempt begins whose timeout could pass this moment of the monotonic clock. Drops
 * the jobs that start too late for that; they are left over. */
void queue_end_by(struct queue *queue, int64_t end_ms);

/* Drops all jobs that no worker has, also those that wait for their next attempt. */
void queue_stop(struct queue *queue);

/* The number of jobs that are not over. */
size_t queue_open(struct queue *queue);

/* Whether no worker has a job, and none waits for others: all jobs start later. */
bool queue_is_idle(struct queue *queue);

/* The number of jobs that were not begun, or were dropped after that. Rechecks do not count. */
size_t queue_left_over(struct queue *queue);

#endif
