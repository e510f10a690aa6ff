/* Configures libcurl for a check, and keeps what its callbacks report. */
#include "check/handle.h"

#include "base/clock.h"
#include "check/certificate.h"
#include "config/client_certificate.h"
#include "model/server_scope.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    UPLOAD_BUFFER = 16 << 10,
    PROXY_LOGIN = 407,        /* the status by which a proxy requires a login */
    BETWEEN_CODINGS = 1 << 20 /* bytes, and four times max_body_bytes (decode.h) */
};

/* The callbacks, in the order of an exchange. */

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;

    (void)purpose;
    phase_clock_enter(&transfer->clock, EXCHANGE_CONNECT);
    meter_connect(&transfer->meter, false);
    return attempts_open(&transfer->attempts, address);
}

static int on_close(void *context, curl_socket_t fd)
{
    struct transfer *transfer = context;
    long error = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
    events_closes(transfer->client.events, fd);
    attempts_close(&transfer->attempts, fd, (int)error);
    return 0;
}

/* Keeps when the first certificate of a verified chain ends. */
static void keep_validity(struct transfer *transfer, X509_STORE_CTX *chain)
{
    int64_t until_ms;

    if (transfer->domain->expect.certificate_days <= 0)
        return;
    until_ms = certificate_end_ms(chain);
    if (transfer->valid_until_ms == 0 || until_ms < transfer->valid_until_ms)
        transfer->valid_until_ms = until_ms;
}

/* Keeps a verified chain (chain.h): the last one of the server of the URL, or of any other one. */
static void keep_chain(struct transfer *transfer, X509_STORE_CTX *verified)
{
    const struct target *target = &transfer->target;
    bool is_configured =
        target->same_server && strncasecmp(transfer->domain->url, "https:", 6) == 0;
    struct chain **kept = &transfer->chains[is_configured ? 0 : 1];
    char server[EVENT_SCOPE_MAX];

    if (!transfer->store)
        return;
    if (!is_configured)
        server_scope_write(transfer->domain, target->host, target->port, server);
    chain_release(*kept);
    *kept = chain_store_get(transfer->store, verified, is_configured ? NULL : server,
                            transfer->domain->secrets);
}

/* Replaces OpenSSL's verification, calls it, and keeps the reason if it fails. */
static int on_certificate(X509_STORE_CTX *chain, void *context)
{
    struct transfer *transfer = context;
    X509 *leaf = X509_STORE_CTX_get0_cert(chain);
    int good;

    const char *host = transfer->tls_host;

    if (certificate_set_host(chain, host)) {
        transfer->local_fault = "out of memory";
        return 0;
    }
    good = X509_verify_cert(chain);
    X509_free(transfer->leaf);
    transfer->leaf = leaf && X509_up_ref(leaf) ? leaf : NULL;
    if (good > 0 && transfer->hop == HOP_SERVER) {
        keep_validity(transfer, chain);
        keep_chain(transfer, chain);
    }
    if (good <= 0)
        certificate_explain(chain, host, transfer->verify_failure, sizeof transfer->verify_failure);
    return good;
}

/* The server asks for a certificate, and gets it. */
static int on_certificate_sent(SSL *tls, void *context)
{
    struct transfer *transfer = context;

    (void)tls;
    transfer->asks_certificate = transfer->sent_certificate = true;
    return 1;
}

/* The server asks for a certificate, and there is none. Over TLS 1.3, the handshake succeeds all
 * the same, and the server ends the connection after it. */
static int on_certificate_request(SSL *tls, X509 **certificate, EVP_PKEY **key)
{
    struct transfer *transfer = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));

    (void)certificate;
    (void)key;
    transfer->asks_certificate = true;
    return 0;
}

/* Ends an exchange that costs too much. Returns whether it must end. */
static bool end_costly(struct transfer *transfer, enum meter_verdict verdict)
{
    if (verdict == METER_GOOD || transfer->halt != HALT_NONE)
        return false;

    /* A long body takes long, and what was read of it is judged. */
    if (verdict == METER_TOO_MUCH_CPU)
        transfer->halt = transfer->body_bytes > 0 ? HALT_BODY : HALT_CPU;
    else
        transfer->halt = HALT_BYTES;
    return true;
}

