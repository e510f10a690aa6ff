#ifndef CHECKING_H
#define CHECKING_H

/* Runs checks of domains that a test makes by hand. */

#include "base/clock.h"
#include "check/runner.h"
#include "model/chain.h"
#include "model/code.h"

#include <curl/curl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CHECKING_MAX = 600 };

/* A domain with every default except its URL, which is stored here. */
struct probe {
    struct domain domain;
    char url[512], host[256];
};

/* Sets the fields that the configuration derives from a URL. */
static inline void probe_read_url(struct probe *probe)
{
    CURLU *url = curl_url();
    char *host = NULL, *port = NULL;

    assert_int_equal(curl_url_set(url, CURLUPART_URL, probe->url, 0), CURLUE_OK);
    curl_url_get(url, CURLUPART_HOST, &host, 0);
    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    snprintf(probe->host, sizeof probe->host, "%s", host);
    probe->domain.host = probe->host;
    probe->domain.port = atoi(port);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(url);
}

static const struct status_range checking_200[] = {{200, 200}};

__attribute__((format(printf, 2, 3))) static inline void probe_init(struct probe *probe,
                                                                    const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(probe->url, sizeof probe->url, format, args);
    va_end(args);
    probe->domain = (struct domain){.id = "www",
                                    .name = "www",
                                    .url = probe->url,
                                    .shown_url = probe->url,
                                    .interval_seconds = 300,
                                    .timeout_ms = 5000,
                                    .expect = {.statuses = checking_200, .n_statuses = 1},
                                    .follow_redirects = true,
                                    .verify_tls = true,
                                    .cookies = true,
                                    .max_body_bytes = 1 << 20};
    probe_read_url(probe);
}

static inline struct config checking_config(const struct domain *domains, size_t n)
{
    return (struct config){
        .workers = 4, .in_flight = 256, .max_per_host = 1000, .domains = domains, .n_domains = n};
}

/* Takes all results of a runner until it is finished, without the chains of their servers. */
static inline size_t checking_drain(struct runner *runner, struct result *results, size_t room)
{
    size_t n = 0;
    bool finished = false;

    while (!finished) {
        struct pollfd fd = {.fd = runner_fd(runner), .events = POLLIN};

        assert_int_equal(poll(&fd, 1, 60000), 1);
        n += runner_take(runner, results + n, room - n, &finished);
    }
    for (size_t i = 0; i < n * CHAIN_SEEN_MAX; i++) {
        struct chain **chain = &results[i / CHAIN_SEEN_MAX].chains[i % CHAIN_SEEN_MAX];

        chain_release(*chain);
        *chain = NULL;
    }
    return n;
}

/* Checks all domains at once; results[i] belongs to domains[i]. */
static inline void checking_all(const struct config *config, struct result *results)
{
    static struct result found[CHECKING_MAX];
    static struct job jobs[CHECKING_MAX];
    struct runner *runner;
    struct error error;
    size_t n = config->n_domains;

    for (size_t i = 0; i < n; i++)
        jobs[i] = (struct job){.domain = i};
    assert_int_equal(runner_start(&runner, config, jobs, n, &error), 0);
    assert_int_equal(checking_drain(runner, found, CHECKING_MAX), n);
    runner_free(runner);
    for (size_t i = 0; i < n; i++)
        results[found[i].job] = found[i];
}

static inline struct result checking_one(const struct domain *domain)
{
    struct config config = checking_config(domain, 1);
    struct result result;

    checking_all(&config, &result);
    return result;
}

static inline void expect_verdict(const struct result *result, enum status status, int http_status,
                                  const char *failure)
{
    assert_string_equal(result->check.failure, failure);
    assert_int_equal(result->check.status, status);
    assert_int_equal(result->check.http_status, http_status);
    assert_false(result->no_verdict);
    assert_int_equal(code_of(status, http_status, failure) != NULL, status != STATUS_UP);
    if (result->check.status == STATUS_TIMEOUT || result->phases.us[PHASE_TOTAL] < 0)
        assert_int_equal(result->check.latency_ms, -1);
    else
        assert_true(result->check.latency_ms >= 0);
}

#endif
