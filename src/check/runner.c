/* Starts, feeds and stops the workers. */
#include "check/runner.h"

#include "base/clock.h"
#include "check/alloc_hooks.h"
#include "check/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    RESERVED_FILES = 64,    /* for the state, the records, the pages and the name servers */
    FILES_PER_WORKER = 5,   /* to wait for events */
    FILES_PER_TRANSFER = 2, /* libcurl may try both IP versions at once */
    CHECKS_PER_WORKER = 64, /* without open files for this many, there are fewer workers */
    JOBS_PER_WORKER = 32,   /* one worker is started for this many jobs */
};

/* Raises the soft limit of open files to the hard limit. Returns the limit that is in force. */
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

static size_t min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Divides the open files that are allowed among the workers. If the files are few, there are fewer
 * workers. There may be a job for each domain, now or in a later minute. */
static void divide_files(struct runner *runner, const struct config *config, size_t n_jobs)
{
    enum { FILES_PER_SHARE = FILES_PER_WORKER + CHECKS_PER_WORKER * FILES_PER_TRANSFER };
    rlim_t limit = raise_limit();
    size_t files = limit > RESERVED_FILES ? (size_t)(limit - RESERVED_FILES) : 0;
    size_t max_jobs = config->n_domains > n_jobs ? config->n_domains : n_jobs;
    size_t workers = min(min((size_t)config->workers, max_jobs), 1 + files / FILES_PER_SHARE);
    size_t worker_files = workers * FILES_PER_WORKER;

    runner->allowed = files > worker_files ? (files - worker_files) / FILES_PER_TRANSFER : 0;
    runner->n_workers = workers;
    runner->in_flight = (size_t)config->in_flight;
    if (workers > 0 && runner->in_flight > runner->allowed / workers)
        runner->in_flight = runner->allowed > workers ? runner->allowed / workers : 1;
}

/* Whether the open files are too few for this many jobs at once. */
static bool is_limited(const struct runner *runner, size_t n_jobs)
{
    const struct config *config = runner->queue.config;

    return runner->allowed < min((size_t)config->workers * (size_t)config->in_flight, n_jobs);
}

/* Reads the certificate bundles before the time of any check runs. The checks report the errors. */
static void load_bundles(struct runner *runner, const struct job *jobs, size_t n_jobs)
{
    const char *why;

    for (size_t i = 0; i < n_jobs; i++) {
        const struct domain *domain = &runner->queue.config->domains[jobs[i].domain];

        if (domain->verify_tls && strncasecmp(domain->url, "https:", 6) == 0)
            ca_store_get(runner->ca_store, domain->ca_file, &why);
    }
}

static size_t count_workers(struct runner *runner)
{
    size_t n;

    pthread_mutex_lock(&runner->mutex);
    n = runner->n_started;
    pthread_mutex_unlock(&runner->mutex);
    return n;
}

/* Starts one worker for each processor, fewer for few jobs. Workers add more when they are full. It
 * is an error only if there is no worker for the jobs. */
static int start_workers(struct runner *runner, size_t n_jobs, struct error *error)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = (n_jobs + JOBS_PER_WORKER - 1) / JOBS_PER_WORKER;
    int failed = 0;

    if (processors > 0 && n > (size_t)processors)
        n = (size_t)processors;

    /* Keeps the results from being complete before the last worker has started. */
    results_join(&runner->results);
    for (size_t i = count_workers(runner); i < n && !failed; i++)
        failed = worker_add(runner, clock_monotonic());
    results_leave(&runner->results);
    if (n == 0 || count_workers(runner) > 0)
        return 0;
    errno = failed;
    return error_errno(error, "cannot start threads for the checks");
}

/* Wakes all workers; before that, sets whether they end. The mutex is held so that no worker is
 * added that is not woken. */
static void wake_workers(struct runner *runner, bool stopping)
{
    pthread_mutex_lock(&runner->mutex);
    if (stopping)
        atomic_store(&runner->stopping, true);
    for (size_t i = 0; i < runner->n_started; i++)
        events_wake(&runner->workers[i].events);
    pthread_mutex_unlock(&runner->mutex);
}

