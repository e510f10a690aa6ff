/* One attempt at a check, from its start to its result. */
#include "check/transfer.h"

#include "base/clock.h"
#include "base/secrets.h"
#include "base/table.h"
#include "base/text.h"
#include "base/uri.h"
#include "check/failure.h"
#include "check/handle.h"
#include "check/runner.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int start_searches(struct transfer *transfer)
{
    const struct domain *domain = transfer->domain;

    if (search_init(&transfer->body_search, domain->body_contains))
        return -1;
    if (domain->n_bot_strings == 0)
        return 0;
    transfer->bot_searches = calloc(domain->n_bot_strings, sizeof *transfer->bot_searches);
    if (!transfer->bot_searches)
        return -1;
    for (size_t i = 0; i < domain->n_bot_strings; i++) {
        if (search_init(&transfer->bot_searches[i], domain->bot_strings[i]))
            return -1;
    }
    return 0;
}

void transfer_start(struct transfer *transfer, const struct domain *domain,
                    struct ca_store *ca_store)
{
    *transfer = (struct transfer){.domain = domain, .ca_store = ca_store, .start_ms = clock_now()};
    phase_clock_start(&transfer->clock, clock_monotonic_us());
    target_start(&transfer->target, domain);
}

void transfer_began(struct transfer *transfer, int64_t begun_us)
{
    int64_t waited_us = begun_us - transfer->clock.since_us;

    /* The lookup after a redirect is not the start of the exchange. */
    if (transfer->requests > 0 || waited_us <= 0)
        return;
    transfer->start_ms += waited_us / US_PER_MS;
    phase_clock_start(&transfer->clock, begun_us);
}

/* The rest of the time that the whole exchange may take. */
static int64_t left_us(const struct transfer *transfer)
{
    return (int64_t)transfer->domain->timeout_ms * US_PER_MS -
           phase_clock_so_far_us(&transfer->clock);
}

bool transfer_is_late(const struct transfer *transfer)
{
    return left_us(transfer) <= 0;
}

static int open_handle(struct transfer *transfer)
{
    transfer->easy = curl_easy_init();
    return !transfer->easy || start_searches(transfer) || handle_set(transfer) ? -1 : 0;
}

/* Gives libcurl the addresses of the target. Without them, it would start a thread to look them
 * up. */
static int set_addresses(struct transfer *transfer, const char *addresses)
{
    const struct target *target = &transfer->target;
    struct curl_slist *list = NULL;
    size_t size = strlen(target->host) + strlen(addresses) + sizeof ":65535:";
    char *line = malloc(size);

    if (line) {
        snprintf(line, size, "%s:%d:%s", target->host, target->port, addresses);
        list = curl_slist_append(NULL, line);
    }
    free(line);
    curl_easy_setopt(transfer->easy, CURLOPT_RESOLVE, list);
    transfer->addresses = list;
    return list ? 0 : -1;
}

/* Nothing of the request before a redirect may explain a failure of the next one. */
static void forget_request(struct transfer *transfer)
{
    transfer->attempts = (struct attempts){.n = 0};
    X509_free(transfer->leaf);
    transfer->leaf = NULL;
    transfer->asks_certificate = transfer->is_http2 = false;
    *transfer->verify_failure = '\0';
    *transfer->curl_message = '\0';
    curl_easy_setopt(transfer->easy, CURLOPT_RESOLVE, NULL);
    curl_slist_free_all(transfer->addresses);
    transfer->addresses = NULL;
}

static int set_url(struct transfer *transfer)
{
    struct buffer encoded = BUFFER_WITH_CEILING(BUFFER_MAX_CONFIG);
    int result = -1;

    if (uri_encode(&encoded, transfer->target.url) == 0 &&
        curl_easy_setopt(transfer->easy, CURLOPT_URL, encoded.data) == CURLE_OK)
        result = 0;
    buffer_free(&encoded);
    return result;
}

static uint64_t hash_of(const char *url)
{
    return table_hash(url, strlen(url));
}

