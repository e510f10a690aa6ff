/* Decides which job starts next, so that no server gets too many checks at once. */
#include "check/queue.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes the first job out of a line; QUEUE_NONE: the line is empty. */
static size_t take_first(struct queue *queue, struct queue_line *line)
{
    struct queue_entry *entry = STAILQ_FIRST(line);

    if (!entry)
        return QUEUE_NONE;
    STAILQ_REMOVE_HEAD(line, next);
    return (size_t)(entry - queue->entries);
}

/* "host:port" in lower case, so that equal servers have equal keys; NULL if out of memory. */
static const char *make_key(struct arena *arena, const struct domain *domain)
{
    size_t size = strlen(domain->host) + sizeof ":-2147483648";
    char *key = arena_alloc(arena, size);

    if (!key)
        return NULL;
    snprintf(key, size, "%s:%d", domain->host, domain->port);
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

int queue_init(struct queue *queue, const struct config *config, const struct job *jobs,
               size_t n_jobs)
{
    size_t n_domains = config->n_domains ? config->n_domains : 1;

    for (size_t i = 0; i < n_jobs; i++) {
        assert(jobs[i].domain < config->n_domains);
        assert(i == 0 || jobs[i].start_ms >= jobs[i - 1].start_ms);
    }
    *queue = (struct queue){.config = config,
                            .jobs = jobs,
                            .n_jobs = n_jobs,
                            .entries = calloc(n_jobs ? n_jobs : 1, sizeof *queue->entries),
                            .servers = calloc(n_domains, sizeof *queue->servers),
                            .server_of = calloc(n_domains, sizeof *queue->server_of),
                            .wall_ms = clock_now(),
                            .monotonic_ms = clock_monotonic()};
    STAILQ_INIT(&queue->ready);
    pthread_mutex_init(&queue->mutex, NULL);
    if (queue->entries && queue->servers && queue->server_of && find_servers(queue) == 0)
        return 0;
    queue_free(queue);
    return -1;
}

void queue_free(struct queue *queue)
{
    pthread_mutex_destroy(&queue->mutex);
    free(queue->entries);
    free(queue->servers);
    free(queue->server_of);
    *queue = (struct queue){.jobs = NULL};
}

static struct queue_server *server_of(const struct queue *queue, size_t job)
{
    return queue->server_of[queue->jobs[job].domain];
}

/* The time for the start of jobs: the later of two clocks. The wall clock may be set forward, and
 * if it is set back, the tick must not wait for it. */
static int64_t now(const struct queue *queue)
{
    int64_t wall = clock_now();
    int64_t monotonic = queue->wall_ms + clock_monotonic() - queue->monotonic_ms;

    return wall > monotonic ? wall : monotonic;
}

/* One check of a server is over, or its job is skipped: its first waiting job may start. */
static void admit_next(struct queue *queue, struct queue_server *server)
{
    size_t job = take_first(queue, &server->waiting);

    assert(server->in_flight > 0);
    if (job == QUEUE_NONE)
        server->in_flight--;
    else
        STAILQ_INSERT_TAIL(&queue->ready, &queue->entries[job], next);
}

/* Takes the next job that its server allows, in time or not; QUEUE_NONE: there is none now. */
static size_t take_allowed(struct queue *queue, int64_t now_ms)
{
    size_t job = take_first(queue, &queue->ready);

    while (job == QUEUE_NONE && queue->next < queue->n_jobs &&
           queue->jobs[queue->next].start_ms <= now_ms) {
        struct queue_server *server = server_of(queue, queue->next);

        if (server->in_flight < queue->config->max_per_host) {
            server->in_flight++;
            job = queue->next;
        } else {
            STAILQ_INSERT_TAIL(&server->waiting, &queue->entries[queue->next], next);
        }
        queue->next++;
    }
    return job;
}

size_t queue_take(struct queue *queue, int64_t *wait_ms)
{
    int64_t now_ms = now(queue);
    size_t job;

    pthread_mutex_lock(&queue->mutex);
    while ((job = take_allowed(queue, now_ms)) != QUEUE_NONE) {
        if (queue->jobs[job].latest_ms == 0 || now_ms <= queue->jobs[job].latest_ms)
            break;
        admit_next(queue, server_of(queue, job));
    }
    queue->begun += job != QUEUE_NONE;
    *wait_ms = queue->next < queue->n_jobs ? queue->jobs[queue->next].start_ms - now_ms : -1;
    pthread_mutex_unlock(&queue->mutex);
    return job;
}

bool queue_has_due(struct queue *queue)
{
    int64_t now_ms = now(queue);
    bool has;

    pthread_mutex_lock(&queue->mutex);
    has = !STAILQ_EMPTY(&queue->ready) ||
          (queue->next < queue->n_jobs && queue->jobs[queue->next].start_ms <= now_ms);
    pthread_mutex_unlock(&queue->mutex);
    return has;
}

void queue_release(struct queue *queue, size_t job)
{
    pthread_mutex_lock(&queue->mutex);
    admit_next(queue, server_of(queue, job));
    pthread_mutex_unlock(&queue->mutex);
}

size_t queue_left_over(struct queue *queue)
{
    size_t begun;

    pthread_mutex_lock(&queue->mutex);
    begun = queue->begun;
    pthread_mutex_unlock(&queue->mutex);
    return queue->n_jobs - begun;
}
