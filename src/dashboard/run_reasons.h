#ifndef DASHBOARD_RUN_REASONS_H
#define DASHBOARD_RUN_REASONS_H

#include "dashboard/timeline.h"

struct domain_view;
struct snapshot;

/* Why the buckets of a timeline are not UP. */
struct run_reasons {
    const struct snapshot *snapshot;
    const struct domain_view *domains;
    size_t n;
};

/*
 * Sets what source needs for the reasons of these domains, which are those of the site whose
 * timeline it is, or the domain itself. A single domain has the failure of its outage, or, if it is
 * slow, the latencies or the text of the last check. Several have the names of those that are not
 * UP. reasons and the snapshot must outlive source.
 */
void run_reasons_set(struct run_reasons *reasons, const struct snapshot *snapshot,
                     const struct domain_view *domains, size_t n, struct timeline_source *source);

#endif
