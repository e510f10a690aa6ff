#include "runner/resolver.h"

#include "base/clock.h"
#include "runner/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    FIRST_TIMEOUT_MS = 1000, /* where resolv.conf says nothing; it doubles with each try */
    SECOND_FAMILY_MS = 2000, /* longest that what is found waits for the other IP version */
    TICK_MS = 50,
    SOCKET_ROOM = 1 << 20, /* for the questions and answers of all names at once */
    BOTH = 2
};

/* Whom a channel is for. */
enum { FRANK, PERSISTENT };

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

/* Keeps the list of what to poll: c-ares tells of each change. */
static void on_socket(void *context, ares_socket_t fd, int reads, int writes)
{
    struct resolver_side *side = context;
    struct resolver *resolver = side->resolver;
    nfds_t at = 1;

    while (at < resolver->n_polled &&
           (resolver->polled[at].fd != fd || resolver->owners[at] != side))
        at++;
    if (!reads && !writes && at < resolver->n_polled) {
        resolver->polled[at] = resolver->polled[--resolver->n_polled];
        resolver->owners[at] = resolver->owners[resolver->n_polled];
    } else if ((reads || writes) && at < RESOLVER_SOCKETS) {
        resolver->polled[at] = (struct pollfd){
            .fd = fd, .events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0))};
        resolver->owners[at] = side;
        if (at == resolver->n_polled)
            resolver->n_polled++;
    }
}

static int count_servers(const char *servers)
{
    int n = 1;

    for (const char *at = servers; *at; at++)
        n += *at == ',';
    return n;
}

/*
 * c-ares goes from a server that refuses to the next, and then says only that none could be
 * reached. That would be a fault of this machine, which a refusal is not.
 */
static int open_side(struct resolver *resolver, int which)
{
    struct resolver_side *side = &resolver->sides[which];
    const char *path = resolver->resolv_conf ? resolver->resolv_conf : "/etc/resolv.conf";
    struct settings_patience patience = settings_patience(path);
    struct ares_options options = {
        .flags = which == FRANK ? ARES_FLAG_NOCHECKRESP : 0,
        .lookups = (char[]){"b"},
        .socket_send_buffer_size = SOCKET_ROOM,
        .socket_receive_buffer_size = SOCKET_ROOM,
        .resolvconf_path = (char *)(intptr_t)resolver->resolv_conf,
        .timeout = patience.timeout_ms ? patience.timeout_ms : FIRST_TIMEOUT_MS,
        .tries = patience.tries,
        .sock_state_cb = on_socket,
        .sock_state_cb_data = side,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_SNDBUF | ARES_OPT_SOCK_RCVBUF |
               ARES_OPT_TIMEOUTMS | ARES_OPT_SOCK_STATE_CB;
    int status;

    mask |= resolver->resolv_conf ? ARES_OPT_RESOLVCONF : 0;
    mask |= patience.tries ? ARES_OPT_TRIES : 0;
    resolver->n_servers = patience.servers;
    side->resolver = resolver;
    status = ares_init_options(&side->channel, &options, mask);
    if (status != ARES_SUCCESS)
        side->channel = NULL;
    if (status != ARES_SUCCESS || !resolver->servers)
        return status;
    resolver->n_servers = count_servers(resolver->servers);
    return ares_set_servers_ports_csv(side->channel, resolver->servers);
}

/* Whether the other name servers are asked now that one refused. */
static bool asks_others(struct resolver *resolver, struct resolver_part *part,
                        const struct outcome *outcome)
{
    if (outcome->kind != OUTCOME_REFUSED || part->refused || resolver->n_servers < 2)
        return false;
    if (!resolver->sides[PERSISTENT].channel && open_side(resolver, PERSISTENT) != ARES_SUCCESS)
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

static void ask(struct resolver_part *part, int which);

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
            ask(part, PERSISTENT);
            return;
        }
        if (part->refused && status == ARES_ECONNREFUSED)
            outcome = part->refused; /* by the others too */
        query->worst = outcomes_worse(query->worst, outcome);
    }
    end_part(resolver, query);
}

static void ask(struct resolver_part *part, int which)
{
    struct ares_addrinfo_hints hints = {
        .ai_flags = ARES_AI_NOSORT, .ai_family = part->family, .ai_socktype = SOCK_STREAM};

    ares_getaddrinfo(part->query->resolver->sides[which].channel, part->query->host, NULL, &hints,
                     on_part, part);
}

/*
 * Each IP version is asked for by itself, so that a server which never answers for one does not
 * take away what it said of the other.
 */
void resolver_ask(struct resolver *resolver, struct resolver_query *query)
{
    static const int families[BOTH] = {AF_INET6, AF_INET};
    bool asked[BOTH] = {query->family == AF_INET6 || (query->family != AF_INET && resolver->has_v6),
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
    query->pending = asked[0] + asked[1];
    resolver->pending += (size_t)query->pending;
    for (int i = 0; i < BOTH; i++) {
        query->parts[i] = (struct resolver_part){.query = query, .family = families[i]};
        if (asked[i])
            ask(&query->parts[i], FRANK);
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

/* Lets c-ares see to the sockets that are ready, and then to what is timed out: what came in time
 * may have lain there while the machine was busy. */
static void process(struct resolver *resolver, const struct pollfd *ready,
                    struct resolver_side *const *owners, nfds_t n)
{
    for (nfds_t i = 1; i < n; i++) {
        bool reads = ready[i].revents & (POLLIN | POLLERR | POLLHUP);
        bool writes = ready[i].revents & POLLOUT;

        if (reads || writes)
            ares_process_fd(owners[i]->channel, reads ? ready[i].fd : ARES_SOCKET_BAD,
                            writes ? ready[i].fd : ARES_SOCKET_BAD);
    }
    for (int i = 0; i < BOTH; i++) {
        if (resolver->sides[i].channel)
            ares_process_fd(resolver->sides[i].channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }
}

void resolver_wait(struct resolver *resolver)
{
    struct pollfd ready[RESOLVER_SOCKETS];
    struct resolver_side *owners[RESOLVER_SOCKETS];
    nfds_t n = resolver->n_polled;
    char bytes[64];

    /* Copies, since what is worked on opens and closes sockets. */
    memcpy(ready, resolver->polled, n * sizeof *ready);
    memcpy(owners, resolver->owners, n * sizeof(*owners));
    if (poll(ready, n, resolver->pending > 0 ? TICK_MS : -1) < 0)
        return;
    if (ready[0].revents)
        (void)!read(ready[0].fd, bytes, sizeof bytes);
    process(resolver, ready, owners, n);
    give_halves(resolver);
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
    *resolver = (struct resolver){.done = done,
                                  .context = context,
                                  .resolv_conf = resolv_conf,
                                  .servers = servers,
                                  .has_v6 = has_v6(),
                                  .polled = {{.fd = wake, .events = POLLIN}},
                                  .n_polled = 1};
    resolver->status = open_side(resolver, FRANK);
}

void resolver_close(struct resolver *resolver)
{
    resolver->closing = true;
    for (int i = 0; i < BOTH; i++) {
        if (resolver->sides[i].channel)
            ares_destroy(resolver->sides[i].channel);
    }
}
