/* Texts for TLS handshakes that fail by their own rules, not by the certificate. */
#include "check/handshake.h"

#include <stdio.h>
#include <string.h>

/* Parts of OpenSSL's reasons, which differ between its versions. The first match counts. */
static const struct {
    const char *part, *text;
} sentences[] = {
    {"certificate required", "the server requires a client certificate"},
    {"unrecognized name", "the server does not know this host name"},
    {"legacy sigalg disallowed", "the server signs the handshake with a weak algorithm (SHA-1 or "
                                 "MD5)"},
    {"wrong signature type", "the server signs the handshake with a weak algorithm (SHA-1 or MD5)"},
    {"dh key too small", "the server's Diffie-Hellman key is too short"},
    {"ee key too small", "the server's key is too short"},
    {"insufficient security", "the server requires stronger encryption than this machine offers"},
    {"no application protocol", "the server speaks neither HTTP/2 nor HTTP/1.1"},
    {"unsafe legacy renegotiation", "the server does not support secure renegotiation (RFC 5746)"},
    {"cipher returned", "the server chose a cipher that was not offered"},
    {"alert internal error", "the server reported an internal error"},
    {"alert handshake failure", "the server refused the handshake (no cipher in common, or it "
                                "requires a client certificate)"},
};

/* Alerts by which a server refuses a certificate, or that the client has none. */
static const char *const certificate_alerts[] = {
    "alert handshake failure", "bad certificate",
    "certificate unknown",     "unknown ca",
    "access denied",           "unsupported certificate",
    "certificate expired",     "certificate revoked",
};

/* What comes instead of a TLS record. */
static const char *const not_tls[] = {"wrong version number", "http request",
                                      "packet length too long", "record layer failure"};

static bool has_part(const char *reason, const char *const *parts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strstr(reason, parts[i]))
            return true;
    }
    return false;
}

bool handshake_find_reason(const char *message, char *into, size_t size)
{
    const char *reason = strstr(message, "error:");
    const char *end;

    *into = '\0';
    reason = reason ? strrchr(reason, ':') : NULL;
    if (!reason)
        return false;
    reason++;
    end = strstr(reason, ", errno");
    snprintf(into, size, "%.*s", end ? (int)(end - reason) : (int)strlen(reason), reason);
    return *into;
}

bool handshake_is_not_tls(const char *reason)
{
    return has_part(reason, not_tls, sizeof not_tls / sizeof not_tls[0]);
}

bool handshake_is_alert(const char *reason)
{
    return strstr(reason, "alert") || strstr(reason, "unrecognized name");
}

/* Writes that there is no version in common. Returns false if the reason is another one. */
static bool explain_version(const char *reason, enum tls_version min, char *into, size_t size)
{
    static const char *const too_old[] = {
        [TLS_1_0] = "SSL 3.0", [TLS_1_1] = "TLS 1.0", [TLS_1_2] = "TLS 1.1", [TLS_1_3] = "TLS 1.2"};
    bool is_alert = strstr(reason, "alert protocol version");

    if (is_alert && min == TLS_1_2)
        snprintf(into, size, "the server supports neither TLS 1.2 nor TLS 1.3");
    else if (is_alert || strstr(reason, "unsupported protocol"))
        snprintf(into, size, "the server supports no TLS version newer than %s",
                 too_old[min] + (min == TLS_1_0 ? 0 : strlen("TLS ")));
    else
        return false;
    return true;
}

/* Writes that the server refuses the client. Returns false if it does not. */
static bool explain_client(const char *reason, const struct handshake *handshake, char *into,
                           size_t size)
{
    const char *alert = strstr(reason, "alert ");

    if (!handshake->asks_certificate ||
        !has_part(reason, certificate_alerts,
                  sizeof certificate_alerts / sizeof certificate_alerts[0]))
        return false;
    if (handshake->sent_certificate)
        snprintf(into, size, "the server refuses the client certificate (%s)",
                 alert ? alert + strlen("alert ") : reason);
    else
        snprintf(into, size, "the server requires a client certificate");
    return true;
}

void handshake_explain(const char *reason, const struct handshake *handshake, char *into,
                       size_t size)
{
    if (explain_client(reason, handshake, into, size) ||
        explain_version(reason, handshake->min_version, into, size))
        return;
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        if (strstr(reason, sentences[i].part)) {
            snprintf(into, size, "%s", sentences[i].text);
            return;
        }
    }
    snprintf(into, size, "handshake failed: %s", reason);
}
