#ifndef TESTS_GATE_DESK_H
#define TESTS_GATE_DESK_H

/* A gate with a state in memory, and results for it. Include after cmocka.h. */

#include "commands/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_SIZE = 32 };

/* A tick of n domains, each with a host of its own. */
struct desk {
    struct config config;
    struct domain *domains;
    char (*hosts)[HOST_SIZE];
    struct site site;
    struct storage *storage;
    struct fault_log causes;
    struct log log;
    struct gate *gate;
    struct job *jobs;
    size_t *out; /* the domains whose results came out, in this order */
    size_t n_out;
};

static inline void take_out(void *context, const struct result *result)
{
    struct desk *desk = context;

    if (!result->no_verdict)
        desk->out[desk->n_out++] = result->domain;
}

static inline void desk_open(struct desk *desk, size_t n)
{
    enum storage_health health;
    struct error error;

    *desk = (struct desk){.domains = calloc(n, sizeof *desk->domains),
                          .hosts = calloc(n, sizeof *desk->hosts),
                          .site = {.id = "s", .name = "s", .n_domains = n},
                          .jobs = calloc(n, sizeof *desk->jobs),
                          .out = calloc(4 * n, sizeof *desk->out),
                          .log = {.to = fopen("/dev/null", "w")}};
    for (size_t i = 0; i < n; i++) {
        snprintf(desk->hosts[i], HOST_SIZE, "h%zu.example", i);
        desk->domains[i] = (struct domain){.id = desk->hosts[i],
                                           .host = desk->hosts[i],
                                           .interval_seconds = 60,
                                           .timeout_ms = 1000,
                                           .confirm = {.failures = 3, .successes = 2}};
        desk->jobs[i] = (struct job){.domain = i, .start_ms = 1000};
    }
    desk->config = (struct config){.sites = &desk->site,
                                   .n_sites = 1,
                                   .domains = desk->domains,
                                   .n_domains = n,
                                   .local_network = {.min_hosts = 5, .share_percent = 60}};
    assert_int_equal(
        storage_open(&desk->storage, "", STORAGE_IN_MEMORY, &desk->config, &health, &error), 0);
    desk->gate = gate_new(&(struct gate_parts){
        &desk->config, desk->storage, &desk->log, &desk->causes, {desk, take_out}});
    assert_non_null(desk->gate);
}

static inline void desk_close(struct desk *desk)
{
    gate_free(desk->gate);
    storage_close(desk->storage);
    fclose(desk->log.to);
    free(desk->domains);
    free(desk->hosts);
    free(desk->jobs);
    free(desk->out);
}

static inline void begin_pass(struct desk *desk, size_t n_jobs)
{
    desk->n_out = 0;
    gate_begin_pass(desk->gate, desk->jobs, n_jobs, 1000, true);
}

/* The host of each domain is in one of four networks. */
static inline struct result result_of(size_t domain, bool well)
{
    struct result result = {
        .domain = domain,
        .check = {.start_ms = 1000 + (int64_t)domain, .status = well ? STATUS_UP : STATUS_DOWN},
        .sighting = {.scope = SCOPE_IPV4_PUBLIC,
                     .other = SCOPE_NONE,
                     .network = (uint32_t)domain % 4,
                     .found = true,
                     .got_byte = well}};

    return result;
}

static inline void give(struct desk *desk, size_t first, size_t end, bool well)
{
    for (size_t i = first; i < end; i++) {
        struct result result = result_of(i, well);

        gate_take(desk->gate, &result);
    }
}

static inline void step(struct desk *desk, bool finished)
{
    struct error error;
    bool failed;

    gate_step(desk->gate, finished, &failed, &error);
    assert_false(failed);
}

#endif
