/* check: certificates that are good, expired, not trusted or for another name; bad handshakes. */
#include "check/certificate.h"
#include "checking.h"
#include "commands/witnesses.h"
#include "config/client_certificate.h"
#include "fake_server.h"
#include "model/code.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

enum { DAY = 86400 };

/* A certificate with its key. */
struct identity {
    X509 *certificate;
    EVP_PKEY *key;
};

/* An issuer that the tests trust, and one that they do not. */
static struct identity authority, stranger;
static char folder[64], ca_file[96];

static void add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    assert_non_null(extension);
    assert_true(X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
}

/* Valid from `from` until `until`, in days from now; signed by its issuer, or by itself. */
static struct identity issue(const char *name, const char *alternative, int from, int until,
                             const struct identity *issuer)
{
    struct identity made = {X509_new(), EVP_EC_gen("P-256")};
    X509_NAME *subject = X509_get_subject_name(made.certificate);

    assert_non_null(made.key);
    X509_set_version(made.certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), (long)(rand() + 1L));
    X509_gmtime_adj(X509_getm_notBefore(made.certificate), (long)from * DAY);
    X509_gmtime_adj(X509_getm_notAfter(made.certificate), (long)until * DAY);
    X509_set_pubkey(made.certificate, made.key);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                               0);
    X509_set_issuer_name(made.certificate,
                         issuer ? X509_get_subject_name(issuer->certificate) : subject);
    if (alternative)
        add_extension(made.certificate, NID_subject_alt_name, alternative);
    else
        add_extension(made.certificate, NID_basic_constraints, "critical,CA:TRUE");
    assert_true(X509_sign(made.certificate, issuer ? issuer->key : made.key, EVP_sha256()));
    return made;
}

static void discard(struct identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
}

/* What a TLS server sends, and how it ends. */
struct scene {
    struct identity identity;
    const char *answer;
    bool rude; /* closes without a close_notify */
    void (*prepare)(SSL_CTX *context);
    size_t frames_size; /* if not 0: answer is these bytes, after a request in HTTP/2; unless it is
                           rude, the server waits for the client to close */
};

/* Whether bytes from a client have the headers of a request: after the preface, each frame has 9
 * bytes, of which the first three are its length and the fourth is its type. */
static bool has_request(const unsigned char *bytes, size_t size)
{
    size_t at = 24;

    while (at + 9 <= size && bytes[at + 3] != 1)
        at += 9 + ((size_t)bytes[at] << 16 | (size_t)bytes[at + 1] << 8 | bytes[at + 2]);
    return at + 9 <= size;
}

static void send_frames(SSL *tls, const struct scene *scene)
{
    unsigned char request[8192];
    size_t size = 0;

    while (!has_request(request, size)) {
        int n = SSL_read(tls, request + size, (int)(sizeof request - size));

        if (n <= 0)
            return;
        size += (size_t)n;
    }
    SSL_write(tls, scene->answer, (int)scene->frames_size);
    while (!scene->rude && SSL_read(tls, request, sizeof request) > 0)
        continue;
}

static void serve(struct fake *fake, int fd)
{
    const struct scene *scene = fake->context;
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    SSL *tls;
    char request[4096];

    SSL_CTX_use_certificate(context, scene->identity.certificate);
    SSL_CTX_use_PrivateKey(context, scene->identity.key);
    if (scene->prepare)
        scene->prepare(context);
    tls = SSL_new(context);
    SSL_set_fd(tls, fd);
    if (scene->frames_size > 0 && SSL_accept(tls) == 1)
        send_frames(tls, scene);
    else if (SSL_accept(tls) == 1 && SSL_read(tls, request, sizeof request) > 0) {
        SSL_write(tls, scene->answer, (int)strlen(scene->answer));
        if (!scene->rude)
            SSL_shutdown(tls);
    }
    SSL_free(tls);
    SSL_CTX_free(context);
    ERR_clear_error();
}

