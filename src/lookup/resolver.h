#ifndef LOOKUP_RESOLVER_H
#define LOOKUP_RESOLVER_H

#include "lookup/addresses.h"
#include "lookup/channels.h"
#include "lookup/outcomes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names, asked of the name servers by c-ares. All in one thread. */

struct resolver_query;

/* What is asked for in one IP version. */
struct resolver_part {
    struct resolver_query *query;
    int family;
    const struct outcome *refused; /* what the first server said, while the others are asked */
};

/* A name that is asked for. Stays at one place until resolver_close, all zero but for what is set.
 */
struct resolver_query {
    const char *host;
    int family;
    void *owner;
    struct resolver_query *next; /* of whoever has it in hand */

    /* The resolver's. */
    struct resolver *resolver;
    int64_t begun_ms;
    struct resolver_part parts[2];
    int pending; /* parts that c-ares will still answer */
    bool given;  /* done was called */
    const struct outcome *worst;
    struct addresses addresses;
    char *domain; /* where they are of: a search domain may have come behind the name */
};

/* addresses are there while it runs; NULL unless found. */
typedef void resolver_done(void *context, struct resolver_query *query,
                           const struct outcome *outcome, const char *addresses);

struct resolver {
    resolver_done *done;
    void *context;
    struct channels channels;
    int status; /* ARES_SUCCESS: it can be asked */
    bool has_v6, closing;
    size_t pending;              /* parts that c-ares will still answer */
    struct resolver_query *half; /* found in one IP version, and wait for the other */
};

/*
 * resolv_conf, servers and wake: as for channels_init. Where this fails, each query is answered
 * with why.
 */
void resolver_open(struct resolver *resolver, const char *resolv_conf, const char *servers,
                   int wake, resolver_done *done, void *context);

void resolver_ask(struct resolver *resolver, struct resolver_query *query);

/* Waits until something comes, some milliseconds at most while anything is asked; works on it. */
void resolver_wait(struct resolver *resolver);

/* Nothing is called any more. */
void resolver_close(struct resolver *resolver);

#endif
