#ifndef LOOKUP_DNS_SOCKET_H
#define LOOKUP_DNS_SOCKET_H

#include "lookup/channels.h"

/*
 * The calls with which c-ares uses its sockets; their context is a struct channels_side. They add
 * what c-ares 1.18 lacks: the interface of a link-local name server; the fact that a server
 * answered; and answers that were truncated, which are reported as ARES_ENOTIMP.
 */
extern const struct ares_socket_functions dns_socket_functions;

/* The largest answer over UDP, in bytes, that a channel of this kind can read. */
int dns_socket_max_answer(int kind);

#endif
