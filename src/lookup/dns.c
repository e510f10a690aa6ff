/* Asks for both IP versions of a name and joins their answers, in a thread of its own. */
#include "lookup/dns.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/thread.h"
#include "lookup/channels.h"
#include "lookup/dns_steps.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    SECOND_FAMILY_MS = 2000, /* how long a found address waits for the other IP version */
    PROBE_MS = 3000,         /* how long to wait for the answer to a probe, and for the next one */
    CLASS_IN = 1,
    TYPE_A = 1,
    WAIT_MS = 50,
    FAMILIES = 2
};

struct dns {
    struct dns_caller caller;
    char *resolv_conf, *servers;
    pthread_t thread;
    int wake[2];

    /* Used by the thread only, once it has started. */
    struct channels channels;
    int status; /* of opening c-ares; ARES_SUCCESS: it can be asked */
    bool has_v6, ending;
    size_t pending;                        /* parts that c-ares has not answered yet */
    LIST_HEAD(dns_list, dns_query) halves; /* one IP version found, the other not answered */
    struct dns_list suspected;             /* refused; the probe shows whether others are too */
    STAILQ_HEAD(parts, dns_part) waiting;  /* for a channel of their own */
    bool apart_failed;                     /* also apart, no name server could be reached */
    bool is_usable;                        /* a name server has answered without refusing */
    bool is_probing;
    int64_t probed_ms; /* start or end of the last probe; 0: none */

    pthread_mutex_t mutex; /* protects what follows */
    STAILQ_HEAD(queries, dns_query) queries;
    bool started, asleep, stopping;
};

static void list_query(struct dns_list *list, struct dns_query *query)
{
    LIST_INSERT_HEAD(list, query, in_list);
    query->is_listed = true;
}

static void unlist_query(struct dns_query *query)
{
    if (query->is_listed)
        LIST_REMOVE(query, in_list);
    query->is_listed = false;
}

static void free_query(struct dns_query *query)
{
    addresses_free(&query->addresses);
    free(query->full_name);
    query->full_name = NULL;
    unlist_query(query);
}

static const struct outcome *find_outcome(struct dns_query *query, struct buffer *text)
{
    if (addresses_join(&query->addresses, query->family, text) == 0)
        return &outcomes_found;
    if (text->failed)
        return &outcomes_no_memory;
    if (query->addresses.has_unspecified)
        return outcomes_of_dns(OUTCOMES_UNSPECIFIED, query->family);
    return query->worst ? query->worst : &outcomes_no_memory;
}

static void start_probe(struct dns *dns);

static void finish_query(struct dns *dns, struct dns_query *query)
{
    struct buffer text = BUFFER_WITH_CEILING(BUFFER_MAX_LINE);
    const struct outcome *outcome = find_outcome(query, &text);
    bool doubtful = outcome->kind == OUTCOME_REFUSED && !dns->is_usable;

    assert(!query->done);
    if (doubtful && (dns->is_probing || clock_monotonic() - dns->probed_ms >= PROBE_MS)) {
        list_query(&dns->suspected, query);
        if (!dns->is_probing)
            start_probe(dns);
        return;
    }
    if (doubtful)
        outcome = outcomes_of_dns(OUTCOMES_ALL_REFUSED, query->family);
    query->done = true;
    free_query(query);
    dns->caller.done(dns->caller.context, query, outcome,
                     outcome == &outcomes_found ? text.data : NULL);
    buffer_free(&text);
}

static void end_probe(struct dns *dns)
{
    struct dns_query *query;

    dns->is_probing = false;
    dns->probed_ms = clock_monotonic();
    while (!dns->is_probing && (query = LIST_FIRST(&dns->suspected))) {
        unlist_query(query);
        finish_query(dns, query);
    }
}

static void on_probe(void *context, int status, int timeouts, unsigned char *answer, int size)
{
    struct dns *dns = context;

    (void)timeouts, (void)answer, (void)size;
    if (dns->ending)
        return;
    dns->is_usable |= dns_steps_is_answer(status);
    if (dns->is_probing)
        end_probe(dns);
}

