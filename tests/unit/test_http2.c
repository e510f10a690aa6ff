/* check: HTTP/2 responses with large headers, split in any way, and floods of frames. */
#include "checking.h"
#include "fake_server.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

enum { DATA, HEADERS, SETTINGS = 4, PING = 6, CONTINUATION = 9 }; /* types of frames */
enum { END_STREAM = 1, END_HEADERS = 4, PADDED = 8 };             /* their flags */
enum { FRAME_MAX = 16384, BLOCK_MAX = 512 << 10, PREFACE = 24, FRAME_HEAD = 9 };

/* What the server does with a request. */
struct scene {
    int n_headers, header_size; /* how many headers, and the size of the value of each */
    int body_size;
    bool has_length; /* Content-Length is among the headers */
    bool pauses;     /* before the body, and before its end */
    bool only_http2;
    void (*flood)(struct scene *scene, SSL *tls); /* instead of a response */
    int requests_http2, requests_http1;
    atomic_llong sent; /* by floods, in bytes */
};

static SSL_CTX *context;

static int send_frame(SSL *tls, int type, int flags, uint32_t stream, const void *bytes, int size)
{
    unsigned char frame[FRAME_HEAD + FRAME_MAX] = {
        (unsigned char)(size >> 16),   (unsigned char)(size >> 8),   (unsigned char)size,
        (unsigned char)type,           (unsigned char)flags,         (unsigned char)(stream >> 24),
        (unsigned char)(stream >> 16), (unsigned char)(stream >> 8), (unsigned char)stream};

    if (size > 0)
        memcpy(frame + FRAME_HEAD, bytes, (size_t)size);
    return SSL_write(tls, frame, FRAME_HEAD + size) > 0 ? 0 : -1;
}

/* Appends a header that is not indexed (RFC 7541, 6.2.2). */
static size_t add_header(unsigned char *at, const char *name, const char *value, size_t size)
{
    unsigned char *begin = at;
    size_t rest = size;

    *at++ = 0;
    *at++ = (unsigned char)strlen(name);
    memcpy(at, name, strlen(name));
    at += strlen(name);
    if (size < 127) {
        *at++ = (unsigned char)size;
    } else {
        *at++ = 127;
        for (rest -= 127; rest >= 128; rest >>= 7)
            *at++ = (unsigned char)(rest | 128);
        *at++ = (unsigned char)rest;
    }
    memcpy(at, value, size);
    return (size_t)(at - begin) + size;
}

static void send_headers(const struct scene *scene, SSL *tls)
{
    static unsigned char block[BLOCK_MAX];
    static char value[BLOCK_MAX / 2];
    size_t size = 0;
    char name[32];

    memset(value, 'v', sizeof value);
    block[size++] = 0x88; /* :status 200 */
    for (int i = 0; i < scene->n_headers; i++) {
        snprintf(name, sizeof name, "x-h%d", i);
        size += add_header(block + size, name, value, (size_t)scene->header_size);
    }
    if (scene->has_length) {
        snprintf(name, sizeof name, "%d", scene->body_size);
        size += add_header(block + size, "content-length", name, strlen(name));
    }
    for (size_t at = 0; at < size; at += FRAME_MAX) {
        bool last = size - at <= FRAME_MAX;

        send_frame(tls, at == 0 ? HEADERS : CONTINUATION, last ? END_HEADERS : 0, 1, block + at,
                   last ? (int)(size - at) : FRAME_MAX);
    }
}

static void wait_a_moment(const struct scene *scene)
{
    static const struct timespec moment = {.tv_nsec = 20000000};

    if (scene->pauses)
        nanosleep(&moment, NULL);
}

static void send_body(const struct scene *scene, SSL *tls)
{
    static const unsigned char bytes[FRAME_MAX];

    wait_a_moment(scene);
    for (int left = scene->body_size; left > 0; left -= FRAME_MAX)
        send_frame(tls, DATA, 0, 1, bytes, left < FRAME_MAX ? left : FRAME_MAX);
    wait_a_moment(scene);
    send_frame(tls, DATA, END_STREAM, 1, NULL, 0);
}

static bool read_all(SSL *tls, unsigned char *into, int size)
{
    for (int n, at = 0; at < size; at += n) {
        n = SSL_read(tls, into + at, size - at);
        if (n <= 0)
            return false;
    }
    return true;
}

