/* check: the verdicts on servers that respond well, badly, late or never. */
#include "checking.h"
#include "fake_server.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A response, and how it is sent. */
struct script {
    const char *bytes;
    size_t size;
    size_t piece;                            /* bytes for each send; 0: all at once */
    void (*then)(struct fake *fake, int fd); /* instead of closing */
};

#define SCRIPT(text)                                                                               \
    {                                                                                              \
        .bytes = text, .size = sizeof(text) - 1                                                    \
    }

static void reset(struct fake *fake, int fd)
{
    (void)fake;
    fake_reset(fd);
}

static void play(struct fake *fake, int fd)
{
    const struct script *script = fake->context;
    size_t piece = script->piece ? script->piece : script->size;
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
    fake_read(fake, fd);
    for (size_t at = 0; at < script->size; at += piece)
        fake_send(fd, script->bytes + at, script->size - at < piece ? script->size - at : piece);
    if (script->then)
        script->then(fake, fd);
    else
        shutdown(fd, SHUT_WR);
}

/* Checks a server that plays the script, after tune has changed the domain. */
static struct result check_script(const struct script *script, void (*tune)(struct domain *))
{
    struct fake fake;
    struct probe probe;
    struct result result;

    fake_start(&fake, play, (void *)script);
    probe_init(&probe, "http://user:secret@127.0.0.1:%d/path?token=secret", fake.port);
    if (tune)
        tune(&probe.domain);
    result = checking_one(&probe.domain);
    fake_stop(&fake);
    assert_null(strstr(result.check.failure, "secret"));
    return result;
}

static void want_needle(struct domain *domain)
{
    static const struct needle needle = {{"needle", 6}, {"needle", 6}};

    domain->expect.contains = (struct needles){&needle, 1};
}

static void responses_in_many_formats_are_read(void **state)
{
    static const struct script scripts[] = {
        SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n<p>needle<"),
        SCRIPT("HTTP/1.1 200 OK\r\n\r\nuntil the end: needle"),
        SCRIPT("HTTP/1.0 200 OK\r\n\r\nneedle"),
        SCRIPT("HTTP/1.1 200\r\n\r\nneedle"),
        SCRIPT("HTTP/1.1 200 OK\n\nneedle"),
        SCRIPT("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nneedle"),
        SCRIPT("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 P\r\n\r\n"
               "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nneedle"),
        SCRIPT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
               "4\r\nxxne\r\n3;ext=1\r\nedl\r\n1\r\ne\r\n0\r\nTrailer: x\r\n\r\n"),
        SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\0\0needle\0"),
        SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nneedle and more than was promised"),
        SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 6\r\n\r\nneedle"),
        SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
               "6\r\nneedle\r\n0\r\n\r\n"),
        SCRIPT("HTTP/1.1 200 OK\r\nContent-Encoding: utf-8\r\n\r\nneedle"),
        SCRIPT("HTTP/1.1 200 OK\r\nContent-Encoding: none\r\nContent-Length: 6\r\n\r\nneedle"),
        SCRIPT("HTTP/1.1 103 Early Hints\r\nLocation: /early\r\nContent-Length: 9\r\n"
               "Content-Encoding: gzip\r\n\r\nHTTP/1.1 200 OK\r\nLocation: /late\r\n"
               "Content-Length: 6\r\n\r\nneedle"),
        SCRIPT(
            "HTTP/1.1 200 OK\r\nX-Long: "
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"
            "X-Folded: a\r\n b\r\n\r\nneedle"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        for (size_t piece = 0; piece <= 1; piece++) {
            struct script script = scripts[i];
            struct result result;

            script.piece = piece;
            result = check_script(&script, want_needle);
            expect_verdict(&result, STATUS_UP, 200, "");
            assert_int_equal(result.attempts, 1);
        }
    }
}

/* Wherever the response is split between two packets. */
static void a_string_is_found_however_the_packets_are_split(void **state)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "3\r\nnee\r\n3\r\ndle\r\n0\r\n\r\n";
    struct script script = SCRIPT(answer);

    (void)state;
    for (size_t piece = 1; piece < sizeof answer; piece++) {
        struct result result;

        script.piece = piece;
        result = check_script(&script, want_needle);
        expect_verdict(&result, STATUS_UP, 200, "");
    }
}

