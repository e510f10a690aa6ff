#ifndef DASHBOARD_OUTAGES_H
#define DASHBOARD_OUTAGES_H

#include "dashboard/messages.h"
#include "dashboard/object.h"
#include "dashboard/snapshot.h"

/*
 * The interruptions of a domain, as a page lists them.
 */

/* So many are listed; the CSV has the others too. */
enum { OUTAGES_MOST = 200 };

/* Filled anew for each domain. */
struct outages {
    const struct domain_view *view;
    int64_t now_ms;
    const struct messages *words;
    struct object object, from, to, status;
};

/* The interruption that lasts still; NULL: none does. */
const struct outage *outages_present(const struct domain_view *view);

/*
 * Adds to the form
 * - outages: a list of {from, ended, goes_on, unseen, duration, status, failure}, the newest
 *   first, OUTAGES_MOST at most. ended is when the check that ended it started; where it goes on
 *   there is none, and where its end is unseen it is its last check;
 * - n_outages, and n_outages_more: how many are not in the list;
 * - few_outages: whether the list is short.
 */
void outages_fill(struct outages *outages, const struct domain_view *view, int64_t now_ms,
                  const struct messages *words, struct object *into);

#endif