/*
 * Called for each part of the TLS protocol, and first for the five bytes before each record. As
 * long as records come, libcurl may read on without looking at any clock. After "shutdown", it
 * reads nothing more.
 */
static void on_record(int is_sent, int version, int type, const void *bytes, size_t size, SSL *tls,
                      void *context)
{
    enum { HEAD = 5, GRACE_US = 1000 * 1000 };
    struct transfer *transfer = context;
    const unsigned char *head = bytes;
    enum meter_verdict verdict;

    (void)version;
    if (is_sent || type != SSL3_RT_HEADER || size < HEAD)
        return;
    verdict = meter_record(&transfer->meter, &transfer->client, transfer->domain->max_body_bytes,
                           (size_t)(head[3] << 8 | head[4]) + HEAD);
    if (transfer->halt == HALT_NONE && clock_monotonic_us() > transfer->deadline_us + GRACE_US)
        transfer->halt = HALT_TIME;
    else if (!end_costly(transfer, verdict))
        return;
    SSL_set_shutdown(tls, SSL_RECEIVED_SHUTDOWN);
}

/* The TLS handshake with a proxy is over, perhaps not for the first time: tickets may follow it. */
static void on_proxy_state(const SSL *tls, int where, int value)
{
    struct transfer *transfer = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));

    (void)value;
    if ((where & SSL_CB_HANDSHAKE_DONE) && transfer->hop == HOP_PROXY_TLS)
        transfer->hop = HOP_TUNNEL;
}

/* A handshake begins: with a proxy, or with the server. */
static void enter_hop(struct transfer *transfer, SSL_CTX *tls)
{
    bool is_within = transfer->hop == HOP_PROXY_TLS || transfer->hop == HOP_TUNNEL;

    if (transfer->hop == HOP_PROXY && transfer->domain->proxy->kind == PROXY_HTTPS) {
        transfer->hop = HOP_PROXY_TLS;
        transfer->tls_host = transfer->route.host;
        SSL_CTX_set_info_callback(tls, on_proxy_state);
    } else {
        transfer->hop = HOP_SERVER;
        transfer->tls_host = transfer->target.host;
        transfer->asks_certificate = false; /* the proxy may have asked */
    }

    /* Records within those of a proxy are counted already. */
    if (is_within)
        return;
    attempts_connected(&transfer->attempts);
    meter_connect(&transfer->meter, true);
    SSL_CTX_set_msg_callback(tls, on_record);
    SSL_CTX_set_msg_callback_arg(tls, transfer);
}

/* For old devices, which have short keys, weak signatures and no secure renegotiation. */
static void allow_old(SSL_CTX *tls)
{
    SSL_CTX_set_security_level(tls, 0);
    SSL_CTX_set_cipher_list(tls, "ALL:!aNULL:!eNULL:@SECLEVEL=0");
    SSL_CTX_set_options(tls, SSL_OP_LEGACY_SERVER_CONNECT);
}

/* Only the server of the domain's URL gets the certificate. Returns 0 or -1. */
static int set_client(struct transfer *transfer, SSL_CTX *tls)
{
    const struct client_certificate *client = transfer->domain->client_certificate;

    if (!client || transfer->hop != HOP_SERVER || !transfer->target.same_origin)
        return 0;
    if (!SSL_CTX_use_cert_and_key(tls, client->certificate, client->key, client->chain, 1)) {
        ERR_clear_error();
        transfer->local_fault = "OpenSSL does not accept the client certificate (a short key, or a "
                                "weak signature)";
        return -1;
    }
    SSL_CTX_set_cert_cb(tls, on_certificate_sent, transfer);
    return 0;
}