int transfer_open(struct transfer *transfer, const char *addresses)
{
    int64_t left_ms = left_us(transfer) / US_PER_MS;

    assert(transfer->target.host);
    transfer->attempts = (struct attempts){.n = 0};
    if (!transfer->easy && open_handle(transfer))
        return -1;
    forget_request(transfer);
    if (addresses && set_addresses(transfer, addresses))
        return -1;

    /* 0 would mean no limit. */
    curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, left_ms > 0 ? (long)left_ms : 1L);
    if (transfer->requests <= REDIRECTS_MAX)
        transfer->visited[transfer->requests] = hash_of(transfer->target.url);
    transfer->requests++;
    return set_url(transfer);
}

/* The status of the last response, which may be a redirect. A 1xx alone is not a response. */
static int http_status(const struct transfer *transfer)
{
    long status = 0;

    if (transfer->easy)
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 || status == 101 ? (int)status : transfer->redirect_status;
}

static bool was_visited(const struct transfer *transfer, const char *url)
{
    uint64_t hash = hash_of(url);

    for (int i = 0; i <= REDIRECTS_MAX && i < transfer->requests; i++) {
        if (transfer->visited[i] == hash)
            return true;
    }
    return false;
}

bool transfer_follow(struct transfer *transfer, CURLcode *code)
{
    const char *location = transfer->head.location;

    if (transfer->halt != HALT_REDIRECT)
        return false;
    transfer->redirect_status = http_status(transfer);
    transfer->halt = HALT_NONE;
    *code = target_follow(&transfer->target, transfer->domain, location);
    if (*code == CURLE_OK && transfer->requests > REDIRECTS_MAX) {
        *code = CURLE_TOO_MANY_REDIRECTS;
        transfer->is_loop = was_visited(transfer, transfer->target.url);
    }
    head_free(&transfer->head);
    if (*code == CURLE_OK &&
        request_redirect(&transfer->request, transfer->easy, transfer->redirect_status,
                         transfer->target.same_origin))
        *code = CURLE_OUT_OF_MEMORY;
    if (*code != CURLE_OK)
        return false;
    phase_clock_enter(&transfer->clock, EXCHANGE_LOOKUP);
    return true;
}

void transfer_close(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->addresses);
    request_free(&transfer->request);
    target_free(&transfer->target);
    search_free(&transfer->body_search);
    for (size_t i = 0; transfer->bot_searches && i < transfer->domain->n_bot_strings; i++)
        search_free(&transfer->bot_searches[i]);
    free(transfer->bot_searches);
    head_free(&transfer->head);
    decode_free(&transfer->decode);
    X509_free(transfer->leaf);
    *transfer = (struct transfer){.easy = NULL};
}

/* The index of the first bot string that was found; -1: none. */
static int first_bot(const struct transfer *transfer)
{
    for (size_t i = 0; i < transfer->domain->n_bot_strings; i++) {
        if (transfer->bot_searches[i].found)
            return (int)i;
    }
    return -1;
}

void transfer_finish(struct transfer *transfer, CURLcode code, struct result *result)
{
    struct cause cause;
    struct exchange exchange;

    transfer->duration_ms = phase_clock_end(&transfer->clock);
    if (code != CURLE_OK && transfer->clock.phase == EXCHANGE_CONNECT)
        attempts_judge(&transfer->attempts);
    failure_explain(transfer, code, &cause);
    secrets_hide(transfer->domain->secrets, cause.detail, sizeof cause.detail);
    result->phases =
        phase_clock_phases(&transfer->clock, cause.fault == FAULT_NONE && !cause.is_local);
    result->no_verdict = cause.is_local;
    result->check = (struct check){.start_ms = transfer->start_ms, .latency_ms = -1};
    if (cause.is_local) {
        text_one_line(result->check.failure, sizeof result->check.failure, cause.detail,
                      strlen(cause.detail));
        return;
    }
    exchange = (struct exchange){.fault = cause.fault,
                                 .detail = cause.fault == FAULT_NONE ? NULL : cause.detail,
                                 .duration_ms = transfer->duration_ms,
                                 .http_status = http_status(transfer),
                                 .bot_string = first_bot(transfer),
                                 .body_found = transfer->body_search.found,
                                 .body_cut = transfer->halt == HALT_BODY,
                                 .body_bytes = transfer->body_bytes};
    verdict_judge(transfer->domain, &exchange, &result->check);
}
