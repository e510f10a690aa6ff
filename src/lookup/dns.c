#include "lookup/dns.h"

#include "base/file.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct dns {
    struct dns_caller caller;
    char *resolv_conf, *servers;
    pthread_t thread;
    int wake[2];
    bool ending; /* the thread's own */

    pthread_mutex_t mutex; /* for these: */
    struct resolver_query *pending, **asked_end;
    bool started, asleep, stopping;
};

/* The next that is asked for; NULL: none. Sleeps are announced, so that only they are broken. */
static struct resolver_query *next_asked(struct dns *dns)
{
    struct resolver_query *query;

    pthread_mutex_lock(&dns->mutex);
    query = dns->pending;
    if (query)
        dns->pending = query->next;
    if (!dns->pending)
        dns->asked_end = &dns->pending;
    dns->asleep = !query;
    dns->ending = dns->stopping;
    pthread_mutex_unlock(&dns->mutex);
    return query;
}

static void *run(void *context)
{
    struct dns *dns = context;
    struct resolver resolver;
    struct resolver_query *query;

    resolver_open(&resolver, dns->resolv_conf, dns->servers, dns->wake[0], dns->caller.done,
                  dns->caller.context);
    while (!dns->ending) {
        while ((query = next_asked(dns)) && !dns->ending)
            resolver_ask(&resolver, query);
        if (dns->ending)
            break;
        resolver_wait(&resolver);
        dns->caller.tick(dns->caller.context);
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
    dns->asked_end = &dns->pending;
    pthread_mutex_init(&dns->mutex, NULL);
    dns->resolv_conf = resolv_conf ? strdup(resolv_conf) : NULL;
    dns->servers = servers ? strdup(servers) : NULL;
    if (file_open_pipe(dns->wake) == 0 && !dns->resolv_conf == !resolv_conf &&
        !dns->servers == !servers && ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS)
        return dns;
    dns_free(dns);
    return NULL;
}

/* Signals are the main thread's. */
static int start(struct dns *dns)
{
    sigset_t all, before;

    if (dns->started)
        return 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    dns->started = pthread_create(&dns->thread, NULL, run, dns) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return dns->started ? 0 : -1;
}

int dns_ask(struct dns *dns, struct resolver_query *query)
{
    bool wakes;

    pthread_mutex_lock(&dns->mutex);
    if (start(dns)) {
        pthread_mutex_unlock(&dns->mutex);
        return -1;
    }
    query->next = NULL;
    *dns->asked_end = query;
    dns->asked_end = &query->next;
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
