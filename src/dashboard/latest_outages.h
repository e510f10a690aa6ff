#ifndef DASHBOARD_LATEST_OUTAGES_H
#define DASHBOARD_LATEST_OUTAGES_H

#include "dashboard/object.h"
#include "dashboard/outage_choice.h"

/* The latest outages of all sites, grouped by the day on which they began. */
struct latest_outages {
    const struct snapshot *snapshot;
    const struct messages *messages;
    struct chosen_outage items[CEILING_INDEX_OUTAGES]; /* those that began last first */
    size_t n;
    size_t days[CEILING_INDEX_OUTAGES]; /* the first item of each day */
    size_t n_days, day;                 /* whose items are being made */
    struct object day_object, object;
};

/*
 * Adds to into
 * - latest_days: a list of {day, outages}, the latest day first. day is a moment for people
 *   (object_when). outages: a list of {event_id, site_id, site, id, name, alone, from, to,
 *   same_day, ongoing, unseen, removed, duration, status, failure, code}, the latest first. to is
 *   missing if it is ongoing; same_day: it ended on the day on which it began;
 * - n_latest, n_latest_more: the number of all, and of those that are not in the list;
 *   latest_days_shown: the number of days that they are of.
 * latest, snapshot and messages must live as long as the values are used.
 */
void latest_outages_add(struct latest_outages *latest, const struct snapshot *snapshot,
                        const struct messages *messages, struct object *into);

#endif
