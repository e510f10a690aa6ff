/* Explains why an exchange failed. A new kind of failure is a row in the table below. */
#include "check/failure.h"

#include "base/clock.h"
#include "check/alloc_hooks.h"
#include "check/certificate.h"
#include "check/handshake.h"
#include "check/local_fault.h"
#include "check/tunnel.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HTTP2_ENDED "the server ended the HTTP/2 connection before the end of the response"

/* Returns the errno that libcurl met last, or 0. */
static long os_error(const struct transfer *transfer)
{
    long error = 0;

    if (transfer->easy)
        curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
    return error;
}

/* Writes the detail of one kind of failure. */
typedef void explain(const struct transfer *transfer, char *into, size_t size);

static void explain_lookup(const struct transfer *transfer, char *into, size_t size)
{
    snprintf(into, size, "%s: %s",
             transfer->lookup_failure ? transfer->lookup_failure : "no such host",
             transfer->route.host);
}

/* Why an endpoint cannot be reached although this machine has a way to it. */
static const struct {
    int error;
    const char *reason;
} refusals[] = {
    {EHOSTUNREACH, "the host is off, or a router on the way rejects the connection"},
    {ENETUNREACH, "a router on the way has no route to it"},
    {EACCES, "a firewall on the way rejects the connection"},
};

static const char *refusal_of(int error)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (refusals[i].error == error)
            return refusals[i].reason;
    }
    return strerror(error);
}

static void explain_connect(const struct transfer *transfer, char *into, size_t size)
{
    const struct attempts *attempts = &transfer->attempts;
    bool is_known = attempts->blamed.size > 0;
    const struct peer *peer = is_known ? &attempts->blamed : &attempts->last;
    int error = is_known ? peer->error : (int)os_error(transfer);
    char shown[ATTEMPTS_PEER_SIZE];

    attempts_name(peer, shown);
    if (error == ECONNREFUSED)
        snprintf(into, size, "connection refused by %s", shown);
    else if (error == ETIMEDOUT)
        snprintf(into, size, "no answer from %s", shown);
    else if (error)
        snprintf(into, size, "cannot connect to %s: %s", shown, refusal_of(error));
    else if (peer->address.ss_family == AF_UNIX)
        snprintf(into, size, "%s has too many waiting connections", shown);
    else
        snprintf(into, size, "cannot connect to %s", shown);
}

/* When the connection was lost. */
static const char *last_step(const struct transfer *transfer)
{
    if (!transfer->asks_certificate)
        return "during the TLS handshake";
    return transfer->sent_certificate ? "after the client certificate was sent"
                                      : "after the server asked for a client certificate";
}

static void explain_reason(const struct transfer *transfer, const char *reason, char *into,
                           size_t size)
{
    struct handshake handshake = {.asks_certificate = transfer->asks_certificate,
                                  .sent_certificate = transfer->sent_certificate,
                                  .min_version = transfer->domain->tls_min_version};

    handshake_explain(reason, &handshake, into, size);
}

static void explain_handshake(const struct transfer *transfer, char *into, size_t size)
{
    char reason[CURL_ERROR_SIZE], shown[ATTEMPTS_PEER_SIZE];

    /* Within the TLS of a proxy, libcurl loses OpenSSL's reason. */
    if (*transfer->verify_failure) {
        snprintf(into, size, "%s", transfer->verify_failure);
    } else if (!handshake_find_reason(transfer->curl_message, reason, sizeof reason)) {
        snprintf(into, size, "connection %s %s",
                 os_error(transfer) == ECONNRESET ? "reset" : "closed", last_step(transfer));
    } else if (!handshake_is_not_tls(reason)) {
        explain_reason(transfer, reason, into, size);
    } else if (transfer->domain->proxy && transfer->hop == HOP_SERVER) {
        snprintf(into, size, "%s port %d does not speak TLS (plain HTTP on this port?)",
                 transfer->target.host, transfer->target.port);
    } else {
        attempts_name(&transfer->attempts.last, shown);
        snprintf(into, size, "%s does not speak TLS (plain HTTP on this port?)", shown);
    }
}