/* Checks a server that plays this scene. host is a name of 127.0.0.1. */
static struct result check_scene(const struct scene *scene, const char *host,
                                 void (*tune)(struct domain *))
{
    struct fake fake;
    struct probe probe;
    struct result result;

    fake_start(&fake, serve, (void *)scene);
    probe_init(&probe, "https://user:secret@%s:%d/?secret", host, fake.port);
    probe.domain.ca_file = ca_file;
    probe.domain.ip_version = IP_4;
    if (tune)
        tune(&probe.domain);
    result = checking_one(&probe.domain);
    fake_stop(&fake);
    assert_null(strstr(result.check.failure, "secret"));
    return result;
}

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nneedle";

static void a_certificate_of_a_trusted_issuer_is_accepted(void **state)
{
    struct scene scene = {.identity = issue("www", "DNS:localhost,IP:127.0.0.1", -1, 1, &authority),
                          .answer = ok};
    struct result result;

    (void)state;
    result = check_scene(&scene, "localhost", NULL);
    expect_verdict(&result, STATUS_UP, 200, "");
    assert_true(result.phases.us[PHASE_LOOKUP] >= 0);
    assert_true(result.phases.us[PHASE_CONNECT] >= result.phases.us[PHASE_LOOKUP]);
    assert_true(result.phases.us[PHASE_TLS] > result.phases.us[PHASE_CONNECT]);
    assert_true(result.phases.us[PHASE_FIRST_BYTE] > result.phases.us[PHASE_TLS]);
    assert_true(result.phases.us[PHASE_TOTAL] >= result.phases.us[PHASE_FIRST_BYTE]);
    result = check_scene(&scene, "127.0.0.1", NULL);
    expect_verdict(&result, STATUS_UP, 200, "");
    discard(&scene.identity);
}

/* A leak sanitizer finds the chain of a witness that nobody has freed. */
static void a_witness_with_a_certificate_answers(void **state)
{
    static const bool suspects[NETWORK_SCOPES] = {[SCOPE_IPV4_PRIVATE] = true};
    struct scene scene = {.identity = issue("www", "IP:127.0.0.1", -1, 1, &authority),
                          .answer = ok};
    struct config config = {.in_flight = 8};
    struct witnesses *witnesses;
    struct error error;
    struct probe probe;
    struct fake fake;
    int64_t answered_ms;

    (void)state;
    fake_start(&fake, serve, &scene);
    probe_init(&probe, "https://127.0.0.1:%d/", fake.port);
    probe.domain.ca_file = ca_file;
    config.local_network.witnesses = &probe.domain;
    config.local_network.n_witnesses = 1;
    witnesses = witnesses_ask(&config, suspects, &error);
    assert_non_null(witnesses);
    while (!witnesses_step(witnesses))
        continue;
    assert_int_equal(witnesses_of(witnesses, SCOPE_IPV4_PRIVATE, &answered_ms), WITNESS_ANSWERED);
    witnesses_free(witnesses);
    fake_stop(&fake);
    discard(&scene.identity);
}

static void trust_anyone(struct domain *domain)
{
    domain->verify_tls = false;
    domain->ca_file = "/nowhere/ca.pem";
}

