#ifndef DASHBOARD_UNDECIDED_H
#define DASHBOARD_UNDECIDED_H

#include "dashboard/object.h"

/* What is being checked about a domain, beside its status. */
enum undecided {
    UNDECIDED_NOTHING,
    UNDECIDED_SUSPECT,   /* it failed, which is not confirmed yet */
    UNDECIDED_RECOVERING /* it is well, but its outage is not over yet */
};

/* Room for it, as values. */
struct undecided_object {
    struct object object;
};

/*
 * Adds undecided: {checking, recovering, failed_once}, exactly one of them true; false if it is
 * decided. failed_once counts only if nothing else is undecided.
 */
void undecided_add(struct undecided_object *undecided, enum undecided what, bool failed_once,
                   struct object *into);

#endif
