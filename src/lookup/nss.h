#ifndef LOOKUP_NSS_H
#define LOOKUP_NSS_H

#include "lookup/outcomes.h"

/*
 * Asks getaddrinfo, the system's own lookup: only it knows the other services that nsswitch.conf
 * may name (mDNS, LDAP, containers). It blocks, so at most four threads call it and further names
 * wait.
 */
struct nss;

/* Functions that are called in one of those threads. They must not call nss_ask. */
struct nss_caller {
    void (*begun)(void *context, void *owner);
    /* addresses is valid only during the call, and NULL unless found. */
    void (*done)(void *context, void *owner, const struct outcome *outcome, const char *addresses);
    void *context;
};

/* Returns NULL if out of memory. */
struct nss *nss_new(const struct nss_caller *caller);

/* Queues a name; host is copied. Any thread may call this, but without a lock that the caller's
 * functions take. Returns 0, or -1 if out of memory or if no thread can be started. */
int nss_ask(struct nss *nss, const char *host, int family, void *owner);

/*
 * Calls none of the caller's functions any more. A thread that hangs in getaddrinfo cannot be ended
 * and is not waited for; the last one frees the memory that they share. NULL is allowed.
 */
void nss_free(struct nss *nss);

#endif
