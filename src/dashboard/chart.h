#ifndef DASHBOARD_CHART_H
#define DASHBOARD_CHART_H

#include "dashboard/ceilings.h"
#include "dashboard/object.h"
#include "dashboard/strips.h"
#include "model/aggregator.h"
#include "model/latency.h"

struct config;
struct domain_view;
struct outage;
struct site_view;
struct snapshot;

/*
 * The charts of latency and state on the page of a site. Each domain has one for each span: the
 * hours of the timeline, 24 hours, 7 days and 30 days. All domains have the same scale in a span,
 * so they can be compared.
 */
enum chart_span { CHART_HISTORY, CHART_24H, CHART_7D, CHART_30D, CHARTS };

enum {
    CHART_HEIGHT = 100,
    CHART_UNITS = 4, /* the width of a point */
    CHART_POINTS_MAX = LATENCY_WEEK_SLOTS,
    CHART_PATH = 2560, /* bytes of the path of a line */
    CHART_BAND = 4096, /* bytes of the path of bands */
    CHART_KEPT = 16    /* domains whose latencies are not computed twice */
};

/* A point with a median, where it is drawn. */
enum chart_line { CHART_MEDIAN, CHART_P95, CHART_LINES };
struct chart_spot {
    uint16_t x;
    uint8_t y[CHART_LINES];
    bool is_last; /* of its lines */
};

/* snapshot and messages are set once by the owner; then filled for one site after the other. */
struct chart {
    const struct snapshot *snapshot;
    const struct messages *messages;
    const struct site_view *site;
    int tops[CHARTS]; /* of the scales, in milliseconds */
    struct latency_chart kept[CHART_KEPT][CHART_24H + 1];

    /* Of the chart being made: */
    const struct domain_view *view;
    enum chart_span span;
    struct latency_chart latency;
    const struct latency_slice *points;
    size_t n_points;
    struct latency_slice slots[CHART_POINTS_MAX];
    struct chart_spot spots[CHART_POINTS_MAX];
    size_t n_spots;
    char median[CHART_PATH], p95[CHART_BAND];
    const struct outage *failures[CEILING_CHART_FAILURES]; /* newest first */
    size_t n_failures;
    enum status states[STATUS_COUNT]; /* those that occur, worst first */
    struct tally tally;               /* minutes, or parts, by status */
    size_t n_states;
    struct strips strips;
    struct object object, failure, state;
};

/* Which of the spans the pages have: not CHART_24H if the timeline has 24 hours. */
size_t chart_count(const struct config *config);
enum chart_span chart_at(const struct config *config, size_t i);

/* The name of a span, "4h" or "24h", and its words in the language of the pages, such as "6 h". */
const char *chart_name(enum chart_span span);
void chart_add_label(const struct chart *chart, enum chart_span span, struct object *into);

/* The time that a chart shows: from_ms until to_ms. */
void chart_range(const struct snapshot *snapshot, enum chart_span span, int64_t *from_ms,
                 int64_t *to_ms);

/* Begins the page of a site: finds its scales. */
void chart_begin(struct chart *chart, const struct site_view *site);

/*
 * Adds to into, for a domain of that site
 * - charts: a list of {id, label, is_timeline, width, measured, median, p95, lowest, top, half,
 *   median_path, p95_path, failures, n_failures_more, strip, states, n_parts, of_hours, is_empty}.
 *   median and p95 are those of all values; of 7 and 30 days, the highest ones of all parts, which
 *   are hours (of_hours) or 6 hours, and lowest is the lowest median. top and half are the scale.
 *   is_empty: there is no data before the last 24 hours, so there is nothing to draw.
 * - strip is as strips_add makes it; the chart with is_timeline has none.
 * - states: a list of {status, duration, n, more}, one for each state that occurs, worst first: for
 *   how long it lasted; of 7 and 30 days, how many parts had it as their worst one.
 * - failures: the newest outages in the span, confirmed or not: a list of {path, event_id, listed,
 *   from, duration, status, failure}. listed: the page has an element of that id.
 * If the site is not loaded, there is only the chart with is_timeline.
 */
void chart_add(struct chart *chart, const struct domain_view *view, struct object *into);

#endif
