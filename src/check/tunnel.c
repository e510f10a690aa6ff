/* Explains failures of a proxy, and of its connection to the server. */
#include "check/tunnel.h"

#include <stdio.h>
#include <string.h>

/* What a SOCKS proxy reports. The texts about the server are those of a direct connection. */
static const struct {
    CURLproxycode code;
    const char *text;
} reports[] = {
    {CURLPX_REPLY_CONNECTION_REFUSED, "connection refused by the server, as the proxy reports"},
    {CURLPX_REPLY_HOST_UNREACHABLE, "the proxy cannot reach the server: host unreachable"},
    {CURLPX_REPLY_NETWORK_UNREACHABLE, "the proxy cannot reach the server: network unreachable"},
    {CURLPX_REPLY_TTL_EXPIRED, "the proxy cannot reach the server: no answer"},
    {CURLPX_REPLY_GENERAL_SERVER_FAILURE, "the proxy cannot reach the server: general failure"},
    {CURLPX_REPLY_NOT_ALLOWED, "the proxy refuses to connect to the server"},
    {CURLPX_REPLY_ADDRESS_TYPE_NOT_SUPPORTED, "the proxy does not support this kind of address"},
    {CURLPX_REPLY_COMMAND_NOT_SUPPORTED, "the proxy does not support CONNECT"},
    {CURLPX_NO_AUTH, "the proxy requires a login, or accepts none of this kind"},
    {CURLPX_USER_REJECTED, "the proxy refuses the login"},
    {CURLPX_CLOSED, "the proxy closed the connection"},
    {CURLPX_RECV_CONNECT, "the proxy closed the connection"},
    {CURLPX_RECV_AUTH, "the proxy closed the connection"},
    {CURLPX_RECV_REQACK, "the proxy closed the connection"},
    {CURLPX_RECV_ADDRESS, "the proxy closed the connection"},
};

bool tunnel_was_begun(const struct transfer *transfer, CURLcode code)
{
    return code == CURLE_PROXY || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
           code == CURLE_GOT_NOTHING ||
           (code != CURLE_OK && attempts_are_connected(&transfer->attempts));
}

static bool set_cause(struct cause *cause, enum fault fault, const char *text)
{
    cause->fault = fault;
    snprintf(cause->detail, sizeof cause->detail, "%s", text);
    return true;
}

static bool explain_login(const struct transfer *transfer, struct cause *cause)
{
    return set_cause(cause, FAULT_CONNECT,
                     transfer->domain->proxy->logs_in ? "the proxy refuses the login (status 407)"
                                                      : "the proxy requires a login (status 407)");
}

static bool explain_report(const struct transfer *transfer, struct cause *cause)
{
    long reported = CURLPX_OK;

    curl_easy_getinfo(transfer->easy, CURLINFO_PROXY_ERROR, &reported);
    for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++) {
        if ((long)reports[i].code == reported)
            return set_cause(cause, FAULT_CONNECT, reports[i].text);
    }
    return set_cause(cause, FAULT_PROTOCOL, "the proxy does not speak SOCKS 5");
}

/* Explains what a proxy of HTTP answered to CONNECT. Returns false if it did not answer. */
static bool explain_answer(const struct transfer *transfer, CURLcode code, struct cause *cause)
{
    char text[FAILURE_MAX];
    long status = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    if (status == 407)
        return explain_login(transfer, cause);
    if (status >= 300) {
        snprintf(text, sizeof text, "the proxy answered %ld to CONNECT", status);
        return set_cause(cause, FAULT_CONNECT, text);
    }
    if (strstr(transfer->curl_message, "tunnel failed") || code == CURLE_WEIRD_SERVER_REPLY)
        return set_cause(cause, FAULT_PROTOCOL, "the proxy's answer to CONNECT is not valid HTTP");
    if (strstr(transfer->curl_message, "too large"))
        return set_cause(cause, FAULT_PROTOCOL, "the proxy's answer to CONNECT is too long");
    return false;
}

bool tunnel_explain(const struct transfer *transfer, CURLcode code, struct cause *cause)
{
    char text[FAILURE_MAX];

    if (transfer->halt == HALT_PROXY)
        return explain_login(transfer, cause);
    if (transfer->hop != HOP_TUNNEL)
        return false;
    if (code == CURLE_OPERATION_TIMEDOUT) {
        snprintf(text, sizeof text, "connecting to %s port %d through the proxy",
                 transfer->target.host, transfer->target.port);
        return set_cause(cause, FAULT_TIMEOUT, text);
    }
    return code == CURLE_PROXY ? explain_report(transfer, cause)
                               : explain_answer(transfer, code, cause);
}

void tunnel_name_proxy(const struct transfer *transfer, struct cause *cause)
{
    size_t size = strlen(cause->detail);

    if (transfer->hop != HOP_SERVER && cause->fault != FAULT_NONE)
        snprintf(cause->detail + size, sizeof cause->detail - size, " (the proxy)");
}
