#ifndef MODEL_SUSPICION_H
#define MODEL_SUSPICION_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decides whether failures of many hosts at once are those of our own network. Pure: the result
 * depends only on what the checks of a pass saw, in any order, and on the rules.
 *
 * Each scope of the network is judged by itself. H is the number of different hosts that were
 * checked in it. F is the number of those that failed before any byte of a response, and that were
 * well at their last check. A host with several monitors is one host. It has failed if none of its
 * checks in the scope got a response. Of these rows, the first one that applies counts:
 *
 *     F/H < share_percent, or H < min_hosts, or F in fewer than 3 networks   the failures stand
 *     a witness answered                                                     the failures stand
 *     witnesses were asked, and none answered                                local fault
 *     no witness can be asked in this scope: F/H >= 90 %                     local fault
 *     else                                                                   the failures stand
 *
 * A local fault lasts until a host of its scope or a witness has answered and the failures stand.
 * So a pass with few hosts neither begins a local fault nor ends it without an answer.
 *
 * A failure that the kernel or the resolver explains, such as a dead gateway, is known: it is a
 * local fault of its check in any case, and counts in F. If all checks of a scope failed in this
 * way, the scope has a local fault, however few its hosts are.
 */

enum network_scope {
    SCOPE_IPV4_PUBLIC,
    SCOPE_IPV4_PRIVATE, /* RFC 1918, link-local and loopback addresses */
    SCOPE_IPV6_PUBLIC,
    SCOPE_IPV6_PRIVATE, /* RFC 4193, link-local and loopback addresses */
    SCOPE_NAMES,        /* name lookups */
    NETWORK_SCOPES,
    SCOPE_NONE = NETWORK_SCOPES /* a Unix socket, or nothing was tried */
};

/* What a check saw of the network. */
struct sighting {
    uint8_t scope;    /* enum network_scope of the address that was used, or tried last */
    uint8_t other;    /* of the other IP version, if both failed to connect; else SCOPE_NONE */
    uint32_t network; /* of the address: its first 16 bits (IPv4) or 32 bits (IPv6) */
    uint32_t other_network;
    bool looked_up; /* name servers were asked for the host, */
    bool found;     /* and it has an address */
    bool got_byte;  /* a byte of a response came */
};

/* "ipv4-public": the scope of an event. "IPv4": for people. */
const char *suspicion_scope_name(enum network_scope scope);
const char *suspicion_scope_title(enum network_scope scope);

/* The scope with this name; SCOPE_NONE: there is none. */
enum network_scope suspicion_find_scope(const char *name);

/* The scope of an IPv4 address of 4 bytes, or of an IPv6 address of 16 bytes, and its network. An
 * IPv6 address that contains an IPv4 address (::ffff:192.0.2.1) counts as that. */
enum network_scope suspicion_scope_of(const uint8_t *address, size_t size, uint32_t *network);

/* The network of a host in SCOPE_NAMES: its last two labels, because name servers of one domain
 * can fail for all of its hosts. */
uint32_t suspicion_network_of_name(const char *host);

/* How one host, or one of its checks, did in a scope. Of the checks of a host, the highest counts.
 */
enum suspicion_outcome {
    HOST_UNSEEN,      /* not checked there */
    HOST_KNOWN_FAULT, /* a local fault, whose cause is known */
    HOST_FAILS_ON,    /* it failed, but was not well before */
    HOST_FAILED,      /* it was well at its last check */
    HOST_ANSWERED
};

enum { SUSPICION_NETWORKS = 3 /* needed for a suspicion */ };

/* The hosts of one scope. All zero: none. */
struct suspicion {
    size_t hosts, failed, explained, failing, answered;
    uint32_t networks[SUSPICION_NETWORKS]; /* different ones of failed hosts */
    size_t n_networks;
};

/* Adds a host, once for each scope. */
void suspicion_add(struct suspicion *suspicion, enum suspicion_outcome outcome, uint32_t network);

/* Whether the failures are suspect: the first row of the table does not apply. */
bool suspicion_is_founded(const struct suspicion *suspicion, const struct local_network *rules);

/* Whether they may still become suspect if n more hosts are added. */
bool suspicion_is_possible(const struct suspicion *suspicion, size_t n,
                           const struct local_network *rules);

/* What witnesses of this scope showed. */
enum suspicion_witness { WITNESS_NONE, WITNESS_ANSWERED, WITNESS_SILENT };

/* Whether the scope has a local fault. lasts: it had one before this pass. */
bool suspicion_judge(const struct suspicion *suspicion, enum suspicion_witness witness, bool lasts,
                     const struct local_network *rules);

/* Whether all hosts of the scope have a known local fault. */
bool suspicion_is_known(const struct suspicion *suspicion);

#endif
