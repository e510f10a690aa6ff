/* One attempt at a check, from its start to its result. */
#include "check/transfer.h"

#include "base/clock.h"
#include "base/secrets.h"
#include "base/table.h"
#include "base/text.h"
#include "base/uri.h"
#include "check/failure.h"
#include "check/handle.h"
#include "check/lateness.h"
#include "check/runner.h"
#include "check/sight.h"
#include "check/tunnel.h"
#include "lookup/addresses.h"
#include "model/expectation.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLACK_MS = 1000,           /* more time for libcurl to connect, if the worker was late */
    EXPLANATION_MAX = 64 << 10 /* bytes */
};

static int start_searches(struct transfer *transfer)
{
    const struct domain *domain = transfer->domain;
    bool failed = false;

    transfer->bots = search_all(&domain->bot_strings, &failed);
    transfer->contains = search_all(&domain->expect.contains, &failed);
    transfer->excludes = search_all(&domain->expect.excludes, &failed);
    return failed ? -1 : 0;
}

static void start_clock(struct transfer *transfer, int64_t begun_us)
{
    phase_clock_start(&transfer->clock, begun_us);
    transfer->deadline_us = begun_us + (int64_t)transfer->domain->timeout_ms * US_PER_MS;
}

/* The target of the next request is known. */
static void choose_route(struct transfer *transfer)
{
    transfer->route = route_next_hop(transfer->domain, &transfer->target);
    transfer->hop = transfer->domain->proxy ? HOP_PROXY : HOP_SERVER;
}

void transfer_start(struct transfer *transfer, const struct domain *domain,
                    struct ca_store *ca_store, struct handle_pool *pool)
{
    *transfer = (struct transfer){
        .domain = domain, .ca_store = ca_store, .pool = pool, .start_ms = clock_now()};
    start_clock(transfer, clock_monotonic_us());
    target_start(&transfer->target, domain);
    choose_route(transfer);
}

void transfer_began(struct transfer *transfer, int64_t begun_us)
{
    int64_t waited_us = begun_us - transfer->clock.since_us;

    /* The lookup after a redirect is not the start of the exchange. */
    if (transfer->requests > 0 || waited_us <= 0)
        return;
    transfer->start_ms += waited_us / US_PER_MS;
    start_clock(transfer, begun_us);
}

/*
 * libcurl may connect until the time of the exchange runs out, and this much longer, from now on.
 * It divides the limit among the addresses of the host. The worker ends the exchange at its time.
 */
static int set_connect_limit(struct transfer *transfer, int64_t slack_ms)
{
    int64_t now_us = clock_monotonic_us();
    int64_t end_us = transfer->deadline_us > now_us ? transfer->deadline_us : now_us;
    int64_t limit_ms = (end_us - transfer->opened_us) / US_PER_MS + slack_ms;

    /* 0 would mean libcurl's default. */
    return curl_easy_setopt(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS,
                            limit_ms > 0 ? (long)limit_ms : 1L)
               ? -1
               : 0;
}

void transfer_was_late(struct transfer *transfer, int64_t late_us)
{
    if (transfer->easy)
        set_connect_limit(transfer, SLACK_MS);
    if (late_us > transfer->late_us)
        transfer->late_us = late_us;
    transfer->late_sum_us += late_us;
}

static int open_handle(struct transfer *transfer)
{
    struct pooled_handle handle = handle_pool_take(transfer->pool, handle_shape(transfer->domain));

    kept_start(&transfer->kept, transfer->domain, transfer->explains);
    transfer->easy = handle.easy;
    transfer->request = handle.request;
    return !transfer->easy || start_searches(transfer) || handle_set(transfer, handle.shape > 0)
               ? -1
               : 0;
}

/* Gives libcurl the addresses of the route, in the order in which it is to try them. Without them,
 * it would start a thread to look them up. */
static int set_addresses(struct transfer *transfer, const char *addresses)
{
    const struct next_hop *route = &transfer->route;
    const char *first = addresses_from(addresses, transfer->first_address);
    int n_before = (int)(first - addresses);
    struct curl_slist *list = NULL;
    size_t size = strlen(route->host) + strlen(addresses) + sizeof ":65535:,";
    char *line = malloc(size);

    if (line) {
        snprintf(line, size, "%s:%d:%s%s%.*s", route->host, route->port, first,
                 n_before > 0 ? "," : "", n_before > 0 ? n_before - 1 : 0, addresses);
        list = curl_slist_append(NULL, line);
    }
    free(line);
    if (curl_easy_setopt(transfer->easy, CURLOPT_RESOLVE, list)) {
        curl_slist_free_all(list);
        return -1;
    }
    transfer->addresses = list;
    return list ? 0 : -1;
}

