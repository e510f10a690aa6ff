/* Queries both IP versions of a name and joins their answers. */
#include "lookup/resolver.h"

#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SECOND_FAMILY_MS = 2000, /* how long a found address waits for the other IP version */
    WAIT_MS = 50,
    FAMILIES = 2
};

static void free_query(struct resolver_query *query)
{
    addresses_free(&query->addresses);
    free(query->full_name);
    query->full_name = NULL;
    if (query->is_half)
        LIST_REMOVE(query, halves);
    query->is_half = false;
}

static void finish_query(struct resolver *resolver, struct resolver_query *query)
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
    resolver->done(resolver->context, query, outcome,
                   outcome == &outcomes_found ? text.data : NULL);
    buffer_free(&text);
}

/* Search domains may lead the two IP versions to two different hosts. Only the one that is found
 * first counts. */
static bool is_same_host(struct resolver_query *query, const struct ares_addrinfo *found)
{
    const char *name = found->name ? found->name : "";

    if (!query->full_name)
        query->full_name = strdup(name);
    return query->full_name && strcasecmp(query->full_name, name) == 0;
}

static void add_addresses(struct resolver_query *query, const struct ares_addrinfo *found)
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
static bool wants_failover(struct resolver *resolver, struct resolver_part *part,
                           const struct outcome *outcome)
{
    if (outcome->kind != OUTCOME_REFUSED || part->refused || resolver->channels.n_servers < 2 ||
        channels_open(&resolver->channels, CHANNELS_FAILOVER) != ARES_SUCCESS)
        return false;
    part->refused = outcome;
    return true;
}

static void end_part(struct resolver *resolver, struct resolver_query *query)
{
    resolver->pending--;
    query->pending--;
    if (query->done)
        return;
    if (resolver->closing) {
        free_query(query);
    } else if (query->pending == 0) {
        finish_query(resolver, query);
    } else if (!addresses_is_empty(&query->addresses)) {
        LIST_INSERT_HEAD(&resolver->halves, query, halves);
        query->is_half = true;
    }
}

static void ask_part(struct resolver_part *part, enum channels_which which);

static void on_part(void *context, int status, int timeouts, struct ares_addrinfo *found)
{
    struct resolver_part *part = context;
    struct resolver_query *query = part->query;
    struct resolver *resolver = query->resolver;

    (void)timeouts;
    if (found && !query->done)
        add_addresses(query, found);
    if (found)
        ares_freeaddrinfo(found);
    if (status != ARES_SUCCESS && !resolver->closing) {
        const struct outcome *outcome = outcomes_of_dns(status, query->family);

        if (wants_failover(resolver, part, outcome)) {
            ask_part(part, CHANNELS_FAILOVER);
            return;
        }

        /* c-ares reports so if the other servers refused too. */
        if (part->refused && status == ARES_ECONNREFUSED)
            outcome = part->refused;
        query->worst = outcomes_worse(query->worst, outcome);
    }
    end_part(resolver, query);
}

static void ask_part(struct resolver_part *part, enum channels_which which)
{
    struct ares_addrinfo_hints hints = {
        .ai_flags = ARES_AI_NOSORT, .ai_family = part->family, .ai_socktype = SOCK_STREAM};

    ares_getaddrinfo(part->query->resolver->channels.sides[which].channel, part->query->host, NULL,
                     &hints, on_part, part);
}

/*
 * Each IP version is asked for separately. If a server never answers for one of them, its answer
 * for the other one still counts.
 */
void resolver_ask(struct resolver *resolver, struct resolver_query *query)
{
    static const int families[FAMILIES] = {AF_INET6, AF_INET};
    bool wanted[FAMILIES] = {query->family == AF_INET6 ||
                                 (query->family != AF_INET && resolver->has_v6),
                             query->family != AF_INET6};

    if (resolver->status != ARES_SUCCESS) {
        resolver->done(resolver->context, query, outcomes_of_dns(resolver->status, query->family),
                       NULL);
        return;
    }
    query->resolver = resolver;
    query->begun_ms = clock_monotonic();
    query->done = false;
    query->worst = NULL;
    query->pending = wanted[0] + wanted[1];
    resolver->pending += (size_t)query->pending;
    for (int i = 0; i < FAMILIES; i++) {
        query->parts[i] = (struct resolver_part){.query = query, .family = families[i]};
        if (wanted[i])
            ask_part(&query->parts[i], CHANNELS_NO_FAILOVER);
    }
}

/* Finishes queries that have waited long enough for their second IP version. */
static void finish_halves(struct resolver *resolver)
{
    struct resolver_query *query, *next;
    int64_t now = clock_monotonic();

    for (query = LIST_FIRST(&resolver->halves); query; query = next) {
        next = LIST_NEXT(query, halves);
        if (now - query->begun_ms >= SECOND_FAMILY_MS)
            finish_query(resolver, query);
    }
}

static bool has_v6(void)
{
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno != EAFNOSUPPORT;
}

void resolver_open(struct resolver *resolver, const char *resolv_conf, const char *servers,
                   int wake, resolver_done *done, void *context)
{
    *resolver = (struct resolver){.done = done, .context = context, .has_v6 = has_v6()};
    LIST_INIT(&resolver->halves);
    channels_init(&resolver->channels, resolv_conf, servers, wake);
    resolver->status = channels_open(&resolver->channels, CHANNELS_NO_FAILOVER);
}

void resolver_wait(struct resolver *resolver)
{
    channels_wait(&resolver->channels, resolver->pending > 0 ? WAIT_MS : -1);
    finish_halves(resolver);
}

void resolver_close(struct resolver *resolver)
{
    resolver->closing = true;
    channels_close(&resolver->channels);
}
