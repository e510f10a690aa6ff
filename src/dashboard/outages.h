#ifndef DASHBOARD_OUTAGES_H
#define DASHBOARD_OUTAGES_H

#include <stddef.h>
#include <stdint.h>

struct domain_view;

/* Chooses the outages that the files of a site list. */

/* The lists: on the page, and in the JSON. */
enum outage_list { LIST_PAGE, LIST_JSON, OUTAGE_LISTS };

/*
 * Sets n_listed of the n domains of a site: the number of their newest outages in each list. Over
 * all these domains, the newest outages are listed, up to the ceiling of the list (ceilings.h).
 */
void outages_choose(struct domain_view *domains, size_t n);

#endif