/* Nothing of the request before a redirect may explain a failure of the next one. */
static void forget_request(struct transfer *transfer)
{
    transfer->attempts = (struct attempts){.n = 0};
    X509_free(transfer->leaf);
    transfer->leaf = NULL;
    transfer->asks_certificate = transfer->sent_certificate = transfer->is_http2 = false;
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

/*
 * Over HTTP/2, libcurl 7.88 keeps what its buffer cannot hold, and does not ask to be called for
 * it: the exchange would hang. So the buffer must hold what one read can bring: all headers (128
 * KiB at most) and 32 KiB of the body. Memory that is not used costs nothing, but getting it takes
 * a system call. Without TLS, libcurl may fill the buffer a hundred times before it looks up.
 */
static int set_buffer(const struct transfer *transfer)
{
    enum { PLAIN_BUFFER = 4 << 10, TLS_BUFFER = 256 << 10 };
    bool large =
        target_is_tls(&transfer->target) || route_knows_http2(transfer->domain, &transfer->target);

    return curl_easy_setopt(transfer->easy, CURLOPT_BUFFERSIZE,
                            large ? (long)TLS_BUFFER : (long)PLAIN_BUFFER)
               ? -1
               : 0;
}

int transfer_open(struct transfer *transfer, const char *addresses)
{
    assert(transfer->target.host);
    transfer->opened_us = clock_monotonic_us();
    if (!transfer->easy && open_handle(transfer))
        return -1;
    forget_request(transfer);
    if (addresses && set_addresses(transfer, addresses))
        return -1;
    if (set_buffer(transfer) || set_connect_limit(transfer, 0) ||
        route_set(transfer->easy, transfer->domain, &transfer->target, transfer->http2_limit,
                  &transfer->connect_to))
        return -1;
    if (transfer->requests <= REDIRECTS_MAX)
        transfer->visited[transfer->requests] = hash_of(transfer->target.url);
    transfer->requests++;
    return set_url(transfer);
}

/* The status of the last response, which may be a redirect. A 1xx alone is not a response. */
static int http_status(const struct transfer *transfer)
{
    long status = 0;

    /* The status of a proxy's answer is not that of the server. */
    if (transfer->easy && transfer->hop == HOP_SERVER)
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

/*
 * Whether the headers exceed what is possible over HTTP/2: libcurl 7.88 holds 128 KiB of them, and
 * nghttp2 64 KiB of a single one, in nine frames. libcurl's message has a number for the first
 * (-902, a failed callback) and the last (-905). The other one looks as if the server had ended the
 * session, but a server that does that has not sent so much.
 */
static bool exceeds_http2(const struct transfer *transfer, CURLcode code)
{
    enum { MORE_THAN_AN_END = 4000 };

    if (!transfer->is_http2 || transfer->clock.phase != EXCHANGE_WAIT)
        return false;
    if (code == CURLE_RECV_ERROR)
        return strstr(transfer->curl_message, "returned -902") ||
               strstr(transfer->curl_message, "returned -905");
    return code == CURLE_GOT_NOTHING && transfer->meter.connection_bytes > MORE_THAN_AN_END;
}

/* Whether the server may get the request twice. */
static bool may_repeat(const struct domain *domain)
{
    return domain->method != METHOD_POST && domain->method != METHOD_PATCH;
}

/* Makes the next request use HTTP/1.1, which allows larger headers. */
static bool leave_http2(struct transfer *transfer, CURLcode code)
{
    if (!exceeds_http2(transfer, code))
        return false;
    transfer->http2_limit = true;
    if (!may_repeat(transfer->domain) || route_knows_http2(transfer->domain, &transfer->target) ||
        curl_easy_setopt(transfer->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1))
        return false;
    kept_reset(&transfer->kept);
    choose_route(transfer);
    phase_clock_enter(&transfer->clock, EXCHANGE_LOOKUP);
    return true;
}

/* A redirect leads to the target. Returns 0, or -1 if out of memory. */
static int count_redirect(struct transfer *transfer)
{
    transfer->redirects++;
    kept_reset(&transfer->kept);
    if (!transfer->domain->expect.https_only || transfer->insecure_url ||
        target_is_tls(&transfer->target))
        return 0;
    transfer->insecure_url = target_write_url(transfer->target.url);
    return transfer->insecure_url ? 0 : -1;
}

bool transfer_follow(struct transfer *transfer, CURLcode *code)
{
    const char *location = transfer->head.location;

    if (transfer->halt == HALT_NONE && leave_http2(transfer, *code))
        return true;
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
        (count_redirect(transfer) ||
         request_redirect(&transfer->request, transfer->easy, transfer->redirect_status,
                          transfer->target.same_origin)))
        *code = CURLE_OUT_OF_MEMORY;
    if (*code != CURLE_OK)
        return false;
    choose_route(transfer);
    phase_clock_enter(&transfer->clock, EXCHANGE_LOOKUP);
    return true;
}

/* The next check sets the addresses and the URL, so the handle may still have those of this one. */
static void close_handle(struct transfer *transfer)
{
    if (transfer->can_reuse) {
        handle_pool_give(transfer->pool, (struct pooled_handle){transfer->easy, transfer->request,
                                                                handle_shape(transfer->domain)});
    } else {
        curl_easy_cleanup(transfer->easy);
        request_free(&transfer->request);
    }
}

void transfer_close(struct transfer *transfer)
{
    meter_end(&transfer->meter, &transfer->client);
    close_handle(transfer);
    curl_slist_free_all(transfer->addresses);
    curl_slist_free_all(transfer->connect_to);
    target_free(&transfer->target);
    if (transfer->domain) {
        search_free_all(transfer->bots, transfer->domain->bot_strings.n);
        search_free_all(transfer->contains, transfer->domain->expect.contains.n);
        search_free_all(transfer->excludes, transfer->domain->expect.excludes.n);
    }
    wall_search_free(&transfer->wall);
    head_free(&transfer->head);
    kept_free(&transfer->kept);
    free(transfer->insecure_url);
    decode_free(&transfer->decode);
    X509_free(transfer->leaf);
    for (int i = 0; i < CHAIN_SEEN_MAX; i++)
        chain_release(transfer->chains[i]);
    *transfer = (struct transfer){.easy = NULL};
}

/* The bot wall that sent the last response; NULL: none. The size of a body that was cut off is not
 * known. */
static const struct bot_wall *find_wall(const struct transfer *transfer)
{
    return wall_search_end(&transfer->wall,
                           transfer->halt == HALT_BODY ? INT64_MAX : transfer->body_bytes);
}

/* If uptick ended the exchange within TLS, libcurl saw the end of the connection. */
static CURLcode true_code(const struct transfer *transfer, CURLcode code)
{
    switch (transfer->halt) {
    case HALT_TIME:
        return CURLE_OPERATION_TIMEDOUT;
    case HALT_BYTES:
    case HALT_CPU:
        return CURLE_ABORTED_BY_CALLBACK;
    default:
        return code;
    }
}

/* The HTTP version of the last response. It counts as HTTP/2 if the request was repeated in
 * HTTP/1.1 only because of our own limit. */
static enum http_version http_version(const struct transfer *transfer)
{
    static const struct {
        long libcurl;
        enum http_version version;
    } versions[] = {
        {CURL_HTTP_VERSION_1_0, HTTP_1_0},
        {CURL_HTTP_VERSION_1_1, HTTP_1_1},
        {CURL_HTTP_VERSION_2_0, HTTP_2},
        {CURL_HTTP_VERSION_3, HTTP_3},
    };
    long used = 0;

    if (transfer->http2_limit)
        return HTTP_2;
    if (transfer->easy)
        curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &used);
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        if (versions[i].libcurl == used)
            return versions[i].version;
    }
    return HTTP_ANY;
}

