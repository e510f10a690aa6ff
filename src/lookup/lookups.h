#ifndef LOOKUP_LOOKUPS_H
#define LOOKUP_LOOKUPS_H

#include "base/error.h"
#include "lookup/inbox.h"

/*
 * Looks up host names for all workers of a runner, before libcurl needs them: libcurl would start a
 * thread for each lookup, and the C library would read /etc/hosts each time. A name is looked up
 * once, even if many questions ask for it. An address is kept for a minute. A failure is kept for
 * one second, so that a retry asks again. One thread asks the name servers for many names at
 * once; it starts with the first question that needs it. The settings of the
 * system that are used are listed in uptick(1), "Name lookups".
 */
struct lookups;

/* Where names are looked up. NULL: as the system does. */
struct lookup_sources {
    const char *hosts;       /* instead of /etc/hosts */
    const char *nsswitch;    /* instead of /etc/nsswitch.conf */
    const char *resolv_conf; /* instead of /etc/resolv.conf */
    const char *servers;     /* instead of those in resolv.conf: "127.0.0.1:5353,[::1]:53" */
};

/* Reads the hosts file and nsswitch.conf. sources need not outlive the call. Returns NULL with the
 * error if out of memory or of descriptors. */
struct lookups *lookups_new(const struct lookup_sources *sources, struct error *error);

/* Does not wait for name servers. No question may be waiting any more. NULL is allowed. */
void lookups_free(struct lookups *lookups);

/*
 * Asks a question. Returns true if it is answered at once: the host is an address, or in the hosts
 * file, or has a recent answer. If it returns false, the answer will come into the inbox; if
 * begun_us is 0, the name waits for others, and news that its lookup began comes first. Any thread
 * may call this.
 */
bool lookups_ask(struct lookups *lookups, struct question *question);

/*
 * Whether a name server or getaddrinfo has answered any question yet. Until then, a lookup that
 * takes too long is a local fault; afterwards, it is the name's. Any thread may call this.
 */
bool lookups_has_answer(struct lookups *lookups);

/* Drops a question, whether it waits, is in the inbox or was answered. */
void lookups_withdraw(struct lookups *lookups, struct question *question);

#endif
