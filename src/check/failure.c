/* Explains why an exchange failed. A new kind of failure is a row in the table below. */
#include "check/failure.h"

#include "base/clock.h"
#include "check/alloc_hooks.h"
#include "check/certificate.h"
#include "check/local_fault.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

/* Sizes of texts, with the NUL. */
enum { ADDRESS_SIZE = 64, PORT_SIZE = 8, PEER_SIZE = 80 };

/* Returns the errno that libcurl met last, or 0. */
static long os_error(const struct transfer *transfer)
{
    long error = 0;

    if (transfer->easy)
        curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
    return error;
}

/* "127.0.0.1 port 8080", or "the server" if it is not known. */
static void write_peer(const struct peer *peer, char *into, size_t size)
{
    char host[ADDRESS_SIZE], port[PORT_SIZE];

    if (peer->size == 0 ||
        getnameinfo((const struct sockaddr *)&peer->address, peer->size, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV))
        snprintf(into, size, "the server");
    else
        snprintf(into, size, "%s port %s", host, port);
}

/* Writes the detail of one kind of failure. */
typedef void explain(const struct transfer *transfer, char *into, size_t size);

static void explain_lookup(const struct transfer *transfer, char *into, size_t size)
{
    snprintf(into, size, "%s: %s",
             transfer->lookup_failure ? transfer->lookup_failure : "no such host",
             transfer->target.host);
}

static void explain_connect(const struct transfer *transfer, char *into, size_t size)
{
    const struct peer *peer = &transfer->peer;
    int error = (int)os_error(transfer);
    char shown[PEER_SIZE];

    /* If this machine has no route to the peer, the failure of the other IP version counts. */
    if (transfer->earlier_peer.size > 0 && !local_fault_has_route(peer)) {
        peer = &transfer->earlier_peer;
        error = peer->error;
    }
    write_peer(peer, shown, sizeof shown);
    if (error == ECONNREFUSED)
        snprintf(into, size, "connection refused by %s", shown);
    else if (error == ETIMEDOUT)
        snprintf(into, size, "no answer from %s", shown);
    else if (error)
        snprintf(into, size, "cannot connect to %s: %s", shown, strerror(error));
    else
        snprintf(into, size, "cannot connect to %s", shown);
}

/* OpenSSL's reason is after the last colon: "error:0A00010B:SSL routines::wrong version number". */
static void explain_handshake(const struct transfer *transfer, char *into, size_t size)
{
    const char *reason = strstr(transfer->curl_message, "error:");
    char shown[PEER_SIZE];

    reason = reason ? strrchr(reason, ':') : NULL;
    if (reason && strcmp(reason + 1, "wrong version number") == 0) {
        write_peer(&transfer->peer, shown, sizeof shown);
        snprintf(into, size, "%s does not speak TLS (plain HTTP on this port?)", shown);
    } else if (reason && reason[1]) {
        snprintf(into, size, "handshake failed: %s", reason + 1);
    } else {
        snprintf(into, size, "connection %s during the TLS handshake",
                 os_error(transfer) == ECONNRESET ? "reset" : "closed");
    }
}

static void explain_certificate(const struct transfer *transfer, char *into, size_t size)
{
    if (*transfer->verify_failure) {
        snprintf(into, size, "%s", transfer->verify_failure);
        return;
    }
    if (!transfer->leaf) {
        explain_handshake(transfer, into, size);
        return;
    }
    certificate_explain_name(transfer->leaf, transfer->target.host, into, size);
}

static void explain_cut(const struct transfer *transfer, char *into, size_t size)
{
    curl_off_t came = 0, promised = -1;

    curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &came);
    curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &promised);
    if (promised >= 0)
        snprintf(into, size,
                 "response cut short after %" CURL_FORMAT_CURL_OFF_T " of %" CURL_FORMAT_CURL_OFF_T
                 " bytes",
                 came, promised);
    else
        snprintf(into, size, "response cut short after %" CURL_FORMAT_CURL_OFF_T " bytes", came);
}

