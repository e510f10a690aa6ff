#ifndef RENDERER_ENTRY_H
#define RENDERER_ENTRY_H

#include "renderer/bars.h"
#include "renderer/chart.h"
#include "renderer/course.h"
#include "renderer/outages.h"
#include "renderer/troubles.h"
#include "renderer/view.h"

/*
 * One site or one domain, as values for the templates; filled anew for each.
 */

/* What sites and domains have in common; snapshot and words are set once. */
struct entry {
    const struct snapshot *snapshot;
    const struct words *words;
    struct form form, status;
    struct view_uptimes uptimes;
    struct course course;
    struct bars bars;
};

struct site_entry {
    const struct site_view *view;
    struct entry entry;
    struct troubles troubles;
};

struct domain_entry {
    const struct domain_view *view;
    struct entry entry;
    struct outages outages;
    struct form last, checked, failure, failed, phases, since;
    struct chart chart;
};

/*
 * A site: id, name, status, latency_ms (of the slowest of its core domains that are UP), uptimes
 * (view.h), what course_fill and troubles_add add; whole: for its own page, what bars_fill adds.
 */
const struct value *site_entry_fill(struct site_entry *entry, const struct site_view *view,
                                    bool whole);

/*
 * A domain: id, name, is_core, url, status, uptimes, what course_fill, bars_fill and outages_fill
 * add; last and last_failure: {time, latency_ms, http_status, failure}; phases of the last check:
 * {lookup, connect, tls, first_byte, transfer}, in milliseconds, those that it reached; lasts_since
 * and lasting, of the present interruption; charts: of the timeline's hours, and of the day.
 */
const struct value *domain_entry_fill(struct domain_entry *entry, const struct domain_view *view);

#endif
