#include "lookup/resolver.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SECOND_FAMILY_MS = 2000, /* longest that what is found waits for the other IP version */
    TICK_MS = 50,
    BOTH = 2
};

static void forget(struct resolver_query *query)
{
    addresses_free(&query->addresses);
    free(query->domain);
    query->domain = NULL;
}

static void give(struct resolver *resolver, struct resolver_query *query)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    const struct outcome *outcome = &outcomes_no_memory;

    query->given = true;
    if (addresses_join(&query->addresses, query->family, &text) == 0)
        outcome = &outcomes_found;
    else if (query->worst && !text.failed)
        outcome = query->worst;
    forget(query);
    resolver->done(resolver->context, query, outcome,
                   outcome == &outcomes_found ? text.data : NULL);
    buffer_free(&text);
}

/* A search domain may have led the two IP versions to two hosts: the first to come counts. */
static bool is_same_host(struct resolver_query *query, const struct ares_addrinfo *found)
{
    const char *name = found->name ? found->name : "";

    if (!query->domain)
        query->domain = strdup(name);
    return query->domain && strcasecmp(query->domain, name) == 0;
}

static void keep(struct resolver_query *query, const struct ares_addrinfo *found)
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

/* Whether the other name servers are asked now that one refused. */
static bool asks_others(struct resolver *resolver, struct resolver_part *part,
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
    if (query->given)
        return;
    if (resolver->closing) {
        forget(query);
    } else if (query->pending == 0) {
        give(resolver, query);
    } else if (!addresses_is_empty(&query->addresses)) {
        query->next = resolver->half;
        resolver->half = query;
    }
}

static void ask(struct resolver_part *part, enum channels_which which);

static void on_part(void *context, int status, int timeouts, struct ares_addrinfo *found)
{
    struct resolver_part *part = context;
    struct resolver_query *query = part->query;
    struct resolver *resolver = query->resolver;

    (void)timeouts;
    if (found && !query->given)
        keep(query, found);
    if (found)
        ares_freeaddrinfo(found);
    if (status != ARES_SUCCESS && !resolver->closing) {
        const struct outcome *outcome = outcomes_of(status, query->family);

        if (asks_others(resolver, part, outcome)) {
            ask(part, CHANNELS_FAILOVER);
            return;
        }
        if (part->refused && status == ARES_ECONNREFUSED)
            outcome = part->refused; /* by the others too */
        query->worst = outcomes_worse(query->worst, outcome);
    }
    end_part(resolver, query);
}

static void ask(struct resolver_part *part, enum channels_which which)
{
    struct ares_addrinfo_hints hints = {
        .ai_flags = ARES_AI_NOSORT, .ai_family = part->family, .ai_socktype = SOCK_STREAM};

    ares_getaddrinfo(part->query->resolver->channels.sides[which].channel, part->query->host, NULL,
                     &hints, on_part, part);
}

/*
 * Each IP version is asked for by itself, so that a server which never answers for one does not
 * take away what it said of the other.
 */
void resolver_ask(struct resolver *resolver, struct resolver_query *query)
{
    static const int families[BOTH] = {AF_INET6, AF_INET};
    bool pending[BOTH] = {query->family == AF_INET6 ||
                              (query->family != AF_INET && resolver->has_v6),
                          query->family != AF_INET6};

    if (resolver->status != ARES_SUCCESS) {
        resolver->done(resolver->context, query, outcomes_of(resolver->status, query->family),
                       NULL);
        return;
    }
    query->resolver = resolver;
    query->begun_ms = clock_monotonic();
    query->given = false;
    query->worst = NULL;
    query->pending = pending[0] + pending[1];
    resolver->pending += (size_t)query->pending;
    for (int i = 0; i < BOTH; i++) {
        query->parts[i] = (struct resolver_part){.query = query, .family = families[i]};
        if (pending[i])
            ask(&query->parts[i], CHANNELS_NO_FAILOVER);
    }
}

/* No longer waits for the second IP version where that takes too long. */
static void give_halves(struct resolver *resolver)
{
    struct resolver_query **at = &resolver->half, *query;
    int64_t now = clock_monotonic();

    while ((query = *at)) {
        bool late = now - query->begun_ms >= SECOND_FAMILY_MS;

        if (query->given || late)
            *at = query->next;
        else
            at = &query->next;
        if (!query->given && late)
            give(resolver, query);
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
    channels_init(&resolver->channels, resolv_conf, servers, wake);
    resolver->status = channels_open(&resolver->channels, CHANNELS_NO_FAILOVER);
}

void resolver_wait(struct resolver *resolver)
{
    channels_wait(&resolver->channels, resolver->pending > 0 ? TICK_MS : -1);
    give_halves(resolver);
}

void resolver_close(struct resolver *resolver)
{
    resolver->closing = true;
    channels_close(&resolver->channels);
}