static void explain_receive(const struct transfer *transfer, char *into, size_t size)
{
    if (strstr(transfer->curl_message, "response headers"))
        snprintf(into, size, "response headers exceed %d KiB", HEADERS_MAX >> 10);
    else if (strstr(transfer->curl_message, "chunked"))
        snprintf(into, size, "malformed chunked encoding after %" PRId64 " bytes of the body",
                 transfer->body_bytes);
    else if (transfer->clock.phase == EXCHANGE_BODY)
        snprintf(into, size, "connection lost after %" PRId64 " bytes of the body",
                 transfer->body_bytes);
    else if (transfer->clock.phase == EXCHANGE_HEADERS)
        snprintf(into, size, "connection lost in the headers");
    else
        snprintf(into, size, "connection reset before the first byte");
}

static void explain_protocol(const struct transfer *transfer, char *into, size_t size)
{
    const char *scheme = transfer->target.scheme;

    if (!*scheme)
        snprintf(into, size, "the response is not HTTP/1.0, HTTP/1.1 or HTTP/2");
    else
        snprintf(into, size, "redirect to %s: not followed (only http and https)", scheme);
}

static void explain_url(const struct transfer *transfer, char *into, size_t size)
{
    snprintf(into, size, "%s",
             transfer->redirect_status ? "redirect to an invalid URL" : "the URL is malformed");
}

/* Uses libcurl's message. It contains no more of a URL than the host, so no secret. */
static void explain_other(const struct transfer *transfer, char *into, size_t size)
{
    snprintf(into, size, "%s",
             *transfer->curl_message ? transfer->curl_message : "the exchange failed");
}

/* One row for each code of libcurl: the kind of failure, and either a function or a fixed text. */
static const struct {
    CURLcode code;
    enum fault fault;
    explain *explain;
    const char *text;
} rows[] = {
    {CURLE_COULDNT_RESOLVE_HOST, FAULT_DNS, explain_lookup, NULL},
    {CURLE_COULDNT_CONNECT, FAULT_CONNECT, explain_connect, NULL},
    {CURLE_SSL_CONNECT_ERROR, FAULT_TLS, explain_handshake, NULL},
    {CURLE_PEER_FAILED_VERIFICATION, FAULT_TLS, explain_certificate, NULL},
    {CURLE_SSL_CIPHER, FAULT_TLS, explain_other, NULL},
    {CURLE_SSL_ISSUER_ERROR, FAULT_TLS, explain_other, NULL},
    {CURLE_SSL_CLIENTCERT, FAULT_TLS, NULL, "the server requires a client certificate"},
    {CURLE_GOT_NOTHING, FAULT_PROTOCOL, NULL, "connection closed before any response"},
    {CURLE_PARTIAL_FILE, FAULT_PROTOCOL, explain_cut, NULL},
    {CURLE_RECV_ERROR, FAULT_PROTOCOL, explain_receive, NULL},
    {CURLE_SEND_ERROR, FAULT_PROTOCOL, NULL, "connection lost while sending the request"},
    {CURLE_TOO_MANY_REDIRECTS, FAULT_PROTOCOL, NULL, "more than 10 redirects"},
    {CURLE_UNSUPPORTED_PROTOCOL, FAULT_PROTOCOL, explain_protocol, NULL},
    {CURLE_URL_MALFORMAT, FAULT_PROTOCOL, explain_url, NULL},
    {CURLE_WEIRD_SERVER_REPLY, FAULT_PROTOCOL, NULL, "the response is not valid HTTP"},
    {CURLE_BAD_CONTENT_ENCODING, FAULT_PROTOCOL, NULL,
     "the body cannot be decoded as its headers promise"},
    {CURLE_WRITE_ERROR, FAULT_PROTOCOL, NULL, "the body cannot be decoded as its headers promise"},
};

/* The phase in which the time ran out; verdict.c adds the time. */
static void explain_timeout(const struct transfer *transfer, char *into, size_t size)
{
    static const char *const texts[] = {
        [EXCHANGE_LOOKUP] = "looking up the name",
        [EXCHANGE_TLS] = "during the TLS handshake",
        [EXCHANGE_WAIT] = "waiting for the first byte",
        [EXCHANGE_HEADERS] = "reading the headers",
    };
    char shown[PEER_SIZE];

    if (transfer->clock.phase == EXCHANGE_CONNECT) {
        write_peer(&transfer->peer, shown, sizeof shown);
        snprintf(into, size, "connecting to %s", shown);
    } else if (transfer->clock.phase == EXCHANGE_BODY) {
        snprintf(into, size, "reading the body (%" PRId64 " bytes so far)", transfer->body_bytes);
    } else {
        snprintf(into, size, "%s", texts[transfer->clock.phase]);
    }
}

