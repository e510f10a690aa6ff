/* model/code: the stable codes of all failure texts. */
#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "model/check.h"
#include "model/code.h"
#include "model/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Every text that verdict.c, failure.c, handshake.c, certificate.c, head.c and the lookups write.
 * A code is never renamed, and records of years are read again: change no row, only add some. */
static const struct {
    enum status status;
    int http_status;
    const char *failure, *code;
} cases[] = {
    {STATUS_DOWN, 0, "dns: no such host: a.example", "dns.nxdomain"},
    {STATUS_DOWN, 0, "dns: the host has no address: a.example", "dns.no_address"},
    {STATUS_DOWN, 0, "dns: the host has no IPv4 address: a.example", "dns.no_address"},
    {STATUS_DOWN, 0, "dns: the host has no IPv6 address: a.example", "dns.no_address"},
    {STATUS_DOWN, 0, "dns: no answer from the name server: a.example", "dns.silent"},
    {STATUS_DOWN, 0, "dns: the name server failed (SERVFAIL): a.example", "dns.servfail"},
    {STATUS_DOWN, 0, "dns: the name server failed: a.example", "dns.servfail"},
    {STATUS_DOWN, 0, "dns: the name server refused to answer (REFUSED): a", "dns.refused"},
    {STATUS_DOWN, 0, "dns: the name server cannot answer (NOTIMP): a.example", "dns.servfail"},
    {STATUS_DOWN, 0, "dns: the name server's answer is malformed: a.example", "dns.servfail"},
    {STATUS_DOWN, 0, "dns: the host name is malformed: a.example", "dns.servfail"},

    {STATUS_DOWN, 0, "connect: connection refused by 127.0.0.1 port 80", "connect.refused"},
    {STATUS_DOWN, 0, "connect: connection refused by 127.0.0.1 port 80 (the proxy)",
     "connect.refused"},
    {STATUS_DOWN, 0, "connect: connection refused by unix socket PATH", "connect.refused"},
    {STATUS_DOWN, 0, "connect: connection refused by the server, as the proxy reports",
     "connect.refused"},
    {STATUS_DOWN, 407, "connect: the proxy requires a login (status 407)", "connect.refused"},
    {STATUS_DOWN, 407, "connect: the proxy refuses the login (status 407)", "connect.refused"},
    {STATUS_DOWN, 0, "connect: the proxy requires a login, or accepts none of this kind",
     "connect.refused"},
    {STATUS_DOWN, 0, "connect: the proxy refuses the login", "connect.refused"},
    {STATUS_DOWN, 0, "connect: the proxy refuses to connect to the server", "connect.refused"},
    {STATUS_DOWN, 0, "connect: the proxy answered 403 to CONNECT", "connect.refused"},
    {STATUS_DOWN, 0, "connect: the proxy answered 502 to CONNECT", "connect.unreachable"},
    {STATUS_DOWN, 0, "connect: the proxy cannot reach the server: REASON", "connect.unreachable"},
    {STATUS_DOWN, 0, "connect: the proxy does not support this kind of address",
     "connect.unreachable"},
    {STATUS_DOWN, 0, "connect: the proxy does not support CONNECT", "connect.unreachable"},
    {STATUS_DOWN, 0, "connect: the proxy closed the connection", "connect.unreachable"},
    {STATUS_DOWN, 0, "connect: cannot connect to unix socket PATH: REASON", "connect.unreachable"},
    {STATUS_DOWN, 0, "connect: unix socket PATH has too many waiting connections",
     "connect.unreachable"},
    {STATUS_DOWN, 0, "connect: no answer from 127.0.0.1 port 80", "connect.unreachable"},
    {STATUS_DOWN, 0, "connect: cannot connect to 127.0.0.1 port 80: Connection reset by peer",
     "connect.reset"},
    {STATUS_DOWN, 0, "connect: cannot connect to 127.0.0.1 port 80: REASON", "connect.unreachable"},
    {STATUS_DOWN, 0, "connect: cannot connect to 127.0.0.1 port 80", "connect.unreachable"},

    {STATUS_DOWN, 0, "tls: certificate expired on 2026-11-01", "tls.expired"},
    {STATUS_DOWN, 0, "tls: certificate expired on 2026-11-01; self-signed certificate",
     "tls.expired"},
    {STATUS_DOWN, 0, "tls: certificate of issuer \"Some CA\" expired on 2026-11-01", "tls.expired"},
    {STATUS_DOWN, 0, "tls: certificate is not valid before 2026-12-24", "tls.not_yet"},
    {STATUS_DOWN, 0, "tls: certificate of issuer \"C\" is not valid before 2026-12-24",
     "tls.not_yet"},
    {STATUS_DOWN, 0, "tls: certificate is for a.example, not b.example", "tls.name"},
    {STATUS_DOWN, 0, "tls: certificate is for a.example (and 2 more names), not b.example",
     "tls.name"},
    {STATUS_DOWN, 0,
     "tls: certificate names HOST only in its subject; browsers require "
     "subjectAltName",
     "tls.name"},
    {STATUS_DOWN, 0, "tls: certificate names 127.0.0.1 as a host name, not as an IP address",
     "tls.name"},
    {STATUS_DOWN, 0, "tls: the server does not know this host name", "tls.name"},
    {STATUS_DOWN, 0, "tls: certificate issuer \"Some CA\" is not trusted", "tls.issuer"},
    {STATUS_DOWN, 0, "tls: certificate issuer \"x is for y\" is not trusted", "tls.issuer"},
    {STATUS_DOWN, 0, "tls: self-signed certificate", "tls.self_signed"},
    {STATUS_DOWN, 0, "tls: self-signed certificate (the proxy)", "tls.self_signed"},
    {STATUS_DOWN, 0, "tls: certificate expired on 2026-11-01 (the proxy)", "tls.expired"},
    {STATUS_DOWN, 0, "tls: certificate has a key that is too short", "tls.weak"},
    {STATUS_DOWN, 0, "tls: certificate of issuer \"C\" has a key that is too short", "tls.weak"},
    {STATUS_DOWN, 0, "tls: certificate is signed with a weak algorithm, such as SHA-1", "tls.weak"},
    {STATUS_DOWN, 0, "tls: certificate is not for TLS servers", "tls.issuer"},
    {STATUS_DOWN, 0, "tls: certificate was revoked", "tls.issuer"},
    {STATUS_DOWN, 0, "tls: certificate has a signature that is not its issuer's", "tls.issuer"},
    {STATUS_DOWN, 0, "tls: certificate of issuer \"C\" may not issue certificates", "tls.issuer"},
    {STATUS_DOWN, 0, "tls: certificate is for a name that its issuer may not certify",
     "tls.issuer"},
    {STATUS_DOWN, 0, "tls: certificate has a critical part that is not known", "tls.issuer"},
    {STATUS_DOWN, 0, "tls: certificate is not accepted: REASON", "tls.issuer"},
    {STATUS_DOWN, 0, "tls: the server's Diffie-Hellman key is too short", "tls.weak"},
    {STATUS_DOWN, 0, "tls: the server's key is too short", "tls.weak"},
    {STATUS_DOWN, 0, "tls: the server signs the handshake with a weak algorithm (SHA-1 or MD5)",
     "tls.weak"},
    {STATUS_DOWN, 0, "tls: the server supports no TLS version newer than 1.1", "tls.version"},
    {STATUS_DOWN, 0, "tls: the server supports neither TLS 1.2 nor TLS 1.3", "tls.version"},
    {STATUS_DOWN, 0, "tls: the server requires a client certificate", "tls.handshake"},
    {STATUS_DOWN, 0, "tls: the server refuses the client certificate (REASON)", "tls.handshake"},
    {STATUS_DOWN, 0, "tls: connection closed after the client certificate was sent",
     "tls.handshake"},
    {STATUS_DOWN, 0, "tls: connection reset after the server asked for a client certificate",
     "tls.handshake"},
    {STATUS_DOWN, 0,
     "tls: the server refused the handshake (no cipher in common, or it requires "
     "a client certificate)",
     "tls.handshake"},
    {STATUS_DOWN, 0, "tls: 127.0.0.1 port 80 does not speak TLS (plain HTTP on this port?)",
     "tls.handshake"},
    {STATUS_DOWN, 0, "tls: handshake failed: REASON", "tls.handshake"},
    {STATUS_DOWN, 0, "tls: connection closed during the TLS handshake", "tls.handshake"},

    {STATUS_DOWN, 200, "protocol: response cut short in its headers", "protocol.headers"},
    {STATUS_DOWN, 200, "protocol: response cut short after 6 of 10 bytes", "truncated.length"},
    {STATUS_DOWN, 200, "protocol: response cut short after 6 bytes", "truncated.chunk"},
    {STATUS_DOWN, 200, "protocol: malformed chunked encoding after 0 bytes of the body",
     "truncated.chunk"},
    {STATUS_DOWN, 200, "protocol: connection lost after 2 bytes of the body", "truncated.length"},
    {STATUS_DOWN, 200, "protocol: connection lost in the headers", "protocol.headers"},
    {STATUS_DOWN, 200, "protocol: response headers exceed 256 KiB", "protocol.headers"},
    {STATUS_DOWN, 0,
     ("protocol: response headers exceed what uptick can read over HTTP/2 (128 KiB, or 64 KiB for "
      "one header)"),
     "protocol.headers"},
    {STATUS_DOWN, 200,
     "protocol: the server sent 5120 KiB for 0 bytes of the body; nothing more was read",
     "protocol.malformed"},
    {STATUS_DOWN, 200, "protocol: reading the response took more than 250 ms of CPU time",
     "protocol.malformed"},
    {STATUS_DOWN, 200, "protocol: a response header exceeds 100 KiB", "protocol.headers"},
    {STATUS_DOWN, 200, "protocol: the response has different Location headers", "protocol.headers"},
    {STATUS_DOWN, 200,
     "protocol: the response has different Content-Length headers, or one that "
     "is not a number",
     "protocol.headers"},
    {STATUS_DOWN, 0, "protocol: connection reset before the first byte", "connect.reset"},
    {STATUS_DOWN, 0, "protocol: connection closed before any response", "connect.reset"},
    {STATUS_DOWN, 0, "protocol: connection lost while sending the request", "connect.reset"},
    {STATUS_DOWN, 0, "protocol: the HTTP/2 response ended with the error NAME", "protocol.http2"},
    {STATUS_DOWN, 0,
     "protocol: the server ended the HTTP/2 connection before the end of the "
     "response",
     "protocol.http2"},
    {STATUS_DOWN, 0, "protocol: the server agreed to HTTP/2 and sent no valid HTTP/2 response",
     "protocol.http2"},
    {STATUS_DOWN, 0, "protocol: the server sent no valid HTTP/2 response", "protocol.http2"},
    {STATUS_DOWN, 0, "protocol: connection closed before any response (the proxy)",
     "connect.reset"},
    {STATUS_DOWN, 0, "protocol: the proxy's answer to CONNECT is not valid HTTP",
     "protocol.malformed"},
    {STATUS_DOWN, 0, "protocol: the proxy's answer to CONNECT is too long", "protocol.malformed"},
    {STATUS_DOWN, 0, "protocol: the proxy does not speak SOCKS 5", "protocol.malformed"},
    {STATUS_DOWN, 0, "protocol: HTTP/2 stream 1 was not closed cleanly", "protocol.http2"},
    {STATUS_DOWN, 302, "protocol: more than 10 redirects", "redirect.limit"},
    {STATUS_DOWN, 302, "protocol: more than 10 redirects, in a loop", "redirect.loop"},
    {STATUS_DOWN, 302, "protocol: redirect to an invalid URL", "redirect.url"},
    {STATUS_DOWN, 302, "protocol: redirect to an invalid URL: the host REASON", "redirect.url"},
    {STATUS_DOWN, 302, "protocol: redirect to SCHEME: not followed (only http and https)",
     "redirect.url"},
    {STATUS_DOWN, 0, "protocol: the response is not HTTP/1.0, HTTP/1.1 or HTTP/2",
     "protocol.malformed"},
    {STATUS_DOWN, 0, "protocol: the response is not valid HTTP", "protocol.malformed"},
    {STATUS_DOWN, 200, "protocol: the body cannot be decoded as its headers promise",
     "protocol.malformed"},
    {STATUS_DOWN, 200, "protocol: the body is encoded more than five times", "protocol.malformed"},

    {STATUS_TIMEOUT, 0, "timeout: 20 s passed looking up the name", "timeout.lookup"},
    {STATUS_TIMEOUT, 0, "timeout: 0.7 s passed connecting to 127.0.0.1 port 80", "timeout.connect"},
    {STATUS_TIMEOUT, 0, "timeout: 20 s passed connecting to HOST port 80 through the proxy",
     "timeout.connect"},
    {STATUS_TIMEOUT, 0, "timeout: 20 s passed during the TLS handshake", "timeout.tls"},
    {STATUS_TIMEOUT, 0, "timeout: 20 s passed waiting for the first byte", "timeout.first_byte"},
    {STATUS_TIMEOUT, 0, "timeout: 20 s passed reading the headers", "timeout.headers"},
    {STATUS_TIMEOUT, 0, "timeout: 2 s passed reading the body (0 bytes so far)", "timeout.body"},
    {STATUS_TIMEOUT, 0, "timeout: took 20.1 s, the limit is 20 s", "timeout.body"},

    {STATUS_DOWN, 404, "http_status: expected 200, got 404", "status.4xx"},
    {STATUS_DOWN, 503, "http_status: expected 200-299 or 404, got 503", "status.5xx"},
    {STATUS_DOWN, 301, "http_status: expected 200, got 301", "status.other"},
    {STATUS_DOWN, 200, "body: \"needle\" not found (4 bytes read)", "body.missing"},
    {STATUS_DOWN, 200, "body: \"x\" not found in the first 1048576 bytes", "body.missing"},
    {STATUS_DOWN, 200, "body: \"x\" not found (4 bytes read as UTF-16)", "body.missing"},
    {STATUS_DOWN, 200, "body: \"x\" not found in the first 4 bytes (read as UTF-16)",
     "body.missing"},
    {STATUS_DOWN, 200, "body: \"Fatal error\" found", "body.excluded"},
    {STATUS_DOWN, 200, "body: read as CHARSET, \"x\" found", "body.excluded"},
    {STATUS_DOWN, 200, "body: does not match /\"x\"/", "body.missing"},
    {STATUS_DOWN, 200, "body: does not match /\"x\"/ in the first 4 bytes", "body.missing"},
    {STATUS_DOWN, 200, "body: /\"x\"/ needs too many steps", "body.missing"},
    {STATUS_DOWN, 200, "body: matches /\"x\"/", "body.excluded"},
    {STATUS_DOWN, 200, "body: 12 bytes, expected at least 100", "body.size"},
    {STATUS_DOWN, 200, "body: 1 byte, expected at least 100", "body.size"},
    {STATUS_DOWN, 200, "body: 12 bytes, expected 10", "body.size"},
    {STATUS_DOWN, 200, "body: more than 9 bytes, expected at most 5", "body.size"},
    {STATUS_DOWN, 200, "body: more than 9 bytes, expected 5 to 50; raise max_body_bytes",
     "body.size"},

    {STATUS_DOWN, 200, "protocol: expected HTTP/2, got HTTP/1.1", "protocol.http2"},
    {STATUS_DOWN, 200, "redirect: expected to end at URL, ended at URL", "redirect.url"},
    {STATUS_DOWN, 200, "redirect: expected to end at URL, ended at URL with another query",
     "redirect.url"},
    {STATUS_DOWN, 200, "redirect: 3 redirects, at most 1 allowed", "redirect.limit"},
    {STATUS_DOWN, 200, "redirect: 1 redirect, at most 0 allowed", "redirect.limit"},
    {STATUS_DOWN, 200, "redirect: URL is not https", "redirect.insecure"},
    {STATUS_DOWN, 200, "certificate: valid for 3.2 more days, expected at least 14",
     "certificate.days"},
    {STATUS_DOWN, 200, "certificate: expired 3.2 days ago, expected at least 14",
     "certificate.days"},
    {STATUS_DOWN, 200, "certificate: none, expected one that is valid for at least 14 more days",
     "certificate.days"},
    {STATUS_DOWN, 200, "header: NAME is missing", "header.missing"},
    {STATUS_DOWN, 200, "header: NAME: expected \"x\", got \"y\"", "header.value"},
    {STATUS_DOWN, 200, "header: NAME: exists, expected none", "header.value"},
    {STATUS_DOWN, 200, "header: NAME: /PATTERN/ needs too many steps", "header.value"},

    {STATUS_DOWN, 200, "json: POINTER: expected \"UP\", got \"DEGRADED\"", "json.value"},
    {STATUS_DOWN, 200, "json: POINTER: exists, expected none", "json.value"},
    {STATUS_DOWN, 200, "json: POINTER: /PATTERN/ needs too many steps", "json.value"},
    {STATUS_DOWN, 200, "json: POINTER is missing", "json.missing"},
    {STATUS_DOWN, 200, "json: not JSON at line 1 column 1", "json.missing"},
    {STATUS_DOWN, 200, "json: the body is longer than max_body_bytes (9 bytes); raise it",
     "json.missing"},
    {STATUS_DOWN, 200, "json: more than 2048 nested arrays and objects", "json.missing"},
    {STATUS_DOWN, 200, "latency: 1240 ms, at most 800 allowed", "latency.limit"},
    {STATUS_DOWN, 200, "latency: 1240 ms, at most 800 allowed (and 9 ms for the name)",
     "latency.limit"},
    {STATUS_BOT_DETECTED, 403, "bot: \"captcha\" found (status 403)", "bot.string"},
    {STATUS_UP, 200, "slow: 1240 ms, expected at most 800", "latency.limit"},
    {STATUS_UP, 200, "slow: 1240 ms, expected at most 800 (and 210 ms for the name)",
     "latency.limit"},
    {STATUS_DOWN, 429, "http_status: expected 200, got 429 (Retry-After 120 s)", "status.4xx"},
    {STATUS_DOWN, 503, "http_status: expected 200, got 503 (Retry-After 0 s)", "status.5xx"},
    {STATUS_BOT_DETECTED, 403,
     "bot: Cloudflare challenge (status 403); allow the user agent uptick/0 or this machine's "
     "address in Cloudflare",
     "bot.signature"},

    /* A bot_protection_string that looks like the other text. */
    {STATUS_BOT_DETECTED, 200, "bot: \"x (status 403); allow y\" found (status 200)", "bot.string"},

    /* What nobody writes, or not any more. */
    {STATUS_UP, 200, "", NULL},
    {STATUS_UP, 200, "tls: anything", NULL},
    {STATUS_UP, 200, "slow", NULL},
    {STATUS_DOWN, 0, "", NULL},
    {STATUS_UNKNOWN, 0, "local fault: out of memory", NULL},
    {STATUS_DOWN, 0, "dns: another text", "dns.servfail"},
    {STATUS_DOWN, 0, "tls: another text", "tls.handshake"},
    {STATUS_DOWN, 0, "quantum: another text", "protocol.malformed"},
    {STATUS_DOWN, 502, "quantum: another text", "status.5xx"},
    {STATUS_TIMEOUT, 0, "another text", "timeout.body"},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void each_failure_text_has_its_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        const char *code = code_of(cases[i].status, cases[i].http_status, cases[i].failure);

        if (!code != !cases[i].code || (code && strcmp(code, cases[i].code) != 0))
            fail_msg("%s: %s, and not %s", cases[i].failure, code ? code : "none",
                     cases[i].code ? cases[i].code : "none");
    }
}

