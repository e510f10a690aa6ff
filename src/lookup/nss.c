#include "lookup/nss.h"

#include "lookup/addresses.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MOST_THREADS = 4, TEXT_MAX = 4 << 10 };

struct job {
    struct job *next;
    void *owner;
    int family;
    char host[];
};

struct nss {
    struct nss_caller caller;
    pthread_mutex_t mutex; /* for what follows; also held while the caller is called */
    struct job *jobs, **jobs_end;
    size_t threads; /* the last one frees, once stopping */
    bool stopping;
};

static struct job *take(struct nss *nss)
{
    struct job *job = nss->jobs;

    if (job)
        nss->jobs = job->next;
    if (!nss->jobs)
        nss->jobs_end = &nss->jobs;
    return job;
}

/* In the order that getaddrinfo gives. Returns its error. */
static int ask(const struct job *job, struct buffer *text)
{
    struct addrinfo hints = {.ai_family = job->family, .ai_socktype = SOCK_STREAM}, *all = NULL;
    char number[NI_MAXHOST];
    int error = getaddrinfo(job->host, NULL, &hints, &all);

    for (const struct addrinfo *at = error ? NULL : all; at; at = at->ai_next) {
        if (getnameinfo(at->ai_addr, at->ai_addrlen, number, sizeof number, NULL, 0,
                        NI_NUMERICHOST))
            continue;
        buffer_printf(text, at->ai_family == AF_INET6 ? "%s[%s]" : "%s%s", text->size ? "," : "",
                      number);
    }
    if (all)
        freeaddrinfo(all);
    return error;
}

/* Called with the mutex, and gives it up only while it asks. */
static void work(struct nss *nss, struct job *job)
{
    struct buffer text = BUFFER_WITH_CEILING(TEXT_MAX);
    int error;

    nss->caller.begun(nss->caller.context, job->owner);
    pthread_mutex_unlock(&nss->mutex);
    error = ask(job, &text);
    pthread_mutex_lock(&nss->mutex);
    if (!nss->stopping && text.size > 0)
        nss->caller.done(nss->caller.context, job->owner, &outcomes_found, text.data);
    else if (!nss->stopping)
        nss->caller.done(nss->caller.context, job->owner, outcomes_of_system(error), NULL);
    buffer_free(&text);
    free(job);
}

static void destroy(struct nss *nss)
{
    struct job *job;

    while ((job = take(nss)))
        free(job);
    pthread_mutex_destroy(&nss->mutex);
    free(nss);
}

static void *run(void *context)
{
    struct nss *nss = context;
    struct job *job;
    bool last;

    pthread_mutex_lock(&nss->mutex);
    while (!nss->stopping && (job = take(nss)))
        work(nss, job);
    last = --nss->threads == 0 && nss->stopping;
    pthread_mutex_unlock(&nss->mutex);
    if (last)
        destroy(nss);
    return NULL;
}

/* Signals are the main thread's. */
static void start(struct nss *nss)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;

    if (nss->threads == MOST_THREADS || pthread_attr_init(&attributes))
        return;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    nss->threads += pthread_create(&thread, &attributes, run, nss) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

struct nss *nss_new(const struct nss_caller *caller)
{
    struct nss *nss = calloc(1, sizeof *nss);

    if (!nss)
        return NULL;
    nss->caller = *caller;
    nss->jobs_end = &nss->jobs;
    pthread_mutex_init(&nss->mutex, NULL);
    return nss;
}

int nss_ask(struct nss *nss, const char *host, int family, void *owner)
{
    size_t size = strlen(host) + 1;
    struct job *job = malloc(sizeof *job + size);
    int result = -1;

    if (!job)
        return -1;
    *job = (struct job){.owner = owner, .family = family};
    memcpy(job->host, host, size);
    pthread_mutex_lock(&nss->mutex);
    start(nss);
    if (nss->threads > 0) {
        *nss->jobs_end = job;
        nss->jobs_end = &job->next;
        result = 0;
    }
    pthread_mutex_unlock(&nss->mutex);
    if (result)
        free(job);
    return result;
}

void nss_free(struct nss *nss)
{
    bool last;

    if (!nss)
        return;
    pthread_mutex_lock(&nss->mutex);
    nss->stopping = true;
    last = nss->threads == 0;
    pthread_mutex_unlock(&nss->mutex);
    if (last)
        destroy(nss);
}
