#ifndef LOOKUP_DNS_H
#define LOOKUP_DNS_H

#include "lookup/addresses.h"
#include "lookup/outcomes.h"

/*
 * The thread that asks the name servers, through c-ares. Its caller limits the number of names
 * asked at once. If one IP version is not answered, the addresses of the other one are used after
 * two seconds.
 *
 * Nothing that happens to one name changes the outcome of another. If the name servers are silent,
 * or refuse every question, that is a local fault: dns.c asks them for the root to find out.
 */
struct dns;
struct dns_query;
struct channels_side;

/* The query for one IP version. */
struct dns_part {
    struct dns_query *query;
    int family;
    int kind;                       /* enum channels_kind: where it is asked */
    struct channels_side *apart;    /* NULL: in a shared channel, or waits for one of its own */
    bool is_truncated;              /* the answer does not fit into a packet */
    const struct outcome *refused;  /* of the first server, while the others are asked */
    STAILQ_ENTRY(dns_part) waiting; /* for a channel of its own */
};

/* A query for a name. All zero, except for the caller's members. */
struct dns_query {
    const char *host;
    int family; /* AF_UNSPEC, AF_INET or AF_INET6 */
    void *owner;

    /* For dns.c only. */
    struct dns *dns;
    STAILQ_ENTRY(dns_query) next;
    int64_t begun_ms;
    struct dns_part parts[2];
    int pending;                   /* parts that c-ares has not answered yet */
    bool done;                     /* the callback was called */
    LIST_ENTRY(dns_query) in_list; /* if is_listed: one of the lists of struct dns */
    bool is_listed;
    const struct outcome *worst;
    struct addresses addresses;
    char *full_name; /* of the addresses; a search domain may have been added to the host */
};

/* Functions that are called in the thread, with no lock held. */
struct dns_caller {
    /* Takes the outcome of a query. addresses is valid only during the call, and NULL unless found.
     */
    void (*done)(void *context, struct dns_query *query, const struct outcome *outcome,
                 const char *addresses);
    void (*periodic)(void *context); /* many times a second while a query is pending */
    void *context;
};

/* resolv_conf and servers are as in struct lookup_sources; they are copied. Returns NULL if out of
 * memory or of descriptors. */
struct dns *dns_new(const struct dns_caller *caller, const char *resolv_conf, const char *servers);

/*
 * Queues a query, which must not be moved until dns_free. The first call starts the thread. Any
 * thread may call this. Returns 0, or -1 if the thread cannot be started.
 */
int dns_ask(struct dns *dns, struct dns_query *query);

/* Whether a name server has answered any query yet, in whatever way. Any thread may call this. */
bool dns_has_answer(struct dns *dns);

/* Drops all queries and joins the thread, without waiting for name servers. NULL is allowed. */
void dns_free(struct dns *dns);

#endif