static void a_wrong_or_malformed_response_is_down(void **state)
{
    static const struct {
        struct script script;
        int http_status;
        const char *failure;
    } cases[] = {
        {SCRIPT("HTTP/1.1 503 No\r\n\r\nneedle"), 503, "http_status: expected 200, got 503"},
        {SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nneed"), 200,
         "body: \"needle\" not found (4 bytes read)"},
        {SCRIPT("HTTP/1.1 204 No Content\r\n\r\n"), 204, "http_status: expected 200, got 204"},
        {SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nneedle"), 200,
         "protocol: response cut short after 6 of 1000 bytes"},
        {SCRIPT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nneedle\r\n"), 200,
         "protocol: response cut short after 6 bytes"},
        {SCRIPT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nneedle\r\n"), 200,
         "protocol: malformed chunked encoding after 0 bytes of the body"},
        {SCRIPT("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nneedle"), 200,
         "protocol: the body cannot be decoded as its headers promise"},
        {SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 7\r\n\r\nneedle"), 200,
         "protocol: the response has different Content-Length headers, or one that is not a "
         "number"},
        {SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 6, 7\r\n\r\nneedle"), 200,
         "protocol: the response has different Content-Length headers, or one that is not a "
         "number"},
        {SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: -6\r\n\r\nneedle"), 200,
         "protocol: the response has different Content-Length headers, or one that is not a "
         "number"},
        {SCRIPT("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nneedle"), 200,
         "protocol: the response has different Content-Length headers, or one that is not a "
         "number"},
        {SCRIPT("HTTP/1.1 200 OK\r\nNo colon\r\n\r\nneedle"), 200,
         "protocol: the response is not valid HTTP"},
        {SCRIPT("HTTP/1.1 200 OK\r\nLocation: /a\r\nLocation: /b\r\n\r\nneedle"), 200,
         "protocol: the response has different Location headers"},
        {SCRIPT(""), 0, "protocol: connection closed before any response"},
        {SCRIPT("\0\xff\x80 garbage needle\r\n\r\n"), 0,
         "protocol: the response is not HTTP/1.0, HTTP/1.1 or HTTP/2"},
        {SCRIPT("needle"), 0, "protocol: the response is not HTTP/1.0, HTTP/1.1 or HTTP/2"},
        {SCRIPT("HTTP/9.9 200 OK\r\n\r\nneedle"), 0,
         "protocol: the response is not HTTP/1.0, HTTP/1.1 or HTTP/2"},
        {SCRIPT("HTTP/2 200\r\n\r\nneedle"), 200,
         "protocol: the response is not HTTP/1.0, HTTP/1.1 or HTTP/2"},
        {SCRIPT("HTTP/3 200\r\n\r\nneedle"), 0,
         "protocol: the response is not HTTP/1.0, HTTP/1.1 or HTTP/2"},
        {SCRIPT("HTTP/1.1 100 Continue\r\n\r\n"), 0,
         "protocol: connection closed before any response"},
        {{.bytes = "", .size = 0, .then = reset},
         0,
         "protocol: connection reset before the first byte"},
        {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", .size = 39, .then = reset},
         200,
         "protocol: connection lost after 0 bytes of the body"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct result result = check_script(&cases[i].script, want_needle);

        expect_verdict(&result, STATUS_DOWN, cases[i].http_status, cases[i].failure);
    }
}

/* No empty line ever comes, however the connection ends. */
static void a_response_that_ends_within_its_headers_is_down(void **state)
{
    static const char cut[] = "protocol: response cut short in its headers";
    static const char reset_in[] = "protocol: connection lost in the headers";
    static const char *const heads[] = {
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.0 200 OK\r\n",
        "HTTP/1.1 200\n",
        "HTTP/1.1 200 OK\r\nX: y\r\n",
        "HTTP/1.1 200 OK\r\nX: y\n",
        "HTTP/1.1 200 OK\r\nX: y\r\n\r",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n",
        "HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\n",
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof heads / sizeof heads[0]; i++) {
        const char *head = heads[i / 2];
        struct script script = {.bytes = head, .size = strlen(head), .then = i % 2 ? reset : NULL};
        struct result result = check_script(&script, NULL);

        /* A reset may discard what has come before it. */
        if (i % 2 && result.check.http_status == 0)
            continue;
        if (strcmp(result.check.failure, cut) != 0 && strcmp(result.check.failure, reset_in) != 0)
            fail_msg("%s: \"%s\"", head, result.check.failure);
        expect_verdict(&result, STATUS_DOWN, 200, result.check.failure);
        result = check_script(&script, want_needle);
        assert_int_equal(result.check.status, STATUS_DOWN);
    }
}

static void watch_for_bots(struct domain *domain)
{
    static const struct needle bots[] = {
        {{"captcha", 7}, {"captcha", 7}},
        {{"Checking your browser", 21}, {"Checking your browser", 21}}};

    domain->bot_strings = (struct needles){bots, 2};
    want_needle(domain);
}

static void a_bot_page_is_bot_detected_and_a_truncated_one_down(void **state)
{
    static const struct script page = SCRIPT("HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n"
                                             "8\r\nChecking\r\nd\r\n your browser\r\n0\r\n\r\n");
    static const struct script broken =
        SCRIPT("HTTP/1.1 403 No\r\nContent-Length: 99\r\n\r\nChecking your browser");
    struct result result;

    (void)state;
    result = check_script(&page, watch_for_bots);
    expect_verdict(&result, STATUS_BOT_DETECTED, 403,
                   "bot: \"Checking your browser\" found (status 403)");
    result = check_script(&broken, watch_for_bots);
    expect_verdict(&result, STATUS_DOWN, 403, "protocol: response cut short after 21 of 99 bytes");
}

/* Compressed bodies: "hay hay needle" in each encoding, and about 16 MiB of zeros. */

static const char gzip_needle[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xac\x54\xc8\x00\xe2\xbc\xd4\xd4"
    "\x94\x9c\x54\x00\x53\xfe\x35\xa3\x0e\x00\x00\x00";
static const char deflate_needle[] =
    "\x78\xda\xcb\x48\xac\x54\xc8\x00\xe2\xbc\xd4\xd4\x94\x9c\x54\x00\x26\x62\x05\x32";
static const char br_needle[] =
    "\x8b\x06\x80\x68\x61\x79\x20\x68\x61\x79\x20\x6e\x65\x65\x64\x6c\x65\x03";
static const char br_bomb[] = "\x9f\xff\xff\xff\xf8\x27\x00\xe2\xb1\x40\x20\xf7\xfe\x1f";

/* A deflate block that expands to 64 KiB of zeros. */
static const char deflate_64k[84] = "\xec\xc1\x01\x01\x00\x00\x00\x80\x90\xfe\xaf\xee\x08\x0a";
static const char deflate_64k_end[] = "\x6a\x00\x00\x00\xff\xff";

/* A response in this encoding: the prefix, then the body `times` times. The caller frees it. */
static struct script encoded(const char *coding, const char *prefix, size_t prefix_size,
                             const char *body, size_t body_size, size_t times)
{
    char *answer = malloc(256 + prefix_size + body_size * times);
    size_t size;

    assert_non_null(answer);
    size = (size_t)sprintf(answer, "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\n\r\n", coding);
    memcpy(answer + size, prefix, prefix_size);
    size += prefix_size;
    for (size_t i = 0; i < times; i++, size += body_size)
        memcpy(answer + size, body, body_size);
    return (struct script){.bytes = answer, .size = size};
}

static void a_compressed_body_is_decoded_and_searched(void **state)
{
    static const struct {
        const char *coding, *body;
        size_t size;
    } cases[] = {
        {"gzip", gzip_needle, sizeof gzip_needle - 1},
        {"deflate", deflate_needle, sizeof deflate_needle - 1},
        {"br", br_needle, sizeof br_needle - 1},
        {"x-gzip", gzip_needle, sizeof gzip_needle - 1},
        {"identity, gzip", gzip_needle, sizeof gzip_needle - 1},
        {"deflate", gzip_needle, sizeof gzip_needle - 1},
        {"deflate", deflate_needle + 2, sizeof deflate_needle - 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t piece = 0; piece <= 1; piece++) {
            struct script script = encoded(cases[i].coding, "", 0, cases[i].body, cases[i].size, 1);
            struct result result;

            script.piece = piece;
            result = check_script(&script, want_needle);
            expect_verdict(&result, STATUS_UP, 200, "");
            free((char *)script.bytes);
        }
    }
}

static void a_decompression_bomb_is_read_only_up_to_the_limit(void **state)
{
    char block[sizeof deflate_64k];
    struct script bombs[3];

    (void)state;
    memcpy(block, deflate_64k, sizeof block);
    memcpy(block + sizeof block - sizeof deflate_64k_end + 1, deflate_64k_end,
           sizeof deflate_64k_end - 1);
    bombs[0] = encoded("gzip", "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10, block, sizeof block, 256);
    bombs[1] = encoded("deflate", "\x78\x9c", 2, block, sizeof block, 256);
    bombs[2] = encoded("br", "", 0, br_bomb, sizeof br_bomb - 1, 1);
    for (size_t i = 0; i < 3; i++) {
        struct result result = check_script(&bombs[i], want_needle);

        expect_verdict(&result, STATUS_DOWN, 200,
                       "body: \"needle\" not found in the first 1048576 bytes");
        free((char *)bombs[i].bytes);
    }
}

/* Limits. */

static void read_six(struct domain *domain)
{
    want_needle(domain);
    domain->max_body_bytes = 6;
}

static void read_nothing(struct domain *domain)
{
    domain->max_body_bytes = 0;
}

static void read_nothing_for_needle(struct domain *domain)
{
    want_needle(domain);
    domain->max_body_bytes = 0;
}

static void a_body_is_judged_by_the_bytes_below_its_limit(void **state)
{
    static const struct {
        struct script script;
        void (*tune)(struct domain *);
        const char *failure;
    } cases[] = {
        {SCRIPT("HTTP/1.1 200 OK\r\n\r\nneedle"), read_six, ""},
        {SCRIPT("HTTP/1.1 200 OK\r\n\r\nneedles"), read_six, ""},
        {SCRIPT("HTTP/1.1 200 OK\r\n\r\nxneedl"), read_six,
         "body: \"needle\" not found (6 bytes read)"},
        {SCRIPT("HTTP/1.1 200 OK\r\n\r\nxneedle"), read_six,
         "body: \"needle\" not found in the first 6 bytes"},
        {SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nneedleXX"), read_six, ""},
        {SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nneedle"), read_six,
         "protocol: response cut short after 6 of 10 bytes"},
        {SCRIPT("HTTP/1.1 200 OK\r\n\r\nneedle"), read_nothing, ""},
        {SCRIPT("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), read_nothing, ""},
        {SCRIPT("HTTP/1.1 200 OK\r\n\r\nneedle"), read_nothing_for_needle,
         "body: \"needle\" not found in the first 0 bytes"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct result result = check_script(&cases[i].script, cases[i].tune);

        expect_verdict(&result, *cases[i].failure ? STATUS_DOWN : STATUS_UP, 200, cases[i].failure);
    }
}

static void pour(struct fake *fake, int fd)
{
    char piece[4096];
    struct pollfd end = {.fd = fake->wake[0]};

    memset(piece, 'x', sizeof piece);
    fake_read(fake, fd);
    fake_say(fd, fake->context);
    while (poll(&end, 1, 0) == 0 && send(fd, piece, sizeof piece, MSG_NOSIGNAL) > 0)
        ;
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

static void an_endless_body_is_read_only_up_to_the_limit(void **state)
{
    struct result result = check_answer(pour, "HTTP/1.1 200 OK\r\n\r\n", NULL);

    (void)state;
    expect_verdict(&result, STATUS_UP, 200, "");
}

/* Sends the same text without end. */
static void repeat(struct fake *fake, int fd)
{
    struct pollfd end = {.fd = fake->wake[0]};
    const char *text = fake->context;

    fake_read(fake, fd);
    while (poll(&end, 1, 0) == 0 && send(fd, text, strlen(text), MSG_NOSIGNAL) > 0)
        ;
}

static void repeat_header(struct fake *fake, int fd)
{
    fake_say(fd, "HTTP/1.1 200 OK\r\n");
    repeat(fake, fd);
}

static void a_response_with_endless_headers_is_down(void **state)
{
    static const struct {
        void (*answer)(struct fake *, int);
        const char *context, *failure;
        int http_status;
    } cases[] = {
        {repeat_header, "X-Fill: 0123456789012345678901234567890123456789\r\n",
         "protocol: response headers exceed 256 KiB", 200},
        {repeat, "HTTP/1.1 103 Early Hints\r\n\r\n", "protocol: response headers exceed 256 KiB",
         0},
        {pour, "HTTP/1.1 200 OK\r\nX-Long: ", "protocol: a response header exceeds 100 KiB", 200},
        {pour, "HTTP/1.1 200 ", "protocol: a response header exceeds 100 KiB", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct result result = check_answer(cases[i].answer, cases[i].context, NULL);

        expect_verdict(&result, STATUS_DOWN, cases[i].http_status, cases[i].failure);
    }
}

static void much_header(struct fake *fake, int fd)
{
    int lines = *(int *)fake->context;

    fake_read(fake, fd);
    fake_say(fd, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < lines; i++)
        fake_say(fd, "X-Fill: 01234567890123456789012345678901234567890123456789012\r\n");
    fake_say(fd, "\r\nneedle");
}

static void headers_below_the_limit_are_accepted(void **state)
{
    int lines = 4090; /* of 63 bytes: 257,670 of 262,144 */
    struct result result = check_answer(much_header, (char *)&lines, want_needle);

    (void)state;
    expect_verdict(&result, STATUS_UP, 200, "");
}

/* A head, and bytes after it that are no part of a body, without end. */
struct flood {
    const char *head;
    size_t head_size;
    const char *block;
    size_t block_size;
    int http_status;
    const char *failure; /* the beginning of it */
};

#define FLOOD(begin, again) begin, sizeof(begin) - 1, again, sizeof(again) - 1

static atomic_llong flooded; /* bytes */

static void send_flood(struct fake *fake, int fd)
{
    enum { SEND = 64 << 10 };
    static char bytes[SEND];
    struct pollfd end = {.fd = fake->wake[0]};
    const struct flood *flood = fake->context;
    size_t size = 0;
    ssize_t n = 0;

    for (; size + flood->block_size <= SEND; size += flood->block_size)
        memcpy(bytes + size, flood->block, flood->block_size);
    fake_read(fake, fd);
    fake_send(fd, flood->head, flood->head_size);
    while (poll(&end, 1, 0) == 0 && (n = send(fd, bytes, size, MSG_NOSIGNAL)) > 0)
        atomic_fetch_add(&flooded, n);
}

static void read_little(struct domain *domain)
{
    domain->max_body_bytes = 64 << 10;
    domain->timeout_ms = 30000;
}

/* The sockets on both sides hold some megabytes that are not read. */
static void a_flood_that_is_no_body_ends_early(void **state)
{
    enum { SOCKETS = 12 << 20 };
    static const struct flood floods[] = {
        {FLOOD("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
               "\x1f\x8b\x08\0\0\0\0\0\0\xff",
               "\0\0\0\xff\xff"),
         200, "protocol: the server sent "},
        {FLOOD("HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n", "\0\0\0\xff\xff"), 200,
         "protocol: "},
        {FLOOD("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "extension"), 200,
         "protocol: the server sent "},
        {FLOOD("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
               "1;xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n.\r\n"),
         200, "protocol: the server sent "},
        {FLOOD("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "Trailer: x\r\n"), 200,
         "protocol: response headers exceed 256 KiB"},
        {FLOOD("HTTP/1.1 200 OK\r\nX-Folded: ", "\r\n x"), 200, "protocol: "},
        {FLOOD("", "HTTP/1.1 100 Continue\r\n\r\n"), 0,
         "protocol: response headers exceed 256 KiB"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++) {
        struct result result;

        atomic_store(&flooded, 0);
        result = check_answer(send_flood, (const char *)&floods[i], read_little);
        assert_int_equal(result.check.status, STATUS_DOWN);
        assert_int_equal(result.check.http_status, floods[i].http_status);
        assert_memory_equal(result.check.failure, floods[i].failure, strlen(floods[i].failure));
        assert_true(atomic_load(&flooded) < SOCKETS);
    }
}

/* The body is 64 MiB of the letter x, and none of a thousand strings begins with another one. */
static void search_a_lot(struct domain *domain)
{
    static struct needle strings[1000];

    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        strings[i].text = (struct bytes){"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy", 40};
    domain->bot_strings = (struct needles){strings, sizeof strings / sizeof strings[0]};
    domain->max_body_bytes = 64 << 20;
    domain->timeout_ms = 30000;
}

static void a_body_that_takes_much_cpu_is_read_for_a_quarter_of_a_second(void **state)
{
    struct result result = check_answer(pour, "HTTP/1.1 200 OK\r\n\r\n", search_a_lot);

    (void)state;
    expect_verdict(&result, STATUS_UP, 200, "");
    assert_in_range(result.check.latency_ms, 100, 10000);
}

/* Time. */

static void in_a_moment(struct domain *domain)
{
    domain->timeout_ms = 300;
}

static void hang_and_want_needle(struct domain *domain)
{
    want_needle(domain);
    in_a_moment(domain);
}

static void hanging(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    fake_say(fd, fake->context);
    fake_hang(fake, fd);
}

static void a_timeout_names_the_step_that_it_interrupted(void **state)
{
    static const struct {
        const char *answer, *failure;
    } cases[] = {
        {"", "timeout: 0.3 s passed waiting for the first byte"},
        {"HTTP/1.1 200", "timeout: 0.3 s passed waiting for the first byte"},
        {"HTTP/1.1 200 OK\r\n", "timeout: 0.3 s passed reading the headers"},
        {"HTTP/1.1 200 OK\r\nX: y\r\n", "timeout: 0.3 s passed reading the headers"},
        {"HTTP/1.1 100 Continue\r\n\r\n", "timeout: 0.3 s passed waiting for the first byte"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
         "timeout: 0.3 s passed reading the body (0 bytes so far)"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nneedle",
         "timeout: 0.3 s passed reading the body (6 bytes so far)"},
        {"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nneedle\r\n",
         "timeout: 0.3 s passed reading the body (6 bytes so far)"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct result result = check_answer(hanging, cases[i].answer, hang_and_want_needle);

        expect_verdict(&result, STATUS_TIMEOUT, 0, cases[i].failure);
    }
}

/* Sends one byte in each tenth of the timeout: always busy, never done. */
static void drip(struct fake *fake, int fd)
{
    struct pollfd end = {.fd = fake->wake[0]};

    fake_read(fake, fd);
    fake_say(fd, fake->context);
    while (poll(&end, 1, 30) == 0 && send(fd, "x", 1, MSG_NOSIGNAL) > 0)
        ;
}

static void expect_switch(struct domain *domain)
{
    static const struct status_range expected[] = {{101, 101}};

    domain->expect.statuses = expected;
}

/* What follows such headers is not waited for. */
static void an_exchange_without_a_body_ends_after_the_headers(void **state)
{
    static const struct {
        const char *answer;
        void (*tune)(struct domain *);
        int http_status;
        const char *failure;
    } cases[] = {
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", expect_switch, 101, ""},
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", NULL, 101,
         "http_status: expected 200, got 101"},
        {"HTTP/1.1 200 OK\r\n\r\n", read_nothing, 200, ""},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", read_nothing, 200, ""},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", read_nothing, 200, ""},
        {"HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\n", read_nothing, 503,
         "http_status: expected 200, got 503"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", read_nothing_for_needle, 200,
         "body: \"needle\" not found in the first 0 bytes"},
        {"HTTP/1.1 204 No Content\r\n\r\n", NULL, 204, "http_status: expected 200, got 204"},
        {"HTTP/1.1 304 Not Modified\r\n\r\n", NULL, 304, "http_status: expected 200, got 304"},
        {"HTTP/1.1 304 No\r\nLocation: /\r\nContent-Length: 9\r\n\r\n", NULL, 304,
         "http_status: expected 200, got 304"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct result result = check_answer(hanging, cases[i].answer, cases[i].tune);

        expect_verdict(&result, *cases[i].failure ? STATUS_DOWN : STATUS_UP, cases[i].http_status,
                       cases[i].failure);
    }
}

static void a_slow_trickle_of_bytes_does_not_extend_the_timeout(void **state)
{
    struct result result;

    (void)state;
    result = check_answer(drip, "HTTP/1.1 200 OK\r\n\r\n", in_a_moment);
    assert_int_equal(result.check.status, STATUS_TIMEOUT);
    result = check_answer(drip, "HTTP/1.1 200 OK\r\nX-Slow: ", in_a_moment);
    assert_int_equal(result.check.status, STATUS_TIMEOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_in_many_formats_are_read),
        cmocka_unit_test(a_string_is_found_however_the_packets_are_split),
        cmocka_unit_test(a_wrong_or_malformed_response_is_down),
        cmocka_unit_test(a_response_that_ends_within_its_headers_is_down),
        cmocka_unit_test(a_bot_page_is_bot_detected_and_a_truncated_one_down),
        cmocka_unit_test(a_compressed_body_is_decoded_and_searched),
        cmocka_unit_test(a_decompression_bomb_is_read_only_up_to_the_limit),
        cmocka_unit_test(a_body_is_judged_by_the_bytes_below_its_limit),
        cmocka_unit_test(an_endless_body_is_read_only_up_to_the_limit),
        cmocka_unit_test(a_response_with_endless_headers_is_down),
        cmocka_unit_test(headers_below_the_limit_are_accepted),
        cmocka_unit_test(a_flood_that_is_no_body_ends_early),
        cmocka_unit_test(a_body_that_takes_much_cpu_is_read_for_a_quarter_of_a_second),
        cmocka_unit_test(a_timeout_names_the_step_that_it_interrupted),
        cmocka_unit_test(an_exchange_without_a_body_ends_after_the_headers),
        cmocka_unit_test(a_slow_trickle_of_bytes_does_not_extend_the_timeout),
    };

    return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
