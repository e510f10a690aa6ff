/* Asks for both IP versions of a name and joins their answers, in a thread of its own. */
#include "lookup/dns.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/thread.h"
#include "lookup/channels.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    SECOND_FAMILY_MS = 2000, /* how long a found address waits for the other IP version */
    WAIT_MS = 50,
    FAMILIES = 2
};

struct dns {
    struct dns_caller caller;
    char *resolv_conf, *servers;
    pthread_t thread;
    int wake[2];

    /* Used by the thread only. */
    struct channels channels;
    int status; /* of opening c-ares; ARES_SUCCESS: it can be asked */
    bool has_v6, ending;
    size_t pending;                      /* parts that c-ares has not answered yet */
    LIST_HEAD(halves, dns_query) halves; /* one IP version found, the other not answered */

    pthread_mutex_t mutex; /* protects what follows */
    STAILQ_HEAD(queries, dns_query) queries;
    bool started, asleep, stopping;
};

static void free_query(struct dns_query *query)
{
    addresses_free(&query->addresses);
    free(query->full_name);
    query->full_name = NULL;
    if (query->is_half)
        LIST_REMOVE(query, halves);
    query->is_half = false;
}

static void finish_query(struct dns *dns, struct dns_query *query)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    const struct outcome *outcome = &outcomes_no_memory;

    assert(!query->done);
    query->done = true;
    if (addresses_join(&query->addresses, query->family, &text) == 0)
        outcome = &outcomes_found;
    else if (query->worst && !text.failed)
        outcome = query->worst;
    free_query(query);
    dns->caller.done(dns->caller.context, query, outcome,
                     outcome == &outcomes_found ? text.data : NULL);
    buffer_free(&text);
}

/* Search domains may lead the two IP versions to two different hosts. Only the one that is found
 * first counts. */
static bool is_same_host(struct dns_query *query, const struct ares_addrinfo *found)
{
    const char *name = found->name ? found->name : "";

    if (!query->full_name)
        query->full_name = strdup(name);
    return query->full_name && strcasecmp(query->full_name, name) == 0;
}

static void add_addresses(struct dns_query *query, const struct ares_addrinfo *found)
{
    if (!is_same_host(query, found))
        return;
    for (const struct ares_addrinfo_node *node = found->nodes; node; node = node->ai_next) {
        const void *address = node->ai_addr;

        if (node->ai_family == AF_INET)
            addresses_add(&query->addresses, AF_INET,
                          &((const struct sockaddr_in *)address)->sin_addr);
        else if (node->ai_family == AF_INET6)
            addresses_add(&query->addresses, AF_INET6,
                          &((const struct sockaddr_in6 *)address)->sin6_addr);
    }
}

/* Whether to ask the other name servers, after the first one refused. */
static bool wants_failover(struct dns *dns, struct dns_part *part, const struct outcome *outcome)
{
    if (outcome->kind != OUTCOME_REFUSED || part->refused || dns->channels.n_servers < 2 ||
        channels_open(&dns->channels, CHANNELS_FAILOVER) != ARES_SUCCESS)
        return false;
    part->refused = outcome;
    return true;
}

static void end_part(struct dns *dns, struct dns_query *query)
{
    dns->pending--;
    query->pending--;
    if (query->done)
        return;
    if (dns->ending) {
        free_query(query);
    } else if (query->pending == 0) {
        finish_query(dns, query);
    } else if (!addresses_is_empty(&query->addresses)) {
        LIST_INSERT_HEAD(&dns->halves, query, halves);
        query->is_half = true;
    }
}

static void ask_part(struct dns_part *part, enum channels_which which);

static void on_part(void *context, int status, int timeouts, struct ares_addrinfo *found)
{
    struct dns_part *part = context;
    struct dns_query *query = part->query;
    struct dns *dns = query->dns;

    (void)timeouts;
    if (found && !query->done)
        add_addresses(query, found);
    if (found)
        ares_freeaddrinfo(found);
    if (status != ARES_SUCCESS && !dns->ending) {
        const struct outcome *outcome = outcomes_of_dns(status, query->family);

        if (wants_failover(dns, part, outcome)) {
            ask_part(part, CHANNELS_FAILOVER);
            return;
        }

        /* c-ares reports this if the other servers refused too. */
        if (part->refused && status == ARES_ECONNREFUSED)
            outcome = part->refused;
        query->worst = outcomes_worse(query->worst, outcome);
    }
    end_part(dns, query);
}

static void ask_part(struct dns_part *part, enum channels_which which)
{
    struct ares_addrinfo_hints hints = {
        .ai_flags = ARES_AI_NOSORT, .ai_family = part->family, .ai_socktype = SOCK_STREAM};

    ares_getaddrinfo(part->query->dns->channels.sides[which].channel, part->query->host, NULL,
                     &hints, on_part, part);
}

