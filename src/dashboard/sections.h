#ifndef DASHBOARD_SECTIONS_H
#define DASHBOARD_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct snapshot;

/*
 * The order of the sites on the index page. Sites with problems come first. The others follow in
 * the order of the configuration: first those without a group, then the groups, in the order of
 * their first sites.
 */
struct section {
    const char *group;      /* NULL: sites without a group */
    size_t first, n;        /* in sections.order */
    size_t n_with_problems; /* sites of the group that are not in this section */
    bool all_up;            /* all sites of the group are UP */
};

struct sections {
    size_t *order;          /* indices of sites */
    size_t n_with_problems; /* at the front of the order */
    struct section *sections;
    size_t n;
};

/* Returns 0, or -1 if out of memory. In both cases the caller calls sections_free. */
int sections_make(struct sections *sections, const struct snapshot *snapshot);
void sections_free(struct sections *sections);

#endif
