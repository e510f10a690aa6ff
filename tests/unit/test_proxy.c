/* check: proxies that work, refuse, fail, lie or hang; whatever they do is told from the server. */
#include "checking.h"
#include "fake_server.h"

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

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* A domain and its proxy. */
struct proxied {
    struct probe probe;
    struct proxy proxy;
    char url[128];
};

static void use_proxy(struct proxied *proxied, enum proxy_kind kind, const char *login, int port)
{
    static const char *const schemes[] = {
        [PROXY_HTTP] = "http", [PROXY_HTTPS] = "https", [PROXY_SOCKS5] = "socks5h"};

    snprintf(proxied->url, sizeof proxied->url, "%s://%s127.0.0.1:%d", schemes[kind], login, port);
    proxied->proxy = (struct proxy){
        .kind = kind, .url = proxied->url, .host = "127.0.0.1", .port = port, .logs_in = *login};
    proxied->probe.domain.proxy = &proxied->proxy;
}

/* Checks a URL, whose host has no address, through a fake proxy. */
static struct result check_through(struct fake *fake, enum proxy_kind kind, const char *login,
                                   const char *url)
{
    struct proxied proxied;

    probe_init(&proxied.probe, "%s", url);
    proxied.probe.domain.timeout_ms = 1500;
    use_proxy(&proxied, kind, login, fake->port);
    return checking_one(&proxied.probe.domain);
}

/* Proxies of HTTP. */

static void say(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    fake_say(fd, fake->context);
}

static void an_answer_to_connect_is_no_response(void **state)
{
    static const struct {
        const char *login, *answer, *failure;
    } cases[] = {
        {"", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad",
         "connect: the proxy answered 502 to CONNECT"},
        {"", "HTTP/1.0 403 Forbidden\r\n\r\n<html>no</html>",
         "connect: the proxy answered 403 to CONNECT"},
        {"", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
         "connect: the proxy answered 302 to CONNECT"},
        {"", "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n",
         "connect: the proxy requires a login (status 407)"},
        {"joe:secret@", "HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n",
         "connect: the proxy refuses the login (status 407)"},
        {"", "", "protocol: connection closed before any response (the proxy)"},
        {"", "SSH-2.0-OpenSSH\r\n\r\n",
         "protocol: the proxy's answer to CONNECT is not valid HTTP"},
        {"", "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\n\r\n",
         "tls: connection closed during the TLS handshake"},
        {"", "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n",
         "tls: shop.example port 443 does not speak TLS (plain HTTP on this port?)"},
    };
    struct fake fake;

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct result result;

        fake_start(&fake, say, (void *)cases[i].answer);
        result = check_through(&fake, PROXY_HTTP, cases[i].login, "https://shop.example/");
        fake_stop(&fake);
        expect_verdict(&result, STATUS_DOWN, 0, cases[i].failure);
        assert_memory_equal(fake.request, "CONNECT shop.example:443 HTTP/1.1\r\n", 35);
    }
}

static void fill(struct fake *fake, int fd)
{
    static char bytes[64 << 10];

    fake_read(fake, fd);
    fake_say(fd, fake->context);
    memset(bytes, 'a', sizeof bytes);
    for (int i = 0; i < 2000; i++)
        fake_send(fd, bytes, sizeof bytes);
}

/* A line of libcurl's own limit, and a body without end: libcurl reads both byte by byte. */
static void an_endless_answer_to_connect_ends_the_check(void **state)
{
    struct result result;
    struct fake fake;
    int64_t began = clock_monotonic();

    (void)state;
    fake_start(&fake, fill, "HTTP/1.1 200 OK\r\nX: ");
    result = check_through(&fake, PROXY_HTTP, "", "https://shop.example/");
    fake_stop(&fake);
    expect_verdict(&result, STATUS_DOWN, 0, "protocol: the proxy's answer to CONNECT is too long");
    fake_start(&fake, fill, "HTTP/1.1 502 Bad\r\nContent-Length: 999999999\r\n\r\n");
    result = check_through(&fake, PROXY_HTTP, "", "https://shop.example/");
    fake_stop(&fake);
    assert_int_equal(result.check.http_status, 0);
    assert_false(result.no_verdict);
    assert_true(clock_monotonic() - began < 20000);
}

