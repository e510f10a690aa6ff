#ifndef RENDERER_TROUBLES_H
#define RENDERER_TROUBLES_H

#include "renderer/form.h"
#include "renderer/words.h"
#include "snapshot.h"

/*
 * Which sites, or which domains of a site, are not well, and why.
 */

/* Of those that have problems so many are named; the others are counted. */
enum { TROUBLE_SITES = 10, TROUBLE_DOMAINS = 3, TROUBLES_NAMED = TROUBLE_SITES };

/* A site or a domain that is not well. */
struct trouble {
    const char *site_id, *id, *name, *failure;
    const struct interruption *interruption; /* NULL: not known */
    enum status status;
};

struct troubles {
    const struct words *words;
    int64_t now_ms;
    struct trouble named[TROUBLES_NAMED];
    size_t n_named, n, n_down, n_unknown, n_all;
    struct form form, status, since;
};

/* Counts the sites of a snapshot, or the domains of a site. */
void troubles_of_sites(struct troubles *troubles, const struct snapshot *snapshot,
                       const struct words *words);
void troubles_of_domains(struct troubles *troubles, const struct site_view *site, int64_t now_ms,
                         const struct words *words);

/*
 * Adds to the form
 * - problems: a list of {site_id, id, name, status, lasts_since, lasting, failure, more}, the
 *   first few of those that are worse than UNKNOWN; of sites without lasts_since and lasting;
 * - n_problems; n_down and n_degraded, of which they are; n_more (not in the list), n_unknown,
 *   n_all: empty where there are none;
 * - one, one_problem: whether there is exactly one.
 */
void troubles_add(struct troubles *troubles, struct form *form);

#endif
