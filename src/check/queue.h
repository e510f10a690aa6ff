#ifndef CHECK_QUEUE_H
#define CHECK_QUEUE_H

#include "config/config.h"
#include "model/scheduler.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The jobs of a runner on their way to its workers: in the order of their start, but for those
 * whose server has max_per_host requests in flight already. They wait in a line of their server's,
 * and go before all others as soon as one of those is over.
 */

/* A line of jobs, linked through queue.after. */
struct line {
    size_t first, last; /* QUEUE_NONE: empty */
};

#define QUEUE_NONE SIZE_MAX

/* One host and port. */
struct server {
    const char *host;
    int port;
    int in_flight;
    struct line waiting;
};

struct queue {
    pthread_mutex_t mutex;
    const struct config *config;
    const struct job *jobs;
    size_t n_jobs;
    size_t next;       /* the first job that nobody has looked at */
    size_t begun;      /* jobs that were handed out */
    struct line ready; /* jobs that waited, each with the place that its server holds for it */
    size_t *after;     /* one a job: the next one of its line */
    struct server *servers;
    size_t *server_of; /* one a domain: index into servers */
    int64_t wall_ms;   /* both clocks as they stood at the start */
    int64_t monotonic_ms;
};

/* jobs must be in the order of their start, and outlive the queue. Returns 0, or -1: no memory. */
int queue_init(struct queue *queue, const struct config *config, const struct job *jobs,
               size_t n_jobs);

/* Frees what queue_init made. */
void queue_free(struct queue *queue);

/*
 * Hands out the next job that may begin now, to be given back by queue_release once it is over.
 * Those that can no longer begin in time are passed over for good. QUEUE_NONE: there is none now;
 * *wait_ms is then the time until one is due, or -1 where only jobs that wait for others are left,
 * or none at all.
 */
size_t queue_take(struct queue *queue, int64_t *wait_ms);

/* Whether there is a job that is due, and may have to wait only for a worker. */
bool queue_has_due(struct queue *queue);

/* A job is over: its server has room for another. */
void queue_release(struct queue *queue, size_t job);

/* How many jobs were never handed out. */
size_t queue_left_over(struct queue *queue);

#endif