/* Reads up to the end of the request's headers, which fit into one frame. */
static bool read_request(SSL *tls)
{
    unsigned char bytes[FRAME_MAX], type = DATA;

    if (!read_all(tls, bytes, PREFACE))
        return false;
    while (type != HEADERS) {
        int size;

        if (!read_all(tls, bytes, FRAME_HEAD))
            return false;
        type = bytes[3];
        size = bytes[1] << 8 | bytes[2];
        if (bytes[0] || size > FRAME_MAX || !read_all(tls, bytes, size))
            return false;
    }
    return true;
}

static void answer_http2(struct scene *scene, SSL *tls)
{
    char byte;

    scene->requests_http2++;
    if (!read_request(tls))
        return;
    send_frame(tls, SETTINGS, 0, 0, NULL, 0);
    if (scene->flood) {
        scene->flood(scene, tls);
        return;
    }
    send_headers(scene, tls);
    send_body(scene, tls);
    while (SSL_read(tls, &byte, 1) > 0)
        continue;
}

static void answer_http1(struct scene *scene, SSL *tls)
{
    static char value[BLOCK_MAX / 2];
    char line[64];

    scene->requests_http1++;
    SSL_read(tls, value, sizeof value);
    memset(value, 'v', sizeof value);
    SSL_write(tls, "HTTP/1.1 200 OK\r\n", 17);
    for (int i = 0; i < scene->n_headers; i++) {
        snprintf(line, sizeof line, "X-H%d: ", i);
        SSL_write(tls, line, (int)strlen(line));
        SSL_write(tls, value, scene->header_size);
        SSL_write(tls, "\r\n", 2);
    }
    SSL_write(tls, "Content-Length: 0\r\n\r\n", 21);
    SSL_shutdown(tls);
}

