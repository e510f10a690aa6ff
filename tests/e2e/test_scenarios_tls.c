/* What goes wrong with websites: certificates, handshakes, and https that is not enforced. See
 * scenarios.h. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "scenarios.h"

#define TRUSTED   "ca_file: ca.pem"
#define EXPECT    TRUSTED "\n        expect: "
#define TLS       "https://@tls@/ok"
#define HANDSHAKE 0

/* The certificate that expired did so 30 days ago; the one that ends soon does so in 5 days. */
static void certificates_that_go_wrong(struct e2e *world)
{
    static const struct scenario rows[] = {
        {"expired-30d", TRUSTED, "https://@tls-expired@/ok", TLS, "DOWN", HANDSHAKE, "tls.expired",
         "tls: certificate expired on 2020-01-01"},
        {"not-yet-valid", TRUSTED, "https://@tls-future@/ok", TLS, "DOWN", HANDSHAKE, "tls.not_yet",
         "tls: certificate is not valid before 2090-01-01"},
        {"host-name-mismatch", TRUSTED, "https://@tls-wrong-name@/ok", TLS, "DOWN", HANDSHAKE,
         "tls.name", "tls: certificate is for elsewhere.example, not 127.0.0.1"},
        {"self-signed", TRUSTED, "https://@tls-self-signed@/ok", TLS, "DOWN", HANDSHAKE,
         "tls.self_signed", "tls: self-signed certificate"},
        {"unknown-authority", TRUSTED, "https://@tls-chain@/ok", TLS, "DOWN", HANDSHAKE,
         "tls.issuer", "tls: certificate "},
        {"intermediate-missing", "ca_file: root.pem", "https://@tls-incomplete@/ok",
         "https://@tls-chain@/ok", "DOWN", HANDSHAKE, "tls.issuer", "tls: certificate "},
        {"signed-with-sha-1", TRUSTED, "https://@tls-sha1@/ok", TLS, "DOWN", HANDSHAKE, "tls.weak",
         "tls: certificate is signed with a weak algorithm"},
        {"key-of-1024-bits", TRUSTED, "https://@tls-short-key@/ok", TLS, "DOWN", HANDSHAKE,
         "tls.weak", "tls: certificate has a key that is too short"},
        {"expiring-in-5d", EXPECT "{certificate_valid_days: 14}", "https://@tls-soon@/ok", TLS,
         "DOWN", 200, "certificate.days",
         "certificate: valid for 5.0 more days, expected at least 14"},
        {"expiring-in-5d-unlimited", TRUSTED, "https://@tls-soon@/ok", TLS, "UP", 200, NULL, NULL},
        {"expiring-in-5d-within-limit", EXPECT "{certificate_valid_days: 5}",
         "https://@tls-soon@/ok", TLS, "UP", 200, NULL, NULL},
        {"expired-after-redirect", TRUSTED, "/redirect-tls/tls-expired", "/redirect-tls/tls",
         "DOWN", 302, "tls.expired", "tls: certificate expired on 2020-01-01"},
    };

    world->clock = "2020-01-30 23:30:00";
    SCENARIOS_CHECK(world, rows);
}

static void handshakes_that_go_wrong(struct e2e *world)
{
    static const struct scenario rows[] = {
        {"version-mismatch", TRUSTED, "https://@tls-old@/ok", TLS, "DOWN", HANDSHAKE, "tls.version",
         "tls: the server supports neither TLS 1.2 nor TLS 1.3"},
        {"tls-1.1-only", TRUSTED, "https://@tls-old-hello@/ok", TLS, "DOWN", HANDSHAKE,
         "tls.version", "tls: the server supports no TLS version newer than 1.1"},
        {"no-common-cipher", TRUSTED, "https://@tls-no-cipher@/ok", TLS, "DOWN", HANDSHAKE,
         "tls.handshake", "tls: the server refused the handshake (no cipher in common"},
        {"unrecognized-name", TRUSTED, "https://localhost@:tls-no-name@/ok",
         "https://localhost@:tls@/ok", "DOWN", HANDSHAKE, "tls.name",
         "tls: the server does not know this host name"},
        {"reset-in-handshake", TRUSTED, "https://@tls-reset@/", TLS, "DOWN", HANDSHAKE,
         "tls.handshake", "tls: connection reset during the TLS handshake"},
        {"https-not-supported", TRUSTED, "https://@http@/ok", TLS, "DOWN", HANDSHAKE,
         "tls.handshake", "tls: 127.0.0.1 port "},
        {"http2-not-spoken", TRUSTED, "https://@http2-false@/ok", "https://@http2@/ok", "DOWN",
         HANDSHAKE, "protocol.http2", "protocol: the server agreed to HTTP/2"},
        {"http2-not-offered", EXPECT "{http_version: '2'}", TLS, "https://@http2@/ok", "DOWN", 200,
         "protocol.http2", "protocol: expected HTTP/2, got HTTP/1.1"},
    };

    SCENARIOS_CHECK(world, rows);
}

static void https_that_is_not_enforced(struct e2e *world)
{
    static const struct scenario rows[] = {
        {"hsts-missing", EXPECT "{headers: {Strict-Transport-Security: {exists: true}}}", TLS,
         "https://@tls@/file/hsts", "DOWN", 200, "header.missing",
         "header: Strict-Transport-Security is missing"},
        {"hsts-too-short",
         EXPECT "{headers: {Strict-Transport-Security: {matches: 'max-age=\\d{7}'}}}",
         "https://@tls@/file/hsts-short", "https://@tls@/file/hsts", "DOWN", 200, "header.value",
         "header: Strict-Transport-Security: expected to match /max-age=\\d{7}/, got "},
        {"port-80-without-redirect", EXPECT "{final_url: 'https://@tls@/ok'}", "/ok",
         "/redirect-tls/tls", "DOWN", 200, "redirect.url",
         "redirect: expected to end at https://@tls@/ok, ended at http://@http@/ok"},
        {"downgrade-in-chain", EXPECT "{https_only: true}", "https://@tls@/redirect-host/http",
         "https://@tls@/redirect-tls/tls", "DOWN", 200, "redirect.insecure",
         "redirect: http://localhost@:http@/ok is not https"},
        {"downgrade-and-back", EXPECT "{https_only: true}", "https://@tls@/file/downgrade",
         "https://@tls@/redirect/2", "DOWN", 200, "redirect.insecure",
         "redirect: http://@http@/redirect-tls/tls is not https"},
    };

    e2e_write(world, "hsts",
              "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=31536000\r\n\r\nx");
    e2e_write(world, "hsts-short",
              "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=300\r\n\r\nx");
    e2e_write(world, "downgrade",
              e2e_expand(world, "HTTP/1.1 302 Found\r\n"
                                "Location: http://@http@/redirect-tls/tls\r\n\r\n"));
    SCENARIOS_CHECK(world, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(certificates_that_go_wrong),
        E2E_TEST(handshakes_that_go_wrong),
        E2E_TEST(https_that_is_not_enforced),
    };

    return cmocka_run_group_tests_name("scenarios_tls", tests, NULL, NULL);
}
