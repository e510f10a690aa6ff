#ifndef DASHBOARD_SITE_VALUES_H
#define DASHBOARD_SITE_VALUES_H

#include "dashboard/object.h"

struct snapshot;

/* What the page of a site has beside the values of every page. */
struct site_values;

/* Returns NULL if out of memory. snapshot and messages must outlive the values. */
struct site_values *site_values_new(const struct snapshot *snapshot,
                                    const struct messages *messages);

/* NULL is allowed. */
void site_values_free(struct site_values *values);

/*
 * Adds to into, the root of the page
 * - site: {id, name, status, has_problem}; if it has several domains, also what uptime_values_add
 *   and day_values_add add;
 * - alone: it has one domain;
 * - previous, next: the sites with problems beside this one: {id, name, status}; false if there is
 *   none, or if this one has no problem; beside: there is one of them;
 * - spans of the charts: a list of {id, label, chosen, now, past, at} and what time_axis_add adds;
 * - days_axis: a list of one, the axis of the 90 days;
 * - jumps: a list of {id, name, status}, the first CEILING_JUMP_LINKS domains; n_jumps_more;
 * - domains, as domain_values_fill makes them, with first. They are in the order of the jumps: the
 *   one that explains the state of the site first, then the worst ones.
 * values and into must live as long as they are used.
 */
void site_values_add(struct site_values *values, size_t site, struct object *into);

#endif