static void explain_certificate(const struct transfer *transfer, char *into, size_t size)
{
    if (*transfer->verify_failure || !transfer->leaf)
        explain_handshake(transfer, into, size);
    else
        certificate_explain_name(transfer->leaf, transfer->tls_host, into, size);
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

/* After the handshake, and before the first byte of the response. */
static void explain_no_answer(const struct transfer *transfer, char *into, size_t size)
{
    bool is_reset = os_error(transfer) == ECONNRESET;

    if (transfer->is_http2 && !is_reset)
        snprintf(into, size, "the server %ssent no valid HTTP/2 response",
                 route_knows_http2(transfer->domain, &transfer->target) ? ""
                                                                        : "agreed to HTTP/2 and ");
    else
        snprintf(into, size,
                 is_reset ? "connection reset before the first byte"
                          : "connection closed before any response");
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
        explain_no_answer(transfer, into, size);
}

/* libcurl refuses an empty or negative length before our callback reads it. */
static void explain_invalid(const struct transfer *transfer, char *into, size_t size)
{
    snprintf(into, size, "%s",
             strstr(transfer->curl_message, "Content-Length") ? HEAD_WRONG_LENGTH
                                                              : "the response is not valid HTTP");
}

/* libcurl's message is "HTTP/2 stream 1 was not closed cleanly: CANCEL (err 8)", or empty. */
static void explain_http2(const struct transfer *transfer, char *into, size_t size)
{
    const char *name = strstr(transfer->curl_message, "cleanly: ");
    size_t length = name ? strcspn(name + strlen("cleanly: "), " ") : 0;

    if (length > 0)
        snprintf(into, size, "the HTTP/2 response ended with the error %.*s", (int)length,
                 name + strlen("cleanly: "));
    else
        snprintf(into, size, "%s", HTTP2_ENDED);
}

static void explain_protocol(const struct transfer *transfer, char *into, size_t size)
{
    const char *scheme = transfer->target.scheme;

    if (!*scheme)
        snprintf(into, size, "%s", HEAD_NOT_HTTP);
    else
        snprintf(into, size, "redirect to %s: not followed (only http and https)", scheme);
}

static void explain_redirects(const struct transfer *transfer, char *into, size_t size)
{
    snprintf(into, size, "more than %d redirects%s", REDIRECTS_MAX,
             transfer->is_loop ? ", in a loop" : "");
}

static void explain_url(const struct transfer *transfer, char *into, size_t size)
{
    if (transfer->target.host_fault)
        snprintf(into, size, "redirect to an invalid URL: the host %s",
                 transfer->target.host_fault);
    else
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
    {CURLE_GOT_NOTHING, FAULT_PROTOCOL, explain_no_answer, NULL},
    {CURLE_HTTP2, FAULT_PROTOCOL, explain_http2, NULL},
    {CURLE_HTTP2_STREAM, FAULT_PROTOCOL, explain_http2, NULL},
    {CURLE_PARTIAL_FILE, FAULT_PROTOCOL, explain_cut, NULL},
    {CURLE_RECV_ERROR, FAULT_PROTOCOL, explain_receive, NULL},
    {CURLE_SEND_ERROR, FAULT_PROTOCOL, NULL, "connection lost while sending the request"},
    {CURLE_PROXY, FAULT_CONNECT, explain_other, NULL},
    {CURLE_TOO_MANY_REDIRECTS, FAULT_PROTOCOL, explain_redirects, NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, FAULT_PROTOCOL, explain_protocol, NULL},
    {CURLE_URL_MALFORMAT, FAULT_PROTOCOL, explain_url, NULL},
    {CURLE_WEIRD_SERVER_REPLY, FAULT_PROTOCOL, explain_invalid, NULL},
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
    char shown[ATTEMPTS_PEER_SIZE];

    if (transfer->clock.phase == EXCHANGE_CONNECT) {
        attempts_name(&transfer->attempts.last, shown);
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

/*
 * Over TLS 1.3, a server refuses a client after the handshake: by an alert, or by closing the
 * connection, which then loses the alert. Fills in the cause and returns true if that is what
 * happened.
 */
static bool explain_refusal(const struct transfer *transfer, CURLcode code, struct cause *cause)
{
    bool is_reset = os_error(transfer) == ECONNRESET;
    char reason[CURL_ERROR_SIZE];
    size_t size = sizeof cause->detail;

    if ((transfer->clock.phase != EXCHANGE_TLS && transfer->clock.phase != EXCHANGE_WAIT) ||
        (code != CURLE_RECV_ERROR && code != CURLE_SEND_ERROR && code != CURLE_GOT_NOTHING &&
         code != CURLE_HTTP2))
        return false;
    if (handshake_find_reason(transfer->curl_message, reason, sizeof reason) &&
        handshake_is_alert(reason))
        explain_reason(transfer, reason, cause->detail, size);
    else if (transfer->asks_certificate)
        snprintf(cause->detail, size, "connection %s %s", is_reset ? "reset" : "closed",
                 last_step(transfer));
    else
        return false;
    cause->fault = FAULT_TLS;
    return true;
}

/* libcurl reports "out of memory" also if a header line exceeds its own limit. That is the reason
 * if memory is free and the attempt before ended in the same way. */
static bool is_long_header(const struct transfer *transfer, CURLcode code)
{
    enum exchange_phase phase = transfer->clock.phase;

    return code == CURLE_OUT_OF_MEMORY && (phase == EXCHANGE_WAIT || phase == EXCHANGE_HEADERS) &&
           transfer->retried_local_fault && local_fault_has_memory();
}

/* Whether the server ended an HTTP/2 connection before any header. libcurl accepts that. */
static bool is_http2_without_headers(const struct transfer *transfer, CURLcode code)
{
    return (code == CURLE_OK || code == CURLE_PARTIAL_FILE) && transfer->is_http2 &&
           transfer->header_bytes == 0 && transfer->clock.phase == EXCHANGE_WAIT;
}

/* Whether the server closed the connection before the end of the headers. libcurl accepts that. */
static bool is_cut_in_headers(const struct transfer *transfer, CURLcode code)
{
    enum exchange_phase phase = transfer->clock.phase;

    return (code == CURLE_OK || code == CURLE_PARTIAL_FILE) &&
           (phase == EXCHANGE_WAIT || phase == EXCHANGE_HEADERS);
}

/* Why a callback of ours ended a response that is not HTTP as browsers accept it; NULL: none did.
 */
static const char *halt_reason(const struct transfer *transfer, char text[FAILURE_MAX])
{
    switch (transfer->halt) {
    case HALT_HEADERS:
        snprintf(text, FAILURE_MAX, "response headers exceed %d KiB", HEADERS_MAX >> 10);
        return text;
    case HALT_BYTES:
        snprintf(text, FAILURE_MAX,
                 "the server sent %" PRId64 " KiB for %" PRId64
                 " bytes of the body; nothing more was read",
                 transfer->meter.wire_bytes >> 10, transfer->body_bytes);
        return text;
    case HALT_CPU:
        snprintf(text, FAILURE_MAX, "reading the response took more than %d ms of CPU time",
                 METER_CPU_MAX_US / US_PER_MS);
        return text;
    case HALT_HEAD:
        return head_fault(&transfer->head);
    case HALT_CODING:
        return "the body cannot be decoded as its headers promise";
    default:
        return NULL;
    }
}

/* Whether the headers were too large for HTTP/2, and the request could not be repeated over
 * HTTP/1.1, because of its method or because the server does not speak it. */
static bool is_http2_limit(const struct transfer *transfer, CURLcode code)
{
    return transfer->http2_limit && (transfer->is_http2 || code == CURLE_SSL_CONNECT_ERROR);
}

/* Fills in the cause if it is known without libcurl's code. Returns whether it is. */
static bool explain_response(const struct transfer *transfer, CURLcode code, struct cause *cause)
{
    char text[FAILURE_MAX];
    const char *reason = halt_reason(transfer, text);

    if (!reason && is_long_header(transfer, code)) {
        snprintf(text, sizeof text, "a response header exceeds %d KiB", CURL_MAX_HTTP_HEADER >> 10);
        reason = text;
    } else if (!reason && is_http2_limit(transfer, code)) {
        reason = "response headers exceed what uptick can read over HTTP/2 (128 KiB, or 64 KiB for "
                 "one header)";
    } else if (!reason && is_http2_without_headers(transfer, code)) {
        reason = HTTP2_ENDED;
    } else if (!reason && is_cut_in_headers(transfer, code)) {
        reason = "response cut short in its headers";
    }
    if (!reason)
        return false;
    cause->fault = FAULT_PROTOCOL;
    snprintf(cause->detail, sizeof cause->detail, "%s", reason);
    return true;
}

/* Whether the exchange is complete. */
static bool is_complete(const struct transfer *transfer, CURLcode code)
{
    return transfer->halt == HALT_BODY || transfer->halt == HALT_UPGRADE ||
           (code == CURLE_OK && !is_cut_in_headers(transfer, code));
}

void failure_explain(const struct transfer *transfer, CURLcode code, struct cause *cause)
{
    size_t size = sizeof cause->detail;

    *cause = (struct cause){.fault = FAULT_NONE};
    if (local_fault_was_away(transfer, code, cause->detail, size)) {
        cause->is_local = true;
        return;
    }
    if (is_complete(transfer, code))
        return;
    if (alloc_hooks_failed() > 0) {
        cause->is_local = local_fault_explain(transfer, code, cause->detail, size);
    } else if (tunnel_explain(transfer, code, cause) || explain_response(transfer, code, cause)) {
        return;
    } else if (code == CURLE_OPERATION_TIMEDOUT &&
               local_fault_explain_connect(transfer, cause->detail, size)) {
        cause->is_local = true;
    } else if (code == CURLE_OPERATION_TIMEDOUT && kernel_gave_up(transfer)) {
        cause->fault = FAULT_CONNECT;
        explain_connect(transfer, cause->detail, size);
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        cause->fault = FAULT_TIMEOUT;
        explain_timeout(transfer, cause->detail, size);
    } else if (local_fault_explain(transfer, code, cause->detail, size)) {
        cause->is_local = true;
    } else if (!explain_refusal(transfer, code, cause)) {
        explain_code(transfer, code, cause);
    }
    tunnel_name_proxy(transfer, cause);
}
