#ifndef DASHBOARD_METRICS_TABLE_H
#define DASHBOARD_METRICS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct domain_view;
struct site_view;
struct snapshot;

/*
 * The table of metrics. Exactly one of the three functions of a metric is set. It gives the value
 * of a sample in units of 10^-decimals, or returns false if the value is unknown.
 */
struct metric {
    const char *name, *help;
    int decimals;
    bool (*of_all)(const struct snapshot *snapshot, int64_t *value);
    bool (*of_site)(const struct site_view *site, int variant, int64_t *value);
    bool (*of_domain)(const struct domain_view *domain, int64_t *value);
    const char *label; /* an additional label, or NULL; its value depends on the variant */
    const char *(*label_value)(const struct site_view *site, int variant);
    int variants; /* samples for each site; a metric of all has one sample, with site NULL */
};

/* In the order in which they are written. */
extern const struct metric metrics_table[];
extern const size_t metrics_table_size;

#endif
