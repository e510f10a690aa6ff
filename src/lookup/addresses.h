#ifndef LOOKUP_ADDRESSES_H
#define LOOKUP_ADDRESSES_H

#include "base/buffer.h"

#include <stdbool.h>

/* The addresses of one host, as they come. All zero is none. */
struct addresses {
    struct buffer v4, v6; /* as text, each with a comma behind it; IPv6 in brackets */
};

/* Whether libcurl takes this host for an address itself, and looks nothing up. */
bool addresses_is_one(const char *host);

/* Adds one in network order, of AF_INET or AF_INET6; again or beyond what fits: left out. */
void addresses_add(struct addresses *addresses, int family, const void *bytes);

bool addresses_is_empty(const struct addresses *addresses);

/*
 * All of this family (AF_UNSPEC: of both) in one line, in the order in which to try them: IPv6
 * comes first where this machine has a route to it. Returns 0, or -1: none, or out of memory.
 */
int addresses_join(const struct addresses *addresses, int family, struct buffer *into);

void addresses_free(struct addresses *addresses);

#endif