static void the_manual_lists_each_code(void **state)
{
    struct buffer manual = BUFFER_WITH_CEILING(1 << 20);
    struct error error;

    (void)state;
    assert_int_equal(file_read("docs/uptick.1", &manual, &error), 0);
    for (size_t i = 0; i < CASES; i++) {
        char entry[64];

        snprintf(entry, sizeof entry, "\n.It Li %s\n", cases[i].code ? cases[i].code : "");
        assert_true(!cases[i].code || strlen(cases[i].code) < EVENT_CODE_MAX);
        if (cases[i].code && !strstr(manual.data, entry))
            fail_msg("docs/uptick.1 does not list %s", cases[i].code);
    }
    buffer_free(&manual);
}

/* The words of a failure text before the first one that differs between checks. */
static void write_start(const char *failure, char start[FAILURE_MAX])
{
    const char *detail = strstr(failure, ": ") + 2;

    snprintf(start, FAILURE_MAX, "%.*s", (int)strcspn(detail, "0123456789\""), detail);
    if (strstr(start, ": a"))
        *strstr(start, ": a") = '\0';
    if (strstr(start, " a."))
        *strstr(start, " a.") = '\0';
    if (strstr(start, " (the proxy)"))
        *strstr(start, " (the proxy)") = '\0';
}