static void a_failed_certificate_check_names_the_reason(void **state)
{
    char expired[16], begins[16], failures[5][96];
    time_t past = time(NULL) - 2 * DAY, future = time(NULL) + 2 * DAY;
    struct tm date;
    struct identity identities[5] = {
        issue("www", "DNS:localhost", -9, -2, &authority),
        issue("www", "DNS:localhost", 2, 9, &authority),
        issue("www", "DNS:localhost", -1, 1, NULL),
        issue("www", "DNS:localhost", -1, 1, &stranger),
        issue("www", "DNS:localhost", -9, -2, NULL),
    };

    (void)state;
    strftime(expired, sizeof expired, "%Y-%m-%d", gmtime_r(&past, &date));
    strftime(begins, sizeof begins, "%Y-%m-%d", gmtime_r(&future, &date));
    snprintf(failures[0], sizeof failures[0], "tls: certificate expired on %s", expired);
    snprintf(failures[1], sizeof failures[1], "tls: certificate is not valid before %s", begins);
    snprintf(failures[2], sizeof failures[2], "tls: self-signed certificate");
    snprintf(failures[3], sizeof failures[3],
             "tls: certificate issuer \"Stranger & Sons\" is not trusted");
    snprintf(failures[4], sizeof failures[4],
             "tls: certificate expired on %s; self-signed certificate", expired);
    for (int i = 0; i < 5; i++) {
        struct scene scene = {.identity = identities[i], .answer = ok};
        struct result result = check_scene(&scene, "localhost", NULL);

        expect_verdict(&result, STATUS_DOWN, 0, failures[i]);
        assert_int_equal(result.phases.us[PHASE_TLS], -1);
        result = check_scene(&scene, "localhost", trust_anyone);
        expect_verdict(&result, STATUS_UP, 200, "");
        discard(&identities[i]);
    }
}

static void a_name_mismatch_shows_both_names(void **state)
{
    static const struct {
        const char *alternative, *failure;
    } cases[] = {
        {"DNS:other.example", "tls: certificate is for other.example, not localhost"},
        {"DNS:a.example,DNS:b.example,DNS:c.example",
         "tls: certificate is for a.example (and 2 more names), not localhost"},
        {"IP:127.0.0.9", "tls: certificate is for 127.0.0.9, not localhost"},
        {"IP:10.1.2.3,IP:2001:db8::1",
         "tls: certificate is for 10.1.2.3 (and 1 more name), not localhost"},
        {"email:www@localhost", "tls: certificate is for www, not localhost"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene = {.identity = issue("www", cases[i].alternative, -1, 1, &authority),
                              .answer = ok};
        struct result result = check_scene(&scene, "localhost", NULL);

        expect_verdict(&result, STATUS_DOWN, 0, cases[i].failure);
        result = check_scene(&scene, "localhost", trust_anyone);
        expect_verdict(&result, STATUS_UP, 200, "");
        discard(&scene.identity);
    }
}

/* As browsers do: the subject does not count, and an address only counts as an address. */
static void only_alternative_names_of_a_certificate_count(void **state)
{
    static const char subject[] =
        "tls: certificate names %s only in its subject; browsers require subjectAltName";
    static const struct {
        const char *subject, *alternative, *host, *failure;
    } cases[] = {
        {"www", "DNS:localhost", "localhost", ""},
        {"www", "DNS:LOCALHOST", "localhost", ""},
        {"www", "DNS:other.example,DNS:localhost", "localhost", ""},
        {"www", "IP:127.0.0.1", "127.0.0.1", ""},
        {"www", "DNS:localhost", "localhost.", ""},
        {"localhost", "email:a@b.example", "localhost", subject},
        {"127.0.0.1", "email:a@b.example", "127.0.0.1", subject},
        {"localhost", "DNS:other.example", "localhost",
         "tls: certificate is for other.example, not localhost"},
        {"127.0.0.1", "DNS:127.0.0.1", "127.0.0.1",
         "tls: certificate names 127.0.0.1 as a host name, not as an IP address"},
        {"www", "DNS:localhost", "127.0.0.1", "tls: certificate is for localhost, not 127.0.0.1"},
        {"www", "IP:127.0.0.9,IP:::1", "127.0.0.1",
         "tls: certificate is for 127.0.0.9 (and 1 more name), not 127.0.0.1"},
        {"www", "DNS:l*.localhost", "localhost",
         "tls: certificate is for l*.localhost, not localhost"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene = {.identity =
                                  issue(cases[i].subject, cases[i].alternative, -1, 1, &authority),
                              .answer = ok};
        struct result result = check_scene(&scene, cases[i].host, NULL);
        char failure[128];

        snprintf(failure, sizeof failure, *cases[i].failure ? cases[i].failure : "%.0s",
                 cases[i].host);
        expect_verdict(&result, *failure ? STATUS_DOWN : STATUS_UP, *failure ? 0 : 200, failure);
        discard(&scene.identity);
    }
}

/* Whatever OpenSSL finds wrong with a chain is a sentence with a code. */
static void each_error_of_a_chain_has_a_sentence(void **state)
{
    static const struct {
        int error;
        const char *said, *code;
    } cases[] = {
        {X509_V_ERR_EE_KEY_TOO_SMALL, "certificate has a key that is too short", "tls.weak"},
        {X509_V_ERR_CA_MD_TOO_WEAK, "certificate is signed with a weak algorithm, such as SHA-1",
         "tls.weak"},
        {X509_V_ERR_INVALID_PURPOSE, "certificate is not for TLS servers", "tls.issuer"},
        {X509_V_ERR_CERT_REVOKED, "certificate was revoked", "tls.issuer"},
        {X509_V_ERR_PERMITTED_VIOLATION,
         "certificate is for a name that its issuer may not certify", "tls.issuer"},
        {X509_V_ERR_HOSTNAME_MISMATCH, "certificate is for other.example, not b.example",
         "tls.name"},
        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "self-signed certificate", "tls.self_signed"},
    };
    struct identity identity = issue("www", "DNS:other.example", -1, 1, &authority);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *chain = X509_STORE_CTX_new();
    char said[400], failure[FAILURE_MAX];

    (void)state;
    assert_true(X509_STORE_CTX_init(chain, store, identity.certificate, NULL));
    for (int error = 1; error < 120; error++) {
        X509_STORE_CTX_set_error(chain, error);
        certificate_explain(chain, "b.example", said, sizeof said);
        snprintf(failure, sizeof failure, "tls: %s", said);
        assert_non_null(strstr(said, "certificate"));
        assert_memory_equal(code_of(STATUS_DOWN, 0, failure), "tls.", 4);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            if (cases[i].error != error)
                continue;
            assert_string_equal(said, cases[i].said);
            assert_string_equal(code_of(STATUS_DOWN, 0, failure), cases[i].code);
        }
    }
    X509_STORE_CTX_free(chain);
    X509_STORE_free(store);
    discard(&identity);
}

