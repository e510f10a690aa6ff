#include "check/local_fault.h"

#include "check/alloc_hooks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the checks in flight take between them: where it cannot be had, one may just have lacked it.
 */
enum { HEADROOM = 16 << 20 };

static const struct {
    int error;
    const char *words;
} troubles[] = {
    {EMFILE, "too many open files (see ulimit -n)"},
    {ENFILE, "the system's table of open files is full"},
    {ENOMEM, "out of memory"},
    {ENOBUFS, "out of memory for connections"},
    {EADDRNOTAVAIL, "no free port or address to connect from"},
    {ENETUNREACH, "no route to the network"},
    {ENETDOWN, "the network is down"},
    {EAFNOSUPPORT, "no support for this IP version"},
    {EACCES, "connecting is not permitted"},
    {EPERM, "connecting is not permitted"},
};

static const char *trouble(long error)
{
    for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
        if (troubles[i].error == error)
            return troubles[i].words;
    }
    return NULL;
}

/* Connecting a datagram socket sends nothing, but asks for a route as a connection does. */
static int route_error(const struct peer *peer)
{
    int fd = socket(peer->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int error = 0;

    if (fd < 0 || connect(fd, (const struct sockaddr *)&peer->address, peer->size))
        error = errno;
    if (fd >= 0)
        close(fd);
    return error;
}

bool local_fault_reaches(const struct peer *peer)
{
    switch (route_error(peer)) {
    case ENETUNREACH:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case ENETDOWN:
        return false;
    default:
        return true;
    }
}

bool local_fault_has_memory(void)
{
    /* volatile, lest a compiler see that nothing is done with it. */
    void *volatile memory = malloc(HEADROOM);
    bool has = memory;

    free(memory);
    return has;
}

/*
 * A machine without IPv6 cannot reach the second address of a host whose first one refuses: it is
 * the first one's refusal that counts. And a router's word that a network is unreachable, ours
 * having a route to it, is the endpoint's trouble.
 */
static const char *connect_trouble(const struct transfer *transfer)
{
    const struct peer *peer = &transfer->peer;
    long error = peer->error;

    if (!error)
        curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
    if (!trouble(error))
        return NULL;
    if (!local_fault_reaches(peer))
        return transfer->earlier.size > 0 ? trouble(transfer->earlier.error) : trouble(error);
    return error == ENETUNREACH ? NULL : trouble(error);
}

bool local_fault_lacked_memory(void)
{
    return alloc_hooks_refused() > 0;
}

static const char *find(const struct transfer *transfer, CURLcode code)
{
    if (transfer->own)
        return transfer->own;
    switch (code) {
    case CURLE_COULDNT_CONNECT:
        return connect_trouble(transfer);
    case CURLE_COULDNT_RESOLVE_HOST:
        /* libcurl is given the addresses: where it cannot take even those, it lacks memory. */
        return transfer->unknown ? NULL : "out of memory";
    case CURLE_OUT_OF_MEMORY:
        return "out of memory";
    case CURLE_ABORTED_BY_CALLBACK: /* events.c */
        return "a connection cannot be watched (out of memory, or fs.epoll.max_user_watches)";
    case CURLE_FAILED_INIT:
    case CURLE_NOT_BUILT_IN:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_SETOPT_OPTION_SYNTAX:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ENGINE_INITFAILED:
        return curl_easy_strerror(code);
    case CURLE_SSL_CONNECT_ERROR:
        if (strstr(transfer->message, "malloc failure"))
            return "out of memory";
        /* What OpenSSL says of itself, as where it gets no memory; an alert of the server's has
         * other words. A server that brings it to that does so again. */
        return strstr(transfer->message, ":internal error") && !transfer->retried_local_fault
                   ? "OpenSSL met an internal error (out of memory)"
                   : NULL;
    default:
        return NULL;
    }
}

bool local_fault_explain(const struct transfer *transfer, CURLcode code, char *into, size_t room)
{
    const char *words = find(transfer, code);

    /* What memory runs out on fails in many ways, few of which say so. */
    if (!words && (local_fault_lacked_memory() || !local_fault_has_memory()))
        words = "out of memory";
    if (!words)
        return false;
    snprintf(into, room, "this machine: %s", words);
    return true;
}