static void the_manual_lists_each_text(void **state)
{
    struct buffer manual = BUFFER_WITH_CEILING(1 << 20);
    struct error error;

    (void)state;
    assert_int_equal(file_read("docs/uptick.1", &manual, &error), 0);
    for (size_t i = 0; i < manual.size; i++) {
        if (manual.data[i] == '\n')
            manual.data[i] = ' ';
    }
    for (size_t i = 0; i < CASES && *cases[i].failure; i++) {
        char start[FAILURE_MAX];

        write_start(cases[i].failure, start);
        if (!strstr(manual.data, start))
            fail_msg("docs/uptick.1 does not list \"%s\"", start);
    }
    buffer_free(&manual);
}

/* A server chooses parts of a text; they do not make it another failure. */
static void the_words_of_a_server_do_not_change_the_kind(void **state)
{
    static const char *const words[] = {"tls: self-signed certificate",
                                        "\" expired on 2020-01-01",
                                        "dns: no such host",
                                        "*",
                                        "",
                                        ": ",
                                        "body: \"x\""};
    static const char *const texts[] = {"tls: certificate issuer \"%s\" is not trusted",
                                        "tls: certificate is for %s, not a.example",
                                        "tls: certificate of issuer \"%s\" was revoked",
                                        "bot: \"%s\" found (status 403)",
                                        "body: \"%s\" not found (4 bytes read)",
                                        "protocol: redirect to %s: not followed"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t j = 0; j < sizeof words / sizeof words[0]; j++) {
            char failure[FAILURE_MAX];
            const char *code;
            size_t kind = strcspn(texts[i], ":");

            snprintf(failure, sizeof failure, texts[i], words[j]);
            code = code_of(STATUS_DOWN, 0, failure);
            assert_non_null(code);
            if (kind != strlen("protocol"))
                assert_memory_equal(code, failure, kind);
            else
                assert_string_equal(code, "redirect.url");
        }
    }
}

