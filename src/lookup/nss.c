/* Calls getaddrinfo in a few threads of its own. */
#include "lookup/nss.h"

#include "base/buffer.h"
#include "base/thread.h"
#include "lookup/addresses.h"

#include <assert.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 4, TEXT_MAX = 4 << 10 };

struct nss_request {
    STAILQ_ENTRY(nss_request) next;
    void *owner;
    int family;
    char host[];
};

struct nss {
    struct nss_caller caller;
    pthread_mutex_t mutex; /* protects what follows; also held while the caller is called */
    STAILQ_HEAD(requests, nss_request) requests;
    size_t threads; /* once stopping, the last one frees this struct */
    bool stopping;
};

static struct nss_request *take_request(struct nss *nss)
{
    struct nss_request *request = STAILQ_FIRST(&nss->requests);

    if (request)
        STAILQ_REMOVE_HEAD(&nss->requests, next);
    return request;
}

static bool is_unspecified(const struct sockaddr *address)
{
    const void *at = address;

    return address->sa_family == AF_INET6
               ? addresses_is_unspecified(AF_INET6, &((const struct sockaddr_in6 *)at)->sin6_addr)
               : addresses_is_unspecified(AF_INET, &((const struct sockaddr_in *)at)->sin_addr);
}

/* Writes the addresses in the order of getaddrinfo, and returns its error. */
static int call_getaddrinfo(const struct nss_request *request, struct buffer *text)
{
    struct addrinfo hints = {.ai_family = request->family, .ai_socktype = SOCK_STREAM}, *all = NULL;
    char number[NI_MAXHOST];
    int error = getaddrinfo(request->host, NULL, &hints, &all);

    for (const struct addrinfo *at = error ? NULL : all; at; at = at->ai_next) {
        if (is_unspecified(at->ai_addr) || getnameinfo(at->ai_addr, at->ai_addrlen, number,
                                                       sizeof number, NULL, 0, NI_NUMERICHOST))
            continue;
        buffer_printf(text, at->ai_family == AF_INET6 ? "%s[%s]" : "%s%s", text->size ? "," : "",
                      number);
    }
    if (all)
        freeaddrinfo(all);
    return error;
}

/* Answers one request. Called with the mutex, which is free only during getaddrinfo. */
static void answer_request(struct nss *nss, struct nss_request *request)
{
    struct buffer text = BUFFER_WITH_CEILING(TEXT_MAX);
    int error;

    nss->caller.begun(nss->caller.context, request->owner);
    pthread_mutex_unlock(&nss->mutex);
    error = call_getaddrinfo(request, &text);
    pthread_mutex_lock(&nss->mutex);
    if (!nss->stopping && text.size > 0)
        nss->caller.done(nss->caller.context, request->owner, &outcomes_found, text.data);
    else if (!nss->stopping)
        nss->caller.done(nss->caller.context, request->owner,
                         error ? outcomes_of_system(error)
                               : outcomes_of_dns(OUTCOMES_UNSPECIFIED, request->family),
                         NULL);
    buffer_free(&text);
    free(request);
}

static void destroy(struct nss *nss)
{
    struct nss_request *request;

    while ((request = take_request(nss)))
        free(request);
    pthread_mutex_destroy(&nss->mutex);
    free(nss);
}

static void *answer_requests(void *context)
{
    struct nss *nss = context;
    struct nss_request *request;
    bool last;

    pthread_mutex_lock(&nss->mutex);
    while (!nss->stopping && (request = take_request(nss)))
        answer_request(nss, request);
    assert(nss->threads > 0);
    last = --nss->threads == 0 && nss->stopping;
    pthread_mutex_unlock(&nss->mutex);
    if (last)
        destroy(nss);
    return NULL;
}

static void add_thread(struct nss *nss)
{
    pthread_t thread;

    if (nss->threads == THREADS_MAX || thread_start(&thread, answer_requests, nss))
        return;
    pthread_detach(thread);
    nss->threads++;
}

struct nss *nss_new(const struct nss_caller *caller)
{
    struct nss *nss = calloc(1, sizeof *nss);

    if (!nss)
        return NULL;
    nss->caller = *caller;
    STAILQ_INIT(&nss->requests);
    pthread_mutex_init(&nss->mutex, NULL);
    return nss;
}

int nss_ask(struct nss *nss, const char *host, int family, void *owner)
{
    size_t size = strlen(host) + 1;
    struct nss_request *request = malloc(sizeof *request + size);
    int result = -1;

    if (!request)
        return -1;
    *request = (struct nss_request){.owner = owner, .family = family};
    memcpy(request->host, host, size);
    pthread_mutex_lock(&nss->mutex);
    add_thread(nss);
    if (nss->threads > 0) {
        STAILQ_INSERT_TAIL(&nss->requests, request, next);
        result = 0;
    }
    pthread_mutex_unlock(&nss->mutex);
    if (result)
        free(request);
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
