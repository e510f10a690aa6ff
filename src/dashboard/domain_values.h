#ifndef DASHBOARD_DOMAIN_VALUES_H
#define DASHBOARD_DOMAIN_VALUES_H

#include "dashboard/certificate_values.h"
#include "dashboard/chart.h"
#include "dashboard/day_values.h"
#include "dashboard/outage_values.h"
#include "dashboard/problem_list.h"
#include "dashboard/run_reasons.h"
#include "dashboard/timeline.h"
#include "dashboard/uptime_values.h"
#include "model/check.h"

/* A domain on the page of its site. */
struct domain_values {
    const struct snapshot *snapshot;
    const struct messages *messages;
    const struct domain_view *view;
    struct object object, last, last_failure, phases, phase;
    int reached[PHASES]; /* the phases that the last check reached, in their order */
    size_t n_reached;
    const char *phase_texts[PHASES];
    struct problem_object problem;
    struct undecided_object undecided;
    struct run_reasons run_reasons;
    struct timeline timeline;
    struct uptime_values uptimes;
    struct chart chart;
    struct day_values days;
    struct outage_values outages;
    struct certificate_values certificate;
};

/* Prepares values for all sites. snapshot and messages must outlive them. */
void domain_values_init(struct domain_values *values, const struct snapshot *snapshot,
                        const struct messages *messages);

/*
 * A domain: id, name, is_core, url, status, each_minute, interval (a duration), and what
 * timeline_fill, uptime_values_add, chart_add, day_values_add and outage_values_add add;
 * - problem, as problem_list_fill makes it; false if it has none;
 * - hint: where to look next; empty if it is UP;
 * - last and last_failure: {time, latency_ms, http_status, failure, code}; false if there is none;
 * - phases of the last check: {total, parts}; false if they are unknown or took no time. parts is a
 *   list of {class, word, ms, path}, those that it reached;
 * - certificate, as certificate_values_fill makes it; false if none is known;
 * - undecided (problems_add_undecided);
 * - depends_on: what it depends on and is DOWN; empty if there is none, or if it is UP.
 * chart_begin must have been called for its site. The value is valid until the next call.
 */
const struct value *domain_values_fill(struct domain_values *values, const struct site_view *site,
                                       const struct domain_view *view);

#endif
