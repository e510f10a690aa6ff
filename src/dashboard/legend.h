#ifndef DASHBOARD_LEGEND_H
#define DASHBOARD_LEGEND_H

#include "dashboard/object.h"
#include "dashboard/snapshot.h"

/* The legend of a page: the states that its bars show. */
struct legend {
    const struct messages *messages;
    size_t listed[STATUS_COUNT]; /* rows of a table in legend.c */
    size_t n;
    struct object item;
};

/*
 * Adds the states that the bars of these sites show, the best one first: legend, a list of {class,
 * text}. If the sites have domains with bars on the page (of_domains), theirs count too. legend and
 * messages must live as long as the values are used.
 */
void legend_add(struct legend *legend, const struct snapshot *snapshot,
                const struct site_view *sites, size_t n_sites, bool of_domains,
                struct object *into);

#endif