/* Reads, and never answers. */
static void be_silent(struct fake *fake, int fd)
{
    fake_read(fake, fd);
}

static void a_silent_proxy_is_a_timeout_that_names_the_server(void **state)
{
    struct result result;
    struct fake fake;

    (void)state;
    fake_start(&fake, be_silent, NULL);
    result = check_through(&fake, PROXY_SOCKS5, "", "http://shop.example:8080/");
    expect_verdict(&result, STATUS_TIMEOUT, 0,
                   "timeout: 1.5 s passed connecting to shop.example port 8080 through the proxy");
    fake_stop(&fake);
}

static void a_proxy_that_nobody_listens_to_is_named(void **state)
{
    struct result result;
    struct fake fake;
    char failure[128];

    (void)state;
    fake_start(&fake, fake_hang, NULL);
    fake_stop(&fake);
    result = check_through(&fake, PROXY_HTTP, "", "http://shop.example/");
    snprintf(failure, sizeof failure,
             "connect: connection refused by 127.0.0.1 port %d (the proxy)", fake.port);
    expect_verdict(&result, STATUS_DOWN, 0, failure);
}

static void an_http_url_is_forwarded(void **state)
{
    struct result result;
    struct fake fake;

    (void)state;
    fake_start(&fake, say, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    result = check_through(&fake, PROXY_HTTP, "jo%65:p%3aw@", "http://shop.example:81/a?b");
    fake_stop(&fake);
    expect_verdict(&result, STATUS_UP, 200, "");
    assert_memory_equal(fake.request, "GET http://shop.example:81/a?b HTTP/1.1\r\n", 41);
    assert_non_null(strstr(fake.request, "\r\nHost: shop.example:81\r\n"));

    /* joe:p:w */
    assert_non_null(strstr(fake.request, "\r\nProxy-Authorization: Basic am9lOnA6dw==\r\n"));
    fake_start(&fake, say, "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno");
    result = check_through(&fake, PROXY_HTTP, "", "http://shop.example/");
    fake_stop(&fake);
    expect_verdict(&result, STATUS_DOWN, 407, "connect: the proxy requires a login (status 407)");
    assert_null(strstr(fake.request, "Proxy-Authorization"));
}

/* The configured headers are for the server. */
static void a_proxy_gets_no_headers_of_a_tunnel(void **state)
{
    static const struct header headers[] = {{"Authorization", "Basic secret"}, {"X-Key", "secret"}};
    struct proxied proxied;
    struct fake fake;

    (void)state;
    fake_start(&fake, say, "HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n");
    probe_init(&proxied.probe, "https://user:secret@shop.example/secret");
    proxied.probe.domain.headers = headers;
    proxied.probe.domain.n_headers = LENGTH(headers);
    use_proxy(&proxied, PROXY_HTTP, "", fake.port);
    checking_one(&proxied.probe.domain);
    fake_stop(&fake);
    assert_memory_equal(fake.request, "CONNECT shop.example:443 ", 25);
    assert_null(strstr(fake.request, "secret"));
    assert_null(strstr(fake.request, "c2VjcmV0"));
    assert_null(strstr(fake.request, "Authorization"));
}

static void variables_of_the_environment_choose_no_proxy(void **state)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY",
                                        "ALL_PROXY"};
    struct result result;
    struct probe probe;
    struct fake fake;

    (void)state;
    for (size_t i = 0; i < LENGTH(names); i++)
        setenv(names[i], "http://127.0.0.1:9", 1);
    setenv("no_proxy", "*", 1);
    setenv("NO_PROXY", "*", 1);
    fake_start(&fake, say, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    probe_init(&probe, "http://127.0.0.1:%d/", fake.port);
    result = checking_one(&probe.domain);
    expect_verdict(&result, STATUS_UP, 200, "");
    result = check_through(&fake, PROXY_HTTP, "", "http://shop.example/");
    expect_verdict(&result, STATUS_UP, 200, "");
    fake_stop(&fake);
    for (size_t i = 0; i < LENGTH(names); i++)
        unsetenv(names[i]);
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
}