static void trust_the_system(struct domain *domain)
{
    domain->ca_file = NULL;
}

static void trust_a_missing_file(struct domain *domain)
{
    domain->ca_file = "/nowhere/ca.pem";
}

static void each_domain_trusts_its_own_ca_file(void **state)
{
    struct scene scene = {.identity = issue("www", "DNS:localhost", -1, 1, &authority),
                          .answer = ok};
    struct result result;

    (void)state;
    result = check_scene(&scene, "localhost", trust_the_system);
    expect_verdict(&result, STATUS_DOWN, 0,
                   "tls: certificate issuer \"Test authority\" is not trusted");

    /* An unreadable bundle is not the endpoint's fault. */
    result = check_scene(&scene, "localhost", trust_a_missing_file);
    assert_true(result.no_verdict);
    assert_memory_equal(result.check.failure, "local fault: /nowhere/ca.pem: not readable", 42);
    discard(&scene.identity);
}

static void a_tls_connection_may_close_without_close_notify(void **state)
{
    struct identity identity = issue("www", "DNS:localhost", -1, 1, &authority);
    static const struct {
        const char *answer, *failure;
        int http_status;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n\r\nneedle", "", 200},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nneedle",
         "protocol: response cut short after 6 of 9 bytes", 200},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nneedle\r\n",
         "protocol: response cut short after 6 bytes", 200},
        {"", "protocol: connection closed before any response", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene = {.identity = identity, .answer = cases[i].answer, .rude = true};
        struct result result = check_scene(&scene, "localhost", NULL);

        expect_verdict(&result, *cases[i].failure ? STATUS_DOWN : STATUS_UP, cases[i].http_status,
                       cases[i].failure);
    }
    discard(&identity);
}

