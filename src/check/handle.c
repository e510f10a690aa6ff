/* Configures libcurl for a check, and keeps what its callbacks report. */
#include "check/handle.h"

#include "base/clock.h"
#include "check/certificate.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { UPLOAD_BUFFER = 16 << 10 };

/* The callbacks, in the order of an exchange. */

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;
    struct peer *peer = &transfer->peer;
    long failed = 0;
    int fd;

    (void)purpose;
    phase_clock_enter(&transfer->clock, EXCHANGE_CONNECT);
    meter_connect(&transfer->meter, false);

    /* If a host has both IP versions, the failure of one counts if this machine cannot reach the
     * other. */
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &failed);
    if (peer->size > 0 && failed && peer->address.ss_family != address->family) {
        transfer->earlier_peer = *peer;
        transfer->earlier_peer.error = (int)failed;
    }
    fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    peer->error = fd < 0 ? errno : 0;
    peer->size = address->addrlen <= sizeof peer->address ? (socklen_t)address->addrlen : 0;
    memcpy(&peer->address, &address->addr, peer->size);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* Replaces OpenSSL's verification, calls it, and keeps the reason if it fails. */
static int on_certificate(X509_STORE_CTX *chain, void *context)
{
    struct transfer *transfer = context;
    X509 *leaf = X509_STORE_CTX_get0_cert(chain);
    int good = X509_verify_cert(chain);

    X509_free(transfer->leaf);
    transfer->leaf = leaf && X509_up_ref(leaf) ? leaf : NULL;
    if (good <= 0)
        certificate_explain(chain, transfer->verify_failure, sizeof transfer->verify_failure);
    return good;
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

static CURLcode on_tls(CURL *easy, void *tls, void *context)
{
    struct transfer *transfer = context;
    X509_STORE *store;

    (void)easy;
    phase_clock_enter(&transfer->clock, EXCHANGE_TLS);
    meter_connect(&transfer->meter, true);
    SSL_CTX_set_msg_callback(tls, on_record);
    SSL_CTX_set_msg_callback_arg(tls, transfer);

    /* Many servers close the connection without a TLS close_notify, and browsers accept that. A
     * body of known length that is cut short is still noticed. */
#ifdef SSL_OP_IGNORE_UNEXPECTED_EOF
    SSL_CTX_set_options(tls, SSL_OP_IGNORE_UNEXPECTED_EOF);
#endif
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
    transfer->is_http2 = speaks_http2(transfer->easy);
    if (transfer->is_http2)
        meter_connect(&transfer->meter, true);
    return CURL_PREREQFUNC_OK;
}

bool handle_header_value(const char *line, size_t size, const char *name, struct bytes *value)
{
    size_t from = strlen(name);

    if (size <= from || strncasecmp(line, name, from) != 0 || line[from] != ':')
        return false;
    from++;
    while (from < size && isspace((unsigned char)line[from]))
        from++;
    while (size > from && isspace((unsigned char)line[size - 1]))
        size--;
    *value = (struct bytes){line + from, size - from};
    return true;
}

/* Keeps the value of the last Location header. Returns false to end the exchange. */
static bool keep_location(struct transfer *transfer, const char *line, size_t size)
{
    struct bytes value;

    if (!handle_header_value(line, size, "Location", &value))
        return true;
    free(transfer->location);
    transfer->location = value.size ? strndup(value.data, value.size) : NULL;
    if (value.size == 0 || transfer->location)
        return true;
    transfer->local_fault = "out of memory";
    return false;
}

/*
 * Called for the line that ends the headers. The body follows, or another response after 1xx. The
 * body of a redirect is not read. Returns false to end the exchange.
 */
static bool end_headers(struct transfer *transfer)
{
    long status = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 && status != 101) {
        phase_clock_enter(&transfer->clock, EXCHANGE_WAIT);
        return true;
    }
    phase_clock_enter(&transfer->clock, EXCHANGE_BODY);
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

    /* Trailers of a chunked body. */
    if (transfer->clock.phase == EXCHANGE_BODY)
        return size;
    phase_clock_enter(&transfer->clock, EXCHANGE_HEADERS);
    if (!keep_location(transfer, bytes, size))
        return 0;
    if (*bytes == '\r' || *bytes == '\n')
        return end_headers(transfer) ? size : 0;
    return size;
}

