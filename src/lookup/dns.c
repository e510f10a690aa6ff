/* Runs the resolver in a thread of its own, which takes queries from a queue. */
#include "lookup/dns.h"

#include "base/file.h"
#include "base/thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct dns {
    struct dns_caller caller;
    char *resolv_conf, *servers;
    pthread_t thread;
    int wake[2];
    bool ending; /* used by the thread only */

    pthread_mutex_t mutex; /* protects what follows */
    STAILQ_HEAD(queries, resolver_query) queries;
    bool started, asleep, stopping;
};

/* Returns the next query, or NULL if there is none: the thread then goes to sleep, and `asleep`
 * makes dns_ask wake it. */
static struct resolver_query *take_query(struct dns *dns)
{
    struct resolver_query *query;

    pthread_mutex_lock(&dns->mutex);
    query = STAILQ_FIRST(&dns->queries);
    if (query)
        STAILQ_REMOVE_HEAD(&dns->queries, next);
    dns->asleep = !query;
    dns->ending = dns->stopping;
    pthread_mutex_unlock(&dns->mutex);
    return query;
}

static void *run_resolver(void *context)
{
    struct dns *dns = context;
    struct resolver resolver;
    struct resolver_query *query;

    resolver_open(&resolver, dns->resolv_conf, dns->servers, dns->wake[0], dns->caller.done,
                  dns->caller.context);
    while (!dns->ending) {
        while ((query = take_query(dns)) && !dns->ending)
            resolver_ask(&resolver, query);
        if (dns->ending)
            break;
        resolver_wait(&resolver);
        dns->caller.periodic(dns->caller.context);
    }
    resolver_close(&resolver);
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

int dns_ask(struct dns *dns, struct resolver_query *query)
{
    bool wakes;

    pthread_mutex_lock(&dns->mutex);
    if (!dns->started)
        dns->started = thread_start(&dns->thread, run_resolver, dns) == 0;
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