static void move_on(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    fake_say(fd, strstr(fake->request, "http://shop.example/")
                     ? "HTTP/1.1 302 Found\r\nLocation: http://other.example/\r\n\r\n"
                     : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

static void a_redirect_goes_through_the_proxy_too(void **state)
{
    struct result result;
    struct fake fake;

    (void)state;
    fake_start(&fake, move_on, NULL);
    result = check_through(&fake, PROXY_HTTP, "", "http://shop.example/");
    fake_stop(&fake);
    expect_verdict(&result, STATUS_UP, 200, "");
    assert_int_equal(fake.requests, 2);
    assert_memory_equal(fake.request, "GET http://other.example/ ", 26);
}

/* Proxies of SOCKS. */

static void reply_with(struct fake *fake, int fd, const char *response)
{
    const unsigned char *code = fake->context;
    unsigned char answer[] = {5, *code, 0, 1, 0, 0, 0, 0, 0, 0};
    char asked[512];

    if (recv(fd, asked, sizeof asked, 0) <= 0)
        return;
    fake_send(fd, "\5\0", 2);
    fake->request_size = (size_t)recv(fd, fake->request, sizeof fake->request, 0);
    fake_send(fd, answer, sizeof answer);
    fake_read(fake, fd);
    fake_say(fd, response);
}

static void reply(struct fake *fake, int fd)
{
    reply_with(fake, fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

static void reply_407(struct fake *fake, int fd)
{
    reply_with(fake, fd, "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno");
}

static void each_reply_of_a_socks_proxy_has_a_text(void **state)
{
    static const char *const failures[] = {
        "",
        "connect: the proxy cannot reach the server: general failure",
        "connect: the proxy refuses to connect to the server",
        "connect: the proxy cannot reach the server: network unreachable",
        "connect: the proxy cannot reach the server: host unreachable",
        "connect: connection refused by the server, as the proxy reports",
        "connect: the proxy cannot reach the server: no answer",
        "connect: the proxy does not support CONNECT",
        "connect: the proxy does not support this kind of address",
        "protocol: the proxy does not speak SOCKS 5",
    };
    struct fake fake;

    (void)state;
    for (unsigned char code = 0; code < LENGTH(failures); code++) {
        struct result result;

        fake_start(&fake, reply, &code);
        result = check_through(&fake, PROXY_SOCKS5, "", "http://shop.example:81/");
        fake_stop(&fake);
        expect_verdict(&result, code ? STATUS_DOWN : STATUS_UP, code ? 0 : 200, failures[code]);
    }
}

/* Within a tunnel, only the server can send this status. */
static void status_407_of_a_server_is_no_login_of_a_proxy(void **state)
{
    unsigned char code = 0;
    struct result result;
    struct fake fake;

    (void)state;
    fake_start(&fake, reply_407, &code);
    result = check_through(&fake, PROXY_SOCKS5, "", "http://shop.example:81/");
    fake_stop(&fake);
    expect_verdict(&result, STATUS_DOWN, 407, "http_status: expected 200, got 407");
}

static void greet(struct fake *fake, int fd)
{
    char asked[512];

    if (recv(fd, asked, sizeof asked, 0) > 0)
        fake_send(fd, fake->context, 2);
}

static void a_proxy_that_does_not_speak_socks_is_down(void **state)
{
    static const struct {
        const char *answer, *failure;
    } cases[] = {
        {"HT", "protocol: the proxy does not speak SOCKS 5"},
        {"\5\xff", "connect: the proxy requires a login, or accepts none of this kind"},
        {"\5\0", "connect: the proxy closed the connection"},
    };
    struct fake fake;

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct result result;

        fake_start(&fake, greet, (void *)cases[i].answer);
        result = check_through(&fake, PROXY_SOCKS5, "", "http://shop.example/");
        fake_stop(&fake);
        expect_verdict(&result, STATUS_DOWN, 0, cases[i].failure);
    }
}

/* Proxies with TLS. */

/* A key, the certificate of an issuer that the tests trust, and one of 127.0.0.1 and shop.example.
 */
static EVP_PKEY *key;
static X509 *authority, *good, *wrong;
static char folder[64], ca_file[96];

static X509 *issue(const char *name, const char *alternative, X509 *issuer)
{
    X509 *made = X509_new();
    X509_NAME *subject = X509_get_subject_name(made);
    int nid = alternative ? NID_subject_alt_name : NID_basic_constraints;
    X509_EXTENSION *extension =
        X509V3_EXT_conf_nid(NULL, NULL, nid, alternative ? alternative : "critical,CA:TRUE");

    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), (long)(rand() + 1L));
    X509_gmtime_adj(X509_getm_notBefore(made), -86400);
    X509_gmtime_adj(X509_getm_notAfter(made), 86400);
    X509_set_pubkey(made, key);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                               0);
    X509_set_issuer_name(made, issuer ? X509_get_subject_name(issuer) : subject);
    X509_add_ext(made, extension, -1);
    X509_EXTENSION_free(extension);
    assert_true(X509_sign(made, key, EVP_sha256()));
    return made;
}

