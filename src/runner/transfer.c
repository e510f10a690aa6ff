#include "runner/transfer.h"

#include "base/clock.h"
#include "base/text.h"
#include "runner/certificate.h"
#include "runner/faults.h"
#include "runner/header.h"
#include "runner/memory.h"
#include "verdict.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_REDIRECTS = 10, UPLOAD_PIECE = 16 << 10 };

/* What libcurl calls, in the order of an exchange. */

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;
    struct peer *peer = &transfer->peer;
    long failed = 0;
    int fd;

    (void)purpose;
    timing_enter(&transfer->timing, PART_CONNECT);

    /* A host that has both IP versions: what went wrong with one matters where the other is not to
     * be had from here. */
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &failed);
    if (peer->size > 0 && failed && peer->address.ss_family != address->family) {
        transfer->earlier = *peer;
        transfer->earlier.error = (int)failed;
    }
    fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    peer->error = fd < 0 ? errno : 0;
    peer->size = address->addrlen <= sizeof peer->address ? (socklen_t)address->addrlen : 0;
    memcpy(&peer->address, &address->addr, peer->size);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* In the place of OpenSSL's own verification, which it calls: keeps what went wrong. */
static int on_certificate(X509_STORE_CTX *chain, void *context)
{
    struct transfer *transfer = context;
    X509 *leaf = X509_STORE_CTX_get0_cert(chain);
    int good = X509_verify_cert(chain);

    X509_free(transfer->leaf);
    transfer->leaf = leaf && X509_up_ref(leaf) ? leaf : NULL;
    if (good <= 0)
        certificate_explain(chain, transfer->untrusted, sizeof transfer->untrusted);
    return good;
}

static CURLcode on_tls(CURL *easy, void *tls, void *context)
{
    struct transfer *transfer = context;
    X509_STORE *store;

    (void)easy;
    timing_enter(&transfer->timing, PART_TLS);

    /* Many servers end the connection without saying so in TLS, and browsers do not mind; a body
     * of known length that is cut short is still seen. */
#ifdef SSL_OP_IGNORE_UNEXPECTED_EOF
    SSL_CTX_set_options(tls, SSL_OP_IGNORE_UNEXPECTED_EOF);
#endif
    if (!transfer->domain->verify_tls)
        return CURLE_OK;
    store = trust_store(transfer->trust, transfer->domain->ca_file, &transfer->own);
    if (!store)
        return CURLE_SSL_CACERT_BADFILE;
    transfer->own = NULL;

    /* libcurl fills the other store, and shares it between handles that name no bundle to it. */
    SSL_CTX_set1_verify_cert_store(tls, store);
    SSL_CTX_set_cert_verify_callback(tls, on_certificate, transfer);
    return CURLE_OK;
}

static int on_request(void *context, char *to, char *from, int to_port, int from_port)
{
    struct transfer *transfer = context;

    (void)to;
    (void)from;
    (void)to_port;
    (void)from_port;
    timing_enter(&transfer->timing, PART_WAIT);
    return CURL_PREREQFUNC_OK;
}

/* Keeps what the header Location says; the last one counts. Returns whether to go on. */
static bool keep_location(struct transfer *transfer, const char *line, size_t size)
{
    struct bytes value;

    if (!header_value(line, size, "Location", &value))
        return true;
    free(transfer->location);
    transfer->location = value.size ? strndup(value.data, value.size) : NULL;
    if (value.size == 0 || transfer->location)
        return true;
    transfer->own = "out of memory";
    return false;
}

/*
 * The line that ends the headers: what follows is the body, or after 1xx another answer. Of an
 * answer that leads elsewhere no more is read. Returns whether to go on.
 */
static bool end_headers(struct transfer *transfer)
{
    long status = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 && status != 101) {
        timing_enter(&transfer->timing, PART_WAIT);
        return true;
    }
    timing_enter(&transfer->timing, PART_BODY);
    if (status < 300 || status > 399 || !transfer->location || !transfer->domain->follow_redirects)
        return true;
    transfer->halt = HALT_REDIRECT;
    return false;
}

static size_t on_header(char *bytes, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;

    (void)one;
    transfer->header_bytes += size;
    if (transfer->header_bytes > HEADERS_MAX) {
        transfer->halt = HALT_HEADERS;
        return 0;
    }

    /* Those that come after a chunked body belong to it. */
    if (transfer->timing.part == PART_BODY)
        return size;
    timing_enter(&transfer->timing, PART_HEADERS);
    if (!keep_location(transfer, bytes, size))
        return 0;
    if (*bytes == '\r' || *bytes == '\n')
        return end_headers(transfer) ? size : 0;
    return size;
}

