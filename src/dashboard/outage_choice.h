#ifndef DASHBOARD_OUTAGE_CHOICE_H
#define DASHBOARD_OUTAGE_CHOICE_H

#include "dashboard/snapshot.h"

/*
 * Chooses the outages that the files of a site list: sets n_listed of its n domains. Over all these
 * domains, the newest outages are listed, up to the ceiling of the list (ceilings.h).
 */
void outage_choice_make(struct domain_view *domains, size_t n);

#endif