/* Asks for the address of the root. Each name server that works knows that there is none. */
static void start_probe(struct dns *dns)
{
    int kind = dns->channels.n_servers > 1 ? CHANNELS_FAILOVER : CHANNELS_NO_FAILOVER;

    dns->is_probing = true;
    dns->probed_ms = clock_monotonic();
    if (channels_open(&dns->channels, kind) == ARES_SUCCESS)
        ares_query(dns->channels.sides[kind].channel, ".", CLASS_IN, TYPE_A, on_probe, dns);
    else
        end_probe(dns);
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

static void end_part(struct dns *dns, struct dns_query *query)
{
    dns->pending--;
    query->pending--;
    if (query->done)
        return;
    if (dns->ending)
        free_query(query);
    else if (query->pending == 0)
        finish_query(dns, query);
    else if (!addresses_is_empty(&query->addresses))
        list_query(&dns->halves, query);
}

/* The outcome of a part that ends with this status and is not asked again. */
static const struct outcome *part_outcome(struct dns *dns, const struct dns_part *part, int status)
{
    bool silent = status == ARES_ECONNREFUSED || status == ARES_ETIMEOUT;

    if (silent && part->is_truncated)
        status = OUTCOMES_TRUNCATED;
    else if (silent && part->refused)
        return part->refused;
    else if (silent && !dns_has_answer(dns))
        status = OUTCOMES_SILENT;
    return outcomes_of_dns(status, part->query->family);
}

static void ask_part(struct dns_part *part, int kind);

static void on_part(void *context, int status, int timeouts, struct ares_addrinfo *found)
{
    struct dns_part *part = context;
    struct dns_query *query = part->query;
    struct dns *dns = query->dns;
    int next;

    (void)timeouts;
    if (found && !query->done)
        add_addresses(query, found);
    if (found)
        ares_freeaddrinfo(found);
    if (part->apart) {
        part->apart->is_busy = false;
        part->is_truncated |= part->apart->is_truncated;
        dns->apart_failed |= status == ARES_ECONNREFUSED || status == ARES_ETIMEOUT;
    }
    dns->is_usable |= dns_steps_is_answer(status);
    next = dns->ending
               ? DNS_STEPS_LAST
               : dns_steps_next(part->kind, status, part->is_truncated, dns->channels.n_servers);

    /* All servers have refused, unless the query was lost together with others. */
    if (part->kind == CHANNELS_FAILOVER && status == ARES_ECONNREFUSED &&
        !dns->channels.sides[CHANNELS_FAILOVER].has_failed)
        next = DNS_STEPS_LAST;
    if (next == CHANNELS_FAILOVER && part->refused)
        next = DNS_STEPS_LAST;
    else if (next == CHANNELS_FAILOVER)
        part->refused = outcomes_of_dns(status, query->family);
    if (next != DNS_STEPS_LAST) {
        ask_part(part, next);
        return;
    }
    if (status != ARES_SUCCESS && !dns->ending)
        query->worst = outcomes_worse(query->worst, part_outcome(dns, part, status));
    end_part(dns, query);
}

static void send_part(struct dns_part *part, ares_channel channel)
{
    struct ares_addrinfo_hints hints = {
        .ai_flags = ARES_AI_NOSORT, .ai_family = part->family, .ai_socktype = SOCK_STREAM};

    ares_getaddrinfo(channel, part->query->host, NULL, &hints, on_part, part);
}

/* In a shared channel, the part is asked at once; otherwise when a channel is free. */
static void ask_part(struct dns_part *part, int kind)
{
    struct dns *dns = part->query->dns;
    int status;

    part->kind = kind;
    part->apart = NULL;
    if (kind >= CHANNELS_SHARED) {
        STAILQ_INSERT_TAIL(&dns->waiting, part, waiting);
        return;
    }
    status = channels_open(&dns->channels, kind);
    if (status == ARES_SUCCESS)
        send_part(part, dns->channels.sides[kind].channel);
    else
        on_part(part, status, 0, NULL);
}

/* Asks those that wait for a channel of their own. If one of them reached no name server, and
 * nothing else did, the others would not reach one either. */
static void ask_waiting(struct dns *dns)
{
    struct dns_part *part;

    while ((part = STAILQ_FIRST(&dns->waiting))) {
        bool hopeless = dns->apart_failed && !dns_has_answer(dns);
        int status = ARES_ECONNREFUSED;

        if (!hopeless)
            part->apart = channels_apart(&dns->channels, part->kind, &status);
        if (!part->apart && status == ARES_SUCCESS)
            return;
        STAILQ_REMOVE_HEAD(&dns->waiting, waiting);
        if (part->apart)
            send_part(part, part->apart->channel);
        else
            on_part(part, status, 0, NULL);
    }
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

/* Finishes queries that have waited long enough for their second IP version, or for the probe. */
static void finish_late(struct dns *dns)
{
    struct dns_query *query, *next;
    int64_t now = clock_monotonic();

    for (query = LIST_FIRST(&dns->halves); query; query = next) {
        next = LIST_NEXT(query, in_list);
        if (now - query->begun_ms >= SECOND_FAMILY_MS)
            finish_query(dns, query);
    }
    if (dns->is_probing && now - dns->probed_ms >= PROBE_MS)
        end_probe(dns);
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

/* Drops the queries that no channel knows. */
static void drop_rest(struct dns *dns)
{
    struct dns_part *part;
    struct dns_query *query;

    while ((part = STAILQ_FIRST(&dns->waiting))) {
        STAILQ_REMOVE_HEAD(&dns->waiting, waiting);
        end_part(dns, part->query);
    }
    while ((query = LIST_FIRST(&dns->suspected)))
        free_query(query);
}

static void *run(void *context)
{
    struct dns *dns = context;
    struct dns_query *query;

    dns->has_v6 = has_v6();
    LIST_INIT(&dns->halves);
    LIST_INIT(&dns->suspected);
    STAILQ_INIT(&dns->waiting);
    dns->status = channels_open(&dns->channels, CHANNELS_NO_FAILOVER);
    while ((query = take_query(dns)) || !dns->ending) {
        if (query) {
            start_query(dns, query);
            continue;
        }
        ask_waiting(dns);
        channels_wait(&dns->channels, dns->pending > 0 || dns->is_probing ? WAIT_MS : -1);
        finish_late(dns);
        dns->caller.periodic(dns->caller.context);
    }
    channels_close(&dns->channels);
    drop_rest(dns);
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
        !dns->servers == !servers && ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS) {
        channels_init(&dns->channels, dns->resolv_conf, dns->servers, dns->wake[0]);
        return dns;
    }
    dns_free(dns);
    return NULL;
}

bool dns_has_answer(struct dns *dns)
{
    return atomic_load(&dns->channels.answered);
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
