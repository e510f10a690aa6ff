/* Decides which job starts next, so that no server gets too many checks at once. */
#include "check/queue.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/table.h"
#include "check/results.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "host:port" in lower case, of what the domain connects to without a proxy, so that equal servers
 * have equal keys; NULL if out of memory. */
static const char *make_key(struct arena *arena, const struct domain *domain)
{
    const char *host = domain->address ? domain->address : domain->host;
    int port = domain->address_port ? domain->address_port : domain->port;
    size_t size = strlen(host) + sizeof ":-2147483648";
    char *key;

    /* A socket is a server of its own. */
    if (domain->unix_socket)
        return domain->unix_socket;
    key = arena_alloc(arena, size);
    if (!key)
        return NULL;
    snprintf(key, size, "%s:%d", host, port);
    for (char *at = key; *at; at++)
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    return key;
}

/* Finds out which domains have the same server. Returns 0, or -1 if out of memory. */
static int find_servers(struct queue *queue)
{
    const struct config *config = queue->config;
    struct arena *arena = arena_new();
    struct queue_server *next = queue->servers;
    struct table table = {0}; /* of struct queue_server */
    int result = arena ? 0 : -1;

    for (size_t i = 0; i < config->n_domains && result == 0; i++) {
        const char *key = make_key(arena, &config->domains[i]);
        struct queue_server *server = key ? table_find(&table, key) : NULL;

        if (key && !server) {
            server = next++;
            STAILQ_INIT(&server->waiting);
            result = table_set(&table, key, server);
        }
        queue->server_of[i] = server;
        if (!server)
            result = -1;
    }
    table_free(&table);
    arena_free(arena);
    return result;
}

int queue_init(struct queue *queue, const struct config *config)
{
    size_t n_domains = config->n_domains ? config->n_domains : 1;

    *queue = (struct queue){.config = config,
                            .servers = calloc(n_domains, sizeof *queue->servers),
                            .server_of = calloc(n_domains, sizeof *queue->server_of),
                            .running = calloc(n_domains, sizeof *queue->running)};
    STAILQ_INIT(&queue->ready);
    pthread_mutex_init(&queue->mutex, NULL);
    if (queue->servers && queue->server_of && queue->running && find_servers(queue) == 0)
        return 0;
    queue_free(queue);
    return -1;
}

static void free_job(struct queue_job *job)
{
    if (job->last)
        results_free_result(job->last);
    free(job->last);
    free(job);
}

static struct queue_server *server_of(const struct queue *queue, const struct queue_job *job)
{
    return queue->server_of[job->job.domain];
}

/* Whether a is taken before b. */
static bool is_before(const struct queue_place *a, const struct queue_place *b)
{
    return a->start_ms != b->start_ms ? a->start_ms < b->start_ms : a->number < b->number;
}

