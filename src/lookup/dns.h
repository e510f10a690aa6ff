#ifndef LOOKUP_DNS_H
#define LOOKUP_DNS_H

#include "lookup/resolver.h"

/* The thread that asks the name servers. Its caller limits the number of names asked at once. */
struct dns;

/* Functions that are called in the thread, with no lock held. */
struct dns_caller {
    resolver_done *done;
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
int dns_ask(struct dns *dns, struct resolver_query *query);

/* Drops all queries and joins the thread, without waiting for name servers. NULL is allowed. */
void dns_free(struct dns *dns);

#endif
