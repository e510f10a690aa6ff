#ifndef DASHBOARD_ENTRY_H
#define DASHBOARD_ENTRY_H

#include "dashboard/bars.h"
#include "dashboard/certificate_values.h"
#include "dashboard/chart.h"
#include "dashboard/problems.h"
#include "dashboard/reasons.h"
#include "dashboard/run_reasons.h"
#include "dashboard/timeline.h"

/* One site or one domain of a page, as values for the templates. */

/* What sites and domains have in common. snapshot and messages are set once by the owner. */
struct entry {
    const struct snapshot *snapshot;
    const struct messages *messages;
    const struct uptime *uptimes; /* SPANS of them */
    int64_t first_ms;             /* the first check ever; INT64_MAX: none */
    struct object object, uptime, watched_since;
    struct run_reasons run_reasons;
    struct timeline timeline;
    struct bars bars;
};

struct entry_site {
    const struct site_view *view;
    struct entry entry;
    struct problems problems;
    struct undecided_object undecided;
};

struct entry_domain {
    const struct domain_view *view;
    struct entry entry;
    struct object last, last_failure, phases, outage;
    struct chart chart;
    struct certificate_values certificate; /* its snapshot and messages are set by the owner */
    struct reasons reasons;
    struct undecided_object undecided;
};

/*
 * A site: id, name, status, undecided, uptimes: a list of {span, has_data, percent, partial,
 * measured, watched_since}, and what timeline_fill, problems_add and bars_fill add. The value is
 * valid until the next call.
 */
const struct value *entry_fill_site(struct entry_site *entry, const struct site_view *view);

/* The latency of the latest check of the slowest core domain that is UP or DEGRADED: a visitor
 * waits for that one. -1: there is none. */
int entry_site_latency(const struct site_view *view);

/* A site is being checked if one of its domains is; it recovers if one of them does. */
enum undecided entry_site_undecided(const struct site_view *view);

/*
 * A domain: id, name, is_core, url, status, uptimes, and what timeline_fill and bars_fill add;
 * - last and last_failure: {time, latency_ms, http_status, failure, code};
 * - phases of the last check: {lookup, connect, tls, first_byte, transfer}, those that it reached,
 *   in milliseconds;
 * - lasts_since and lasting, of the ongoing outage;
 * - certificate, as certificate_values_fill makes it, if one is known;
 * - charts: of the timeline's hours, and of 24 hours;
 * - undecided (undecided_add);
 * - outages: a list of {event_id, from, ended, ongoing, recovering, unseen, removed, duration,
 *   status, failure, code} and what reasons_add adds, newest first: the confirmed ones, at most
 *   CEILING_PAGE_OUTAGES on a page. ended is the start of the check that ended it. If the end is
 *   unseen, it is the start of the last check; if the outage is ongoing, there is none;
 * - n_outages; n_outages_more: those that are not in the list; few_outages: the list is short;
 *   outage_days: the number of days whose outages are shown;
 * - n_unconfirmed; if there are any, also unconfirmed, one_unconfirmed and n_unconfirmed_more: the
 *   same for failures that are not confirmed, at most CEILING_PAGE_UNCONFIRMED on a page.
 * The value is valid until the next call.
 */
const struct value *entry_fill_domain(struct entry_domain *entry, const struct domain_view *view);

#endif
