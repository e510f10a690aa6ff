#include "runner/runner.h"

#include "base/clock.h"
#include "runner/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

/* Descriptors: for the state, the records and the pages; for waking a worker up; for a lookup's
 * pair of sockets and its question, or two connections. */
enum { RESERVED_FILES = 64, FILES_A_WORKER = 3, FILES_A_TRANSFER = 4 };

struct runner {
    struct pool pool;
    struct worker *workers;
    pthread_t *threads;
    size_t n_workers; /* with a multi handle */
    size_t n_threads;
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

/* Shares out what the limit of open files allows; where that is little, among fewer workers. */
static void share_out(struct runner *runner, const struct config *config, size_t n_jobs)
{
    rlim_t files = raise_limit();
    size_t workers = (size_t)config->workers;
    size_t reserved = RESERVED_FILES + workers * FILES_A_WORKER;
    size_t allowed = files > reserved ? (size_t)(files - reserved) / FILES_A_TRANSFER : 0;

    allowed = allowed ? allowed : 1;
    workers = workers < n_jobs ? workers : n_jobs;
    workers = workers < allowed ? workers : allowed;
    runner->n_workers = workers;
    runner->pool.in_flight = (size_t)config->in_flight;
    if (workers > 0 && runner->pool.in_flight > allowed / workers)
        runner->pool.in_flight = allowed / workers;
}

/* Reads the bundles now, while no check's clock is running; what cannot be read is told later. */
static void read_bundles(struct pool *pool)
{
    const char *why;

    for (size_t i = 0; i < pool->n_jobs; i++) {
        const struct domain *domain = &pool->config->domains[pool->jobs[i].domain];

        if (domain->verify_tls && strncasecmp(domain->url, "https:", 6) == 0)
            trust_store(pool->trust, domain->ca_file, &why);
    }
}

static int make_workers(struct runner *runner)
{
    size_t n = runner->n_workers;

    runner->workers = calloc(n ? n : 1, sizeof *runner->workers);
    runner->threads = calloc(n ? n : 1, sizeof *runner->threads);
    runner->pool.trust = trust_new();
    if (!runner->workers || !runner->threads || !runner->pool.trust)
        return -1;
    for (size_t i = 0; i < n; i++) {
        runner->workers[i].pool = &runner->pool;
        runner->workers[i].multi = curl_multi_init();
        if (!runner->workers[i].multi)
            return -1;
    }
    return 0;
}

/* Signals are the main thread's. As many threads as can be had will do, if there is one. */
static int start_threads(struct runner *runner, struct error *error)
{
    sigset_t all, before;
    int failed = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    results_expect(&runner->pool.results, runner->n_workers);
    for (size_t i = 0; i < runner->n_workers; i++) {
        failed = pthread_create(&runner->threads[i], NULL, worker_run, &runner->workers[i]);
        if (failed)
            break;
        runner->n_threads++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    for (size_t i = runner->n_threads; i < runner->n_workers; i++)
        results_leave(&runner->pool.results);
    if (runner->n_threads > 0 || runner->n_workers == 0)
        return 0;
    errno = failed;
    return error_errno(error, "threads for the checks");
}

int runner_start(struct runner **started, const struct config *config, const struct job *jobs,
                 size_t n_jobs, struct error *error)
{
    struct runner *runner = calloc(1, sizeof *runner);

    *started = NULL;
    if (!runner)
        return error_errno(error, "runner");
    if (results_init(&runner->pool.results, n_jobs, error)) {
        free(runner);
        return -1;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
        error_set(error, EXIT_IO, "libcurl cannot be initialized");
        results_free(&runner->pool.results);
        free(runner);
        return -1;
    }
    runner->pool.config = config;
    runner->pool.jobs = jobs;
    runner->pool.n_jobs = n_jobs;
    runner->pool.wall_ms = clock_now();
    runner->pool.monotonic_ms = clock_monotonic();
    share_out(runner, config, n_jobs);
    if (make_workers(runner)) {
        error_set(error, EXIT_IO, "out of memory for %zu workers", runner->n_workers);
        runner_free(runner);
        return -1;
    }
    read_bundles(&runner->pool);
    if (start_threads(runner, error)) {
        runner_free(runner);
        return -1;
    }
    *started = runner;
    return 0;
}

int runner_fd(const struct runner *runner)
{
    return runner->pool.results.pipe[0];
}

size_t runner_take(struct runner *runner, struct result *results, size_t room, bool *finished)
{
    return results_take(&runner->pool.results, results, room, finished);
}

void runner_stop(struct runner *runner)
{
    atomic_store(&runner->pool.stopping, true);
    for (size_t i = 0; i < runner->n_threads; i++)
        curl_multi_wakeup(runner->workers[i].multi);
}

void runner_free(struct runner *runner)
{
    if (!runner)
        return;
    runner_stop(runner);
    for (size_t i = 0; i < runner->n_threads; i++)
        pthread_join(runner->threads[i], NULL);
    for (size_t i = 0; runner->workers && i < runner->n_workers; i++)
        curl_multi_cleanup(runner->workers[i].multi);
    results_free(&runner->pool.results);
    trust_free(runner->pool.trust);
    free(runner->workers);
    free(runner->threads);
    free(runner);
    curl_global_cleanup();
}
