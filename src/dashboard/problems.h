#ifndef DASHBOARD_PROBLEMS_H
#define DASHBOARD_PROBLEMS_H

#include "dashboard/messages.h"
#include "dashboard/object.h"
#include "dashboard/snapshot.h"

/*
 * Which sites, or which domains of a site, are not well, and why.
 */

/* Of those that have problems so many are named; the others are counted. */
enum { TROUBLE_SITES = 10, TROUBLE_DOMAINS = 3, PROBLEMS_NAMED = TROUBLE_SITES };

/* A site or a domain that is not well. */
struct listed_problem {
    const char *site_id, *id, *name, *failure;
    const struct outage *outage; /* NULL: not known */
    enum status status;
};

struct problem_list {
    const struct messages *words;
    int64_t now_ms;
    struct listed_problem named[PROBLEMS_NAMED];
    size_t n_named, n, n_down, n_unknown, n_all;
    struct object object, status, since;
};

/* Counts the sites of a snapshot, or the domains of a site. */
void problems_of_sites(struct problem_list *problem_list, const struct snapshot *snapshot,
                       const struct messages *words);
void problems_of_domains(struct problem_list *problem_list, const struct site_view *site,
                         int64_t now_ms, const struct messages *words);

/*
 * Adds to the form
 * - problems: a list of {site_id, id, name, status, lasts_since, lasting, failure, more}, the
 *   first few of those that are worse than UNKNOWN; of sites without lasts_since and lasting;
 * - n_mistakes; n_down and n_degraded, of which they are; n_more (not in the list), n_unknown,
 *   n_all: empty where there are none;
 * - one, one_problem: whether there is exactly one.
 */
void problems_add(struct problem_list *problem_list, struct object *object);

#endif
