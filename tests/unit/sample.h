#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A snapshot made by hand: sites s0, s1, … of domains d0, d1, … that are all well. A test changes
 * what it is about. 2026-11-23T09:31:02.500Z, four hours of buckets.
 */
enum { SAMPLE_BUCKETS = 240, SAMPLE_ID = 16, SAMPLE_INTERRUPTIONS = 16 /* a domain at most */ };

static const int64_t sample_at_ms = 1795426262500;

struct sample {
    struct snapshot snapshot;
    struct config config;
    size_t n_sites, n_domains; /* in all */
    char (*ids)[SAMPLE_ID];    /* of the sites, then of the domains */
    struct site *sites;
    struct domain *domains;
    struct site_view *site_views;
    struct domain_view *domain_views;
    struct recorded *checks;
    uint8_t *cells; /* of the sites, then of the domains */

    /* Of the domains; NULL until a test asks for any, as a snapshot has them that does not know. */
    struct interruption *interruptions; /* SAMPLE_INTERRUPTIONS each */
    struct day_minutes *days;           /* DAYS_SHOWN each; those of the sites come first */
    uint16_t *latencies;                /* LATENCY_MINUTES each */
};

static void sample_all_up(struct uptime uptime[SPANS])
{
    for (int span = 0; span < SPANS; span++)
        uptime[span] = (struct uptime){true, 100000, 100000};
}

static void sample_fill_domain(struct sample *sample, size_t i, size_t site, size_t number)
{
    struct domain_view *view = &sample->domain_views[i];
    struct domain *domain = &sample->domains[i];
    char *id = sample->ids[sample->n_sites + i];

    snprintf(id, SAMPLE_ID, "d%zu", number);
    *domain = (struct domain){.id = id,
                              .name = id,
                              .url = "https://user:secret@example.org/?token=secret",
                              .shown_url = "https://example.org/",
                              .interval_seconds = 60,
                              .site = site};
    sample->checks[i] = (struct recorded){sample_at_ms - 2000, STATUS_UP, 200, 87, ""};
    *view = (struct domain_view){.domain = domain,
                                 .status = STATUS_UP,
                                 .timeline = sample->cells + (sample->n_sites + i) * SAMPLE_BUCKETS,
                                 .last = &sample->checks[i]};
    sample_all_up(view->uptime);
}

static void sample_fill_site(struct sample *sample, size_t i, size_t n_domains)
{
    struct site_view *view = &sample->site_views[i];

    snprintf(sample->ids[i], SAMPLE_ID, "s%zu", i);
    sample->sites[i] = (struct site){.id = sample->ids[i],
                                     .name = sample->ids[i],
                                     .first_domain = i * n_domains,
                                     .n_domains = n_domains};
    *view = (struct site_view){.site = &sample->sites[i],
                               .status = STATUS_UP,
                               .timeline = sample->cells + i * SAMPLE_BUCKETS,
                               .domains = sample->domain_views + i * n_domains,
                               .n_domains = n_domains};
    sample_all_up(view->uptime);
    for (size_t d = 0; d < n_domains; d++)
        sample_fill_domain(sample, i * n_domains + d, i, d);
}

static struct sample *sample_new(size_t n_sites, size_t domains_a_site)
{
    struct sample *sample = calloc(1, sizeof *sample);
    size_t n_domains = n_sites * domains_a_site, n = n_sites + n_domains;

    sample->n_sites = n_sites;
    sample->n_domains = n_domains;
    sample->ids = calloc(n, sizeof *sample->ids);
    sample->sites = calloc(n_sites, sizeof *sample->sites);
    sample->domains = calloc(n_domains, sizeof *sample->domains);
    sample->site_views = calloc(n_sites, sizeof *sample->site_views);
    sample->domain_views = calloc(n_domains, sizeof *sample->domain_views);
    sample->checks = calloc(n_domains, sizeof *sample->checks);
    sample->cells = malloc(n * SAMPLE_BUCKETS);
    memset(sample->cells, STATUS_UP, n * SAMPLE_BUCKETS);
    for (size_t i = 0; i < n_sites; i++)
        sample_fill_site(sample, i, domains_a_site);
    sample->config = (struct config){.title = "Example status",
                                     .language = "en",
                                     .history_hours = 4,
                                     .sites = sample->sites,
                                     .n_sites = n_sites,
                                     .domains = sample->domains,
                                     .n_domains = n_domains};
    sample->snapshot =
        (struct snapshot){.config = &sample->config,
                          .at_ms = sample_at_ms,
                          .valid_until_ms = sample_at_ms + 198000,
                          .from_ms = sample_at_ms / 60000 * 60000 - (SAMPLE_BUCKETS - 1) * 60000,
                          .n_buckets = SAMPLE_BUCKETS,
                          .status = STATUS_UP,
                          .sites = sample->site_views,
                          .n_sites = n_sites,
                          .domains = sample->domain_views,
                          .ticks = {true, {sample_at_ms - 2000, 1870, 6, 0}, 1440, 1440}};
    return sample;
}

/* Gives a domain one interruption more, the latest. */
static inline void sample_interrupt(struct sample *sample, size_t domain,
                                    struct interruption interruption)
{
    struct domain_view *view = &sample->domain_views[domain];
    struct interruption *own;

    if (!sample->interruptions)
        sample->interruptions =
            calloc(sample->n_domains * SAMPLE_INTERRUPTIONS, sizeof *sample->interruptions);
    own = sample->interruptions + domain * SAMPLE_INTERRUPTIONS;
    own[view->n_interruptions++] = interruption;
    view->interruptions = own;
}

/* Makes the days of all sites and domains known: not one bad minute in 90 days, and today so far.
 */
static inline void sample_know_days(struct sample *sample)
{
    size_t n = sample->n_sites + sample->n_domains;

    sample->days = calloc(n * DAYS_SHOWN, sizeof *sample->days);
    for (size_t i = 0; i < n; i++) {
        struct day_minutes *days = sample->days + i * DAYS_SHOWN;

        for (int day = 0; day < DAYS_SHOWN - 1; day++)
            days[day].good = 1440;
        days[DAYS_SHOWN - 1].good = (uint16_t)(sample_at_ms / 60000 % 1440 + 1);
        if (i < sample->n_sites)
            sample->site_views[i].days = days;
        else
            sample->domain_views[i - sample->n_sites].days = days;
    }
}

/* Makes the latencies of all domains known: 87 ms in every minute. */
static inline void sample_know_latencies(struct sample *sample)
{
    sample->latencies = malloc(sample->n_domains * LATENCY_MINUTES * sizeof *sample->latencies);
    for (size_t i = 0; i < sample->n_domains * LATENCY_MINUTES; i++)
        sample->latencies[i] = 87;
    for (size_t i = 0; i < sample->n_domains; i++)
        sample->domain_views[i].latencies = sample->latencies + i * LATENCY_MINUTES;
}

static void sample_free(struct sample *sample)
{
    free(sample->interruptions);
    free(sample->days);
    free(sample->latencies);
    free(sample->ids);
    free(sample->sites);
    free(sample->domains);
    free(sample->site_views);
    free(sample->domain_views);
    free(sample->checks);
    free(sample->cells);
    free(sample);
}

/* For cmocka: two sites of two domains. */
static inline int sample_set_up(void **state)
{
    *state = sample_new(2, 2);
    return 0;
}

static inline int sample_tear_down(void **state)
{
    sample_free(*state);
    return 0;
}

#endif