static size_t on_body(char *bytes, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;
    int64_t room = transfer->domain->max_body_bytes - transfer->body_bytes;
    size_t wanted = (int64_t)size > room ? (size_t)room : size;

    (void)one;
    timing_enter(&transfer->timing, PART_BODY);
    search_feed(&transfer->body, bytes, wanted);
    for (size_t i = 0; i < transfer->domain->n_bot_strings; i++)
        search_feed(&transfer->bots[i], bytes, wanted);
    transfer->body_bytes += (int64_t)wanted;
    if (wanted < size)
        transfer->halt = HALT_BODY;
    return wanted;
}

static void set_callbacks(struct transfer *transfer)
{
    CURL *easy = transfer->easy;

    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->message);
}

static void set_tls(struct transfer *transfer)
{
    const struct domain *domain = transfer->domain;
    CURL *easy = transfer->easy;

    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, domain->verify_tls ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, domain->verify_tls ? 2L : 0L);

    /* Where libcurl's TLS is not OpenSSL it reads the bundle itself. */
    if (curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls)) {
        if (domain->ca_file)
            curl_easy_setopt(easy, CURLOPT_CAINFO, domain->ca_file);
        return;
    }
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
}

/* A new visitor's connection, straight to the endpoint: nothing is shared, cached or kept. */
static void set_connection(struct transfer *transfer)
{
    static const long versions[] = {
        [IP_ANY] = CURL_IPRESOLVE_WHATEVER, [IP_4] = CURL_IPRESOLVE_V4, [IP_6] = CURL_IPRESOLVE_V6};
    CURL *easy = transfer->easy;

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A name lookup that hangs holds up neither the worker nor the exit. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_IPRESOLVE, versions[transfer->domain->ip_version]);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_PIECE);
}

/* Returns 0, or -1 where memory runs out. */
static int set_http(struct transfer *transfer)
{
    char agent[32];
    CURL *easy = transfer->easy;

    /* The major version alone, so that a firewall's rule outlives an upgrade. */
    snprintf(agent, sizeof agent, "uptick/%.*s", (int)strcspn(UPTICK_VERSION, "."), UPTICK_VERSION);
#if LIBCURL_VERSION_NUM >= 0x075500
    if (curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"))
        return -1;
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif

    /* An empty name switches the cookies on, and reads none: some sites redirect for ever without.
     * An empty list of encodings stands for all that libcurl can decode. */
    if (curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "") ||
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "") ||
        curl_easy_setopt(easy, CURLOPT_USERAGENT, agent))
        return -1;
    return request_set(&transfer->request, transfer->domain, easy);
}

static int start_searches(struct transfer *transfer)
{
    const struct domain *domain = transfer->domain;

    if (search_init(&transfer->body, domain->body_contains))
        return -1;
    if (domain->n_bot_strings == 0)
        return 0;
    transfer->bots = calloc(domain->n_bot_strings, sizeof *transfer->bots);
    if (!transfer->bots)
        return -1;
    for (size_t i = 0; i < domain->n_bot_strings; i++) {
        if (search_init(&transfer->bots[i], domain->bot_strings[i]))
            return -1;
    }
    return 0;
}

void transfer_start(struct transfer *transfer, const struct domain *domain, struct trust *trust)
{
    *transfer = (struct transfer){
        .domain = domain, .trust = trust, .start_ms = clock_now(), .refusals = memory_refusals()};
    timing_start(&transfer->timing, clock_monotonic_us());
    target_start(&transfer->target, domain);
}

void transfer_began(struct transfer *transfer, int64_t begun_us)
{
    int64_t waited_us = begun_us - transfer->timing.since_us;

    /* Of a redirect's lookup the exchange has begun long before. */
    if (transfer->requests > 0 || waited_us <= 0)
        return;
    transfer->start_ms += waited_us / US_PER_MS;
    timing_start(&transfer->timing, begun_us);
}

/* What is left of the time that the whole exchange may take. */
static int64_t left_us(const struct transfer *transfer)
{
    return (int64_t)transfer->domain->timeout_ms * US_PER_MS - timing_so_far_us(&transfer->timing);
}

bool transfer_is_late(const struct transfer *transfer)
{
    return left_us(transfer) <= 0;
}