static CURLcode on_tls(CURL *easy, void *tls, void *context)
{
    struct transfer *transfer = context;
    enum tls_version min = transfer->domain->tls_min_version;
    X509_STORE *store;

    (void)easy;
    phase_clock_enter(&transfer->clock, EXCHANGE_TLS);
    enter_hop(transfer, tls);

    /* Many servers close the connection without a TLS close_notify, and browsers accept that. A
     * body of known length that is cut short is still noticed. */
#ifdef SSL_OP_IGNORE_UNEXPECTED_EOF
    SSL_CTX_set_options(tls, SSL_OP_IGNORE_UNEXPECTED_EOF);
#endif
    SSL_CTX_set_app_data(tls, transfer);
    SSL_CTX_set_client_cert_cb(tls, on_certificate_request);
    if (min == TLS_1_0 || min == TLS_1_1)
        allow_old(tls);
    if (set_client(transfer, tls))
        return CURLE_SSL_CERTPROBLEM;
    if (!transfer->domain->verify_tls)
        return CURLE_OK;
    store = ca_store_get(transfer->ca_store, transfer->domain->ca_file, &transfer->local_fault);
    if (!store)
        return CURLE_SSL_CACERT_BADFILE;
    transfer->local_fault = NULL;

    /* This store is for verification only. libcurl fills the other store of the context after this
     * callback, from a cache that handles share. */
    SSL_CTX_set1_verify_cert_store(tls, store);
    SSL_CTX_set_cert_verify_callback(tls, on_certificate, transfer);
    return CURLE_OK;
}

/* Whether the server chose HTTP/2 in the TLS handshake. */
static bool speaks_http2(CURL *easy)
{
    static const unsigned char name[] = {'h', '2'};
    struct curl_tlssessioninfo *info = NULL;
    const unsigned char *chosen = NULL;
    unsigned size = 0;

    curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info);
    if (info && info->backend == CURLSSLBACKEND_OPENSSL && info->internals)
        SSL_get0_alpn_selected(info->internals, &chosen, &size);
    return size == sizeof name && memcmp(chosen, name, size) == 0;
}

static int on_request(void *context, char *to, char *from, int to_port, int from_port)
{
    struct transfer *transfer = context;

    (void)to;
    (void)from;
    (void)to_port;
    (void)from_port;
    phase_clock_enter(&transfer->clock, EXCHANGE_WAIT);
    attempts_connected(&transfer->attempts);
    transfer->hop = HOP_SERVER;
    transfer->is_http2 = speaks_http2(transfer->easy);
    if (transfer->is_http2)
        meter_connect(&transfer->meter, true);
    transfer->is_http2 |= route_knows_http2(transfer->domain, &transfer->target);
    return CURL_PREREQFUNC_OK;
}

/* The statuses that browsers follow. */
static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* What ends the exchange after the headers of a response with this status. */
static enum halt halt_after_headers(const struct transfer *transfer, long status)
{
    const struct domain *domain = transfer->domain;
    const char *location = transfer->head.location;

    if (head_fault(&transfer->head))
        return HALT_HEAD;
    if (status == PROXY_LOGIN && route_is_forwarded(domain, &transfer->target))
        return HALT_PROXY;
    if (is_redirect(status) && location && *location && domain->follow_redirects)
        return HALT_REDIRECT;
    if (status == 101)
        return HALT_UPGRADE;
    return domain->max_body_bytes == 0 ? HALT_BODY : HALT_NONE;
}

/*
 * Called for the line that ends the headers. The body follows, or another response after 1xx. The
 * body of a redirect is not read. Returns false to end the exchange.
 */
