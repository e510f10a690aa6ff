#ifndef CHECK_TUNNEL_H
#define CHECK_TUNNEL_H

#include "check/failure.h"

/* Whether a request that ended with this code had reached its proxy and asked it to connect to the
 * server. Only for a proxy without TLS. Its sockets may be closed already. */
bool tunnel_was_begun(const struct transfer *transfer, CURLcode code);

/* Whether the proxy is why an exchange failed. If so, fills in the cause. */
bool tunnel_explain(const struct transfer *transfer, CURLcode code, struct cause *cause);

/* If the exchange failed before it reached the server, adds " (the proxy)" to the cause. */
void tunnel_name_proxy(const struct transfer *transfer, struct cause *cause);

#endif