/* Puts the job at the place `at` of the heap, or above it. */
static void sift_up(struct queue *queue, size_t at, struct queue_job *job)
{
    struct queue_place place = {job->start_ms, job->number, job};

    while (at > 0 && is_before(&place, &queue->heap[(at - 1) / 2])) {
        queue->heap[at] = queue->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    queue->heap[at] = place;
}

static void push(struct queue *queue, struct queue_job *job)
{
    assert(queue->n_heap < queue->capacity);
    sift_up(queue, queue->n_heap++, job);
}

/* Takes the first job out of the heap, which must not be empty. */
static struct queue_job *pop(struct queue *queue)
{
    struct queue_place *heap = queue->heap, last = heap[--queue->n_heap];
    struct queue_job *first = heap[0].job;
    size_t at = 0, child;

    while ((child = 2 * at + 1) < queue->n_heap) {
        if (child + 1 < queue->n_heap && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (!is_before(&heap[child], &last))
            break;
        heap[at] = heap[child];
        at = child;
    }
    if (queue->n_heap > 0)
        heap[at] = last;
    return first;
}

/* A job is left over (by 1), or not any more (-1). A recheck is not: its domain is due in the next
 * minute anyway. */
static void count_left(struct queue *queue, const struct queue_job *job, int by)
{
    if (job->job.recheck == 0)
        queue->n_left += (size_t)by;
}

/* Takes the first job out of a line; NULL: the line is empty. */
static struct queue_job *take_first(struct queue_line *line)
{
    struct queue_job *job = STAILQ_FIRST(line);

    if (job)
        STAILQ_REMOVE_HEAD(line, next);
    return job;
}

/* A job of the queue, or one given back, is over. */
static void close_job(struct queue *queue, struct queue_job *job)
{
    assert(queue->n_open > 0);
    queue->n_open--;
    free_job(job);
}

/* One check of a server is over, or its job is skipped: its first waiting job may start. */
static void admit_next(struct queue *queue, struct queue_server *server)
{
    struct queue_job *job = take_first(&server->waiting);

    assert(server->in_flight > 0);
    if (job)
        STAILQ_INSERT_TAIL(&queue->ready, job, next);
    else
        server->in_flight--;
}

/* Whether an attempt that begins at this moment ends in time. */
static bool fits(const struct queue *queue, const struct queue_job *job, int64_t begin_ms)
{
    return queue->end_ms == 0 ||
           begin_ms + queue->config->domains[job->job.domain].timeout_ms <= queue->end_ms;
}

/* Which of the jobs that no worker has are dropped. */
enum drop { DROP_ALL, DROP_NOT_BEGUN, DROP_TOO_LATE };

static bool is_dropped(const struct queue *queue, const struct queue_job *job, enum drop drop)
{
    int64_t now_ms = clock_monotonic();

    if (drop == DROP_ALL)
        return true;
    return !job->last && (drop == DROP_NOT_BEGUN ||
                          !fits(queue, job, job->start_ms > now_ms ? job->start_ms : now_ms));
}

static void drop_job(struct queue *queue, struct queue_job *job)
{
    if (job->last)
        count_left(queue, job, 1);
    close_job(queue, job);
}

static void drop_heap(struct queue *queue, enum drop drop)
{
    size_t n = queue->n_heap;

    /* The heap never grows past the jobs that were looked at. */
    queue->n_heap = 0;
    for (size_t i = 0; i < n; i++) {
        struct queue_job *job = queue->heap[i].job;

        if (is_dropped(queue, job, drop))
            drop_job(queue, job);
        else
            push(queue, job);
    }
}

/* Drops jobs of a line of jobs that have waited (is_ready), or that wait for their server. */
static void drop_line(struct queue *queue, struct queue_line *line, bool is_ready, enum drop drop)
{
    struct queue_line kept = STAILQ_HEAD_INITIALIZER(kept);
    struct queue_job *job;

    while ((job = take_first(line))) {
        struct queue_server *server = server_of(queue, job);

        if (!is_dropped(queue, job, drop)) {
            STAILQ_INSERT_TAIL(&kept, job, next);
            continue;
        }
        drop_job(queue, job);
        if (is_ready)
            admit_next(queue, server);
    }
    STAILQ_CONCAT(line, &kept);
}

static void drop_jobs(struct queue *queue, enum drop drop)
{
    drop_heap(queue, drop);
    for (size_t i = 0; i < queue->config->n_domains; i++) {
        if (queue->server_of[i])
            drop_line(queue, &queue->server_of[i]->waiting, false, drop);
    }
    drop_line(queue, &queue->ready, true, drop);
}

void queue_free(struct queue *queue)
{
    /* Without a server for each domain no job was added. */
    if (queue->n_open > 0)
        drop_jobs(queue, DROP_ALL);
    pthread_mutex_destroy(&queue->mutex);
    free(queue->heap);
    free(queue->servers);
    free(queue->server_of);
    free(queue->running);
    free(queue->pauses);
    *queue = (struct queue){.n_heap = 0};
}

/* Makes a job. The two clocks show the same moment. NULL: out of memory. */
static struct queue_job *new_job(const struct job *job, int64_t wall_ms, int64_t monotonic_ms)
{
    struct queue_job *made = calloc(1, sizeof *made);

    if (!made)
        return NULL;
    made->job = *job;
    made->start_ms = job->start_ms - wall_ms + monotonic_ms;
    if (job->latest_ms)
        made->latest_ms = job->latest_ms - wall_ms + monotonic_ms;
    return made;
}

/* Makes room in the heap for n jobs more. Those with a worker may come back, and need room too. */
static int grow_heap(struct queue *queue, size_t n)
{
    struct queue_place *grown =
        memory_grow(queue->heap, &queue->capacity, queue->n_open + n, sizeof *queue->heap);

    if (!grown)
        return -1;
    queue->heap = grown;
    return 0;
}

int queue_add(struct queue *queue, const struct job *jobs, size_t n_jobs)
{
    int64_t wall_ms = clock_now(), monotonic_ms = clock_monotonic();
    struct queue_line line = STAILQ_HEAD_INITIALIZER(line);
    struct queue_job *job = NULL;
    int result = 0;

    for (size_t i = 0; i < n_jobs && result == 0; i++) {
        assert(jobs[i].domain < queue->config->n_domains);
        assert(i == 0 || jobs[i].start_ms >= jobs[i - 1].start_ms);
        job = new_job(&jobs[i], wall_ms, monotonic_ms);
        if (job)
            STAILQ_INSERT_TAIL(&line, job, next);
        else
            result = -1;
    }
    pthread_mutex_lock(&queue->mutex);
    if (result == 0)
        result = grow_heap(queue, n_jobs);
    while ((job = take_first(&line))) {
        if (result) {
            free_job(job);
            continue;
        }
        job->number = queue->n_added++;
        queue->n_open++;
        count_left(queue, job, 1);
        push(queue, job);
    }
    pthread_mutex_unlock(&queue->mutex);
    return result;
}

/* Takes the next job that its server allows, in time or not; NULL: there is none now. */
static struct queue_job *take_allowed(struct queue *queue, int64_t now_ms)
{
    struct queue_job *job = take_first(&queue->ready);

    while (!job && queue->n_heap > 0 && queue->heap[0].start_ms <= now_ms) {
        struct queue_job *next = pop(queue);
        struct queue_server *server = server_of(queue, next);

        if (server->in_flight < queue->config->max_per_host) {
            server->in_flight++;
            job = next;
        } else {
            STAILQ_INSERT_TAIL(&server->waiting, next, next);
        }
    }
    return job;
}

/* Whether the server asked the domain of this job to wait, and the wait is not over. */
static bool is_paused(const struct queue *queue, const struct queue_job *job, int64_t now_ms)
{
    const struct queue_pause *pause = queue->pauses ? &queue->pauses[job->job.domain] : NULL;

    return pause && now_ms < pause->until_ms && job->number < pause->before;
}

/* Whether another check of its domain makes this job superfluous. */
static bool is_doubled(const struct queue *queue, const struct queue_job *job)
{
    const struct queue_running *running = &queue->running[job->job.domain];

    return running->n > 0 && (running->is_recheck || job->job.recheck > 0);
}

static void begin_job(struct queue *queue, const struct queue_job *job)
{
    struct queue_running *running = &queue->running[job->job.domain];

    running->n++;
    running->is_recheck = job->job.recheck > 0;
    count_left(queue, job, -1);
}

/* Skips a job that has not begun. */
static void skip(struct queue *queue, struct queue_job *job)
{
    admit_next(queue, server_of(queue, job));
    close_job(queue, job);
}

struct queue_job *queue_take(struct queue *queue, int64_t *wait_ms)
{
    int64_t now_ms = clock_monotonic();
    struct queue_job *job;

    pthread_mutex_lock(&queue->mutex);
    while ((job = take_allowed(queue, now_ms))) {
        bool is_needless = is_paused(queue, job, now_ms);

        job->is_over = is_needless || !fits(queue, job, now_ms);
        if (job->last)
            break;
        is_needless = is_needless || is_doubled(queue, job);
        if (!is_needless && !job->is_over && (job->latest_ms == 0 || now_ms <= job->latest_ms)) {
            begin_job(queue, job);
            break;
        }
        if (is_needless)
            count_left(queue, job, -1);
        skip(queue, job);
    }
    *wait_ms = queue->n_heap > 0 ? queue->heap[0].start_ms - now_ms : -1;
    pthread_mutex_unlock(&queue->mutex);
    return job;
}

bool queue_has_due(struct queue *queue)
{
    int64_t now_ms = clock_monotonic();
    bool has;

    pthread_mutex_lock(&queue->mutex);
    has = !STAILQ_EMPTY(&queue->ready) || (queue->n_heap > 0 && queue->heap[0].start_ms <= now_ms);
    pthread_mutex_unlock(&queue->mutex);
    return has;
}

/* A job that was taken is over. */
static void end_job(struct queue *queue, struct queue_job *job)
{
    assert(queue->running[job->job.domain].n > 0);
    queue->running[job->job.domain].n--;
    admit_next(queue, server_of(queue, job));
    close_job(queue, job);
}

void queue_release(struct queue *queue, struct queue_job *job)
{
    pthread_mutex_lock(&queue->mutex);
    end_job(queue, job);
    pthread_mutex_unlock(&queue->mutex);
}

void queue_pause(struct queue *queue, size_t domain, int64_t until_ms)
{
    pthread_mutex_lock(&queue->mutex);

    /* Without memory, the jobs of this minute begin; those of the next ones are planned with the
     * wait. */
    if (!queue->pauses)
        queue->pauses = calloc(queue->config->n_domains, sizeof *queue->pauses);
    if (queue->pauses)
        queue->pauses[domain] = (struct queue_pause){until_ms, queue->n_added};
    pthread_mutex_unlock(&queue->mutex);
}

void queue_drop(struct queue *queue, struct queue_job *job)
{
    pthread_mutex_lock(&queue->mutex);
    count_left(queue, job, 1);
    end_job(queue, job);
    pthread_mutex_unlock(&queue->mutex);
}

bool queue_retry(struct queue *queue, struct queue_job *job, const struct result *result,
                 int64_t pause_ms)
{
    int64_t start_ms = clock_monotonic() + pause_ms;
    bool can;

    if (!job->last)
        job->last = calloc(1, sizeof *job->last);
    if (!job->last)
        return false;
    results_free_result(job->last);
    *job->last = *result;
    pthread_mutex_lock(&queue->mutex);
    can = queue->stopped || fits(queue, job, start_ms);
    if (queue->stopped) {
        count_left(queue, job, 1);
        end_job(queue, job);
    } else if (can) {
        job->start_ms = start_ms;
        push(queue, job);
        admit_next(queue, server_of(queue, job));
    } else {
        *job->last = (struct result){.job = 0}; /* the caller keeps what it owns */
    }
    pthread_mutex_unlock(&queue->mutex);
    return can;
}

void queue_withdraw(struct queue *queue, bool *running)
{
    pthread_mutex_lock(&queue->mutex);
    drop_jobs(queue, DROP_NOT_BEGUN);
    for (size_t i = 0; i < queue->config->n_domains; i++)
        running[i] = queue->running[i].n > 0;
    pthread_mutex_unlock(&queue->mutex);
}

void queue_end_by(struct queue *queue, int64_t end_ms)
{
    pthread_mutex_lock(&queue->mutex);
    queue->end_ms = end_ms;
    drop_jobs(queue, DROP_TOO_LATE);
    pthread_mutex_unlock(&queue->mutex);
}

void queue_stop(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->stopped = true;
    drop_jobs(queue, DROP_ALL);
    pthread_mutex_unlock(&queue->mutex);
}

size_t queue_open(struct queue *queue)
{
    size_t n;

    pthread_mutex_lock(&queue->mutex);
    n = queue->n_open;
    pthread_mutex_unlock(&queue->mutex);
    return n;
}

bool queue_is_idle(struct queue *queue)
{
    bool is_idle;

    pthread_mutex_lock(&queue->mutex);
    is_idle = queue->n_open == queue->n_heap &&
              (queue->n_heap == 0 || queue->heap[0].start_ms > clock_monotonic());
    pthread_mutex_unlock(&queue->mutex);
    return is_idle;
}

size_t queue_left_over(struct queue *queue)
{
    size_t n;

    pthread_mutex_lock(&queue->mutex);
    n = queue->n_left;
    pthread_mutex_unlock(&queue->mutex);
    return n;
}
