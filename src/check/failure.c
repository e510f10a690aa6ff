#include "check/failure.h"

#include "check/certificate.h"
#include "check/local_fault.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

/* The room of a numeric address, its port, and both in words. */
enum { ADDRESS_ROOM = 64, PORT_ROOM = 8, PEER_ROOM = 80 };

static long os_error(const struct transfer *transfer)
{
    long error = 0;

    if (transfer->easy)
        curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
    return error;
}

/* "127.0.0.1 port 8080" */
static void write_peer(const struct peer *peer, char *into, size_t room)
{
    char host[ADDRESS_ROOM], port[PORT_ROOM];

    if (peer->size == 0 ||
        getnameinfo((const struct sockaddr *)&peer->address, peer->size, host, sizeof host, port,
                    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV))
        snprintf(into, room, "the server");
    else
        snprintf(into, room, "%s port %s", host, port);
}

/* Each of these writes what there is to say on one kind of failure. */
typedef void explain(const struct transfer *transfer, char *into, size_t room);

static void explain_lookup(const struct transfer *transfer, char *into, size_t room)
{
    snprintf(into, room, "%s: %s", transfer->unknown ? transfer->unknown : "no such host",
             transfer->target.host);
}

static void explain_connect(const struct transfer *transfer, char *into, size_t room)
{
    const struct peer *peer = &transfer->peer;
    int error = (int)os_error(transfer);
    char shown[PEER_ROOM];

    /* What this machine has no way to reach says nothing; the other IP version does. */
    if (transfer->earlier.size > 0 && !local_fault_reaches(peer)) {
        peer = &transfer->earlier;
        error = peer->error;
    }
    write_peer(peer, shown, sizeof shown);
    if (error == ECONNREFUSED)
        snprintf(into, room, "connection refused by %s", shown);
    else if (error == ETIMEDOUT)
        snprintf(into, room, "no answer from %s", shown);
    else if (error)
        snprintf(into, room, "cannot connect to %s: %s", shown, strerror(error));
    else
        snprintf(into, room, "cannot connect to %s", shown);
}

/* OpenSSL's reason stands behind the last colon of "error:0A00010B:SSL routines::wrong version
 * number". */
static void explain_handshake(const struct transfer *transfer, char *into, size_t room)
{
    const char *reason = strstr(transfer->message, "error:");

    reason = reason ? strrchr(reason, ':') : NULL;
    if (reason && reason[1])
        snprintf(into, room, "handshake failed: %s", reason + 1);
    else if (os_error(transfer) == ECONNRESET)
        snprintf(into, room, "connection reset in the handshake");
    else
        snprintf(into, room, "connection closed in the handshake");
}

static void explain_certificate(const struct transfer *transfer, char *into, size_t room)
{
    if (*transfer->untrusted) {
        snprintf(into, room, "%s", transfer->untrusted);
        return;
    }
    if (!transfer->leaf) {
        explain_handshake(transfer, into, room);
        return;
    }
    certificate_explain_name(transfer->leaf, transfer->target.host, into, room);
}

static void explain_cut(const struct transfer *transfer, char *into, size_t room)
{
    curl_off_t came = 0, promised = -1;

    curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &came);
    curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &promised);
    if (promised >= 0)
        snprintf(into, room,
                 "response cut short after %" CURL_FORMAT_CURL_OFF_T " of %" CURL_FORMAT_CURL_OFF_T
                 " bytes",
                 came, promised);
    else
        snprintf(into, room, "response cut short after %" CURL_FORMAT_CURL_OFF_T " bytes", came);
}

static void explain_receive(const struct transfer *transfer, char *into, size_t room)
{
    if (strstr(transfer->message, "response headers"))
        snprintf(into, room, "response headers are over %d KiB", HEADERS_MAX >> 10);
    else if (strstr(transfer->message, "chunked"))
        snprintf(into, room, "malformed chunked encoding after %" PRId64 " bytes of the body",
                 transfer->body_bytes);
    else if (transfer->clock.phase == EXCHANGE_BODY)
        snprintf(into, room, "connection broken after %" PRId64 " bytes of the body",
                 transfer->body_bytes);
    else if (transfer->clock.phase == EXCHANGE_HEADERS)
        snprintf(into, room, "connection broken in the headers");
    else
        snprintf(into, room, "connection reset before the first byte");
}

static void explain_protocol(const struct transfer *transfer, char *into, size_t room)
{
    const char *scheme = transfer->target.scheme;

    if (!*scheme)
        snprintf(into, room, "the answer is not HTTP/1.0, HTTP/1.1 or HTTP/2");
    else
        snprintf(into, room, "redirected to %s:, which is not followed", scheme);
}

static void explain_url(const struct transfer *transfer, char *into, size_t room)
{
    snprintf(into, room, "%s",
             transfer->redirect_status ? "redirected to what is no http or https URL"
                                       : "the URL is malformed");
}

/* libcurl's own words: they name no more of a URL than its host. */
static void explain_other(const struct transfer *transfer, char *into, size_t room)
{
    snprintf(into, room, "%s", *transfer->message ? transfer->message : "the exchange failed");
}

