/* check/request: what a check sends, and which parts it sends again after a redirect. */
#include "check/attempts.h"
#include "checking.h"
#include "fake_server.h"

#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include <cmocka.h>

static void want_needle(struct domain *domain)
{
    static const struct needle needle = {{"needle", 6}, {"needle", 6}};

    domain->expect.contains = (struct needles){&needle, 1};
}

static void say(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    fake_say(fd, fake->context);
}

static struct result check_answer(void (*answer)(struct fake *, int), const char *context,
                                  void (*tune)(struct domain *))
{
    struct fake fake;
    struct probe probe;
    struct result result;

    fake_start(&fake, answer, (void *)context);
    probe_init(&probe, "http://127.0.0.1:%d/", fake.port);
    if (tune)
        tune(&probe.domain);
    result = checking_one(&probe.domain);
    fake_stop(&fake);
    return result;
}

/* The kernel's answer to a connect, for the user who runs it, is not the server's. */
static void no_permission_for_a_socket_is_a_local_fault(void **state)
{
    static const struct {
        int error;
        bool is_local;
    } cases[] = {{EACCES, true},  {EPERM, true},         {EMFILE, true},
                 {ENOENT, false}, {ECONNREFUSED, false}, {EPROTOTYPE, false}};
    struct curl_sockaddr address = {.family = AF_UNIX, .socktype = SOCK_STREAM};
    struct sockaddr_un named = {.sun_family = AF_UNIX, .sun_path = "/run/app.sock"};

    (void)state;
    address.addrlen =
        (unsigned)(offsetof(struct sockaddr_un, sun_path) + strlen(named.sun_path)) + 1;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct {
            struct curl_sockaddr address;
            char more[sizeof named];
        } whole = {.address = address};
        struct attempts attempts = {.n = 0};
        char name[ATTEMPTS_PEER_SIZE];
        curl_socket_t fd;

        memcpy(&whole.address.addr, &named, sizeof named);
        fd = attempts_open(&attempts, &whole.address);
        assert_true(fd >= 0);
        attempts_close(&attempts, fd, cases[i].error);
        attempts_judge(&attempts);
        assert_int_equal(attempts.blamed.size == 0, cases[i].is_local);
        assert_int_equal(*attempts.reason != '\0', cases[i].is_local);
        if (i == 0)
            assert_string_equal(attempts.reason,
                                "no permission to connect to unix socket /run/app.sock");
        attempts_name(&attempts.last, name);
        assert_string_equal(name, "unix socket /run/app.sock");
    }
}

/* Redirects. */

/* /0 redirects to /1 and so on; /done responds with 200. */
static void hop(struct fake *fake, int fd)
{
    int n;
    char answer[256];

    fake_read(fake, fd);
    if (strstr(fake->request, " /done")) {
        fake_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nneedle");
        return;
    }
    n = atoi(strchr(fake->request, '/') + 1);
    snprintf(answer, sizeof answer,
             "HTTP/1.1 302 Found\r\nLocation: /%d\r\nContent-Length: 5\r\n\r\nmoved", n + 1);
    if (n == 9)
        snprintf(answer, sizeof answer, "HTTP/1.1 302 Found\r\nLocation: /done\r\n\r\n");
    fake_say(fd, answer);
}

static void at_most_ten_redirects_are_followed(void **state)
{
    struct fake fake;
    struct probe probe;
    struct result result;

    (void)state;
    fake_start(&fake, hop, NULL);
    probe_init(&probe, "http://127.0.0.1:%d/0", fake.port);
    want_needle(&probe.domain);
    result = checking_one(&probe.domain);
    expect_verdict(&result, STATUS_UP, 200, "");
    assert_int_equal(fake.requests, 11);
    probe_init(&probe, "http://127.0.0.1:%d/100", fake.port);
    result = checking_one(&probe.domain);
    expect_verdict(&result, STATUS_DOWN, 302, "protocol: more than 10 redirects");
    probe_init(&probe, "http://127.0.0.1:%d/0", fake.port);
    probe.domain.follow_redirects = false;
    result = checking_one(&probe.domain);
    expect_verdict(&result, STATUS_DOWN, 302, "http_status: expected 200, got 302");
    fake_stop(&fake);
}