/* The protocols that the last client offered, each after its length. */
static char offered[64];

static int note_protocols(SSL *tls, const unsigned char **chosen, unsigned char *size,
                          const unsigned char *list, unsigned list_size, void *context)
{
    (void)tls;
    (void)chosen;
    (void)size;
    (void)context;
    snprintf(offered, sizeof offered, "%.*s", (int)list_size, (const char *)list);
    return SSL_TLSEXT_ERR_NOACK;
}

static void watch_protocols(SSL_CTX *context)
{
    SSL_CTX_set_alpn_select_cb(context, note_protocols, NULL);
}

static void ask_for_upgrade(struct domain *domain)
{
    static const struct header headers[] = {{"Connection", "Upgrade"}, {"upgrade", "websocket"}};

    domain->headers = headers;
    domain->n_headers = 2;
}

/* HTTP/2 has no upgrade of this kind. */
static void an_upgrade_is_asked_for_in_http_1_1_only(void **state)
{
    struct scene scene = {.identity = issue("www", "DNS:localhost", -1, 1, &authority),
                          .answer = ok,
                          .prepare = watch_protocols};
    struct result result = check_scene(&scene, "localhost", NULL);

    (void)state;
    expect_verdict(&result, STATUS_UP, 200, "");
    assert_string_equal(offered, "\2h2\10http/1.1");
    result = check_scene(&scene, "localhost", ask_for_upgrade);
    expect_verdict(&result, STATUS_UP, 200, "");
    assert_string_equal(offered, "\10http/1.1");
    discard(&scene.identity);
}

static int agree_to_http2(SSL *tls, const unsigned char **chosen, unsigned char *size,
                          const unsigned char *list, unsigned list_size, void *context)
{
    (void)tls;
    (void)list;
    (void)list_size;
    (void)context;
    *chosen = (const unsigned char *)"h2";
    *size = 2;
    return SSL_TLSEXT_ERR_OK;
}

static void speak_http2(SSL_CTX *context)
{
    SSL_CTX_set_alpn_select_cb(context, agree_to_http2, NULL);
}

#define FRAMES(bytes)                                                                              \
    {                                                                                              \
        .answer = bytes, .frames_size = sizeof(bytes) - 1, .prepare = speak_http2                  \
    }
#define SETTINGS "\0\0\0\4\0\0\0\0\0"
#define HEADERS  "\0\0\1\1\4\0\0\0\1\x88"
#define DATA     "\0\0\6\0\0\0\0\0\1needle"
#define DATA_END "\0\0\6\0\1\0\0\0\1needle"

static void a_failure_in_http2_names_the_reason(void **state)
{
    static const struct {
        struct scene scene;
        const char *failure;
    } cases[] = {
        {FRAMES(SETTINGS HEADERS DATA_END), ""},
        {FRAMES(SETTINGS HEADERS DATA_END "\0\0\4\3\0\0\0\0\1\0\0\0\0"), ""},
        {FRAMES("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nneedle"),
         "protocol: the server agreed to HTTP/2 and sent no valid HTTP/2 response"},
        {FRAMES(SETTINGS "\0\0\4\3\0\0\0\0\1\0\0\0\2"),
         "protocol: the HTTP/2 response ended with the error INTERNAL_ERROR"},
        {FRAMES(SETTINGS HEADERS DATA "\0\0\4\3\0\0\0\0\1\0\0\0\2"),
         "protocol: the HTTP/2 response ended with the error INTERNAL_ERROR"},
        {FRAMES(SETTINGS "\0\0\x8\7\0\0\0\0\0\0\0\0\0\0\0\0\1"),
         "protocol: the server ended the HTTP/2 connection before the end of the response"},
    };
    struct identity identity = issue("www", "DNS:localhost", -1, 1, &authority);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene = cases[i].scene;
        struct result result;

        scene.identity = identity;
        result = check_scene(&scene, "localhost", NULL);
        assert_string_equal(result.check.failure, cases[i].failure);
        assert_int_equal(result.check.status, *cases[i].failure ? STATUS_DOWN : STATUS_UP);
        if (*cases[i].failure)
            assert_string_equal(code_of(STATUS_DOWN, 0, result.check.failure), "protocol.http2");
    }
    discard(&identity);
}

