#ifndef DASHBOARD_SECTIONS_H
#define DASHBOARD_SECTIONS_H

#include "model/status.h"

#include <stddef.h>

struct snapshot;

/*
 * The order of the sites on the index page, which does not depend on their state: first those
 * without a group, then the groups in the order of their first sites. The sites of a group are in
 * the order of the configuration.
 */
struct section {
    const char *group;         /* NULL: sites without a group */
    size_t first, n;           /* in sections.order */
    size_t n_of[STATUS_COUNT]; /* its sites by status */
    enum status status;        /* the worst one */
};

struct sections {
    size_t *order; /* indices of sites */
    struct section *sections;
    size_t n;
    size_t n_of[STATUS_COUNT]; /* all sites by status */
};

/* Returns 0, or -1 if out of memory. In both cases the caller calls sections_free. */
int sections_make(struct sections *sections, const struct snapshot *snapshot);
void sections_free(struct sections *sections);

#endif
