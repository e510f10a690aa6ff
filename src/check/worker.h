#ifndef CHECK_WORKER_H
#define CHECK_WORKER_H

#include "check/chain_store.h"
#include "check/events.h"
#include "check/queue.h"
#include "check/results.h"
#include "check/task.h"
#include "lookup/lookups.h"

#include <stdatomic.h>

/* What all workers share. */
struct runner {
    struct queue queue;
    struct lookups *lookups;
    struct ca_store *ca_store;
    struct chain_store *chains;
    struct bot_walls *walls;
    struct results results;
    size_t limited_to; /* for runner_limited_to */
    bool is_limited;   /* for runner_is_limited */
    size_t in_flight;  /* maximum number of tasks at once, for each worker */
    size_t allowed;    /* maximum number of tasks at once, by the limit of open files */
    atomic_bool stopping;
    pthread_mutex_t mutex; /* protects the workers */
    struct worker *workers;
    size_t n_workers; /* maximum number of workers */
    size_t n_started;
};

/*
 * One thread, its curl multi handle and its tasks. The window is the maximum number of tasks at
 * once. It doubles only while all tasks are waiting for their servers; if it can grow no more,
 * another worker is added. So 10,000 checks of servers that respond need two threads and about
 * 10 MB, and 5,000 endpoints that hang are all waited for at once. The window does not grow while a
 * busy server still ends a check now and then: more checks would not make it faster.
 *
 * Tasks whose name is being looked up do not count, because lookup/window.h limits their number.
 * Those whose name waits for other names do.
 */
struct worker {
    struct runner *runner;
    struct events events; /* other threads may call events_wake */
    pthread_t thread;

    /* Used by the thread only. */
    struct inbox inbox;
    struct handle_pool pool;
    struct task_list resolving, transferring; /* waiting for a name; with a request running */
    struct task_list ended;                   /* a request has ended, and is not judged yet */
    struct task_list idle;                    /* over: memory for the next tasks */
    size_t n_tasks, n_resolving;              /* in the first three lists, in the first one */
    size_t n_waiting;      /* in the first one, and their names wait for other names */
    size_t window;         /* from 1 to runner->in_flight */
    int64_t ended_ms;      /* when an attempt ended last, on the monotonic clock */
    int64_t ends_us;       /* until then the time of no task runs out, on the monotonic clock */
    int64_t away_until_ms; /* until then, attempts may meet what a pause of this machine left: */
    int64_t away_us;       /* its length */
    bool is_full;          /* there may be jobs for which the window is too small */
};

/* Starts one more worker, if there may be more; its servers count as quiet since this moment of the
 * monotonic clock. Any thread may call this. Returns 0, or an errno if the worker could not be
 * started. */
int worker_add(struct runner *runner, int64_t quiet_since_ms);

#endif
