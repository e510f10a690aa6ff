#ifndef DASHBOARD_PROBLEMS_H
#define DASHBOARD_PROBLEMS_H

#include "dashboard/object.h"
#include "dashboard/outages.h"
#include "model/status.h"

/* Which sites and domains have a problem, and what is undecided about them. */

/* Room for what is undecided about a site or domain, as values. */
struct undecided_object {
    struct object object;
};

/*
 * Adds undecided: {checking, recovering, failed_once}, exactly one of them true; false if it is
 * decided. failed_once counts only if nothing else is undecided.
 */
void problems_add_undecided(struct undecided_object *undecided, enum undecided what,
                            bool failed_once, struct object *into);

#endif
