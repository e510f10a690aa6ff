#ifndef DASHBOARD_FEED_H
#define DASHBOARD_FEED_H

#include "dashboard/ceilings.h"
#include "dashboard/object.h"
#include "dashboard/outage_choice.h"
#include "dashboard/reasons.h"

/*
 * The values of an Atom feed: the confirmed outages of the last WEEK_DAYS, of all sites or of one
 * site. Nothing in it changes by time alone.
 *
 * title, name  of the dashboard, and of the site if it is the feed of one
 * id           a URN
 * updated      when an entry last changed
 * self         the URL of the feed, if public_url is configured
 * alternate    the page that shows the same
 * entries      a list, the last changed first, at most CEILING_FEED_ENTRIES
 *
 * An entry has: id, updated, published, link; site and domain (names); from and to {iso, text};
 * failure and code; exactly one of ongoing, ended, removed (from the configuration) and unseen
 * (then `to` is the last check); bot: a bot was detected, else the domain was down; lasted: a
 * duration; and what reasons_add adds. Its id is made from that of the outage, to which its link
 * leads.
 */
struct feed {
    const struct messages *messages;
    const struct snapshot *snapshot;
    const struct config *config;
    const char *to_root; /* the path or URL of the folder of index.html */
    struct chosen_outage entries[CEILING_FEED_ENTRIES];
    size_t n;
    struct object object, entry;
    struct reasons reasons;
};

/* The feed of one site of the snapshot; site NULL: of all sites. Returns NULL if out of memory. The
 * value belongs to feed and is valid until the next call. */
const struct value *feed_fill(struct feed *feed, const struct messages *messages,
                              const struct snapshot *snapshot, const struct site_view *site);

/*
 * Writes "urn:uuid:…" for these texts, ended by NULL. Deterministic: equal texts give equal URNs,
 * different texts different ones. It is a UUID of version 8 (RFC 9562), made from their SHA-256.
 * Only the first 2 KiB of the texts count. Returns 0, or -1 if out of memory.
 */
enum { FEED_URN_MAX = 48 };
int feed_urn(const char *const *parts, char urn[FEED_URN_MAX]);

#endif