/* Begins a session as a server, over a socket or within another session. NULL: it failed. */
static SSL *accept_tls(X509 *certificate, int fd, SSL *outer)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    BIO *within = outer ? BIO_new(BIO_f_ssl()) : NULL;
    SSL *tls;

    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    tls = SSL_new(context);
    SSL_CTX_free(context);
    if (outer) {
        BIO_set_ssl(within, outer, BIO_NOCLOSE);
        SSL_set_bio(tls, within, within);
    } else {
        SSL_set_fd(tls, fd);
    }
    if (SSL_accept(tls) == 1)
        return tls;
    SSL_free(tls);
    ERR_clear_error();
    return NULL;
}

/* What a proxy with TLS does: its own certificate, and that of the server in its tunnel. */
struct scene {
    X509 *proxy, *server;
    const char *answer; /* to CONNECT; NULL: the request is forwarded */
};

static void serve_tls(struct fake *fake, int fd)
{
    const struct scene *scene = fake->context;
    SSL *tls = accept_tls(scene->proxy, fd, NULL), *inner = NULL;
    int n = tls ? SSL_read(tls, fake->request, sizeof fake->request - 1) : 0;

    fake->request[n > 0 ? n : 0] = '\0';
    if (n > 0 && scene->answer)
        SSL_write(tls, scene->answer, (int)strlen(scene->answer));
    if (n > 0 && scene->answer && scene->server)
        inner = accept_tls(scene->server, -1, tls);
    if (inner && SSL_read(inner, fake->request, sizeof fake->request - 1) <= 0)
        n = 0;
    if (n > 0 && (inner || !scene->answer))
        SSL_write(inner ? inner : tls, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 40);
    SSL_free(inner);
    if (tls)
        SSL_shutdown(tls);
    SSL_free(tls);
    ERR_clear_error();
}

