#ifndef DASHBOARD_SECTIONS_H
#define DASHBOARD_SECTIONS_H

#include "dashboard/snapshot.h"

#include <stdbool.h>

/*
 * The index's sections: the sites that have problems come first; the others follow in the order of
 * the configuration, those without a group before the groups, and these in the order of their first
 * sites.
 */
struct section {
    const char *group; /* NULL: of sites without one */
    size_t first, n;   /* of sections.order */
    size_t n_troubled; /* of the group, among those that have problems */
    bool well;         /* all sites of the group are UP */
};

struct sections {
    size_t *order;     /* indices of sites */
    size_t n_troubled; /* at the front of the order */
    struct section *sections;
    size_t n;
};

/* Returns 0, or -1 where memory runs out. sections_free takes what a failure left. */
int sections_make(struct sections *sections, const struct snapshot *snapshot);
void sections_free(struct sections *sections);

#endif
