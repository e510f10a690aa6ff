#ifndef DASHBOARD_SNAPSHOT_H
#define DASHBOARD_SNAPSHOT_H

#include "base/error.h"
#include "config/config.h"
#include "dashboard/history.h"
#include "dashboard/network_views.h"
#include "dashboard/outages.h"
#include "dashboard/problem_order.h"
#include "dashboard/server_list.h"
#include "model/aggregator.h"
#include "model/check.h"
#include "model/day_runs.h"
#include "model/latency.h"
#include "model/outage.h"
#include "records/ticks.h"
#include "state/days.h"
#include "state/monitors.h"

#include <stdbool.h>
#include <stdint.h>

/* Everything that a dashboard shows at one moment. The pages, the files for programs and the
 * command status are made from it. */

enum span { SPAN_24H, SPAN_7D, SPAN_30D, SPAN_90D, SPAN_365D, SPANS };

/* "24h", "7d", …: at most this many bytes. */
enum { SPAN_NAME_MAX = 4 };
const char *snapshot_span_name(enum span span);

/* Outages of this many days are on the page and in the JSON of a site. Those of a week are in the
 * feeds, and failures of a week that were not confirmed are counted: older ones are no news. */
enum { OUTAGE_DAYS = 90, WEEK_DAYS = 7 };

/* Confirmed outages of this many days are on the index page (outage_choice.h). */
enum { FORTNIGHT_DAYS = 14 };

struct domain_view {
    const struct domain *domain;
    enum status status; /* of its newest bucket */
    int64_t latest_ms;  /* start of its latest check that is not in the future; INT64_MIN: none */
    const uint8_t *timeline; /* n_buckets cells, oldest first */
    struct uptime uptime[SPANS];
    const struct day_minutes *days; /* DAYS_SHOWN, oldest first; the last is today so far */
    /* NULL, unless the site is loaded: */
    const uint8_t *day_cells;         /* LATENCY_MINUTES cells; the timeline is their end */
    const uint16_t *latencies;        /* LATENCY_MINUTES (latency.h), oldest first */
    const struct latency_slot *week;  /* LATENCY_WEEK_SLOTS hours (latency.h), oldest first; the
                                         last one is the running hour */
    const struct latency_slot *month; /* LATENCY_MONTH_SLOTS spans of six hours, in the same way */
    int64_t first_ms;                 /* its first check ever; INT64_MAX: never checked */
    struct outage_list outages[OUTAGE_LISTS]; /* those that touch the last OUTAGE_DAYS */
    const struct recorded *last;              /* NULL: never checked */
    const struct phases *phases;              /* of that check; NULL: unknown, the CSV has none */
    const struct recorded *last_failure;      /* NULL: none */
    const struct listed_server *server;       /* whose certificate is shown; NULL: unknown */
    const struct domain *down_dependency;     /* DOWN, and this domain depends on it; NULL: none */
};

struct site_view {
    const struct site *site;
    enum status status;
    const uint8_t *timeline;
    struct uptime uptime[SPANS];
    const struct day_minutes *days;
    const struct bucket_run *day_runs; /* the buckets of the last 24 hours that were not UP */
    size_t n_day_runs;
    int64_t first_ms; /* the first check ever of any of its domains */
    const struct domain_view *domains;
    size_t n_domains;
};

struct snapshot {
    const struct config *config;
    int64_t at_ms;           /* the moment that it shows */
    bool past;               /* as it was then; set by the caller */
    int64_t valid_until_ms;  /* see scheduler.h; not shown of the past */
    int64_t stale_at_ms;     /* when the next bucket turns UNKNOWN without a check; 0: never */
    int64_t from_ms;         /* start of the oldest bucket */
    size_t n_buckets;        /* history_hours * 60 */
    enum status status;      /* the worst status of all sites */
    struct site_view *sites; /* in the order of the configuration */
    size_t n_sites;
    struct domain_view *domains;
    struct monitor_state *states; /* the views point into this and all that follows */
    struct server_list servers;   /* and their certificates */
    struct arena *arena;
    struct kept_outage *kept_outages; /* the outages of all domains (outages.c) */
    uint8_t *cells;                   /* the timelines of all domains, then of all sites */
    struct history_portions portions;
    struct history history, before; /* of the sites loaded last, and of those before them */
    struct counted domain_days, site_days;
    struct network_views network;
    struct problem_order problem_order;
    int64_t undelivered; /* messages of alerts that could not be delivered yet */
    struct ticks ticks;  /* not in the state: unknown until the caller sets it */
};

/*
 * Takes a snapshot of the state as of now_ms. Returns NULL and sets the error on failure. config
 * must outlive the snapshot; the caller frees it with snapshot_free. All sites are loaded.
 */
struct snapshot *snapshot_take(struct storage *storage, const struct config *config, int64_t now_ms,
                               struct error *error);

/*
 * The same, portion by portion, so that a large dashboard needs little memory. snapshot_open loads
 * no site: statuses, timelines, uptimes and stale_at_ms are not known yet. snapshot_next loads a
 * portion of the sites and drops what only loaded sites have of the portion before the last one. So
 * the files of one portion can be made while the next one is loaded. *n becomes their number, and
 * *sites an array of their indices, which belongs to the snapshot. *n is 0 after the last portion.
 * snapshot_is_complete: all sites were loaded, so everything else is known. Returns 0, or -1 and
 * sets the error.
 */
struct snapshot *snapshot_open(struct storage *storage, const struct config *config, int64_t now_ms,
                               size_t max_domains, struct error *error);
int snapshot_next(struct snapshot *snapshot, struct storage *storage, const size_t **sites,
                  size_t *n, struct error *error);
bool snapshot_is_complete(const struct snapshot *snapshot);

/* NULL is allowed. */
void snapshot_free(struct snapshot *snapshot);

/* Writes the id of an outage of this domain. Returns id. */
const char *snapshot_event_id(const struct snapshot *snapshot, const struct domain_view *view,
                              const struct outage *outage, char id[EVENT_ID_MAX]);

/* The ongoing outage, confirmed or not, that is the reason for the domain's status; NULL: none. */
const struct outage *snapshot_ongoing(const struct domain_view *view);

enum undecided snapshot_undecided(const struct domain_view *view);

/* Whether the latest check was the good one after a failure that was not confirmed. */
bool snapshot_failed_once(const struct domain_view *view);

/* The start of one of DAYS_SHOWN days on a page that shows at_ms; DAYS_SHOWN: the end of the last
 * one, today. */
int64_t snapshot_day_start(int64_t at_ms, int day);

/* The uptime of one of DAYS_SHOWN days; the last one is today, which ends now. */
struct uptime snapshot_day_uptime(const struct day_minutes *days, int day, int64_t now_ms,
                                  int64_t first_ms);

#endif
