#ifndef CHECK_ROUTE_H
#define CHECK_ROUTE_H

#include "check/target.h"

/* The server that a request connects to. */
struct next_hop {
    const char *host; /* NULL: an address or a socket is configured, so no name is looked up */
    int port;
};

struct next_hop route_next_hop(const struct domain *domain, const struct target *target);

/* Whether a proxy reads the request and answers it, instead of making a tunnel. */
bool route_is_forwarded(const struct domain *domain, const struct target *target);

/* Whether a request uses HTTP/2 without negotiation. */
bool route_knows_http2(const struct domain *domain, const struct target *target);

/*
 * Sets the proxy, the address or the socket for the next request, and its version of HTTP, unless
 * no_http2. *connect_to is a list that libcurl uses until the next call, or until the handle is
 * freed; the caller frees it then. Returns 0, or -1 if out of memory.
 */
int route_set(CURL *easy, const struct domain *domain, const struct target *target, bool no_http2,
              struct curl_slist **connect_to);

#endif