/* One row a code: its kind, and either its words or who finds them. */
static const struct {
    CURLcode code;
    enum fault fault;
    explain *explain;
    const char *words;
} faults[] = {
    {CURLE_COULDNT_RESOLVE_HOST, FAULT_DNS, explain_lookup, NULL},
    {CURLE_COULDNT_CONNECT, FAULT_CONNECT, explain_connect, NULL},
    {CURLE_SSL_CONNECT_ERROR, FAULT_TLS, explain_handshake, NULL},
    {CURLE_PEER_FAILED_VERIFICATION, FAULT_TLS, explain_certificate, NULL},
    {CURLE_SSL_CIPHER, FAULT_TLS, explain_other, NULL},
    {CURLE_SSL_ISSUER_ERROR, FAULT_TLS, explain_other, NULL},
    {CURLE_SSL_CLIENTCERT, FAULT_TLS, NULL, "the server asks for a client certificate"},
    {CURLE_GOT_NOTHING, FAULT_PROTOCOL, NULL, "connection closed without an answer"},
    {CURLE_PARTIAL_FILE, FAULT_PROTOCOL, explain_cut, NULL},
    {CURLE_RECV_ERROR, FAULT_PROTOCOL, explain_receive, NULL},
    {CURLE_SEND_ERROR, FAULT_PROTOCOL, NULL, "connection broken while the request was sent"},
    {CURLE_TOO_MANY_REDIRECTS, FAULT_PROTOCOL, NULL, "more than 10 redirects"},
    {CURLE_UNSUPPORTED_PROTOCOL, FAULT_PROTOCOL, explain_protocol, NULL},
    {CURLE_URL_MALFORMAT, FAULT_PROTOCOL, explain_url, NULL},
    {CURLE_WEIRD_SERVER_REPLY, FAULT_PROTOCOL, NULL, "the answer is not well-formed HTTP"},
    {CURLE_BAD_CONTENT_ENCODING, FAULT_PROTOCOL, NULL,
     "the body is not encoded as its header says"},
    {CURLE_WRITE_ERROR, FAULT_PROTOCOL, NULL, "the body is not encoded as its header says"},
};

/* Which part of an exchange its time ran out in. */
static void explain_timeout(const struct transfer *transfer, char *into, size_t room)
{
    char shown[PEER_ROOM];

    switch (transfer->clock.phase) {
    case EXCHANGE_LOOKUP:
        snprintf(into, room, "looking up the name");
        break;
    case EXCHANGE_CONNECT:
        write_peer(&transfer->peer, shown, sizeof shown);
        snprintf(into, room, "connecting to %s", shown);
        break;
    case EXCHANGE_TLS:
        snprintf(into, room, "in the TLS handshake");
        break;
    case EXCHANGE_HEADERS:
        snprintf(into, room, "reading the headers");
        break;
    case EXCHANGE_BODY:
        snprintf(into, room, "reading the body, of which %" PRId64 " bytes came",
                 transfer->body_bytes);
        break;
    default:
        snprintf(into, room, "waiting for the first byte");
    }
}

/* The kernel may give up on a connection before the check does: that is no timeout of the check. */
static bool kernel_gave_up(const struct transfer *transfer)
{
    return transfer->clock.phase == EXCHANGE_CONNECT && os_error(transfer) == ETIMEDOUT &&
           transfer->duration_ms < transfer->domain->timeout_ms / 10 * 9;
}

static void explain_code(const struct transfer *transfer, CURLcode code, struct cause *cause)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (faults[i].code != code)
            continue;
        cause->fault = faults[i].fault;
        if (faults[i].explain)
            faults[i].explain(transfer, cause->detail, sizeof cause->detail);
        else
            snprintf(cause->detail, sizeof cause->detail, "%s", faults[i].words);
        return;
    }
    cause->fault = FAULT_PROTOCOL;
    explain_other(transfer, cause->detail, sizeof cause->detail);
}

void failure_explain(const struct transfer *transfer, CURLcode code, struct cause *cause)
{
    enum exchange_phase phase = transfer->clock.phase;

    *cause = (struct cause){.fault = FAULT_NONE};
    if (code == CURLE_OK || transfer->halt == HALT_BODY)
        return;
    if (local_fault_lacked_memory()) {
        cause->own = local_fault_explain(transfer, code, cause->detail, sizeof cause->detail);
    } else if (transfer->halt == HALT_HEADERS) {
        cause->fault = FAULT_PROTOCOL;
        snprintf(cause->detail, sizeof cause->detail, "response headers are over %d KiB",
                 HEADERS_MAX >> 10);
    } else if (code == CURLE_OUT_OF_MEMORY &&
               (phase == EXCHANGE_WAIT || phase == EXCHANGE_HEADERS) &&
               transfer->retried_local_fault && local_fault_has_memory()) {
        /* So libcurl calls a line that is over its own limit, too: it is that where another attempt
         * comes to the same. */
        cause->fault = FAULT_PROTOCOL;
        snprintf(cause->detail, sizeof cause->detail, "a response header is over %d KiB",
                 CURL_MAX_HTTP_HEADER >> 10);
    } else if (code == CURLE_OPERATION_TIMEDOUT && kernel_gave_up(transfer)) {
        cause->fault = FAULT_CONNECT;
        explain_connect(transfer, cause->detail, sizeof cause->detail);
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        cause->fault = FAULT_TIMEOUT;
        explain_timeout(transfer, cause->detail, sizeof cause->detail);
    } else if (local_fault_explain(transfer, code, cause->detail, sizeof cause->detail)) {
        cause->own = true;
    } else {
        explain_code(transfer, code, cause);
    }
}