/* However a response is cut in HTTP/2, it is DOWN. */
static void a_response_that_ends_early_in_http2_is_down(void **state)
{
    static const struct scene scenes[] = {FRAMES(SETTINGS), FRAMES(SETTINGS HEADERS),
                                          FRAMES(SETTINGS HEADERS DATA), FRAMES(""),
                                          FRAMES(SETTINGS "\0\0\1\1\0\0\0\0\1\x88")};
    struct identity identity = issue("www", "DNS:localhost", -1, 1, &authority);

    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
        struct scene scene = scenes[i];
        struct result result;

        scene.identity = identity;
        scene.rude = true;
        result = check_scene(&scene, "localhost", NULL);
        assert_int_equal(result.check.status, STATUS_DOWN);
        assert_null(strstr(result.check.failure, "in its headers")); /* there are none */
    }
    discard(&identity);
}

static void speak_old_tls(SSL_CTX *context)
{
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
}

static void speak_other_ciphers(SSL_CTX *context)
{
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, "ECDHE-RSA-AES128-GCM-SHA256");
}

static void require_certificate(SSL_CTX *context)
{
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
}

static void require_certificate_in_tls_1_2(SSL_CTX *context)
{
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    require_certificate(context);
}

static int refuse_protocols(SSL *tls, const unsigned char **chosen, unsigned char *size,
                            const unsigned char *list, unsigned list_size, void *context)
{
    (void)tls;
    (void)chosen;
    (void)size;
    (void)list;
    (void)list_size;
    (void)context;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void speak_another_protocol(SSL_CTX *context)
{
    SSL_CTX_set_alpn_select_cb(context, refuse_protocols, NULL);
}

static int refuse_name(SSL *tls, int *alert, void *context)
{
    (void)tls;
    (void)context;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void know_no_name(SSL_CTX *context)
{
    SSL_CTX_set_tlsext_servername_callback(context, refuse_name);
}

/* The code of the failure alone would be "handshake failed". */
static void a_handshake_that_fails_by_its_rules_names_the_reason(void **state)
{
    static const struct {
        void (*prepare)(SSL_CTX *context);
        const char *failure, *code;
    } cases[] = {
        {speak_old_tls, "tls: the server supports neither TLS 1.2 nor TLS 1.3", "tls.version"},
        {speak_other_ciphers,
         "tls: the server refused the handshake (no cipher in common, or it requires a client "
         "certificate)",
         "tls.handshake"},
        {require_certificate_in_tls_1_2, "tls: the server requires a client certificate",
         "tls.handshake"},
        {speak_another_protocol, "tls: the server speaks neither HTTP/2 nor HTTP/1.1",
         "tls.handshake"},
        {know_no_name, "tls: the server does not know this host name", "tls.name"},
    };
    struct identity identity = issue("www", "DNS:localhost", -1, 1, &authority);

    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        struct scene scene = {.identity = identity, .answer = ok, .prepare = cases[i / 2].prepare};
        struct result result = check_scene(&scene, "localhost", i % 2 ? trust_anyone : NULL);

        expect_verdict(&result, STATUS_DOWN, 0, cases[i / 2].failure);
        assert_string_equal(code_of(STATUS_DOWN, 0, result.check.failure), cases[i / 2].code);
    }
    discard(&identity);
}

/* Over TLS 1.3, the client learns after its handshake that it is refused, or only that the
 * connection is closed. */
static void a_server_that_requires_a_client_certificate_is_named_so_in_tls_1_3(void **state)
{
    struct scene scene = {.identity = issue("www", "DNS:localhost", -1, 1, &authority),
                          .answer = ok,
                          .prepare = require_certificate};

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct result result = check_scene(&scene, "localhost", NULL);

        assert_memory_equal(result.check.failure, "tls: ", 5);
        assert_non_null(strstr(result.check.failure, "client certificate"));
        expect_verdict(&result, STATUS_DOWN, 0, result.check.failure);
    }
    discard(&scene.identity);
}