/* The text of the body in its own charset is searched too. */
static void search_text(struct transfer *transfer, const struct bytes *text)
{
    const struct domain *domain = transfer->domain;

    search_again(transfer->bots, domain->bot_strings.n, text->data, text->size);
    search_again(transfer->contains, domain->expect.contains.n, text->data, text->size);
    search_again(transfer->excludes, domain->expect.excludes.n, text->data, text->size);
}

/* Adds what is known only after the end of an exchange without a fault. final_url is to be freed.
 * Returns 0, or -1 if out of memory. */
static int complete(struct transfer *transfer, struct exchange *exchange, char **final_url)
{
    const struct domain *domain = transfer->domain;

    if (kept_end(&transfer->kept))
        return -1;
    kept_fill(&transfer->kept, exchange);
    if (exchange->text.data)
        search_text(transfer, &exchange->text);
    if (domain->expect.final_url || transfer->explains) {
        *final_url = target_write_url(transfer->target.url);
        if (!*final_url)
            return -1;
    }
    exchange->final_url = *final_url;
    exchange->version = http_version(transfer);
    exchange->redirects = transfer->redirects;
    exchange->insecure_url = transfer->insecure_url;
    exchange->has_certificate = transfer->valid_until_ms != 0;
    exchange->valid_ms = transfer->valid_until_ms - transfer->start_ms;
    return 0;
}

