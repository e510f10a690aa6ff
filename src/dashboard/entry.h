#ifndef DASHBOARD_ENTRY_H
#define DASHBOARD_ENTRY_H

#include "dashboard/bars.h"
#include "dashboard/chart.h"
#include "dashboard/outages.h"
#include "dashboard/problems.h"
#include "dashboard/timeline.h"
#include "dashboard/view.h"

/*
 * One site or one domain, as values for the templates; filled anew for each.
 */

/* What sites and domains have in common; snapshot and words are set once. */
struct entry {
    const struct snapshot *snapshot;
    const struct messages *words;
    struct object object, status;
    struct view_uptimes uptimes;
    struct timeline_text timeline_text;
    struct bars bars;
};

struct entry_site {
    const struct site_view *view;
    struct entry entry;
    struct problem_list problem_list;
};

struct entry_domain {
    const struct domain_view *view;
    struct entry entry;
    struct outages outages;
    struct object last, checked, failure, failed, phases, since;
    struct chart chart;
};

/*
 * A site: id, name, status, latency_ms (of the slowest of its core domains that are UP), uptimes
 * (view.h), what timeline_fill and problems_add add; whole: for its own page, what bars_fill adds.
 */
const struct value *entry_fill_site(struct entry_site *entry, const struct site_view *view,
                                    bool whole);

/*
 * A domain: id, name, is_core, url, status, uptimes, what timeline_fill, bars_fill and outages_fill
 * add; last and last_failure: {time, latency_ms, http_status, failure}; phases of the last check:
 * {lookup, connect, tls, first_byte, transfer}, in milliseconds, those that it reached; lasts_since
 * and lasting, of the present interruption; charts: of the timeline's hours, and of the day.
 */
const struct value *entry_fill_domain(struct entry_domain *entry, const struct domain_view *view);

#endif