static struct client_certificate client;

static void show_certificate(struct domain *domain)
{
    domain->client_certificate = &client;
}

/* The server trusts none. Over TLS 1.3, the connection may be lost before the alert is read. */
static void a_client_certificate_that_is_refused_is_named_so(void **state)
{
    struct scene scene = {.identity = issue("www", "DNS:localhost", -1, 1, &authority),
                          .answer = ok};
    struct identity identity = issue("client", "DNS:client", -1, 1, &stranger);

    (void)state;
    client = (struct client_certificate){.certificate = identity.certificate, .key = identity.key};
    for (int i = 0; i < 6; i++) {
        struct result result;

        scene.prepare = i % 2 ? require_certificate : require_certificate_in_tls_1_2;
        result = check_scene(&scene, "localhost", show_certificate);
        if (i % 2 == 0)
            expect_verdict(&result, STATUS_DOWN, 0,
                           "tls: the server refuses the client certificate (unknown ca)");
        else if (!strstr(result.check.failure, "after the client certificate was sent"))
            expect_verdict(&result, STATUS_DOWN, 0,
                           "tls: the server refuses the client certificate (unknown ca)");
    }
    discard(&identity);
    discard(&scene.identity);
}

static void close_now(struct fake *fake, int fd)
{
    (void)fake;
    shutdown(fd, SHUT_RDWR);
}

static void reset_now(struct fake *fake, int fd)
{
    char byte;

    (void)fake;
    recv(fd, &byte, 1, 0);
    fake_reset(fd);
}

