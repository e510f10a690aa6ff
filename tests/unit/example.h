#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "dashboard/snapshot.h"
#include "model/code.h"
#include "state/days.h"
#include "state/monitors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A snapshot made by hand: sites s0, s1, … with domains d0, d1, … that are all UP. A test changes
 * what it tests. It is of 2026-11-23T09:31:02.500Z and has four hours of buckets.
 */
enum {
    EXAMPLE_BUCKETS = 240,
    EXAMPLE_ID = 24,
    EXAMPLE_OUTAGES = 16 /* at most, for each domain */
};

static const int64_t example_at_ms = 1795426262500;

/* An outage for example_add_outage, with one reason. */
struct example_outage {
    int64_t from_ms, to_ms;
    enum outage_end end;
    enum status status;
    int http_status;
    const char *failure;
};

/* The outages of a domain. Each is in one of the lists, and in that of all. */
struct example_outages {
    struct outage all[EXAMPLE_OUTAGES];
    struct outage_reason reasons[EXAMPLE_OUTAGES];
    const struct outage *lists[OUTAGE_LISTS][EXAMPLE_OUTAGES];
};

struct example {
    struct snapshot snapshot;
    struct config config;
    size_t n_sites, n_domains; /* in all */
    char (*ids)[EXAMPLE_ID];   /* of the sites, then of the domains */
    struct site *sites;
    struct domain *domains;
    struct site_view *site_views;
    struct domain_view *domain_views;
    struct recorded *checks;
    uint8_t *cells; /* of the sites, then of the domains */

    /* Of the domains; NULL (unknown) until a test adds them. */
    struct example_outages *outages;
    struct day_minutes *days; /* DAYS_SHOWN for each site, then for each domain */
    uint16_t *latencies;      /* LATENCY_MINUTES for each domain */
};

static inline void example_all_up(struct uptime uptime[SPANS])
{
    for (int span = 0; span < SPANS; span++)
        uptime[span] = (struct uptime){true, 100000, 100000, true};
}

static inline void example_fill_domain(struct example *example, size_t i, size_t site,
                                       size_t number)
{
    struct domain_view *view = &example->domain_views[i];
    struct domain *domain = &example->domains[i];
    char *id = example->ids[example->n_sites + i];

    snprintf(id, EXAMPLE_ID, "d%zu", number);
    *domain = (struct domain){.id = id,
                              .name = id,
                              .url = "https://user:secret@example.org/?token=secret",
                              .shown_url = "https://example.org/",
                              .interval_seconds = 60,
                              .site = site};
    example->checks[i] = (struct recorded){example_at_ms - 2000, STATUS_UP, 200, 87, ""};
    *view =
        (struct domain_view){.domain = domain,
                             .status = STATUS_UP,
                             .timeline = example->cells + (example->n_sites + i) * EXAMPLE_BUCKETS,
                             .last = &example->checks[i]};
    example_all_up(view->uptime);
}

static inline void example_fill_site(struct example *example, size_t i, size_t n_domains)
{
    struct site_view *view = &example->site_views[i];

    snprintf(example->ids[i], EXAMPLE_ID, "s%zu", i);
    example->sites[i] = (struct site){.id = example->ids[i],
                                      .name = example->ids[i],
                                      .first_domain = i * n_domains,
                                      .n_domains = n_domains};
    *view = (struct site_view){.site = &example->sites[i],
                               .status = STATUS_UP,
                               .timeline = example->cells + i * EXAMPLE_BUCKETS,
                               .domains = example->domain_views + i * n_domains,
                               .n_domains = n_domains};
    example_all_up(view->uptime);
    for (size_t d = 0; d < n_domains; d++)
        example_fill_domain(example, i * n_domains + d, i, d);
}

static inline struct example *example_new(size_t n_sites, size_t domains_a_site)
{
    struct example *example = calloc(1, sizeof *example);
    size_t n_domains = n_sites * domains_a_site, n = n_sites + n_domains;

    example->n_sites = n_sites;
    example->n_domains = n_domains;
    example->ids = calloc(n, sizeof *example->ids);
    example->sites = calloc(n_sites, sizeof *example->sites);
    example->domains = calloc(n_domains, sizeof *example->domains);
    example->site_views = calloc(n_sites, sizeof *example->site_views);
    example->domain_views = calloc(n_domains, sizeof *example->domain_views);
    example->checks = calloc(n_domains, sizeof *example->checks);
    example->cells = malloc(n * EXAMPLE_BUCKETS);
    memset(example->cells, STATUS_UP, n * EXAMPLE_BUCKETS);
    for (size_t i = 0; i < n_sites; i++)
        example_fill_site(example, i, domains_a_site);
    example->config = (struct config){.title = "Example status",
                                      .language = "en",
                                      .history_hours = 4,
                                      .uptime_target = 99900,
                                      .sites = example->sites,
                                      .n_sites = n_sites,
                                      .domains = example->domains,
                                      .n_domains = n_domains};
    example->snapshot =
        (struct snapshot){.config = &example->config,
                          .at_ms = example_at_ms,
                          .valid_until_ms = example_at_ms + 198000,
                          .from_ms = example_at_ms / 60000 * 60000 - (EXAMPLE_BUCKETS - 1) * 60000,
                          .n_buckets = EXAMPLE_BUCKETS,
                          .status = STATUS_UP,
                          .sites = example->site_views,
                          .n_sites = n_sites,
                          .domains = example->domain_views,
                          .ticks = {true, {example_at_ms - 2000, 1870, 6, 0}, 1440, 1440}};
    return example;
}

