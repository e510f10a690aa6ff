#ifndef DASHBOARD_SNAPSHOT_H
#define DASHBOARD_SNAPSHOT_H

#include "base/error.h"
#include "config/config.h"
#include "dashboard/history.h"
#include "model/aggregator.h"
#include "model/check.h"
#include "model/latency.h"
#include "model/outage.h"
#include "records/ticks.h"
#include "state/days.h"
#include "state/monitors.h"

#include <stdbool.h>
#include <stdint.h>

/* All that a dashboard shows, at one moment: what the renderer and the command status print. */

enum span { SPAN_24H, SPAN_7D, SPAN_30D, SPAN_90D, SPANS };

/* "24h", "7d", … */
const char *snapshot_span_name(enum span span);

/* How far back interruptions are told. */
enum { OUTAGE_DAYS = 7 };

struct domain_view {
    const struct domain *domain;
    enum status status;      /* its newest bucket */
    const uint8_t *timeline; /* n_buckets cells, oldest first */
    struct uptime uptime[SPANS];
    const struct day_minutes *days; /* DAYS_SHOWN, oldest first; the last is today so far */
    const uint8_t *day_cells;       /* LATENCY_MINUTES cells, of which timeline is the end */
    const uint16_t *latencies;      /* LATENCY_MINUTES (latency.h), oldest first */
    int64_t first_ms;               /* its first check ever; INT64_MAX: never checked */
    const struct outage *outages;   /* those that touch the last 7 days, oldest first */
    size_t n_outages;
    const struct recorded *last;         /* NULL: never checked */
    const struct phases *phases;         /* of that check; NULL: not known, as the CSV has none */
    const struct recorded *last_failure; /* NULL: none */
};

struct site_view {
    const struct site *site;
    enum status status;
    const uint8_t *timeline;
    struct uptime uptime[SPANS];
    const struct day_minutes *days;
    int64_t first_ms; /* the first check ever of any of its domains */
    const struct domain_view *domains;
    size_t n_domains;
};

struct snapshot {
    const struct config *config;
    int64_t at_ms;           /* the moment it shows */
    int64_t valid_until_ms;  /* scheduler.h */
    int64_t stale_at_ms;     /* when time alone next turns a bucket to UNKNOWN; 0: never */
    int64_t from_ms;         /* start of the oldest bucket */
    size_t n_buckets;        /* history_hours * 60 */
    enum status status;      /* the worst of the sites' */
    struct site_view *sites; /* in the configuration's order */
    size_t n_sites;
    struct domain_view *domains;
    struct monitor_state *states; /* what the views point into */
    struct arena *arena;          /* of the states */
    struct history history;
    struct counted domain_days, site_days;
    struct ticks ticks; /* for its maker to fill, as they are not in the state; else unknown */
};

/* Reads the state as of now_ms. Returns NULL with the error; free with snapshot_free (NULL is
 * fine). */
struct snapshot *snapshot_take(struct storage *storage, const struct config *config, int64_t now_ms,
                               struct error *error);
void snapshot_free(struct snapshot *snapshot);

#endif