static void speak_plainly(struct fake *fake, int fd)
{
    char hello[4096];

    (void)fake;
    recv(fd, hello, sizeof hello, 0);
    fake_say(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
}

static void hang(struct fake *fake, int fd)
{
    char hello[4096];

    recv(fd, hello, sizeof hello, 0);
    fake_hang(fake, fd);
}

static void a_failed_handshake_is_down_and_a_hanging_one_a_timeout(void **state)
{
    static const struct {
        void (*answer)(struct fake *, int);
        enum status status;
        const char *failure;
    } cases[] = {
        {close_now, STATUS_DOWN, "tls: connection closed during the TLS handshake"},
        {reset_now, STATUS_DOWN, "tls: connection reset during the TLS handshake"},
        {speak_plainly, STATUS_DOWN,
         "tls: 127.0.0.1 port %d does not speak TLS (plain HTTP on this port?)"},
        {hang, STATUS_TIMEOUT, "timeout: 0.5 s passed during the TLS handshake"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake fake;
        struct probe probe;
        struct result result;
        char failure[96];

        fake_start(&fake, cases[i].answer, NULL);
        probe_init(&probe, "https://127.0.0.1:%d/", fake.port);
        probe.domain.timeout_ms = 500;
        result = checking_one(&probe.domain);
        fake_stop(&fake);
        snprintf(failure, sizeof failure, cases[i].failure, fake.port);
        expect_verdict(&result, cases[i].status, 0, failure);
    }
}

static void any_certificate_name_is_shown_as_clean_text(void **state)
{
    static const struct {
        int type;
        const char *name;
        int size;
        const char *said;
    } cases[] = {
        {V_ASN1_UTF8STRING, "a.example", 9, "certificate is for a.example, not b.example"},
        {V_ASN1_BMPSTRING, "\0a\0\xe9", 4, "certificate is for a\xc3\xa9, not b.example"},
        {V_ASN1_T61STRING, "a\xe9", 2, "certificate is for a\xc3\xa9, not b.example"},
        {V_ASN1_UTF8STRING, "b.example\0.c", 12, "certificate is for b.example .c, not b.example"},
        {V_ASN1_UTF8STRING, "a\nb\x1b", 4, "certificate is for a b , not b.example"},
        {V_ASN1_BMPSTRING, "abc", 3, "certificate is for no name, not b.example"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        X509 *certificate = X509_new();
        char said[400];

        X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                   cases[i].type, (const unsigned char *)cases[i].name,
                                   cases[i].size, -1, 0);
        ERR_clear_error(); /* some are already invalid for OpenSSL */
        certificate_explain_name(certificate, "b.example", said, sizeof said);
        assert_string_equal(said, cases[i].said);
        assert_int_equal(ERR_peek_error(), 0);
        X509_free(certificate);
    }
}

static void a_nul_in_an_alternative_name_does_not_end_it(void **state)
{
    X509 *certificate = X509_new();
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    char said[400];

    (void)state;
    ASN1_STRING_set(text, "b.example\0.c", 12);
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    sk_GENERAL_NAME_push(names, name);
    X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0);
    certificate_explain_name(certificate, "b.example", said, sizeof said);
    assert_string_equal(said, "certificate is for b.example .c, not b.example");
    GENERAL_NAMES_free(names);
    X509_free(certificate);
}

static int set_up(void **state)
{
    FILE *file;

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    srand((unsigned)time(NULL));
    authority = issue("Test authority", NULL, -9, 9, NULL);
    stranger = issue("Stranger & Sons", NULL, -9, 9, NULL);
    snprintf(folder, sizeof folder, "/tmp/uptick-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(ca_file, sizeof ca_file, "%s/ca.pem", folder);
    file = fopen(ca_file, "w");
    assert_non_null(file);
    assert_true(PEM_write_X509(file, authority.certificate));
    return fclose(file);
}

static int clean_up(void **state)
{
    (void)state;
    discard(&authority);
    discard(&stranger);
    return unlink(ca_file) || rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_of_a_trusted_issuer_is_accepted),
        cmocka_unit_test(a_witness_with_a_certificate_answers),
        cmocka_unit_test(a_failed_certificate_check_names_the_reason),
        cmocka_unit_test(a_name_mismatch_shows_both_names),
        cmocka_unit_test(only_alternative_names_of_a_certificate_count),
        cmocka_unit_test(each_error_of_a_chain_has_a_sentence),
        cmocka_unit_test(a_handshake_that_fails_by_its_rules_names_the_reason),
        cmocka_unit_test(a_server_that_requires_a_client_certificate_is_named_so_in_tls_1_3),
        cmocka_unit_test(a_client_certificate_that_is_refused_is_named_so),
        cmocka_unit_test(a_failure_in_http2_names_the_reason),
        cmocka_unit_test(a_response_that_ends_early_in_http2_is_down),
        cmocka_unit_test(each_domain_trusts_its_own_ca_file),
        cmocka_unit_test(a_tls_connection_may_close_without_close_notify),
        cmocka_unit_test(an_upgrade_is_asked_for_in_http_1_1_only),
        cmocka_unit_test(a_failed_handshake_is_down_and_a_hanging_one_a_timeout),
        cmocka_unit_test(any_certificate_name_is_shown_as_clean_text),
        cmocka_unit_test(a_nul_in_an_alternative_name_does_not_end_it),
    };

    return cmocka_run_group_tests_name("tls", tests, set_up, clean_up);
}
