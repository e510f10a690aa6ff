#ifndef DASHBOARD_PROBLEM_LIST_H
#define DASHBOARD_PROBLEM_LIST_H

#include "dashboard/ceilings.h"
#include "dashboard/problems.h"

struct domain_view;
struct site_view;
struct snapshot;

/* All domains that have a problem, as the index page lists them. */

/* Room for a problem, as values. */
struct problem_object {
    struct object object;
    struct undecided_object undecided;
};

/* A domain with a problem, and what it is sorted by. */
struct listed_problem {
    int64_t since_ms;      /* INT64_MIN: unknown */
    uint32_t site, domain; /* the domain within its site */
    int site_severity, severity;
};

struct problem_list {
    const struct snapshot *snapshot;
    const struct messages *messages;
    struct listed_problem *all; /* in order */
    size_t n;
    struct problem_object object;
};

/*
 * Finds all domains with a problem: those of the worst sites first; then the worst domains; then
 * those whose problem is the newest. Returns 0, or -1 if out of memory. In both cases the caller
 * calls problem_list_free.
 */
int problem_list_make(struct problem_list *list, const struct snapshot *snapshot,
                      const struct messages *messages);
void problem_list_free(struct problem_list *list);

/*
 * Adds to into
 * - problems: the first CEILING_PROBLEMS of them, and more_problems: the others, as
 *   problem_list_fill makes them;
 * - n_problems: their number; n_more_problems: how many are in the second list;
 *   one_more_problem: whether it is one.
 */
void problem_list_add(struct problem_list *list, struct object *into);

/* The domain that explains the state of a site: the worst one of those that decide it; if there are
 * several, the one whose problem is the oldest. NULL: no domain has a problem. */
const struct domain_view *problem_list_find_worst(const struct snapshot *snapshot,
                                                  const struct site_view *site);

/*
 * Fills the object with a problem: {site_id, site, id, name, alone, status, site_status, same,
 * since, longer, lasting, failure, code, undecided}. alone: the site has no other domain, so its
 * name is enough. same: both statuses are the same. since is a moment for people, false if it is
 * unknown. lasting is a duration; empty if nothing is known. longer: it has lasted for longer than
 * that.
 */
void problem_list_fill(struct problem_object *problem, const struct snapshot *snapshot,
                       const struct site_view *site, const struct domain_view *domain,
                       const struct messages *messages);

/* Adds lasting and longer of a problem, as above. */
void problem_list_add_lasting(struct object *into, const struct snapshot *snapshot,
                              const struct domain_view *view, const struct messages *messages);

#endif
