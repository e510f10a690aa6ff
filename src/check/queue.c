#include "check/queue.h"

#include "base/clock.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct line empty = {QUEUE_NONE, QUEUE_NONE};

static void append(struct queue *queue, struct line *line, size_t job)
{
    queue->after[job] = QUEUE_NONE;
    if (line->first == QUEUE_NONE)
        line->first = job;
    else
        queue->after[line->last] = job;
    line->last = job;
}

static size_t pop(struct queue *queue, struct line *line)
{
    size_t job = line->first;

    if (job != QUEUE_NONE)
        line->first = queue->after[job];
    return job;
}

static bool is_at(const struct server *server, const struct domain *domain)
{
    return server->port == domain->port && strcasecmp(server->host, domain->host) == 0;
}

/* Where a server's search begins in a table of so many places, a power of two. */
static size_t place_of(const struct domain *domain, size_t n_places)
{
    uint64_t hash = hash_bytes(&domain->port, sizeof domain->port);

    for (const char *at = domain->host; *at; at++)
        hash = hash * 31 + (unsigned char)(*at | 0x20);
    return (size_t)(hash_bytes(&hash, sizeof hash) & (n_places - 1));
}

/* The server of a domain; it is added where it is new. */
static size_t find_server(struct queue *queue, size_t *places, size_t n_places, size_t *n_servers,
                          const struct domain *domain)
{
    size_t place = place_of(domain, n_places);

    while (places[place] != QUEUE_NONE && !is_at(&queue->servers[places[place]], domain))
        place = (place + 1) & (n_places - 1);
    if (places[place] == QUEUE_NONE) {
        queue->servers[*n_servers] =
            (struct server){.host = domain->host, .port = domain->port, .waiting = empty};
        places[place] = (*n_servers)++;
    }
    return places[place];
}

/* Finds out which domains have a server in common. Returns 0, or -1: no memory. */
static int find_servers(struct queue *queue)
{
    const struct config *config = queue->config;
    size_t n_places = 16, n_servers = 0;
    size_t *places;

    while (n_places < 2 * config->n_domains)
        n_places *= 2;
    places = malloc(n_places * sizeof *places);
    if (!places)
        return -1;
    for (size_t i = 0; i < n_places; i++)
        places[i] = QUEUE_NONE;
    for (size_t i = 0; i < config->n_domains; i++)
        queue->server_of[i] = find_server(queue, places, n_places, &n_servers, &config->domains[i]);
    free(places);
    return 0;
}

int queue_init(struct queue *queue, const struct config *config, const struct job *jobs,
               size_t n_jobs)
{
    size_t n_domains = config->n_domains ? config->n_domains : 1;

    *queue = (struct queue){.config = config,
                            .jobs = jobs,
                            .n_jobs = n_jobs,
                            .ready = empty,
                            .after = calloc(n_jobs ? n_jobs : 1, sizeof *queue->after),
                            .servers = calloc(n_domains, sizeof *queue->servers),
                            .server_of = calloc(n_domains, sizeof *queue->server_of),
                            .wall_ms = clock_now(),
                            .monotonic_ms = clock_monotonic()};
    pthread_mutex_init(&queue->mutex, NULL);
    if (queue->after && queue->servers && queue->server_of && find_servers(queue) == 0)
        return 0;
    queue_free(queue);
    return -1;
}

void queue_free(struct queue *queue)
{
    pthread_mutex_destroy(&queue->mutex);
    free(queue->after);
    free(queue->servers);
    free(queue->server_of);
    *queue = (struct queue){.jobs = NULL};
}

static struct server *server_of(const struct queue *queue, size_t job)
{
    return &queue->servers[queue->server_of[queue->jobs[job].domain]];
}

/*
 * Now, as far as the start of a job goes: by the clock that comes first, since the wall clock may
 * be set forward, and one that is set back must not keep the tick waiting.
 */
static int64_t now(const struct queue *queue)
{
    int64_t wall = clock_now();
    int64_t monotonic = queue->wall_ms + clock_monotonic() - queue->monotonic_ms;

    return wall > monotonic ? wall : monotonic;
}

/* Gives a place that one job of a server had to the next one that waits for it. */
static void hand_on(struct queue *queue, struct server *server)
{
    size_t waiting = pop(queue, &server->waiting);

    if (waiting == QUEUE_NONE)
        server->in_flight--;
    else
        append(queue, &queue->ready, waiting);
}

/* The next job whose server has a place for it, in time or not; QUEUE_NONE: there is none now. */
static size_t next_with_place(struct queue *queue, int64_t now_ms)
{
    size_t job = pop(queue, &queue->ready);

    while (job == QUEUE_NONE && queue->next < queue->n_jobs &&
           queue->jobs[queue->next].start_ms <= now_ms) {
        struct server *server = server_of(queue, queue->next);

        if (server->in_flight < queue->config->max_per_host) {
            server->in_flight++;
            job = queue->next;
        } else {
            append(queue, &server->waiting, queue->next);
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
    while ((job = next_with_place(queue, now_ms)) != QUEUE_NONE) {
        if (queue->jobs[job].latest_ms == 0 || now_ms <= queue->jobs[job].latest_ms)
            break;
        hand_on(queue, server_of(queue, job));
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
    has = queue->ready.first != QUEUE_NONE ||
          (queue->next < queue->n_jobs && queue->jobs[queue->next].start_ms <= now_ms);
    pthread_mutex_unlock(&queue->mutex);
    return has;
}

void queue_release(struct queue *queue, size_t job)
{
    pthread_mutex_lock(&queue->mutex);
    hand_on(queue, server_of(queue, job));
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