static void only_redirects_to_http_and_https_are_followed(void **state)
{
    static const struct {
        const char *answer, *failure;
    } cases[] = {
        {"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n",
         "protocol: redirect to file: not followed (only http and https)"},
        {"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/x\r\n\r\n",
         "protocol: redirect to ftp: not followed (only http and https)"},
        {"HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)\r\n\r\n",
         "protocol: redirect to javascript: not followed (only http and https)"},
        {"HTTP/1.1 302 Found\r\nLocation: com.example.app.login://x\r\n\r\n",
         "protocol: redirect to com.example.app.login: not followed (only http and https)"},
        {"HTTP/1.1 302 Found\r\nLocation: http://a b:99999999/?secret\r\n\r\n",
         "protocol: redirect to an invalid URL"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct result result = check_answer(say, cases[i].answer, NULL);

        expect_verdict(&result, STATUS_DOWN, 302, cases[i].failure);
    }
}

/* In the notation in which libcurl gets addresses, some of these hosts would be commands. */
static void a_redirect_to_a_wrong_host_is_down(void **state)
{
    static const struct {
        const char *location, *failure;
    } cases[] = {
        {"http://-x.example/", "protocol: redirect to an invalid URL: the host begins with '-'"},
        {"//-x.example/", "protocol: redirect to an invalid URL: the host begins with '-'"},
        {"http://%2Dx.example/", "protocol: redirect to an invalid URL: the host begins with '-'"},
        {"http://a..example/",
         "protocol: redirect to an invalid URL: the host has two dots in a row, or begins with "
         "one"},
        {"http://1.2.3.4.5/", "protocol: redirect to an invalid URL: the host is not an IPv4 "
                              "address, although it ends with a number"},
        {"http://+x.example/", "protocol: redirect to an invalid URL"},
        {"http://*.example/", "protocol: redirect to an invalid URL"},
        {"http://a,b.example/", "protocol: redirect to an invalid URL"},
        {"http://a b.example/", "protocol: redirect to an invalid URL"},
        {"http://[::1", "protocol: redirect to an invalid URL"},
        {"http://[::1]x/", "protocol: redirect to an invalid URL"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char answer[256];
        struct result result;

        snprintf(answer, sizeof answer, "HTTP/1.1 302 Found\r\nLocation: %s\r\n\r\n",
                 cases[i].location);
        result = check_answer(say, answer, NULL);
        assert_memory_equal(result.check.failure, cases[i].failure, strlen(cases[i].failure));
        expect_verdict(&result, STATUS_DOWN, 302, result.check.failure);
        assert_int_equal(result.attempts, 1);
    }
}

/* Redirects once, to the context, and responds with 200 to everything else. */
static void redirect_once(struct fake *fake, int fd)
{
    char answer[256];

    fake_read(fake, fd);
    if (strstr(fake->request, "GET / ")) {
        snprintf(answer, sizeof answer, "HTTP/1.1 302 Found\r\nLocation: %s\r\n\r\n",
                 (const char *)fake->context);
        fake_say(fd, answer);
    } else {
        fake_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
}

static void the_target_of_a_request_is_ascii(void **state)
{
    static const struct {
        const char *location, *line;
    } cases[] = {
        {"/Z\xc3\xbcrich?q=gr\xc3\xb6\xc3\x9f", "GET /Z%C3%BCrich?q=gr%C3%B6%C3%9F HTTP/1.1\r\n"},
        {"/latin1/\xfc", "GET /latin1/%FC HTTP/1.1\r\n"},
        {"/a b?c d", "GET /a%20b?c%20d HTTP/1.1\r\n"},
        {"/\"<>?\"'<>", "GET /%22%3C%3E?%22%27%3C%3E HTTP/1.1\r\n"},
        {"\\a\\b", "GET /a/b HTTP/1.1\r\n"},
        {"/%c3%bc%20", "GET /%c3%bc%20 HTTP/1.1\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake fake;
        struct probe probe;
        struct result result;

        fake_start(&fake, redirect_once, (void *)cases[i].location);
        probe_init(&probe, "http://127.0.0.1:%d/", fake.port);
        result = checking_one(&probe.domain);
        fake_stop(&fake);
        expect_verdict(&result, STATUS_UP, 200, "");
        assert_memory_equal(fake.request, cases[i].line, strlen(cases[i].line));
    }
}

/* Nothing of the hop before a redirect is taken for a property of the next one. */
static void a_failure_after_a_redirect_is_that_of_the_last_server(void **state)
{
    struct fake other, fake;
    struct probe probe;
    struct result result;
    char location[64];

    (void)state;
    fake_start(&other, say, "SSH-2.0-OpenSSH\r\n\r\n");
    snprintf(location, sizeof location, "http://127.0.0.1:%d/", other.port);
    fake_start(&fake, redirect_once, location);
    probe_init(&probe, "http://127.0.0.1:%d/", fake.port);
    result = checking_one(&probe.domain);
    expect_verdict(&result, STATUS_DOWN, 302,
                   "protocol: the response is not HTTP/1.0, HTTP/1.1 or HTTP/2");
    fake_stop(&fake);
    fake_stop(&other);
}

/* The site redirects a visitor until the request has the cookie that it set. */
static void want_cookie(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    if (strstr(fake->request, "Cookie: seen=1"))
        fake_say(fd, "HTTP/1.1 200 OK\r\n\r\nneedle");
    else
        fake_say(fd, "HTTP/1.1 302 Found\r\nSet-Cookie: seen=1\r\nLocation: /\r\n\r\n");
}

static void cookies_are_kept_across_the_redirects_of_a_check(void **state)
{
    struct result result = check_answer(want_cookie, NULL, want_needle);

    (void)state;
    expect_verdict(&result, STATUS_UP, 200, "");
}

/* Keeps the request to /N as number N, and sets a cookie. */
static void keep_request(struct fake *fake, int fd)
{
    char(*kept)[sizeof fake->request] = fake->context;

    fake_read(fake, fd);
    snprintf(kept[atoi(strchr(fake->request, '/') + 1)], sizeof fake->request, "%s", fake->request);
    fake_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: seen=1\r\n\r\n");
}

/* A worker uses a handle of libcurl for one check after another. */
static void a_check_sends_what_it_sends_alone_whatever_its_worker_has_sent_before(void **state)
{
    enum { USUAL, HEADER, LOGIN, BODY, HEAD, NO_COOKIES, OTHER_VERSION, ADDRESS, KINDS };
    enum { N = 2 * KINDS }; /* each kind after a usual one and before one */
    static const struct header header = {"X-Key", "secret"};
    static char alone[N][sizeof((struct fake *)0)->request], kept[N][sizeof alone[0]];
    static struct probe probes[N];
    struct domain domains[N];
    struct result results[N];
    struct config config = checking_config(domains, N);
    struct fake fake;

    (void)state;
    fake_start(&fake, keep_request, alone);
    for (int i = 0; i < N; i++) {
        int kind = i % 2 ? i / 2 : USUAL;
        struct domain *domain = &probes[i].domain;

        probe_init(&probes[i], "http://%s127.0.0.1:%d/%d", kind == LOGIN ? "me:word@" : "",
                   fake.port, i);
        domain->n_headers = kind == HEADER;
        domain->headers = &header;
        domain->method = kind == BODY ? METHOD_POST : kind == HEAD ? METHOD_HEAD : METHOD_GET;
        if (kind == BODY)
            domain->body = (struct bytes){"words", 5};
        domain->cookies = kind != NO_COOKIES;
        domain->http_version = kind == OTHER_VERSION ? REQUEST_HTTP_1_1 : REQUEST_AUTO;
        domain->address = kind == ADDRESS ? "127.0.0.1" : NULL;
        domains[i] = *domain;
        results[i] = checking_one(&domains[i]);
        expect_verdict(&results[i], STATUS_UP, 200, "");
        assert_ptr_equal(strstr(alone[i], "Cookie"), NULL);
        assert_true((strstr(alone[i], "X-Key: secret") != NULL) == (kind == HEADER));
        assert_true((strstr(alone[i], "Authorization: ") != NULL) == (kind == LOGIN));
    }
    fake.context = kept;
    config.workers = config.in_flight = 1;
    checking_all(&config, results);
    fake_stop(&fake);
    for (int i = 0; i < N; i++) {
        expect_verdict(&results[i], STATUS_UP, 200, "");
        assert_string_equal(kept[i], alone[i]);
    }
}

static void redirect_away(struct fake *fake, int fd)
{
    const struct fake *other = fake->context;
    char answer[128];

    fake_read(fake, fd);
    snprintf(answer, sizeof answer, "HTTP/1.1 307 Away\r\nLocation: http://127.0.0.1:%d/\r\n\r\n",
             other->port);
    fake_say(fd, answer);
}

static void a_redirect_to_another_server_sends_no_secret_headers(void **state)
{
    static const struct header headers[] = {
        {"Authorization", "secret"}, {"X-Api-Key", "secret"}, {"Cookie", "k=secret"},
        {"Accept-Language", "de"},   {"User-Agent", "mine"},
    };
    struct fake other, fake;
    struct probe probe;
    struct result result;

    (void)state;
    fake_start(&other, say, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nneedle");
    fake_start(&fake, redirect_away, &other);
    probe_init(&probe, "http://user:secret@127.0.0.1:%d/?secret", fake.port);
    probe.domain.headers = headers;
    probe.domain.n_headers = sizeof headers / sizeof headers[0];
    result = checking_one(&probe.domain);
    expect_verdict(&result, STATUS_UP, 200, "");
    fake_stop(&fake);
    fake_stop(&other);
    assert_null(strstr(other.request, "secret"));
    assert_non_null(strstr(other.request, "Accept-Language: de\r\n"));
    assert_non_null(strstr(other.request, "User-Agent: mine\r\n"));
}

static void a_redirect_to_a_dead_server_keeps_the_redirect_status(void **state)
{
    struct fake dead = {.listener = -1};
    struct fake fake;
    struct probe probe;
    struct result result;
    char failure[128];

    (void)state;
    close(fake_listen("127.0.0.1", &dead.port));
    fake_start(&fake, redirect_away, &dead);
    probe_init(&probe, "http://127.0.0.1:%d/", fake.port);
    result = checking_one(&probe.domain);
    snprintf(failure, sizeof failure, "connect: connection refused by 127.0.0.1 port %d",
             dead.port);
    expect_verdict(&result, STATUS_DOWN, 307, failure);
    fake_stop(&fake);
}

/* Requests. */

/* Returns the request that a server gets from a check with these settings. */
static void send_request(struct fake *fake, const struct domain *settings)
{
    struct probe probe;
    struct result result;

    fake_start(fake, say, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    probe_init(&probe, "http://user:pass@127.0.0.1:%d/x?y#z", fake->port);
    probe.domain.method = settings->method;
    probe.domain.headers = settings->headers;
    probe.domain.n_headers = settings->n_headers;
    probe.domain.body = settings->body;
    result = checking_one(&probe.domain);
    fake_stop(fake);
    expect_verdict(&result, STATUS_UP, 200, "");
}

static void a_request_names_uptick_and_the_encodings_it_accepts(void **state)
{
    struct domain settings = {.method = METHOD_GET};
    struct fake fake;

    (void)state;
    send_request(&fake, &settings);
    assert_memory_equal(fake.request, "GET /x?y HTTP/1.1\r\nHost: 127.0.0.1:", 35);
    assert_non_null(strstr(fake.request, "\r\nUser-Agent: uptick/0\r\n"));
    assert_non_null(strstr(fake.request, "\r\nAccept-Encoding: gzip, deflate, br\r\n"));
    assert_non_null(strstr(fake.request, "\r\nAuthorization: Basic dXNlcjpwYXNz\r\n"));
    assert_null(strstr(fake.request, "Content-"));
}

static void each_method_is_sent_with_its_body(void **state)
{
    static const struct {
        enum method method;
        struct bytes body;
        const char *line, *length;
    } cases[] = {
        {METHOD_GET, {NULL, 0}, "GET /x?y HTTP/1.1\r\n", NULL},
        {METHOD_GET, {"a\0b", 3}, "GET /x?y HTTP/1.1\r\n", "Content-Length: 3\r\n"},
        {METHOD_HEAD, {NULL, 0}, "HEAD /x?y HTTP/1.1\r\n", NULL},
        {METHOD_HEAD, {"ab", 2}, "HEAD /x?y HTTP/1.1\r\n", NULL},
        {METHOD_POST, {NULL, 0}, "POST /x?y HTTP/1.1\r\n", "Content-Length: 0\r\n"},
        {METHOD_POST, {"a\0b", 3}, "POST /x?y HTTP/1.1\r\n", "Content-Length: 3\r\n"},
        {METHOD_PUT, {NULL, 0}, "PUT /x?y HTTP/1.1\r\n", "Content-Length: 0\r\n"},
        {METHOD_PUT, {"a\0b", 3}, "PUT /x?y HTTP/1.1\r\n", "Content-Length: 3\r\n"},
        {METHOD_PATCH, {NULL, 0}, "PATCH /x?y HTTP/1.1\r\n", "Content-Length: 0\r\n"},
        {METHOD_PATCH, {"a\0b", 3}, "PATCH /x?y HTTP/1.1\r\n", "Content-Length: 3\r\n"},
        {METHOD_DELETE, {NULL, 0}, "DELETE /x?y HTTP/1.1\r\n", NULL},
        {METHOD_DELETE, {"a\0b", 3}, "DELETE /x?y HTTP/1.1\r\n", "Content-Length: 3\r\n"},
        {METHOD_OPTIONS, {NULL, 0}, "OPTIONS /x?y HTTP/1.1\r\n", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain settings = {.method = cases[i].method, .body = cases[i].body};
        struct fake fake;

        send_request(&fake, &settings);
        assert_memory_equal(fake.request, cases[i].line, strlen(cases[i].line));
        assert_null(strstr(fake.request, "Content-Type"));
        assert_null(strstr(fake.request, "Expect"));
        if (!cases[i].length) {
            assert_null(strstr(fake.request, "Content-Length"));
            continue;
        }
        assert_non_null(strstr(fake.request, cases[i].length));
        assert_memory_equal(fake.request + fake.request_size - cases[i].body.size,
                            cases[i].body.data ? cases[i].body.data : "", cases[i].body.size);
    }
}

static void headers_are_sent_as_configured(void **state)
{
    static const struct header headers[] = {
        {"X-Empty", ""},
        {"User-Agent", "mine; really"},
        {"Host", "other.example"},
        {"Content-Type", "a/b"},
        {"Accept", ""},
        {"Cookie", "a=b"},
        {"X-Semicolon", "; x;"},
        {"Expect", "100-continue"},
        {"X-Blanks", " \t "},
        {"X-Colon", ":"},
    };
    static const char *const lines[] = {
        "\r\nX-Empty:\r\n",
        "\r\nUser-Agent: mine; really\r\n",
        "\r\nHost: other.example\r\n",
        "\r\nContent-Type: a/b\r\n",
        "\r\nAccept:\r\n",
        "\r\nCookie: a=b\r\n",
        "\r\nX-Semicolon: ; x;\r\n",
        "\r\nExpect: 100-continue\r\n",
        "\r\nX-Blanks:\r\n",
        "\r\nX-Colon: :\r\n",
    };
    struct domain settings = {.headers = headers, .n_headers = 10};
    struct fake fake;

    (void)state;
    send_request(&fake, &settings);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_non_null(strstr(fake.request, lines[i]));
    assert_null(strstr(fake.request, "uptick"));
}

/* Both checks are made by one worker, one after the other. */
static void a_check_sends_nothing_of_the_check_before_it(void **state)
{
    static const struct header headers[] = {
        {"X-Api-Key", "secret"}, {"Cookie", "k=secret"}, {"Upgrade", "websocket"}};
    struct config config = {.workers = 1, .in_flight = 1, .max_per_host = 1, .n_domains = 2};
    struct domain domains[2];
    struct result results[2];
    struct probe first, second;
    struct fake fake;

    (void)state;
    fake_start(&fake, say, "HTTP/1.0 200 OK\r\nSet-Cookie: seen=secret\r\n\r\nneedle");
    probe_init(&first, "http://user:secret@127.0.0.1:%d/first", fake.port);
    probe_init(&second, "http://127.0.0.1:%d/second", fake.port);
    first.domain.method = METHOD_POST;
    first.domain.body = (struct bytes){"secret", 6};
    first.domain.headers = headers;
    first.domain.n_headers = sizeof headers / sizeof headers[0];
    domains[0] = first.domain;
    domains[1] = second.domain;
    config.domains = domains;
    checking_all(&config, results);
    fake_stop(&fake);
    expect_verdict(&results[0], STATUS_UP, 200, "");
    expect_verdict(&results[1], STATUS_UP, 200, "");
    assert_memory_equal(fake.request, "GET /second HTTP/1.1\r\n", 22);
    assert_null(strstr(fake.request, "secret"));
    assert_null(strstr(fake.request, "Upgrade"));
    assert_null(strstr(fake.request, "Content-"));
}

/* Redirects a request once, with the status that is in its path. */
static void redirect_by(struct fake *fake, int fd)
{
    char answer[128];

    fake_read(fake, fd);
    if (strstr(fake->request, " /done")) {
        fake_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    snprintf(answer, sizeof answer, "HTTP/1.1 %d Go\r\nLocation: /done\r\n\r\n",
             *(const int *)fake->context);
    fake_say(fd, answer);
}

static void a_redirect_uses_the_same_method_as_a_browser(void **state)
{
    static const struct {
        enum method method;
        int status;
        const char *line;
        size_t body;
    } cases[] = {
        {METHOD_POST, 301, "GET /done", 0},   {METHOD_POST, 302, "GET /done", 0},
        {METHOD_POST, 303, "GET /done", 0},   {METHOD_POST, 307, "POST /done", 4},
        {METHOD_POST, 308, "POST /done", 4},  {METHOD_PUT, 301, "PUT /done", 4},
        {METHOD_PUT, 302, "PUT /done", 4},    {METHOD_PUT, 303, "GET /done", 0},
        {METHOD_PUT, 307, "PUT /done", 4},    {METHOD_DELETE, 302, "DELETE /done", 4},
        {METHOD_DELETE, 303, "GET /done", 0}, {METHOD_HEAD, 302, "HEAD /done", 0},
        {METHOD_HEAD, 303, "HEAD /done", 0},  {METHOD_GET, 302, "GET /done", 4},
    };
    static const struct header headers[] = {{"Content-Type", "text/plain"}, {"X-Other", "y"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake fake;
        struct probe probe;
        struct result result;
        const char *body;

        fake_start(&fake, redirect_by, (void *)&cases[i].status);
        probe_init(&probe, "http://127.0.0.1:%d/", fake.port);
        probe.domain.method = cases[i].method;
        probe.domain.body = (struct bytes){"body", 4};
        probe.domain.headers = headers;
        probe.domain.n_headers = 2;
        result = checking_one(&probe.domain);
        fake_stop(&fake);
        expect_verdict(&result, STATUS_UP, 200, "");
        assert_int_equal(fake.requests, 2);
        assert_non_null(strstr(fake.request, "X-Other: y\r\n"));
        if (cases[i].method != METHOD_HEAD)
            assert_int_equal(strstr(fake.request, "Content-Type") != NULL, cases[i].body > 0);
        assert_memory_equal(fake.request, cases[i].line, strlen(cases[i].line));
        body = strstr(fake.request, "\r\n\r\n") + 4;
        assert_int_equal(strlen(body), cases[i].body);
    }
}

/* Browsers do not follow the others, even with a Location. */
static void only_five_statuses_are_redirects(void **state)
{
    static const int followed[] = {301, 302, 303, 307, 308};
    static const int others[] = {200, 201, 300, 304, 305, 306, 399, 404};

    (void)state;
    for (size_t i = 0; i < sizeof followed / sizeof followed[0]; i++) {
        struct result result = check_answer(redirect_by, (const char *)&followed[i], NULL);

        expect_verdict(&result, STATUS_UP, 200, "");
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct result result = check_answer(redirect_by, (const char *)&others[i], NULL);

        assert_int_equal(result.check.http_status, others[i]);
        assert_int_equal(result.attempts, 1);
    }
}

/* The proxy of the environment is for people, not for checks. */
static void a_check_ignores_the_proxy_of_the_environment(void **state)
{
    struct domain settings = {.method = METHOD_GET};
    struct fake fake;

    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1/", 1);
    setenv("ALL_PROXY", "socks5://127.0.0.1:1/", 1);
    send_request(&fake, &settings);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    assert_memory_equal(fake.request, "GET /x?y ", 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_permission_for_a_socket_is_a_local_fault),
        cmocka_unit_test(at_most_ten_redirects_are_followed),
        cmocka_unit_test(only_redirects_to_http_and_https_are_followed),
        cmocka_unit_test(a_redirect_to_a_wrong_host_is_down),
        cmocka_unit_test(the_target_of_a_request_is_ascii),
        cmocka_unit_test(a_failure_after_a_redirect_is_that_of_the_last_server),
        cmocka_unit_test(cookies_are_kept_across_the_redirects_of_a_check),
        cmocka_unit_test(a_check_sends_what_it_sends_alone_whatever_its_worker_has_sent_before),
        cmocka_unit_test(a_redirect_to_another_server_sends_no_secret_headers),
        cmocka_unit_test(a_redirect_to_a_dead_server_keeps_the_redirect_status),
        cmocka_unit_test(a_request_names_uptick_and_the_encodings_it_accepts),
        cmocka_unit_test(each_method_is_sent_with_its_body),
        cmocka_unit_test(headers_are_sent_as_configured),
        cmocka_unit_test(a_check_sends_nothing_of_the_check_before_it),
        cmocka_unit_test(a_redirect_uses_the_same_method_as_a_browser),
        cmocka_unit_test(only_five_statuses_are_redirects),
        cmocka_unit_test(a_check_ignores_the_proxy_of_the_environment),
    };

    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