/* Sets an outage as it was when its newest event was read: when it was confirmed, or closed. */
static inline void example_set_outage(struct outage *outage, struct outage_reason *reason,
                                      const struct example_outage *given)
{
    static const char *const end_reasons[] = {
        [OUTAGE_ENDED] = EVENT_RECOVERED, [OUTAGE_REMOVED] = EVENT_REMOVED, [OUTAGE_UNSEEN] = NULL};
    const char *code = code_of(given->status, given->http_status, given->failure);

    *reason = (struct outage_reason){given->from_ms, code ? code : "", given->failure};
    *outage = (struct outage){
        .check = given->status == STATUS_BOT_DETECTED ? EVENT_BOT : EVENT_HTTP,
        .began_ms = given->from_ms,
        .from_ms = given->from_ms,
        .to_ms = given->to_ms,
        .end = given->end,
        .end_reason = end_reasons[given->end],
        .state = end_reasons[given->end] ? EVENT_UP : EVENT_DOWN,
        .confirmed = true,
        .changed_ms = end_reasons[given->end] ? given->to_ms : given->from_ms,
        .status = given->status,
        .http_status = given->http_status,
        .reasons = reason,
        .n_reasons = 1,
    };
}

/* Adds an outage of a domain to a list, and to that of all. Returns it. */
static inline struct outage *example_add_to(struct example *example, size_t domain,
                                            enum outage_list_kind kind, struct example_outage given)
{
    struct domain_view *view = &example->domain_views[domain];
    struct example_outages *outages;
    size_t i = view->outages[LIST_ALL].n;

    if (!example->outages)
        example->outages = calloc(example->n_domains, sizeof *example->outages);
    outages = &example->outages[domain];
    example_set_outage(&outages->all[i], &outages->reasons[i], &given);
    for (int k = 0; k < OUTAGE_LISTS; k++) {
        struct outage_list *list = &view->outages[k];

        if (k != (int)kind && k != LIST_ALL)
            continue;
        outages->lists[k][list->n] = &outages->all[i];
        list->items = outages->lists[k];
        list->n_all = list->n_week = list->n_listed = ++list->n;
    }
    return &outages->all[i];
}

/* Adds the latest outage of a domain, which is confirmed. */
static inline struct outage *example_add_outage(struct example *example, size_t domain,
                                                struct example_outage given)
{
    return example_add_to(example, domain, LIST_CONFIRMED, given);
}

/* Adds the latest failure of a domain that was not confirmed, or is not yet. */
static inline struct outage *example_add_blip(struct example *example, size_t domain,
                                              struct example_outage given)
{
    bool is_over = given.end == OUTAGE_ENDED;
    struct outage *outage =
        example_add_to(example, domain, is_over ? LIST_UNCONFIRMED : LIST_UNDECIDED, given);

    outage->confirmed = false;
    outage->end_reason = is_over ? EVENT_BLIP : NULL;
    outage->state = is_over ? EVENT_UP : EVENT_SUSPECT;
    return outage;
}

/* Sets the days of all sites and domains: no bad minute in 90 days. */
static inline void example_know_days(struct example *example)
{
    size_t n = example->n_sites + example->n_domains;

    example->days = calloc(n * DAYS_SHOWN, sizeof *example->days);
    for (size_t i = 0; i < n; i++) {
        struct day_minutes *days = example->days + i * DAYS_SHOWN;

        for (int day = 0; day < DAYS_SHOWN - 1; day++)
            days[day].good = 1440;
        days[DAYS_SHOWN - 1].good = (uint16_t)(example_at_ms / 60000 % 1440 + 1);
        if (i < example->n_sites)
            example->site_views[i].days = days;
        else
            example->domain_views[i - example->n_sites].days = days;
    }
}

/* Sets the latencies of all domains: 87 ms in every minute. */
static inline void example_know_latencies(struct example *example)
{
    example->latencies = malloc(example->n_domains * LATENCY_MINUTES * sizeof *example->latencies);
    for (size_t i = 0; i < example->n_domains * LATENCY_MINUTES; i++)
        example->latencies[i] = 87;
    for (size_t i = 0; i < example->n_domains; i++)
        example->domain_views[i].latencies = example->latencies + i * LATENCY_MINUTES;
}

static inline void example_free(struct example *example)
{
    free(example->outages);
    free(example->days);
    free(example->latencies);
    free(example->ids);
    free(example->sites);
    free(example->domains);
    free(example->site_views);
    free(example->domain_views);
    free(example->checks);
    free(example->cells);
    free(example);
}

/* For cmocka: two sites with two domains each. */
static inline int example_set_up(void **state)
{
    *state = example_new(2, 2);
    return 0;
}

static inline int example_tear_down(void **state)
{
    example_free(*state);
    return 0;
}

#endif
