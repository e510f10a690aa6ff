#ifndef DASHBOARD_OUTAGE_CHOICE_H
#define DASHBOARD_OUTAGE_CHOICE_H

#include "dashboard/ceilings.h"

#include <stddef.h>
#include <stdint.h>

struct domain_view;
struct outage;
struct site_view;
struct snapshot;

/*
 * Chooses the outages that the files of a site list: sets n_listed of its n domains. Over all these
 * domains, the newest outages are listed, up to the ceiling of the list (ceilings.h).
 */
void outage_choice_make(struct domain_view *domains, size_t n);

/* An outage of any site. */
struct chosen_outage {
    const struct site_view *site;
    const struct domain_view *domain;
    const struct outage *outage;
    int64_t order_ms; /* the latest is first in the choice */
};

/*
 * Chooses of the confirmed outages of these sites that touch the time from from_ms on the max ones
 * whose moment is the latest, the latest first. Of equal moments, those of the sites that come
 * first are chosen. items has room for max of them. Returns their number.
 */
typedef int64_t outage_choice_moment(const struct outage *outage);
size_t outage_choice_latest(const struct site_view *sites, size_t n_sites, int64_t from_ms,
                            outage_choice_moment *moment, struct chosen_outage *items, size_t max);

/*
 * The newest outages of all sites, for the index page: the confirmed ones that touch the last
 * FORTNIGHT_DAYS, those that began last first, up to the ceiling for the number of sites. *n_all
 * becomes the number of all. Returns how many are in items.
 */
size_t outage_choice_fortnight(const struct snapshot *snapshot,
                               struct chosen_outage items[CEILING_INDEX_OUTAGES], size_t *n_all);

#endif
