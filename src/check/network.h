#ifndef CHECK_NETWORK_H
#define CHECK_NETWORK_H

#include <stdbool.h>
#include <sys/socket.h>

/* What the kernel knows about the way to an address. */
enum network_way {
    NETWORK_UNKNOWN, /* the kernel cannot be asked */
    NETWORK_NO_ROUTE,
    NETWORK_LINK_DOWN,      /* no cable, or not connected */
    NETWORK_HERE,           /* the address is one of this machine */
    NETWORK_HOST,           /* on our own network, no gateway between */
    NETWORK_HOST_SILENT,    /* the same, but it does not answer (ARP, neighbour discovery) */
    NETWORK_GATEWAY,        /* through a gateway */
    NETWORK_GATEWAY_UNSURE, /* the gateway has not answered yet, and may still do so */
    NETWORK_GATEWAY_SILENT  /* the gateway does not answer (ARP, neighbour discovery) */
};

enum { NETWORK_NAME_SIZE = 64 };

/*
 * Finds the way to an address of AF_INET or AF_INET6. Sends nothing to the network. name gets the
 * gateway or the interface that the way depends on, for people; "" if there is none.
 */
enum network_way network_find(const struct sockaddr *address, char name[NETWORK_NAME_SIZE]);

/* Whether this is an address of this machine. */
bool network_is_local(const struct sockaddr *address);

/* Whether the firewall of this machine drops packets to an address, whatever their protocol. Sends
 * a datagram that the first router drops. */
bool network_is_blocked(const struct sockaddr *address, socklen_t size);

#endif
