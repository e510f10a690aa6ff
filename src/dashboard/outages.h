#ifndef DASHBOARD_OUTAGES_H
#define DASHBOARD_OUTAGES_H

#include "dashboard/object.h"

struct domain_view;
struct outage;

/* The outages of a domain, as a page lists them. */

enum { OUTAGES_MAX = 200 }; /* a page lists at most this many */

/* Filled for one domain after the other. */
struct outages {
    const struct domain_view *view;
    int64_t now_ms;
    const struct messages *messages;
    struct object object, from, to, status;
};

/* The domain's ongoing outage; NULL: none. */
const struct outage *outages_ongoing(const struct domain_view *view);

/*
 * Adds to into
 * - outages: a list of {from, ended, ongoing, unseen, duration, status, failure}, newest first, at
 *   most OUTAGES_MAX. ended is the start of the check that ended it. If the end is unseen, it is
 *   the start of the last check; if the outage is ongoing, there is none;
 * - n_outages, and n_outages_more: those that are not in the list;
 * - few_outages: whether the list is short.
 * outages, view, messages and into must live as long as the values are used.
 */
void outages_fill(struct outages *outages, const struct domain_view *view, int64_t now_ms,
                  const struct messages *messages, struct object *into);

#endif
