#ifndef LOOKUP_RESOLVER_H
#define LOOKUP_RESOLVER_H

#include "lookup/addresses.h"
#include "lookup/channels.h"
#include "lookup/outcomes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * Asks name servers for addresses, through c-ares. If one IP version is not answered, the addresses
 * of the other are used after two seconds. All calls are made in one thread.
 */

struct resolver_query;

/* The query for one IP version. */
struct resolver_part {
    struct resolver_query *query;
    int family;
    const struct outcome *refused; /* of the first server, while the others are asked */
};

/* A query for a name. All zero but for what the caller sets; must not be moved until
 * resolver_close. */
struct resolver_query {
    const char *host;
    int family; /* AF_UNSPEC, AF_INET or AF_INET6 */
    void *owner;
    STAILQ_ENTRY(resolver_query) next; /* for the caller, before resolver_ask */

    /* For the resolver only. */
    struct resolver *resolver;
    int64_t begun_ms;
    struct resolver_part parts[2];
    int pending;                       /* parts that c-ares has not answered yet */
    bool done;                         /* the callback was called */
    LIST_ENTRY(resolver_query) halves; /* if is_half */
    bool is_half;
    const struct outcome *worst;
    struct addresses addresses;
    char *full_name; /* of the addresses; a search domain may have been added to the host */
};

/* Reports the end of a query. addresses is valid only during the call, and NULL unless found. */
typedef void resolver_done(void *context, struct resolver_query *query,
                           const struct outcome *outcome, const char *addresses);

struct resolver {
    resolver_done *done;
    void *context;
    struct channels channels;
    int status; /* of opening c-ares; ARES_SUCCESS: it can be asked */
    bool has_v6, closing;
    size_t pending;                           /* parts that c-ares has not answered yet */
    LIST_HEAD(halves, resolver_query) halves; /* one IP version found, the other not answered */
};

/*
 * resolv_conf, servers and wake are as for channels_init. If this fails, each query is answered
 * with the reason.
 */
void resolver_open(struct resolver *resolver, const char *resolv_conf, const char *servers,
                   int wake, resolver_done *done, void *context);

/* Starts a query. done is called once, during this call or during a later resolver_wait; not at all
 * if the resolver is closed before. */
void resolver_ask(struct resolver *resolver, struct resolver_query *query);

/* Waits for an event, for at most 50 ms if a query is pending, and processes it. */
void resolver_wait(struct resolver *resolver);

/* Drops all queries. Calls nothing any more. */
void resolver_close(struct resolver *resolver);

#endif
