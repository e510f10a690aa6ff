/* The table of failure texts and their codes. */
#include "model/code.h"

#include "model/check.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * Patterns, in which "*" is any text. The first match counts. The last row of a KIND is for
 * its other texts. A server chooses a part of some texts; those patterns begin with words that are
 * not its fixed.
 */
static const struct {
    const char *pattern, *code;
} rows[] = {
    {"dns: no such host*", "dns.nxdomain"},
    {"dns: the host has no *", "dns.no_address"},
    {"dns: the name server refused*", "dns.refused"},
    {"dns: no answer from the name server*", "dns.silent"},
    {"dns: the answer is too long*", "dns.silent"},
    {"dns: *", "dns.servfail"},

    {"connect: connection refused*", "connect.refused"},
    {"connect: the proxy requires a login*", "connect.refused"},
    {"connect: the proxy refuses *", "connect.refused"},
    {"connect: the proxy answered 403 *", "connect.refused"},
    {"connect: cannot connect to *: Connection reset*", "connect.reset"},
    {"connect: *", "connect.unreachable"},

    {"tls: certificate expired on*", "tls.expired"},
    {"tls: certificate is not valid before*", "tls.not_yet"},
    {"tls: certificate is for a name that its issuer may not certify*", "tls.issuer"},
    {"tls: certificate is for *", "tls.name"},
    {"tls: certificate names *", "tls.name"},
    {"tls: the server does not know this host name*", "tls.name"},
    {"tls: self-signed certificate*", "tls.self_signed"},
    {"tls: certificate has a key that is too short*", "tls.weak"},
    {"tls: certificate is signed with a weak algorithm*", "tls.weak"},
    {"tls: certificate of issuer \"*\" expired on *", "tls.expired"},
    {"tls: certificate of issuer \"*\" is not valid before *", "tls.not_yet"},
    {"tls: certificate of issuer \"*\" has a key that is too short*", "tls.weak"},
    {"tls: certificate of issuer \"*\" is signed with a weak algorithm*", "tls.weak"},
    {"tls: certificate *", "tls.issuer"},
    {"tls: the server's Diffie-Hellman key is too short*", "tls.weak"},
    {"tls: the server's key is too short*", "tls.weak"},
    {"tls: the server signs the handshake with a weak algorithm*", "tls.weak"},
    {"tls: the server supports no*", "tls.version"},
    {"tls: the server supports neither*", "tls.version"},
    {"tls: *", "tls.handshake"},

    {"protocol: response cut short in its headers", "protocol.headers"},
    {"protocol: response cut short after * of * bytes", "truncated.length"},
    {"protocol: response cut short after *", "truncated.chunk"},
    {"protocol: connection lost after *", "truncated.length"},
    {"protocol: malformed chunked encoding*", "truncated.chunk"},
    {"protocol: connection lost in the headers", "protocol.headers"},
    {"protocol: response headers exceed*", "protocol.headers"},
    {"protocol: a response header exceeds*", "protocol.headers"},
    {"protocol: the response has different*", "protocol.headers"},
    {"protocol: connection reset *", "connect.reset"},
    {"protocol: connection closed *", "connect.reset"},
    {"protocol: connection lost while sending the request", "connect.reset"},
    {"protocol: the HTTP/2 response ended*", "protocol.http2"},
    {"protocol: the server ended the HTTP/2*", "protocol.http2"},
    {"protocol: the server agreed to HTTP/2*", "protocol.http2"},
    {"protocol: the server sent no valid HTTP/2*", "protocol.http2"},
    {"protocol: HTTP/2 *", "protocol.http2"},
    {"protocol: more than 10 redirects, in a loop", "redirect.loop"},
    {"protocol: more than 10 redirects", "redirect.limit"},
    {"protocol: redirect *", "redirect.url"},
    {"protocol: expected HTTP/*, got *", "protocol.http2"},
    {"protocol: *", "protocol.malformed"},

    {"timeout: * passed looking up*", "timeout.lookup"},
    {"timeout: * passed connecting*", "timeout.connect"},
    {"timeout: * passed during the TLS*", "timeout.tls"},
    {"timeout: * passed waiting for*", "timeout.first_byte"},
    {"timeout: * passed reading the headers*", "timeout.headers"},
    {"timeout: *", "timeout.body"},

    {"redirect: expected to end at *", "redirect.url"},
    {"redirect: * is not https", "redirect.insecure"},
    {"redirect: *", "redirect.limit"},
    {"certificate: *", "certificate.days"},
    {"header: * is missing", "header.missing"},
    {"header: *", "header.value"},

    {"body: \"*\" found", "body.excluded"},
    {"body: read as *", "body.excluded"},
    {"body: matches /*", "body.excluded"},
    {"body: \"*", "body.missing"},
    {"body: does not match /*", "body.missing"},
    {"body: /*", "body.missing"},
    {"body: * byte*, expected *", "body.size"},
    {"body: *", "body.missing"},

    {"json: not JSON at *", "json.missing"},
    {"json: the body is longer than *", "json.missing"},
    {"json: more than * nested arrays and objects", "json.missing"},
    {"json: * is missing", "json.missing"},
    {"json: *", "json.value"},

    {"latency: *", "latency.limit"},

    {"bot: \"*", "bot.string"},
    {"bot: * (status *); *", "bot.signature"},
    {"bot: *", "bot.string"},
    {"slow:*", "latency.limit"},
};