static bool end_headers(struct transfer *transfer)
{
    long status = 0, version = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);

    /* libcurl believes a line such as "HTTP/2 200", also over HTTP/1.1. */
    transfer->head.has_false_version = version > CURL_HTTP_VERSION_1_1 && !transfer->is_http2 &&
                                       transfer->domain->http_version != REQUEST_HTTP_3;
    if (status < 200 && status != 101) {
        head_free(&transfer->head);
        kept_reset(&transfer->kept);
        phase_clock_enter(&transfer->clock, EXCHANGE_WAIT);
        return true;
    }
    phase_clock_enter(&transfer->clock, EXCHANGE_BODY);
    transfer->halt = halt_after_headers(transfer, status);
    kept_begin_body(&transfer->kept, &transfer->head.charset, !transfer->head.is_no_page);
    decode_free(&transfer->decode);
    transfer->decode.codings = transfer->head.codings;
    transfer->decode.left = 4 * transfer->domain->max_body_bytes + BETWEEN_CODINGS;
    if (transfer->halt != HALT_REDIRECT &&
        wall_search_begin(&transfer->wall, (int)status, transfer->head.wall_headers)) {
        transfer->local_fault = "out of memory";
        return false;
    }
    return transfer->halt == HALT_NONE;
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

    /* Trailers of a chunked body. */
    if (transfer->clock.phase == EXCHANGE_BODY)
        return size;
    phase_clock_enter(&transfer->clock, EXCHANGE_HEADERS);
    transfer->head.walls = transfer->wall.walls;
    if (head_add(&transfer->head, bytes, size, kept_lines(&transfer->kept))) {
        transfer->local_fault = "out of memory";
        return 0;
    }
    if (*bytes == '\r' || *bytes == '\n')
        return end_headers(transfer) ? size : 0;
    return size;
}

/* Searches decoded bytes, and keeps those that are needed later. Returns false if max_body_bytes
 * have been read, or if out of memory. */
static bool take_body(void *context, const char *bytes, size_t size)
{
    struct transfer *transfer = context;
    const struct domain *domain = transfer->domain;
    int64_t left = domain->max_body_bytes - transfer->body_bytes;
    size_t wanted = (int64_t)size > left ? (size_t)left : size;

    search_feed_all(transfer->bots, domain->bot_strings.n, bytes, wanted);
    search_feed_all(transfer->contains, domain->expect.contains.n, bytes, wanted);
    search_feed_all(transfer->excludes, domain->expect.excludes.n, bytes, wanted);
    wall_search_feed(&transfer->wall, bytes, wanted);
    transfer->body_bytes += (int64_t)wanted;
    if (kept_add(&transfer->kept, bytes, wanted)) {
        transfer->local_fault = "out of memory";
        return false;
    }
    return wanted == size;
}

static size_t on_body(char *bytes, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;

    (void)one;
    phase_clock_enter(&transfer->clock, EXCHANGE_BODY);
    switch (decode_feed(&transfer->decode, bytes, size, take_body, transfer)) {
    case DECODE_MORE:
        return end_costly(transfer, meter_work(&transfer->meter, &transfer->client)) ? 0 : size;
    case DECODE_ENDED:
        transfer->halt = transfer->local_fault ? HALT_NONE : HALT_BODY;
        return 0;
    case DECODE_BAD:
        transfer->halt = HALT_CODING;
        return 0;
    default:
        transfer->local_fault = "out of memory";
        return 0;
    }
}

/* Called at the end of each step of libcurl. Returns 1 to end the exchange. */
static int on_step(void *context, curl_off_t to_come, curl_off_t came, curl_off_t to_send,
                   curl_off_t sent)
{
    struct transfer *transfer = context;
    enum meter_verdict verdict =
        meter_step(&transfer->meter, &transfer->client, transfer->domain->max_body_bytes);

    (void)to_come;
    (void)came;
    (void)to_send;
    (void)sent;
    return end_costly(transfer, verdict);
}

static int set_callbacks(CURL *easy)
{
    unsigned failed = 0;

    failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    failed |= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    failed |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    failed |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    failed |= curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_step);
    return failed ? -1 : 0;
}

/* If libcurl was built without OpenSSL, it has no such callback. */
static bool lacks_tls_callback(CURLcode code)
{
    return code == CURLE_NOT_BUILT_IN || code == CURLE_UNKNOWN_OPTION;
}

/* Sets what the callbacks get: the transfer of this check. */
static int set_contexts(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
    unsigned failed = lacks_tls_callback(code) ? CURLE_OK : code;

    failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_message);
    return failed ? -1 : 0;
}

