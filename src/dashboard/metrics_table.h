#ifndef DASHBOARD_METRICS_TABLE_H
#define DASHBOARD_METRICS_TABLE_H

#include "dashboard/snapshot.h"

/*
 * A metric, all of whose samples stand together. One of the three gives a sample's value, in units
 * of 10^-decimals, or says that it is not known. A sample may have a further label,
 * of which a site has one for each of its variants.
 */
struct metric {
    const char *name, *help;
    int decimals;
    bool (*of_all)(const struct snapshot *snapshot, int64_t *value);
    bool (*of_site)(const struct site_view *site, int variant, int64_t *value);
    bool (*of_domain)(const struct domain_view *domain, int64_t *value);
    const char *label;
    const char *(*label_value)(const struct site_view *site, int variant);
    int variants; /* samples a site; of all there is one, with site NULL */
};

/* In the order in which they are written. */
extern const struct metric metrics[];
extern const size_t n_metrics;

#endif