/* A short text for each code, for places with little room. */
static const struct {
    const char *code, *text;
} short_texts[] = {
    {"dns.nxdomain", "no such host"},
    {"dns.servfail", "name lookup failed"},
    {"dns.refused", "name lookup refused"},
    {"dns.no_address", "no address"},
    {"dns.silent", "name server silent"},
    {"connect.refused", "refused"},
    {"connect.reset", "reset"},
    {"connect.unreachable", "unreachable"},
    {"tls.expired", "certificate expired"},
    {"tls.not_yet", "certificate not valid yet"},
    {"tls.name", "wrong certificate name"},
    {"tls.issuer", "unknown issuer"},
    {"tls.self_signed", "self-signed certificate"},
    {"tls.weak", "weak TLS"},
    {"tls.version", "no common TLS version"},
    {"tls.handshake", "TLS failed"},
    {"truncated.length", "cut short"},
    {"truncated.chunk", "cut short"},
    {"protocol.malformed", "malformed"},
    {"protocol.http2", "HTTP/2 error"},
    {"protocol.headers", "bad headers"},
    {"redirect.loop", "redirect loop"},
    {"redirect.limit", "too many redirects"},
    {"redirect.url", "wrong redirect"},
    {"redirect.insecure", "insecure redirect"},
    {"header.missing", "header missing"},
    {"header.value", "wrong header"},
    {"body.missing", "text missing"},
    {"body.excluded", "excluded text"},
    {"body.size", "wrong size"},
    {"json.missing", "JSON missing"},
    {"json.value", "wrong JSON"},
    {"latency.limit", "slow"},
    {"certificate.days", "certificate ends soon"},
    {"timeout.lookup", "timeout in name lookup"},
    {"timeout.connect", "timeout connecting"},
    {"timeout.tls", "timeout in TLS"},
    {"timeout.first_byte", "timeout"},
    {"timeout.headers", "timeout in headers"},
    {"timeout.body", "timeout in body"},
    {"bot.string", "bot detected"},
    {"bot.signature", "bot wall"},
};

/* fixed (NULL: not wanted) gets true for each byte of the text that the pattern has. */
static bool matches(const char *pattern, const char *text, bool *fixed)
{
    const char *star = NULL, *resume = NULL, *start = text;

    for (size_t i = 0; fixed && text[i]; i++)
        fixed[i] = false;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern == *text) {
            if (fixed)
                fixed[text - start] = true;
            pattern++;
            text++;
        } else if (star) {
            for (const char *at = resume; fixed && at < text; at++)
                fixed[at - start] = false;
            pattern = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

static const char *status_code(int http_status)
{
    int kind = http_status / 100;

    return kind == 4 ? "status.4xx" : kind == 5 ? "status.5xx" : "status.other";
}

/* For texts that no version has written. */
static const char *general_code(enum status status, int http_status)
{
    switch (status) {
    case STATUS_TIMEOUT:
        return "timeout.body";
    case STATUS_BOT_DETECTED:
        return "bot.string";
    case STATUS_DOWN:
        return http_status ? status_code(http_status) : "protocol.malformed";
    default:
        return NULL;
    }
}

const char *code_of(enum status status, int http_status, const char *failure)
{
    if (!*failure || check_state_of(status, failure) == STATUS_UP)
        return NULL;
    if (matches("http_status: *", failure, NULL))
        return status_code(http_status);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (matches(rows[i].pattern, failure, NULL))
            return rows[i].code;
    }
    return general_code(status, http_status);
}

const char *code_short(const char *code)
{
    for (size_t i = 0; i < sizeof short_texts / sizeof short_texts[0]; i++) {
        if (strcmp(short_texts[i].code, code) == 0)
            return short_texts[i].text;
    }
    return NULL;
}

void code_mark_fixed(const char *failure, bool *fixed)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (matches(rows[i].pattern, failure, fixed))
            return;
    }
    memset(fixed, 0, strlen(failure) * sizeof *fixed);
}
