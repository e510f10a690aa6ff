#ifndef CHECK_QUEUE_H
#define CHECK_QUEUE_H

#include "config/config.h"
#include "model/scheduler.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * The jobs of a runner that no worker has taken yet. All jobs are known at the start, so they are a
 * sorted array, and taking the next one is one step. A job whose server has max_per_host checks
 * already waits in that server's own line and delays no other job. When one of those checks is
 * over, the first job of the line goes before all others. After a redirect, a check still counts
 * for its first server only.
 */

/* A waiting job. Its index in queue.entries is the index of the job. */
struct queue_entry {
    STAILQ_ENTRY(queue_entry) next;
};

STAILQ_HEAD(queue_line, queue_entry);

/* One host and port. */
struct queue_server {
    int in_flight; /* checks that run, or are in queue.ready */
    struct queue_line waiting;
};

#define QUEUE_NONE SIZE_MAX

struct queue {
    pthread_mutex_t mutex;
    const struct config *config;
    const struct job *jobs;
    size_t n_jobs;
    size_t next;                     /* the first job that is neither taken nor waiting */
    size_t begun;                    /* jobs that were taken */
    struct queue_line ready;         /* jobs that have waited; in_flight counts them */
    struct queue_entry *entries;     /* one for each job */
    struct queue_server *servers;    /* one for each host and port */
    struct queue_server **server_of; /* one for each domain */
    int64_t wall_ms, monotonic_ms;   /* both clocks at the start */
};

/* jobs must be ordered by start; jobs and config must outlive the queue. Returns 0, or -1 if out of
 * memory. */
int queue_init(struct queue *queue, const struct config *config, const struct job *jobs,
               size_t n_jobs);

/* Frees what queue_init allocated. */
void queue_free(struct queue *queue);

/*
 * Takes the next job that may start now and returns its index; the caller gives it back with
 * queue_release when it is over. Jobs that can no longer start in time are skipped for good.
 * Returns QUEUE_NONE if no job may start now: *wait_ms is then the time until one is due, or -1 if
 * no job is left, or only jobs that wait for others. Any thread may call this.
 */
size_t queue_take(struct queue *queue, int64_t *wait_ms);

/* Whether a job is due that may wait only for a free worker. */
bool queue_has_due(struct queue *queue);

/* A job that was taken is over: the next job of its server may start. */
void queue_release(struct queue *queue, size_t job);

/* The number of jobs that were not taken. */
size_t queue_left_over(struct queue *queue);

#endif
