#ifndef DASHBOARD_OUTAGE_VALUES_H
#define DASHBOARD_OUTAGE_VALUES_H

#include "dashboard/object.h"
#include "dashboard/reasons.h"

struct domain_view;
struct outage;
struct snapshot;

/* The outages of a domain, as the page of its site lists them. snapshot and messages are set once
 * by the owner; then filled for one domain after the other. */
struct outage_values {
    const struct snapshot *snapshot;
    const struct messages *messages;
    const struct domain_view *view;
    struct object object;
    struct reasons reasons;
};

/*
 * Adds to into
 * - outages: a list of {event_id, from, ended, same_day, ongoing, recovering, unseen, removed,
 *   duration, status, failure, code} and what reasons_add adds, newest first: the confirmed ones.
 *   ended is the start of the check that ended it. If the end is unseen, it is the start of the
 *   last check; if the outage is ongoing, there is none. same_day: that is the day on which it
 *   began. They are at most ten; older_outages has the others, n_older_outages of them;
 * - n_outages; n_outages_more: those that are in no list; outage_days: the number of days whose
 *   outages are shown;
 * - n_unconfirmed; if there are any, also unconfirmed, one_unconfirmed and n_unconfirmed_more: the
 *   same for failures that are not confirmed.
 * values, view and into must live as long as they are used.
 */
void outage_values_add(struct outage_values *values, const struct domain_view *view,
                       struct object *into);

/* Whether the page lists an outage of this domain, so that links can lead to it. */
bool outage_values_lists(const struct domain_view *view, const struct outage *outage);

/* Adds event_id, the id of its element on the page. */
void outage_values_add_id(const struct snapshot *snapshot, const struct domain_view *view,
                          const struct outage *outage, struct object *into);

#endif
