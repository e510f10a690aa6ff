#ifndef LOOKUP_LOOKUPS_H
#define LOOKUP_LOOKUPS_H

#include "base/error.h"
#include "lookup/inbox.h"

#include <stdbool.h>

/*
 * The names of hosts, looked up for all workers of a runner. A name that many ask for is looked up
 * once: what was found serves until lookups_free, what failed serves those who ask within a second.
 * One thread asks the name servers, thousands at once; it starts with the first question that needs
 * it. What is honoured of the system's settings stands in DESIGN.md.
 */
struct lookups;

/* Where names are looked up. NULL: as the system has it. */
struct lookup_sources {
    const char *hosts;       /* instead of /etc/hosts */
    const char *nsswitch;    /* instead of /etc/nsswitch.conf */
    const char *resolv_conf; /* instead of /etc/resolv.conf */
    const char *servers;     /* "127.0.0.1:5353,[::1]:53", instead of those of resolv.conf */
};

/* Reads the hosts file. sources may go away afterwards. Returns NULL where memory runs out. */
struct lookups *lookups_new(const struct lookup_sources *sources, struct error *error);

/* At once, also while name servers hang; no question may wait any more. NULL is fine. */
void lookups_free(struct lookups *lookups);

/*
 * Asks. True: answered at once (an address, a host of the hosts file, a name already known), and
 * answer is set. False: the answer will come to the inbox; where begun_us is 0 the name waits for
 * others, and that it began will come there first. Any thread may call this.
 */
bool lookups_ask(struct lookups *lookups, struct question *question);

/* Nothing will come of this question any more; whether it waits, is in the inbox or is answered. */
void lookups_withdraw(struct lookups *lookups, struct question *question);

#endif
