#ifndef LOOKUP_NSS_H
#define LOOKUP_NSS_H

#include "lookup/outcomes.h"

/*
 * Asks the system's own lookup, getaddrinfo, which alone knows the services that nsswitch.conf may
 * name (mDNS, LDAP, containers). It blocks, so that a few threads ask and the others wait.
 */
struct nss;

/* Called from one of those threads. Must not ask. */
struct nss_caller {
    void (*begun)(void *context, void *owner);
    /* addresses are there while it runs; NULL unless found. */
    void (*done)(void *context, void *owner, const struct outcome *outcome, const char *addresses);
    void *context;
};

/* NULL: out of memory. */
struct nss *nss_new(const struct nss_caller *caller);

/* Any thread may call it, without a lock that the callbacks need. Returns 0, or -1: no memory or
 * thread. host is copied. */
int nss_ask(struct nss *nss, const char *host, int family, void *owner);

/*
 * From here on nothing is called. What hangs in getaddrinfo cannot be ended, and is not waited for:
 * the last of its threads frees the memory that they share. NULL is fine.
 */
void nss_free(struct nss *nss);

#endif