/* Whether the kernel gave up connecting, well before the timeout of the check. */
static bool kernel_gave_up(const struct transfer *transfer)
{
    return transfer->clock.phase == EXCHANGE_CONNECT && os_error(transfer) == ETIMEDOUT &&
           transfer->duration_ms < transfer->domain->timeout_ms / 10 * 9;
}

static void explain_code(const struct transfer *transfer, CURLcode code, struct cause *cause)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code != code)
            continue;
        cause->fault = rows[i].fault;
        if (rows[i].explain)
            rows[i].explain(transfer, cause->detail, sizeof cause->detail);
        else
            snprintf(cause->detail, sizeof cause->detail, "%s", rows[i].text);
        return;
    }
    cause->fault = FAULT_PROTOCOL;
    explain_other(transfer, cause->detail, sizeof cause->detail);
}

/* libcurl reports "out of memory" also if a header line exceeds its own limit. That is the reason
 * if memory is free and the attempt before ended in the same way. */
static bool is_long_header(const struct transfer *transfer, CURLcode code)
{
    enum exchange_phase phase = transfer->clock.phase;

    return code == CURLE_OUT_OF_MEMORY && (phase == EXCHANGE_WAIT || phase == EXCHANGE_HEADERS) &&
           transfer->retried_local_fault && local_fault_has_memory();
}

/* Returns false if no ceiling ended the exchange as a failure. */
static bool explain_halt(const struct transfer *transfer, char *into, size_t size)
{
    switch (transfer->halt) {
    case HALT_HEADERS:
        snprintf(into, size, "response headers exceed %d KiB", HEADERS_MAX >> 10);
        return true;
    case HALT_BYTES:
        snprintf(into, size,
                 "the server sent %" PRId64 " KiB for %" PRId64 " bytes of the body; "
                 "nothing more was read",
                 transfer->meter.wire_bytes >> 10, transfer->body_bytes);
        return true;
    case HALT_CPU:
        snprintf(into, size, "reading the response took more than %d ms of CPU time",
                 METER_CPU_MAX_US / US_PER_MS);
        return true;
    default:
        return false;
    }
}

/* Whether the headers were too large for HTTP/2, and the request could not be repeated over
 * HTTP/1.1, because of its method or because the server does not speak it. */
static bool is_http2_limit(const struct transfer *transfer, CURLcode code)
{
    return transfer->http2_limit && (transfer->is_http2 || code == CURLE_SSL_CONNECT_ERROR);
}

void failure_explain(const struct transfer *transfer, CURLcode code, struct cause *cause)
{
    size_t size = sizeof cause->detail;

    *cause = (struct cause){.fault = FAULT_NONE};
    if (local_fault_was_away(transfer, code, cause->detail, size)) {
        cause->is_local = true;
        return;
    }
    if (code == CURLE_OK || transfer->halt == HALT_BODY)
        return;
    if (alloc_hooks_failed() > 0) {
        cause->is_local = local_fault_explain(transfer, code, cause->detail, size);
    } else if (explain_halt(transfer, cause->detail, size)) {
        cause->fault = FAULT_PROTOCOL;
    } else if (is_http2_limit(transfer, code)) {
        cause->fault = FAULT_PROTOCOL;
        snprintf(cause->detail, size,
                 "response headers exceed what uptick can read over HTTP/2 "
                 "(128 KiB, or 64 KiB for one header)");
    } else if (is_long_header(transfer, code)) {
        cause->fault = FAULT_PROTOCOL;
        snprintf(cause->detail, size, "a response header exceeds %d KiB",
                 CURL_MAX_HTTP_HEADER >> 10);
    } else if (code == CURLE_OPERATION_TIMEDOUT && kernel_gave_up(transfer)) {
        cause->fault = FAULT_CONNECT;
        explain_connect(transfer, cause->detail, size);
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        cause->fault = FAULT_TIMEOUT;
        explain_timeout(transfer, cause->detail, size);
    } else if (local_fault_explain(transfer, code, cause->detail, size)) {
        cause->is_local = true;
    } else {
        explain_code(transfer, code, cause);
    }
}
