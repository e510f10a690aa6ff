#ifndef LOOKUP_LOOKUPS_H
#define LOOKUP_LOOKUPS_H

#include "base/error.h"
#include "lookup/inbox.h"

#include <stdbool.h>

/*
 * Looks up host names for all workers of a runner. A name is looked up once, however many questions
 * ask for it: an address that was found is kept until lookups_free, a failure for one second. One
 * thread asks the name servers for many names at once; it starts with the first question that needs
 * it. The system's settings are honoured: the hosts file, nsswitch.conf and resolv.conf.
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
 * file, or its name is known. If it returns false, the answer will come into the inbox; if begun_us
 * is 0, the name waits for others, and news that its lookup began comes first. Any thread may call
 * this.
 */
bool lookups_ask(struct lookups *lookups, struct question *question);

/* After this call nothing will come of the question. It may be waiting, in the inbox or answered.
 */
void lookups_withdraw(struct lookups *lookups, struct question *question);

#endif