static const long tls_versions[] = {[TLS_1_0] = CURL_SSLVERSION_TLSv1_0,
                                    [TLS_1_1] = CURL_SSLVERSION_TLSv1_1,
                                    [TLS_1_2] = CURL_SSLVERSION_TLSv1_2,
                                    [TLS_1_3] = CURL_SSLVERSION_TLSv1_3};

/* The certificate of a proxy is verified like that of a server. Returns 0, or another number if out
 * of memory. */
static unsigned set_proxy_tls(CURL *easy, const struct domain *domain)
{
    unsigned failed = 0;

    failed |=
        curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, tls_versions[domain->tls_min_version]);
    failed |= curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, domain->verify_tls ? 1L : 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, domain->verify_tls ? 2L : 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, NULL);
    failed |= curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    return failed;
}

static int set_tls(CURL *easy, const struct domain *domain)
{
    unsigned failed = 0;
    CURLcode code;

    failed |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, tls_versions[domain->tls_min_version]);
    failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, domain->verify_tls ? 1L : 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, domain->verify_tls ? 2L : 0L);
    if (domain->proxy)
        failed |= set_proxy_tls(easy, domain);

    /* Without the callback, libcurl reads the bundle itself. */
    code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    if (lacks_tls_callback(code)) {
        if (domain->ca_file)
            failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, domain->ca_file);
        return failed ? -1 : 0;
    }
    failed |= code;
    failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    failed |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    return failed ? -1 : 0;
}

/* Connects like a new visitor: nothing is shared, cached or kept. */
static int set_connection(CURL *easy, const struct domain *domain)
{
    static const long versions[] = {
        [IP_ANY] = CURL_IPRESOLVE_WHATEVER, [IP_4] = CURL_IPRESOLVE_V4, [IP_6] = CURL_IPRESOLVE_V6};
    unsigned failed = 0;

    failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Do not wait for a name lookup that hangs. */
    failed |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    failed |= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);

    /* Each request sets the addresses of its host anyway, and an address as a host stays the same.
     * Any other timeout makes libcurl look at all hosts of the worker after each request. */
    failed |= curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
    failed |= curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_IPRESOLVE, versions[domain->ip_version]);
    failed |= curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
    return failed ? -1 : 0;
}

/* Returns 0, or -1 if out of memory. */
static int set_http(struct transfer *transfer)
{
    char agent[BOT_WALL_AGENT_MAX];
    CURL *easy = transfer->easy;

#if LIBCURL_VERSION_NUM >= 0x075500
    if (curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"))
        return -1;
#else
    if (curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)))
        return -1;
#endif

    /* Without an empty proxy, libcurl would take one from the environment. route_set sets another.
     */
    if (curl_easy_setopt(easy, CURLOPT_PROXY, ""))
        return -1;

    /* An empty file name enables cookies without reading any: without cookies, some sites redirect
     * for ever. Bodies are decoded here (decode.h). */
    if ((transfer->domain->cookies && curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "")) ||
        curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L) ||
        curl_easy_setopt(easy, CURLOPT_USERAGENT, bot_wall_agent(agent)))
        return -1;
    return request_set(&transfer->request, transfer->domain, easy);
}

unsigned handle_shape(const struct domain *domain)
{
    bool is_usual = domain->method == METHOD_GET && domain->n_headers == 0 && !domain->body.data &&
                    domain->http_version == REQUEST_AUTO && !domain->address &&
                    !domain->unix_socket && !domain->proxy && !domain->ca_file &&
                    !strchr(domain->url, '@');

    return is_usual ? 1U | (unsigned)domain->verify_tls << 1 | (unsigned)domain->cookies << 2 |
                          (unsigned)domain->ip_version << 3 | (unsigned)domain->tls_min_version << 5
                    : 0;
}

int handle_set(struct transfer *transfer, bool has_options)
{
    const struct domain *domain = transfer->domain;
    CURL *easy = transfer->easy;

    transfer->request.domain = domain;
    if (!has_options && (set_connection(easy, domain) || set_callbacks(easy) ||
                         set_tls(easy, domain) || set_http(transfer)))
        return -1;
    return set_contexts(transfer);
}
