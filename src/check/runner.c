#include "check/runner.h"

#include "base/clock.h"
#include "check/alloc_hooks.h"
#include "check/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

/* Descriptors: for the state, the records and the pages, and the name servers; for waking a worker
 * up; for two connections, of which the one that comes first is kept. */
enum { RESERVED_FILES = 64, FILES_A_WORKER = 5, FILES_A_TRANSFER = 2 };

/* A thread is worth its while from so many jobs on, and a further one beside so many at once. */
enum { JOBS_A_WORKER = 32, CHECKS_A_WORKER = 64 };

struct runner {
    struct pool pool;
    size_t limited_to; /* runner_limited_to */
};

/* Raises the limit of open files as far as it goes. Returns it. */
static rlim_t raise_limit(void)
{
    struct rlimit limit;
    rlim_t before;

    if (getrlimit(RLIMIT_NOFILE, &limit))
        return 0;
    before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) ? before : limit.rlim_max;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Shares out what the limit of open files allows; where that is little, among fewer workers. */
static void share_out(struct runner *runner, const struct config *config, size_t n_jobs)
{
    enum { FILES_A_SHARE = FILES_A_WORKER + CHECKS_A_WORKER * FILES_A_TRANSFER };
    rlim_t limit = raise_limit();
    size_t files = limit > RESERVED_FILES ? (size_t)(limit - RESERVED_FILES) : 0;
    size_t workers = least(least((size_t)config->workers, n_jobs), 1 + files / FILES_A_SHARE);
    size_t wanted = least((size_t)config->workers * (size_t)config->in_flight, n_jobs);
    size_t of_workers = workers * FILES_A_WORKER;
    size_t allowed = files > of_workers ? (files - of_workers) / FILES_A_TRANSFER : 0;

    runner->pool.n_workers = workers;
    runner->pool.in_flight = (size_t)config->in_flight;
    if (workers > 0 && runner->pool.in_flight > allowed / workers)
        runner->pool.in_flight = allowed > workers ? allowed / workers : 1;
    if (allowed < wanted)
        runner->limited_to = workers * runner->pool.in_flight;
}

/* Reads the bundles now, while no check's clock is running; what cannot be read is told later. */
static void read_bundles(struct pool *pool)
{
    const struct queue *queue = &pool->queue;
    const char *why;

    for (size_t i = 0; i < queue->n_jobs; i++) {
        const struct domain *domain = &pool->config->domains[queue->jobs[i].domain];

        if (domain->verify_tls && strncasecmp(domain->url, "https:", 6) == 0)
            ca_store_get(pool->trust, domain->ca_file, &why);
    }
}

/* Signals are the main thread's. */
static int start_thread(struct worker *worker)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&worker->thread, NULL, worker_run, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

int pool_add_worker(struct pool *pool)
{
    struct worker *worker;
    int failed = 0;

    pthread_mutex_lock(&pool->mutex);
    if (pool->n_started < pool->n_workers && !atomic_load(&pool->stopping)) {
        worker = &pool->workers[pool->n_started];
        worker->pool = pool;
        results_join(&pool->results);
        failed = events_open(&worker->events);
        if (!failed)
            failed = start_thread(worker);
        if (failed) {
            results_leave(&pool->results);
            events_close(&worker->events);
        } else {
            pool->n_started++;
        }
    }
    pthread_mutex_unlock(&pool->mutex);
    return failed;
}

/* As many as there are processors, if the jobs are many; more come once those have their hands
 * full. As many as can be had will do, if there is one. */
static int start_workers(struct runner *runner, struct error *error)
{
    struct pool *pool = &runner->pool;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = (pool->queue.n_jobs + JOBS_A_WORKER - 1) / JOBS_A_WORKER, n_started = 0;
    int failed = 0;

    if (processors > 0 && n > (size_t)processors)
        n = (size_t)processors;

    /* While this thread has joined, the results are not complete. */
    results_join(&pool->results);
    for (; n_started < n && !failed; n_started += !failed)
        failed = pool_add_worker(pool);
    results_leave(&pool->results);
    if (n_started > 0 || n == 0)
        return 0;
    errno = failed;
    return error_errno(error, "threads for the checks");
}

static const struct lookup_sources as_the_system_has_it;

/* Makes all that runner_free frees. */
static int prepare(struct runner *runner, const struct job *jobs, size_t n_jobs,
                   struct error *error)
{
    struct pool *pool = &runner->pool;

    pthread_mutex_init(&pool->mutex, NULL);
    if (queue_init(&pool->queue, pool->config, jobs, n_jobs))
        return error_set(error, EXIT_IO, "checks: out of memory");
    share_out(runner, pool->config, n_jobs);
    pool->workers = calloc(pool->n_workers ? pool->n_workers : 1, sizeof *pool->workers);
    pool->trust = ca_store_new();
    pool->lookups = lookups_new(&as_the_system_has_it, error);
    if (!pool->lookups)
        return -1;
    if (!pool->workers || !pool->trust)
        return error_set(error, EXIT_IO, "checks: out of memory");
    return 0;
}

int runner_start(struct runner **started, const struct config *config, const struct job *jobs,
                 size_t n_jobs, struct error *error)
{
    struct runner *runner = calloc(1, sizeof *runner);

    *started = NULL;
    if (!runner)
        return error_errno(error, "runner");
    runner->pool.config = config;
    if (results_init(&runner->pool.results, n_jobs, error)) {
        free(runner);
        return -1;
    }
    if (alloc_hooks_install()) {
        error_set(error, EXIT_IO, "libcurl or OpenSSL cannot be initialized: out of memory");
        results_free(&runner->pool.results);
        free(runner);
        return -1;
    }
    if (prepare(runner, jobs, n_jobs, error) == 0) {
        read_bundles(&runner->pool);
        if (start_workers(runner, error) == 0) {
            *started = runner;
            return 0;
        }
    }
    runner_free(runner);
    return -1;
}

int runner_fd(const struct runner *runner)
{
    return runner->pool.results.pipe[0];
}

size_t runner_take(struct runner *runner, struct result *results, size_t room, bool *finished)
{
    return results_take(&runner->pool.results, results, room, finished);
}

size_t runner_left_over(struct runner *runner)
{
    return queue_left_over(&runner->pool.queue);
}

size_t runner_limited_to(const struct runner *runner)
{
    return runner->limited_to;
}

void runner_stop(struct runner *runner)
{
    struct pool *pool = &runner->pool;

    /* Under the mutex, so that no worker starts that is not woken up. */
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->stopping, true);
    for (size_t i = 0; i < pool->n_started; i++)
        events_wake(&pool->workers[i].events);
    pthread_mutex_unlock(&pool->mutex);
}

void runner_free(struct runner *runner)
{
    struct pool *pool;

    if (!runner)
        return;
    runner_stop(runner);
    pool = &runner->pool;
    for (size_t i = 0; i < pool->n_started; i++)
        pthread_join(pool->workers[i].thread, NULL);
    for (size_t i = 0; i < pool->n_started; i++)
        events_close(&pool->workers[i].events);
    results_free(&pool->results);
    lookups_free(pool->lookups);
    ca_store_free(pool->trust);
    queue_free(&pool->queue);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->workers);
    free(runner);
    curl_global_cleanup();
}
