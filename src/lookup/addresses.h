#ifndef LOOKUP_ADDRESSES_H
#define LOOKUP_ADDRESSES_H

#include "base/buffer.h"

#include <stdbool.h>
#include <sys/socket.h>

/* The addresses of one host, in the order in which they were added. All zero is an empty list. */
struct addresses {
    struct buffer v4, v6; /* as text, each followed by a comma; IPv6 in brackets */
    bool has_unspecified; /* 0.0.0.0 or :: was to be added */
};

/* Whether this address of AF_INET or AF_INET6, in network byte order, is 0.0.0.0 or ::, also mapped
 * (::ffff:0.0.0.0). Filters give it to names that they block, and it would lead to this machine. */
bool addresses_is_unspecified(int family, const void *bytes);

/* Whether this host is written as an address, so that libcurl looks nothing up. */
bool addresses_is_literal(const char *host);

/* Adds an address of AF_INET or AF_INET6, in network byte order. Ignores it if it is unspecified,
 * if it is in the list already, or if the list is longer than 4 KiB. */
void addresses_add(struct addresses *addresses, int family, const void *bytes);

bool addresses_is_empty(const struct addresses *addresses);

/*
 * Writes the addresses of this family (AF_UNSPEC: of both), separated by commas, in the order in
 * which to try them: IPv6 comes first if this machine has a route to it. Returns 0, or -1 if there
 * is none or if out of memory.
 */
int addresses_join(const struct addresses *addresses, int family, struct buffer *into);

/* Returns the part of a list of addresses_join that begins with address number n, from 0 on, modulo
 * their number. */
const char *addresses_from(const char *list, int n);

void addresses_free(struct addresses *addresses);

/* Returns 0 if this machine has a route to the address and an address of its own to use on it; else
 * the errno that a connection would fail with. Sends nothing. */
int addresses_route_error(const struct sockaddr *address, socklen_t size);

#endif
