#ifndef DASHBOARD_PROBLEMS_H
#define DASHBOARD_PROBLEMS_H

#include "dashboard/ceilings.h"
#include "dashboard/undecided.h"
#include "model/status.h"

struct outage;
struct recorded;
struct site_view;
struct snapshot;

/*
 * The domains of a site that have a problem, and why. A problem is a status worse than UNKNOWN.
 */

/* A domain with a problem. */
struct problem {
    const char *site_id, *id, *name;
    const struct recorded *last; /* the latest check; NULL: none */
    const struct outage *outage; /* NULL: unknown */
    enum status status;
    enum undecided undecided;
};

/* Filled for one site after the other. */
struct problems {
    const struct messages *messages;
    int64_t now_ms;
    struct problem named[CEILING_PROBLEM_DOMAINS];
    size_t n_named, n, n_down, n_unknown, n_all;
    struct object object;
    struct undecided_object undecided;
};

/* Whether a site or a domain of this status has a problem. */
bool problems_is_problem(enum status status);

/* Counts the domains of a site, and keeps the first with problems. */
void problems_of_domains(struct problems *problems, const struct site_view *site, int64_t now_ms,
                         const struct messages *messages);

/*
 * Adds to into
 * - problems: a list of {site_id, id, name, status, lasts_since, lasting, failure, code, undecided,
 *   more};
 * - n_problems; n_down and n_degraded, their parts; n_more (not in the list); n_unknown; n_all: an
 *   empty text if there are none;
 * - one, one_problem: whether n_all, n_problems is 1.
 * problems must live as long as the values are used.
 */
void problems_add(struct problems *problems, struct object *into);

#endif