/* The handle, with all that stays the same from request to request. */
static int make_handle(struct transfer *transfer)
{
    transfer->easy = curl_easy_init();
    if (!transfer->easy || start_searches(transfer))
        return -1;
    set_connection(transfer);
    set_callbacks(transfer);
    set_tls(transfer);
    return set_http(transfer);
}

/* Tells libcurl where the target is, so that it does not look it up by a thread of its own. */
static int set_addresses(struct transfer *transfer, const char *addresses)
{
    const struct target *target = &transfer->target;
    struct curl_slist *list = NULL;
    size_t room = strlen(target->host) + strlen(addresses) + sizeof ":65535:";
    char *line = malloc(room);

    if (line) {
        snprintf(line, room, "%s:%d:%s", target->host, target->port, addresses);
        list = curl_slist_append(NULL, line);
    }
    free(line);
    curl_easy_setopt(transfer->easy, CURLOPT_RESOLVE, list);
    curl_slist_free_all(transfer->addresses);
    transfer->addresses = list;
    return list ? 0 : -1;
}

int transfer_open(struct transfer *transfer, const char *addresses)
{
    int64_t left_ms = left_us(transfer) / US_PER_MS;

    if (!transfer->easy && make_handle(transfer))
        return -1;
    if (addresses && set_addresses(transfer, addresses))
        return -1;

    /* 0 would be no limit at all. */
    curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, left_ms > 0 ? (long)left_ms : 1L);
    transfer->requests++;
    return curl_easy_setopt(transfer->easy, CURLOPT_URL, transfer->target.url) ? -1 : 0;
}

/* The last response's, be it one that led elsewhere; an exchange that broke off after 1xx had none.
 */
static int http_status(const struct transfer *transfer)
{
    long status = 0;

    if (transfer->easy)
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 || status == 101 ? (int)status : transfer->led_by;
}

bool transfer_follow(struct transfer *transfer, CURLcode *code)
{
    char *location = transfer->location;

    if (transfer->halt != HALT_REDIRECT)
        return false;
    transfer->led_by = http_status(transfer);
    transfer->halt = HALT_NONE;
    transfer->location = NULL;
    if (transfer->requests > MAX_REDIRECTS)
        *code = CURLE_TOO_MANY_REDIRECTS;
    else
        *code = target_follow(&transfer->target, transfer->domain, location);
    free(location);
    if (*code == CURLE_OK && request_redirect(&transfer->request, transfer->easy, transfer->led_by,
                                              transfer->target.home))
        *code = CURLE_OUT_OF_MEMORY;
    if (*code != CURLE_OK)
        return false;
    timing_enter(&transfer->timing, PART_LOOKUP);
    return true;
}

void transfer_close(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->addresses);
    request_free(&transfer->request);
    target_free(&transfer->target);
    search_free(&transfer->body);
    for (size_t i = 0; transfer->bots && i < transfer->domain->n_bot_strings; i++)
        search_free(&transfer->bots[i]);
    free(transfer->bots);
    free(transfer->location);
    X509_free(transfer->leaf);
    *transfer = (struct transfer){.easy = NULL};
}

static int first_bot(const struct transfer *transfer)
{
    for (size_t i = 0; i < transfer->domain->n_bot_strings; i++) {
        if (transfer->bots[i].found)
            return (int)i;
    }
    return -1;
}

void transfer_finish(struct transfer *transfer, CURLcode code, struct result *result)
{
    struct cause cause;
    struct exchange exchange;

    transfer->duration_ms = timing_end(&transfer->timing);
    faults_explain(transfer, code, &cause);
    result->phases = timing_phases(&transfer->timing, cause.fault == FAULT_NONE && !cause.own);
    result->no_verdict = cause.own;
    result->check = (struct check){.start_ms = transfer->start_ms, .latency_ms = -1};
    if (cause.own) {
        text_one_line(result->check.failure, sizeof result->check.failure, cause.detail,
                      strlen(cause.detail));
        return;
    }
    exchange = (struct exchange){.fault = cause.fault,
                                 .detail = cause.fault == FAULT_NONE ? NULL : cause.detail,
                                 .duration_ms = transfer->duration_ms,
                                 .http_status = http_status(transfer),
                                 .bot_string = first_bot(transfer),
                                 .body_found = transfer->body.found,
                                 .body_cut = transfer->halt == HALT_BODY,
                                 .body_bytes = transfer->body_bytes};
    verdict_judge(transfer->domain, &exchange, &result->check);
}