/* Explains an expectation that failed. If the configuration does not name the host of the response,
 * nothing of it is shown: perhaps only this machine can reach it. Returns 0, or -1 if out of
 * memory.
 */
static int explain(const struct transfer *transfer, const struct exchange *exchange,
                   struct result *result)
{
    struct buffer lines = BUFFER_WITH_CEILING(EXPLANATION_MAX);
    int failed;

    if (exchange->fault != FAULT_NONE || exchange->bot_string >= 0 || !*result->check.failure ||
        result->check.status == STATUS_TIMEOUT)
        return 0;
    if (strcasecmp(transfer->target.host, transfer->domain->host) == 0)
        failed = expectation_explain(transfer->domain, exchange, result->check.failure, &lines);
    else
        failed = buffer_puts(&lines, "not shown: a redirect led to another host\n");
    if (failed) {
        buffer_free(&lines);
        return -1;
    }
    result->explanation = lines.data;
    return 0;
}

/* Judges the exchange. Returns 0, or -1 if out of memory. */
static int judge(struct transfer *transfer, const struct cause *cause, struct result *result)
{
    const struct domain *domain = transfer->domain;
    int64_t lookup_ms = phase_clock_lookup(&transfer->clock);
    char *final_url = NULL;
    struct exchange exchange = {
        .fault = cause->fault,
        .detail = cause->fault == FAULT_NONE ? NULL : cause->detail,
        .duration_ms = transfer->duration_ms,
        .lookup_ms = lookup_ms < transfer->duration_ms ? lookup_ms : transfer->duration_ms,
        .http_status = http_status(transfer),
        .bot_wall = find_wall(transfer),
        .has_retry_after = transfer->head.has_retry_after,
        .retry_after_s = transfer->head.retry_after_s,
        .body_cut = transfer->halt == HALT_BODY,
        .body_bytes = transfer->body_bytes};
    int failed = cause->fault == FAULT_NONE ? complete(transfer, &exchange, &final_url) : 0;

    exchange.bot_string = search_first(transfer->bots, domain->bot_strings.n, true);
    exchange.missing = search_first(transfer->contains, domain->expect.contains.n, false);
    exchange.excluded = search_first(transfer->excludes, domain->expect.excludes.n, true);
    failed = failed || verdict_judge(domain, &exchange, &result->check) ||
             (transfer->explains && explain(transfer, &exchange, result));
    free(final_url);
    return failed ? -1 : 0;
}

static void set_local_fault(const struct transfer *transfer, struct cause *cause,
                            struct result *result)
{
    result->no_verdict = true;
    result->check = (struct check){.start_ms = transfer->start_ms, .latency_ms = -1};
    secrets_hide(transfer->domain->secrets, cause->detail, sizeof cause->detail);
    text_one_line(result->check.failure, sizeof result->check.failure, cause->detail,
                  strlen(cause->detail));
}

void transfer_finish(struct transfer *transfer, CURLcode code, struct result *result)
{
    struct cause cause;

    transfer->duration_ms = phase_clock_end(&transfer->clock);
    transfer->duration_ms = lateness_excuse(transfer);
    code = true_code(transfer, code);
    transfer->can_reuse = code == CURLE_OK && transfer->requests == 1 && !transfer->is_http2 &&
                          !transfer->domain->proxy;
    if (transfer->hop == HOP_PROXY && tunnel_was_begun(transfer, code))
        transfer->hop = HOP_TUNNEL;
    else if (code != CURLE_OK && transfer->clock.phase == EXCHANGE_CONNECT)
        attempts_judge(&transfer->attempts);
    failure_explain(transfer, code, &cause);
    sight_fill(transfer, code, &result->sighting);
    result->phases =
        phase_clock_phases(&transfer->clock, cause.fault == FAULT_NONE && !cause.is_local);
    result->check = (struct check){.start_ms = transfer->start_ms, .latency_ms = -1};
    if (!cause.is_local && judge(transfer, &cause, result)) {
        snprintf(cause.detail, sizeof cause.detail, "local fault: out of memory");
        cause.is_local = true;
    }
    if (cause.is_local)
        set_local_fault(transfer, &cause, result);
    for (int i = 0; i < CHAIN_SEEN_MAX; i++) {
        result->chains[i] = transfer->chains[i];
        transfer->chains[i] = NULL;
    }
}