/*
 * Each IP version is asked for separately. If a server never answers for one of them, its answer
 * for the other one still counts.
 */
static void start_query(struct dns *dns, struct dns_query *query)
{
    static const int families[FAMILIES] = {AF_INET6, AF_INET};
    bool wanted[FAMILIES] = {query->family == AF_INET6 || (query->family != AF_INET && dns->has_v6),
                             query->family != AF_INET6};

    if (dns->status != ARES_SUCCESS) {
        dns->caller.done(dns->caller.context, query, outcomes_of_dns(dns->status, query->family),
                         NULL);
        return;
    }
    query->dns = dns;
    query->begun_ms = clock_monotonic();
    query->done = false;
    query->worst = NULL;
    query->pending = wanted[0] + wanted[1];
    dns->pending += (size_t)query->pending;
    for (int i = 0; i < FAMILIES; i++) {
        query->parts[i] = (struct dns_part){.query = query, .family = families[i]};
        if (wanted[i])
            ask_part(&query->parts[i], CHANNELS_NO_FAILOVER);
    }
}

/* Finishes queries that have waited long enough for their second IP version. */
static void finish_halves(struct dns *dns)
{
    struct dns_query *query, *next;
    int64_t now = clock_monotonic();

    for (query = LIST_FIRST(&dns->halves); query; query = next) {
        next = LIST_NEXT(query, halves);
        if (now - query->begun_ms >= SECOND_FAMILY_MS)
            finish_query(dns, query);
    }
}

static bool has_v6(void)
{
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno != EAFNOSUPPORT;
}

/* Returns the next query, or NULL if there is none: the thread then goes to sleep, and `asleep`
 * makes dns_ask wake it. */
static struct dns_query *take_query(struct dns *dns)
{
    struct dns_query *query;

    pthread_mutex_lock(&dns->mutex);
    dns->ending = dns->stopping;
    query = dns->ending ? NULL : STAILQ_FIRST(&dns->queries);
    if (query)
        STAILQ_REMOVE_HEAD(&dns->queries, next);
    dns->asleep = !query;
    pthread_mutex_unlock(&dns->mutex);
    return query;
}

static void *run(void *context)
{
    struct dns *dns = context;
    struct dns_query *query;

    dns->has_v6 = has_v6();
    LIST_INIT(&dns->halves);
    channels_init(&dns->channels, dns->resolv_conf, dns->servers, dns->wake[0]);
    dns->status = channels_open(&dns->channels, CHANNELS_NO_FAILOVER);
    while ((query = take_query(dns)) || !dns->ending) {
        if (query) {
            start_query(dns, query);
            continue;
        }
        channels_wait(&dns->channels, dns->pending > 0 ? WAIT_MS : -1);
        finish_halves(dns);
        dns->caller.periodic(dns->caller.context);
    }
    channels_close(&dns->channels);
    return NULL;
}

struct dns *dns_new(const struct dns_caller *caller, const char *resolv_conf, const char *servers)
{
    struct dns *dns = calloc(1, sizeof *dns);

    if (!dns)
        return NULL;
    dns->caller = *caller;
    STAILQ_INIT(&dns->queries);
    pthread_mutex_init(&dns->mutex, NULL);
    dns->resolv_conf = resolv_conf ? strdup(resolv_conf) : NULL;
    dns->servers = servers ? strdup(servers) : NULL;
    if (file_open_pipe(dns->wake) == 0 && !dns->resolv_conf == !resolv_conf &&
        !dns->servers == !servers && ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS)
        return dns;
    dns_free(dns);
    return NULL;
}

int dns_ask(struct dns *dns, struct dns_query *query)
{
    bool wakes;

    pthread_mutex_lock(&dns->mutex);
    if (!dns->started)
        dns->started = thread_start(&dns->thread, run, dns) == 0;
    if (!dns->started) {
        pthread_mutex_unlock(&dns->mutex);
        return -1;
    }
    STAILQ_INSERT_TAIL(&dns->queries, query, next);
    wakes = dns->asleep;
    dns->asleep = false;
    pthread_mutex_unlock(&dns->mutex);
    if (wakes)
        (void)!write(dns->wake[1], "", 1);
    return 0;
}

void dns_free(struct dns *dns)
{
    if (!dns)
        return;
    pthread_mutex_lock(&dns->mutex);
    dns->stopping = true;
    pthread_mutex_unlock(&dns->mutex);
    if (dns->started) {
        (void)!write(dns->wake[1], "", 1);
        pthread_join(dns->thread, NULL);
    }
    for (int i = 0; i < 2; i++) {
        if (dns->wake[i] >= 0)
            close(dns->wake[i]);
    }
    pthread_mutex_destroy(&dns->mutex);
    free(dns->resolv_conf);
    free(dns->servers);
    free(dns);
}