int runner_add(struct runner *runner, const struct job *jobs, size_t n_jobs, struct error *error)
{
    load_bundles(runner, jobs, n_jobs);
    if (results_reserve(&runner->results, queue_open(&runner->queue) + n_jobs) ||
        queue_add(&runner->queue, jobs, n_jobs))
        return error_set(error, EXIT_IO, "cannot start the checks: out of memory");
    if (is_limited(runner, n_jobs))
        runner->limited_to = runner->n_workers * runner->in_flight;
    if (start_workers(runner, n_jobs, error))
        return -1;
    wake_workers(runner, false);
    return 0;
}

/* Allocates what runner_free frees, also after an error. */
static int prepare(struct runner *runner, const struct config *config, size_t n_jobs,
                   struct error *error)
{
    static const struct lookup_sources system_sources;

    pthread_mutex_init(&runner->mutex, NULL);
    if (results_init(&runner->results, error))
        return -1;
    if (queue_init(&runner->queue, config))
        return error_set(error, EXIT_IO, "cannot start the checks: out of memory");
    divide_files(runner, config, n_jobs);
    runner->is_limited = is_limited(runner, config->n_domains);
    runner->workers = calloc(runner->n_workers ? runner->n_workers : 1, sizeof *runner->workers);
    runner->ca_store = ca_store_new();
    runner->chains = chain_store_new();
    runner->walls = bot_wall_load(error);
    runner->lookups = runner->walls ? lookups_new(&system_sources, error) : NULL;
    if (!runner->lookups)
        return -1;
    if (!runner->workers || !runner->ca_store || !runner->chains)
        return error_set(error, EXIT_IO, "cannot start the checks: out of memory");
    return 0;
}

int runner_start(struct runner **started, const struct config *config, const struct job *jobs,
                 size_t n_jobs, struct error *error)
{
    struct runner *runner = calloc(1, sizeof *runner);

    *started = NULL;
    if (!runner)
        return error_errno(error, "cannot start the checks");
    if (alloc_hooks_init_libraries()) {
        free(runner);
        return error_set(error, EXIT_IO, "cannot initialise libcurl or OpenSSL: out of memory");
    }
    if (prepare(runner, config, n_jobs, error) || runner_add(runner, jobs, n_jobs, error)) {
        runner_free(runner);
        return -1;
    }
    *started = runner;
    return 0;
}

int runner_fd(const struct runner *runner)
{
    return runner->results.pipe[0];
}

size_t runner_take(struct runner *runner, struct result *results, size_t max, bool *finished)
{
    /* A result is put before its job is over, so if all are over, all results were put. */
    bool is_done = queue_open(&runner->queue) == 0;

    return results_take(&runner->results, results, max, is_done, finished);
}

bool runner_is_idle(struct runner *runner)
{
    return queue_is_idle(&runner->queue);
}

void runner_withdraw(struct runner *runner, bool *running)
{
    queue_withdraw(&runner->queue, running);
}

void runner_end_by(struct runner *runner, int64_t end_ms)
{
    queue_end_by(&runner->queue, end_ms);
}

size_t runner_open(struct runner *runner)
{
    /* In this order, so that a job that ends meanwhile is not missed. */
    size_t n = queue_open(&runner->queue);

    return n + results_waiting(&runner->results);
}

size_t runner_left_over(struct runner *runner)
{
    return queue_left_over(&runner->queue);
}

size_t runner_limited_to(const struct runner *runner)
{
    return runner->limited_to;
}

bool runner_is_limited(const struct runner *runner)
{
    return runner->is_limited || runner->limited_to > 0;
}

void runner_stop(struct runner *runner)
{
    queue_stop(&runner->queue);
    wake_workers(runner, true);
}

void runner_free(struct runner *runner)
{
    if (!runner)
        return;
    wake_workers(runner, true);
    for (size_t i = 0; i < runner->n_started; i++)
        pthread_join(runner->workers[i].thread, NULL);
    for (size_t i = 0; i < runner->n_started; i++)
        events_close(&runner->workers[i].events);
    results_free(&runner->results);
    lookups_free(runner->lookups);
    ca_store_free(runner->ca_store);
    chain_store_free(runner->chains);
    queue_free(&runner->queue);
    pthread_mutex_destroy(&runner->mutex);
    free(runner->walls);
    free(runner->workers);
    free(runner);
    curl_global_cleanup();
}
