#ifndef DASHBOARD_PROBLEMS_H
#define DASHBOARD_PROBLEMS_H

#include "dashboard/ceilings.h"
#include "dashboard/object.h"
#include "dashboard/outages.h"

struct outage;
struct recorded;
struct site_view;
struct snapshot;

/*
 * The sites, or the domains of a site, that have a problem, and why. A problem is a status worse
 * than UNKNOWN.
 */

/* A site or a domain with a problem. */
struct problem {
    const char *site_id, *id, *name;
    const struct recorded *last; /* the latest check; NULL: none, or it is a site */
    const struct outage *outage; /* NULL: unknown */
    enum status status;
    enum undecided undecided;
};

/* Room for what is undecided about a site or domain, as values. */
struct undecided_object {
    struct object object;
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

/*
 * Adds undecided: {checking, recovering, failed_once}, exactly one of them true; false if it is
 * decided. failed_once counts only if nothing else is undecided.
 */
void problems_add_undecided(struct undecided_object *undecided, enum undecided what,
                            bool failed_once, struct object *into);

/* Whether a site or a domain of this status has a problem. */
bool problems_is_problem(enum status status);

/* Counts the domains of a site, and keeps the first with problems. */
void problems_of_domains(struct problems *problems, const struct site_view *site, int64_t now_ms,
                         const struct messages *messages);

/*
 * Adds to into
 * - problems: a list of {site_id, id, name, status, lasts_since, lasting, failure, code, undecided,
 *   more}; of sites without lasts_since and lasting, and with an empty failure and
 *   code;
 * - n_problems; n_down and n_degraded, their parts; n_more (not in the list); n_unknown; n_all: an
 *   empty text if there are none;
 * - one, one_problem: whether n_all, n_problems is 1.
 * problems must live as long as the values are used.
 */
void problems_add(struct problems *problems, struct object *into);

#endif