static void certificates_of_proxy_and_server_are_both_verified(void **state)
{
    static const char connected[] = "HTTP/1.1 200 OK\r\n\r\n";
    const struct {
        const char *url;
        struct scene scene;
        const char *failure;
    } cases[] = {
        {"http://shop.example/", {good, NULL, NULL}, ""},
        {"https://shop.example/", {good, good, connected}, ""},
        {"https://shop.example/",
         {good, wrong, connected},
         "tls: certificate is for other.example, not shop.example"},
        {"https://shop.example/",
         {wrong, good, connected},
         "tls: certificate is for other.example, not 127.0.0.1 (the proxy)"},
        {"http://shop.example/",
         {wrong, good, NULL},
         "tls: certificate is for other.example, not 127.0.0.1 (the proxy)"},
        {"https://shop.example/",
         {good, NULL, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"},
         "connect: the proxy answered 503 to CONNECT"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct proxied proxied;
        struct result result;
        struct fake fake;

        fake_start(&fake, serve_tls, (void *)&cases[i].scene);
        probe_init(&proxied.probe, "%s", cases[i].url);
        proxied.probe.domain.ca_file = ca_file;
        use_proxy(&proxied, PROXY_HTTPS, "", fake.port);
        result = checking_one(&proxied.probe.domain);
        expect_verdict(&result, *cases[i].failure ? STATUS_DOWN : STATUS_UP,
                       *cases[i].failure ? 0 : 200, cases[i].failure);
        proxied.probe.domain.verify_tls = false;
        result = checking_one(&proxied.probe.domain);
        assert_int_equal(result.check.status, i == LENGTH(cases) - 1 ? STATUS_DOWN : STATUS_UP);
        fake_stop(&fake);
    }
}

static void say_at_once(struct fake *fake, int fd)
{
    char asked[512];

    if (recv(fd, asked, sizeof asked, 0) > 0)
        fake_say(fd, fake->context);
}

static void a_proxy_that_does_not_speak_tls_is_named(void **state)
{
    struct result result;
    struct fake fake;
    char failure[128];

    (void)state;
    fake_start(&fake, say_at_once, "HTTP/1.1 400 Bad Request\r\n\r\n");
    result = check_through(&fake, PROXY_HTTPS, "", "https://shop.example/");
    fake_stop(&fake);
    snprintf(failure, sizeof failure,
             "tls: 127.0.0.1 port %d does not speak TLS (plain HTTP on this port?) (the proxy)",
             fake.port);
    expect_verdict(&result, STATUS_DOWN, 0, failure);
}

static int make_certificates(void **state)
{
    FILE *file;

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    key = EVP_EC_gen("P-256");
    authority = issue("Test CA", NULL, NULL);
    good = issue("www", "DNS:shop.example,IP:127.0.0.1", authority);
    wrong = issue("www", "DNS:other.example", authority);
    snprintf(folder, sizeof folder, "/tmp/uptick-proxy-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(ca_file, sizeof ca_file, "%s/ca.pem", folder);
    file = fopen(ca_file, "w");
    if (!file || !PEM_write_X509(file, authority))
        return -1;
    return fclose(file);
}

static int remove_certificates(void **state)
{
    (void)state;
    X509_free(authority);
    X509_free(good);
    X509_free(wrong);
    EVP_PKEY_free(key);
    unlink(ca_file);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_to_connect_is_no_response),
        cmocka_unit_test(an_endless_answer_to_connect_ends_the_check),
        cmocka_unit_test(a_silent_proxy_is_a_timeout_that_names_the_server),
        cmocka_unit_test(a_proxy_that_nobody_listens_to_is_named),
        cmocka_unit_test(an_http_url_is_forwarded),
        cmocka_unit_test(a_proxy_gets_no_headers_of_a_tunnel),
        cmocka_unit_test(variables_of_the_environment_choose_no_proxy),
        cmocka_unit_test(a_redirect_goes_through_the_proxy_too),
        cmocka_unit_test(each_reply_of_a_socks_proxy_has_a_text),
        cmocka_unit_test(status_407_of_a_server_is_no_login_of_a_proxy),
        cmocka_unit_test(a_proxy_that_does_not_speak_socks_is_down),
        cmocka_unit_test(certificates_of_proxy_and_server_are_both_verified),
        cmocka_unit_test(a_proxy_that_does_not_speak_tls_is_named),
    };

    return cmocka_run_group_tests_name("proxy", tests, make_certificates, remove_certificates);
}