/* Texts of the configuration and of the server are in quotes, at any place of a failure. */
static void a_text_in_quotes_does_not_change_the_code(void **state)
{
    static const char *const words[] = {"x\" found",
                                        "x\" not found (4 bytes read)",
                                        "x\" not found in the first 4 bytes",
                                        "read as UTF-8, \"x\" found",
                                        "1 bytes, expected at least 4",
                                        "y is missing",
                                        "a is not https",
                                        "not JSON at line 1 column 1",
                                        "/x/ needs too many steps",
                                        "matches /x/",
                                        "does not match /x/",
                                        "\"",
                                        ""};
    static const struct {
        const char *text, *code;
    } texts[] = {
        {"body: \"%s\" found", "body.excluded"},
        {"body: read as UTF-16, \"%s\" found", "body.excluded"},
        {"body: \"%s\" not found (4 bytes read)", "body.missing"},
        {"body: \"%s\" not found (4 bytes read as UTF-16)", "body.missing"},
        {"body: \"%s\" not found in the first 4 bytes", "body.missing"},
        {"body: \"%s\" not found in the first 4 bytes (read as UTF-16)", "body.missing"},
        {"body: does not match /%s/", "body.missing"},
        {"body: /%s/ needs too many steps", "body.missing"},
        {"body: matches /%s/", "body.excluded"},
        {"header: X: expected \"%s\", got \"a\"", "header.value"},
        {"header: X: expected \"a\", got \"%s\"", "header.value"},
        {"header: X: expected to match /%s/, got \"a\"", "header.value"},
        {"json: /a: expected \"%s\", got \"a\"", "json.value"},
        {"json: /a: expected \"a\", got \"%s\"", "json.value"},
        {"json: /%s: expected \"a\", got \"b\"", "json.value"},
        {"json: /%s is missing", "json.missing"},
        {"redirect: expected to end at https://a/%s, ended at https://b/", "redirect.url"},
        {"redirect: expected to end at https://a/, ended at https://b/%s", "redirect.url"},
        {"redirect: http://a/%s is not https", "redirect.insecure"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t j = 0; j < sizeof words / sizeof words[0]; j++) {
            char failure[FAILURE_MAX];

            snprintf(failure, sizeof failure, texts[i].text, words[j]);
            if (strcmp(code_of(STATUS_DOWN, 200, failure), texts[i].code) != 0)
                fail_msg("%s: %s", failure, code_of(STATUS_DOWN, 200, failure));
        }
    }
}

/* All but those of an HTTP status: the failure text has its number. */
static void each_code_has_a_short_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool is_status = cases[i].code && strncmp(cases[i].code, "status.", 7) == 0;

        if (cases[i].code && !code_short(cases[i].code) != is_status)
            fail_msg("%s: no short text", cases[i].code);
    }
    assert_string_equal(code_short("connect.refused"), "refused");
    assert_null(code_short("connect"));
    assert_null(code_short(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_failure_text_has_its_code),
        cmocka_unit_test(the_manual_lists_each_code),
        cmocka_unit_test(each_code_has_a_short_text),
        cmocka_unit_test(the_manual_lists_each_text),
        cmocka_unit_test(the_words_of_a_server_do_not_change_the_kind),
        cmocka_unit_test(a_text_in_quotes_does_not_change_the_code),
    };

    return cmocka_run_group_tests_name("code", tests, NULL, NULL);
}
