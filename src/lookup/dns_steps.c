/* The ways to ask for a name, one after the other, until one of them gets an answer. */
#include "lookup/dns_steps.h"

#include "lookup/channels.h"

#include <stddef.h>

enum { ANY_STATUS = -1 };

/* If the server refuses, the others are asked. If the answer does not fit into a packet, or the
 * query was lost together with others, the name is asked for apart. */
static const struct {
    int from, status; /* a status of c-ares; ANY_STATUS: all that are no answer */
    int to;
} steps[] = {
    {CHANNELS_NO_FAILOVER, ARES_ESERVFAIL, CHANNELS_FAILOVER},
    {CHANNELS_NO_FAILOVER, ARES_EREFUSED, CHANNELS_FAILOVER},
    {CHANNELS_NO_FAILOVER, ARES_ENOTIMP, CHANNELS_APART_EDNS},
    {CHANNELS_NO_FAILOVER, ARES_ECONNREFUSED, CHANNELS_APART},
    {CHANNELS_FAILOVER, ARES_ENOTIMP, CHANNELS_APART_EDNS},
    {CHANNELS_FAILOVER, ARES_ECONNREFUSED, CHANNELS_APART},
    {CHANNELS_FAILOVER, ARES_ETIMEOUT, CHANNELS_APART},
    {CHANNELS_APART, ARES_ENOTIMP, CHANNELS_APART_EDNS},
    {CHANNELS_APART_EDNS, ANY_STATUS, CHANNELS_APART_TCP},
};

bool dns_steps_is_answer(int status)
{
    return status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
}

int dns_steps_next(int from, int status, bool is_truncated, int n_servers)
{
    int next = DNS_STEPS_LAST;

    if (dns_steps_is_answer(status))
        return DNS_STEPS_LAST;
    if (from == CHANNELS_APART && is_truncated)
        return CHANNELS_APART_EDNS;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && next == DNS_STEPS_LAST; i++) {
        if (steps[i].from == from && (steps[i].status == status || steps[i].status == ANY_STATUS))
            next = steps[i].to;
    }

    /* The server itself reported that it cannot answer. */
    if (from == CHANNELS_APART_EDNS && status == ARES_ENOTIMP && !is_truncated)
        next = CHANNELS_FAILOVER;
    return next == CHANNELS_FAILOVER && n_servers < 2 ? DNS_STEPS_LAST : next;
}
