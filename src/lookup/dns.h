#ifndef LOOKUP_DNS_H
#define LOOKUP_DNS_H

#include "lookup/resolver.h"

/* The thread that asks the name servers. How many names at once is its caller's business. */
struct dns;

/* Called from the thread, with no lock held. */
struct dns_caller {
    resolver_done *done;
    void (*tick)(void *context); /* many times a second while anything is asked */
    void *context;
};

/* As for resolver_open; what they point to is copied. NULL: no memory or no descriptor. */
struct dns *dns_new(const struct dns_caller *caller, const char *resolv_conf, const char *servers);

/*
 * Any thread may call it; the first time, it starts the thread. The query stays at one place until
 * dns_free. Returns 0, or -1 where there is no thread for it.
 */
int dns_ask(struct dns *dns, struct resolver_query *query);

/* Asks no more, and waits for the thread, which is at its end at once. NULL is fine. */
void dns_free(struct dns *dns);

#endif
