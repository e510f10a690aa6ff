#ifndef DASHBOARD_FEED_H
#define DASHBOARD_FEED_H

#include "dashboard/messages.h"
#include "dashboard/object.h"
#include "dashboard/snapshot.h"

/*
 * What the template of an Atom feed sees: the interruptions of the last 7 days, of all sites or of
 * one. Nothing in it changes with time alone.
 *
 * title, name   of the dashboard, and of the site where it is the feed of one
 * id, updated   as Atom wants them: a URN, and when an entry last changed
 * self          the feed's own URL, where public_url is configured
 * alternate     the page that shows the same
 * entries       a list, what changed last first, at most FEED_ENTRIES
 *
 * an entry: id, updated, published, link; site, domain (names); from, to {iso, text}; failure;
 * exactly one of goes_on, ended and unseen (to is then the last check there was); bot: it was kept
 * out, else down; lasted: how long
 */
enum { FEED_ENTRIES = 100 };

/* An interruption, and when what is told of it last changed. */
struct feed_entry {
    const struct site_view *site;
    const struct domain_view *domain;
    const struct outage *outage;
    int64_t updated_ms;
};

struct feed {
    const struct messages *words;
    const struct config *config;
    const char *to_root; /* what leads to the folder of index.html */
    struct feed_entry entries[FEED_ENTRIES];
    size_t n;
    struct object object, entry, from, to;
};

/* The feed of all sites, or of one of this number. Good until the next call of either; NULL: out
 * of memory. */
const struct value *feed_of_all(struct feed *feed, const struct messages *words,
                                const struct snapshot *snapshot);
const struct value *feed_of_site(struct feed *feed, const struct messages *words,
                                 const struct snapshot *snapshot, size_t site);

#endif