static int choose_protocol(SSL *tls, const unsigned char **chosen, unsigned char *size,
                           const unsigned char *offered, unsigned offered_size, void *argument)
{
    static const unsigned char both[] = "\2h2\10http/1.1";
    const struct scene *scene = SSL_get_app_data(tls);
    unsigned char *found = NULL;

    (void)argument;
    if (SSL_select_next_proto(&found, size, both, scene->only_http2 ? 3 : sizeof both - 1, offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

static void serve(struct fake *fake, int fd)
{
    struct scene *scene = fake->context;
    SSL *tls = SSL_new(context);
    const unsigned char *chosen = NULL;
    unsigned size = 0;

    SSL_set_app_data(tls, scene);
    SSL_set_fd(tls, fd);
    if (SSL_accept(tls) == 1) {
        SSL_get0_alpn_selected(tls, &chosen, &size);
        if (size == 2)
            answer_http2(scene, tls);
        else
            answer_http1(scene, tls);
    }
    SSL_free(tls);
    ERR_clear_error();
}

static struct result check_scene(struct scene *scene, void (*tune)(struct domain *))
{
    struct fake fake;
    struct probe probe;
    struct result result;

    fake_start(&fake, serve, scene);
    probe_init(&probe, "https://127.0.0.1:%d/", fake.port);
    probe.domain.verify_tls = false;
    if (tune)
        tune(&probe.domain);
    result = checking_one(&probe.domain);
    fake_stop(&fake);
    return result;
}

static void headers_of_any_size_are_read_over_http2(void **state)
{
    static const int sizes[] = {1, 15, 16, 17, 31, 32, 33, 48, 64, 100, 125}; /* in KiB */
    static const int bodies[] = {0, 2, 16384, 40000, 200000};

    (void)state;
    for (size_t size = 0; size < sizeof sizes / sizeof sizes[0]; size++) {
        for (size_t body = 0; body < sizeof bodies / sizeof bodies[0]; body++) {
            for (int how = 0; how < 4; how++) {
                struct scene scene = {.n_headers = sizes[size],
                                      .header_size = 1010,
                                      .body_size = bodies[body],
                                      .has_length = how & 1,
                                      .pauses = how & 2};
                struct result result = check_scene(&scene, NULL);

                expect_verdict(&result, STATUS_UP, 200, "");
                assert_int_equal(scene.requests_http2, 1);
                assert_int_equal(scene.requests_http1, 0);
            }
        }
    }
}

static void headers_too_large_for_http2_are_read_over_http1(void **state)
{
    static const struct scene scenes[] = {
        {.n_headers = 131, .header_size = 1010},
        {.n_headers = 250, .header_size = 1010},
        {.n_headers = 3, .header_size = 60000, .has_length = true},
        {.n_headers = 1, .header_size = 70000, .pauses = true},
        {.n_headers = 2, .header_size = 99000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
        struct scene scene = scenes[i];
        struct result result = check_scene(&scene, NULL);

        expect_verdict(&result, STATUS_UP, 200, "");
        assert_int_equal(scene.requests_http2, 1);
        assert_int_equal(scene.requests_http1, 1);
        assert_int_equal(result.attempts, 1);
    }
}

static void post(struct domain *domain)
{
    domain->method = METHOD_POST;
}

#define HTTP2_LIMIT                                                                                \
    "protocol: response headers exceed what uptick can read over HTTP/2 (128 KiB, or 64 KiB for "  \
    "one header)"

static void headers_that_cannot_be_read_are_named(void **state)
{
    struct scene endless = {.n_headers = 300, .header_size = 1010},
                 posted = {.n_headers = 131, .header_size = 1010},
                 modern = {.n_headers = 1, .header_size = 70000, .only_http2 = true};
    struct result result = check_scene(&endless, NULL);

    (void)state;
    expect_verdict(&result, STATUS_DOWN, 200, "protocol: response headers exceed 256 KiB");
    result = check_scene(&posted, post);
    expect_verdict(&result, STATUS_DOWN, 0, HTTP2_LIMIT);
    assert_int_equal(posted.requests_http1, 0);
    result = check_scene(&modern, NULL);
    expect_verdict(&result, STATUS_DOWN, 0, HTTP2_LIMIT);
}

/* A flood sends frames until the client goes away. */
static void repeat_frame(struct scene *scene, SSL *tls, int type, int flags, uint32_t stream,
                         int size)
{
    static const unsigned char padding[FRAME_MAX] = {255};

    while (send_frame(tls, type, flags, stream, padding, size) == 0)
        atomic_fetch_add(&scene->sent, FRAME_HEAD + size);
}

static void flood_pings(struct scene *scene, SSL *tls)
{
    repeat_frame(scene, tls, PING, 1, 0, 8);
}

static void flood_settings(struct scene *scene, SSL *tls)
{
    repeat_frame(scene, tls, SETTINGS, 1, 0, 0);
}

static void flood_padding(struct scene *scene, SSL *tls)
{
    send_headers(scene, tls);
    repeat_frame(scene, tls, DATA, PADDED, 1, 256);
}

static void flood_empty_data(struct scene *scene, SSL *tls)
{
    send_headers(scene, tls);
    repeat_frame(scene, tls, DATA, 0, 1, 0);
}

static void flood_continuations(struct scene *scene, SSL *tls)
{
    send_frame(tls, HEADERS, 0, 1, "\x88", 1);
    repeat_frame(scene, tls, CONTINUATION, 0, 1, 0);
}

static void flood_unknown(struct scene *scene, SSL *tls)
{
    repeat_frame(scene, tls, 77, 0, 1, FRAME_MAX);
}

static void read_little(struct domain *domain)
{
    domain->max_body_bytes = 64 << 10;
    domain->timeout_ms = 20000;
}

static void floods_of_frames_end_early(void **state)
{
    static void (*const floods[])(struct scene *, SSL *) = {
        flood_pings,      flood_settings,      flood_padding,
        flood_empty_data, flood_continuations, flood_unknown,
    };

    (void)state;
    for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++) {
        struct scene scene = {.flood = floods[i], .only_http2 = true};
        struct result result = check_scene(&scene, read_little);

        assert_int_equal(result.check.status, STATUS_DOWN);
        assert_memory_equal(result.check.failure, "protocol: ", 10);
        assert_true(scene.sent < 8 << 20);
    }
}

/* The certificate of the server. Nobody verifies it. */
static int make_context(void **state)
{
    X509 *certificate = X509_new();
    EVP_PKEY *key = EVP_EC_gen("P-256");

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    context = SSL_CTX_new(TLS_server_method());
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    if (!SSL_CTX_use_certificate(context, certificate) || !SSL_CTX_use_PrivateKey(context, key))
        return -1;
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return 0;
}

static int free_context(void **state)
{
    (void)state;
    SSL_CTX_free(context);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_any_size_are_read_over_http2),
        cmocka_unit_test(headers_too_large_for_http2_are_read_over_http1),
        cmocka_unit_test(headers_that_cannot_be_read_are_named),
        cmocka_unit_test(floods_of_frames_end_early),
    };

    return cmocka_run_group_tests_name("HTTP/2", tests, make_context, free_context);
}