static size_t on_body(char *bytes, size_t one, size_t size, void *context)
{
    struct transfer *transfer = context;
    int64_t left = transfer->domain->max_body_bytes - transfer->body_bytes;
    size_t wanted = (int64_t)size > left ? (size_t)left : size;

    (void)one;
    phase_clock_enter(&transfer->clock, EXCHANGE_BODY);
    search_feed(&transfer->body_search, bytes, wanted);
    for (size_t i = 0; i < transfer->domain->n_bot_strings; i++)
        search_feed(&transfer->bot_searches[i], bytes, wanted);
    transfer->body_bytes += (int64_t)wanted;
    if (wanted < size)
        transfer->halt = HALT_BODY;
    else if (end_costly(transfer, meter_work(&transfer->meter, &transfer->client)))
        return 0;
    return wanted;
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

static int set_callbacks(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    unsigned failed = 0;

    failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    failed |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    failed |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_step);
    failed |= curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_message);
    return failed ? -1 : 0;
}

static int set_tls(struct transfer *transfer)
{
    const struct domain *domain = transfer->domain;
    CURL *easy = transfer->easy;
    unsigned failed = 0;
    CURLcode code;

    failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, domain->verify_tls ? 1L : 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, domain->verify_tls ? 2L : 0L);

    /* If libcurl was built without OpenSSL, it reads the bundle itself. */
    code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    if (code == CURLE_NOT_BUILT_IN || code == CURLE_UNKNOWN_OPTION) {
        if (domain->ca_file)
            failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, domain->ca_file);
        return failed ? -1 : 0;
    }
    failed |= code;
    failed |= curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
    failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    failed |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    return failed ? -1 : 0;
}

/* Connects like a new visitor, without a proxy: nothing is shared, cached or kept. */
static int set_connection(struct transfer *transfer)
{
    static const long versions[] = {
        [IP_ANY] = CURL_IPRESOLVE_WHATEVER, [IP_4] = CURL_IPRESOLVE_V4, [IP_6] = CURL_IPRESOLVE_V6};
    CURL *easy = transfer->easy;
    unsigned failed = 0;

    failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Do not wait for a name lookup that hangs. */
    failed |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    failed |= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    failed |= curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    failed |= curl_easy_setopt(easy, CURLOPT_IPRESOLVE, versions[transfer->domain->ip_version]);
    failed |= curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
    return failed ? -1 : 0;
}

/* The encodings that libcurl can decode, but not zstd: a response could claim a window of 128 MiB,
 * and a failure to get the memory would look like a damaged body. NULL: it can decode none. */
static const char *encodings(void)
{
    int features = curl_version_info(CURLVERSION_NOW)->features;

    if (!(features & CURL_VERSION_LIBZ))
        return NULL;
    return features & CURL_VERSION_BROTLI ? "deflate, gzip, br" : "deflate, gzip";
}

/* Returns 0, or -1 if out of memory. */
static int set_http(struct transfer *transfer)
{
    char agent[32];
    CURL *easy = transfer->easy;

    /* Only the major version, so that rules of firewalls survive an upgrade. */
    snprintf(agent, sizeof agent, "uptick/%.*s", (int)strcspn(UPTICK_VERSION, "."), UPTICK_VERSION);
#if LIBCURL_VERSION_NUM >= 0x075500
    if (curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"))
        return -1;
#else
    if (curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)))
        return -1;
#endif

    /* Without an empty proxy, libcurl would take one from the environment. */
    if (curl_easy_setopt(easy, CURLOPT_PROXY, ""))
        return -1;

    /* An empty file name enables cookies without reading any: without cookies, some sites redirect
     * for ever. */
    if (curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "") ||
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, encodings()) ||
        curl_easy_setopt(easy, CURLOPT_USERAGENT, agent))
        return -1;
    return request_set(&transfer->request, transfer->domain, easy);
}

int handle_set(struct transfer *transfer)
{
    return set_connection(transfer) || set_callbacks(transfer) || set_tls(transfer) ||
                   set_http(transfer)
               ? -1
               : 0;
}
