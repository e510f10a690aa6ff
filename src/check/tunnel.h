#ifndef CHECK_TUNNEL_H
#define CHECK_TUNNEL_H

#include "check/failure.h"

/* Whether a request that ended with this code had reached its proxy, and asked it to connect to the
 * server. For a proxy without TLS; its sockets may be closed. */
bool tunnel_was_begun(const struct transfer *transfer, CURLcode code);

/* Whether the proxy is why an exchange failed. If so, fills in the cause. */
bool tunnel_explain(const struct transfer *transfer, CURLcode code, struct cause *cause);

/* Adds to the cause of an exchange that failed before it reached the server that this is about the
 * proxy. */
void tunnel_name_proxy(const struct transfer *transfer, struct cause *cause);

#endif
