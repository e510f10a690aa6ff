/* What a response must be: one response for each case, one tick, and the failure text of each. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OK_HEAD "HTTP/1.1 200 OK\r\n"
#define HTML    "Content-Type: text/html\r\n"

/* A response as the server sends it: head and body have any bytes. */
struct response {
    const char *head; /* ends before the empty line; @http@ and the other ports are filled in */
    const char *body;
    size_t size;
};

#define BODY(text) text, sizeof(text) - 1

/* A check, and the verdict that it must have. */
struct expectation {
    struct response response;
    const char *yaml; /* under expect: */
    const char *failure;
    const char *more;   /* keys of the domain; NULL: none */
    const char *url;    /* NULL: the response above */
    const char *status; /* NULL: DOWN if there is a failure, else UP */
};

static void write_response(struct e2e *world, size_t i, const struct response *response)
{
    char *head = e2e_expand(world, response->head);
    size_t head_size = strlen(head), size = head_size + 2 + response->size;
    char *bytes = e2e_keep(world, malloc(size + 1));

    memcpy(bytes, head, head_size);
    memcpy(bytes + head_size, "\r\n", 2);
    if (response->size)
        memcpy(bytes + head_size + 2, response->body, response->size);
    e2e_write_bytes(world, e2e_format(world, "r%zu", i), bytes, size);
}

/* Writes the responses and a configuration with a domain for each. */
static void write_cases(struct e2e *world, const struct expectation *cases, size_t n)
{
    char *yaml = e2e_format(world, "%s",
                            "defaults: {timeout_seconds: 8, interval_seconds: 60}\n"
                            "sites:\n  - id: s\n    domains:\n");

    for (size_t i = 0; i < n; i++) {
        const struct expectation *one = &cases[i];

        if (one->response.head)
            write_response(world, i, &one->response);
        yaml = e2e_format(
            world, "%s      - id: d%zu\n        url: '%s'\n%s%s%s        expect:\n%s\n", yaml, i,
            one->url ? one->url : e2e_format(world, "http://@http@/file/r%zu", i),
            one->more ? "        " : "", one->more ? one->more : "", one->more ? "\n" : "",
            one->yaml);
    }
    e2e_config(world, yaml);
}

static bool differs(struct e2e *world, const struct expectation *one, size_t i)
{
    struct csv csv = e2e_rows(world, e2e_format(world, "s/d%zu", i));
    const char *status = one->status ? one->status : *one->failure ? "DOWN" : "UP";

    /* A tick that is slow makes the checks of the next minute too. */
    if (csv.n > 0 && strcmp(csv.rows[0].field[STATUS], status) == 0 &&
        strcmp(csv.rows[0].field[FAILURE], one->failure) == 0)
        return false;
    print_error("case %zu, %s: %s \"%s\", and not %s \"%s\"\n", i, one->yaml,
                csv.n ? csv.rows[0].field[STATUS] : "no row",
                csv.n ? csv.rows[0].field[FAILURE] : "", status, one->failure);
    return true;
}

static void check_cases(struct e2e *world, const struct expectation *cases, size_t n)
{
    size_t wrong = 0;

    write_cases(world, cases, n);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    for (size_t i = 0; i < n; i++)
        wrong += differs(world, &cases[i], i);
    e2e_check(wrong == 0, "%zu of %zu cases are wrong", wrong, n);
}

#define CHECK_CASES(world, cases) check_cases(world, cases, sizeof(cases) / sizeof(cases)[0])

static void an_http_version_is_expected(struct e2e *world)
{
    static const struct expectation cases[] = {
        {{"HTTP/1.0 200 OK\r\n", BODY("x")}, "          http_version: '1.0'", "", NULL, NULL, NULL},
        {{"HTTP/1.0 200 OK\r\n", BODY("x")},
         "          http_version: '1.1'",
         "protocol: expected HTTP/1.1, got HTTP/1.0",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("x")}, "          http_version: '1.1'", "", NULL, NULL, NULL},
        {{OK_HEAD, BODY("x")},
         "          http_version: '2'",
         "protocol: expected HTTP/2, got HTTP/1.1",
         NULL,
         NULL,
         NULL},
        {.url = "https://@http2@/ok",
         .yaml = "          http_version: '2'",
         .failure = "",
         .more = "ca_file: ca.pem"},
        {.url = "https://@http2@/ok",
         .yaml = "          http_version: '1.1'",
         .failure = "protocol: expected HTTP/1.1, got HTTP/2",
         .more = "ca_file: ca.pem"},
        {.url = "https://@tls@/ok",
         .yaml = "          http_version: '1.1'",
         .failure = "",
         .more = "ca_file: ca.pem"},
    };

    CHECK_CASES(world, cases);
}

static void redirects_are_expected(struct e2e *world)
{
    static const struct expectation cases[] = {
        {.url = "http://@http@/redirect/3", .yaml = "          max_redirects: 3", .failure = ""},
        {.url = "http://@http@/redirect/3",
         .yaml = "          max_redirects: 2",
         .failure = "redirect: 3 redirects, at most 2 allowed"},
        {.url = "http://@http@/redirect/1",
         .yaml = "          max_redirects: 0",
         .failure = "redirect: 1 redirect, at most 0 allowed"},
        {.url = "http://@http@/ok", .yaml = "          max_redirects: 0", .failure = ""},
        {.url = "http://@http@/redirect/10", .yaml = "          max_redirects: 10", .failure = ""},
        {.url = "http://@http@/redirect-loop",
         .yaml = "          max_redirects: 0",
         .failure = "protocol: more than 10 redirects, in a loop"},
        /* A redirect that is not followed does not count. */
        {.url = "http://@http@/redirect/2",
         .yaml = "          max_redirects: 0\n          http_status: 302",
         .failure = ""},
        {.url = "http://@http@/redirect/2",
         .yaml = "          final_url: http://@http@/redirect/0",
         .failure = ""},
        {.url = "http://@http@/redirect-relative",
         .yaml = "          final_url: http://@http@/ok",
         .failure = ""},
        {.url = "http://@http@/redirect-relative",
         .yaml = "          final_url: http://@http@/ok?from=relative",
         .failure = ""},
        {.url = "http://@http@/redirect-relative",
         .yaml = "          final_url: http://@http@/ok?from=other",
         .failure = "redirect: expected to end at http://@http@/ok, ended at "
                    "http://@http@/ok with another query"},
        {.url = "http://user:s3cret@@http@/ok",
         .yaml = "          final_url: http://@http@/login",
         .failure = "redirect: expected to end at http://@http@/login, ended at http://@http@/ok"},
        {.url = "https://@tls@/ok",
         .yaml = "          https_only: true",
         .failure = "",
         .more = "ca_file: ca.pem"},
        /* http in the middle: the exchange goes on, and the first such hop is named. */
        {.url = "https://@tls@/redirect-host/http",
         .yaml = "          https_only: true",
         .failure = "redirect: http://localhost:@http-port@/ok is not https",
         .more = "ca_file: ca.pem"},
        {{"HTTP/1.1 302 Found\r\nLocation: http://@http@/redirect-tls/tls\r\n", BODY("")},
         "          https_only: true",
         "redirect: http://@http@/redirect-tls/tls is not https",
         .url = "https://@tls@/file/r14",
         .more = "ca_file: ca.pem"},
        {.url = "https://@tls@/redirect-tls/http2",
         .yaml = "          https_only: true",
         .failure = "",
         .more = "ca_file: ca.pem"},
        {.url = "http://@http@/redirect-tls/tls",
         .yaml = "          final_url: https://@tls@/ok",
         .failure = "",
         .more = "ca_file: ca.pem"},
    };
    struct expectation filled[sizeof cases / sizeof cases[0]];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *failure = e2e_format(world, "%s", cases[i].failure), *port;

        while ((port = strstr(failure, "@http-port@"))) {
            *port = '\0';
            failure = e2e_format(world, "%s%d%s", failure, e2e_port(world, "http"),
                                 port + strlen("@http-port@"));
        }
        filled[i] = cases[i];
        filled[i].failure = e2e_expand(world, failure);
    }
    CHECK_CASES(world, filled);
}

/* The root ends after 10 days and does not count; the intermediate certificate after 30 days. */
static void certificates_are_expected_to_be_valid_for_some_days(struct e2e *world)
{
    static const struct expectation cases[] = {
        {.url = "https://@tls-chain@/ok",
         .yaml = "          certificate_valid_days: 30",
         .failure = "",
         .more = "ca_file: root.pem"},
        {.url = "https://@tls-chain@/ok",
         .yaml = "          certificate_valid_days: 30.1",
         .failure = "certificate: valid for 30.0 more days, expected at least 30.1",
         .more = "ca_file: root.pem"},
        /* An intermediate certificate that is trusted itself counts. */
        {.url = "https://@tls-chain@/ok",
         .yaml = "          certificate_valid_days: 30.1",
         .failure = "certificate: valid for 30.0 more days, expected at least 30.1",
         .more = "ca_file: middle.pem"},
        {.url = "https://@tls@/ok",
         .yaml = "          certificate_valid_days: 10000",
         .failure = "",
         .more = "ca_file: ca.pem"},
        /* The first end of all hops counts. */
        {{"HTTP/1.1 302 Found\r\nLocation: https://@tls@/ok\r\n", BODY("")},
         "          certificate_valid_days: 31",
         "certificate: valid for 30.0 more days, expected at least 31",
         .url = "https://@tls-chain@/file/r4",
         .more = "ca_file: both.pem"},
    };

    world->clock = "2040-12-31 23:30:00";
    e2e_shell(world, "cat ca.pem root.pem > both.pem");
    CHECK_CASES(world, cases);
}

static void header_fields_are_expected(struct e2e *world)
{
#define RULE(rule) "          headers: {" rule "}"
    static const struct expectation cases[] = {
        {{OK_HEAD "cache-control: public\r\n", BODY("x")},
         RULE("Cache-Control: public"),
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD "Cache-Control: public\r\n", BODY("x")},
         RULE("cache-control: {contains: no-store}"),
         "header: cache-control: expected to contain \"no-store\", got \"public\"",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD "X-A: 1\r\n", BODY("x")},
         RULE("X-Frame-Options: DENY"),
         "header: X-Frame-Options is missing",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD "X-A: 1\r\n", BODY("x")}, RULE("X-B: {exists: false}"), "", NULL, NULL, NULL},
        {{OK_HEAD "Vary: a\r\nVary: b\r\n", BODY("x")}, RULE("Vary: b"), "", NULL, NULL, NULL},
        {{OK_HEAD "Vary: a\r\nVary: b\r\n", BODY("x")},
         RULE("Vary: {excludes: c}"),
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD "X-Folded: one\r\n\t  two\r\nX-Z: z\r\n", BODY("x")},
         RULE("X-Folded: one two"),
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD "X-Empty:\r\n", BODY("x")}, RULE("X-Empty: ''"), "", NULL, NULL, NULL},
        {{OK_HEAD "X-Empty:   \r\n", BODY("x")},
         RULE("X-Empty: {exists: true}"),
         "",
         NULL,
         NULL,
         NULL},
        {{"HTTP/1.1 103 Early Hints\r\nX-A: early\r\n\r\n" OK_HEAD "X-B: 1\r\n", BODY("x")},
         RULE("X-A: {exists: false}"),
         "",
         NULL,
         NULL,
         NULL},
        /* Trailers are no headers. */
        {{OK_HEAD "Transfer-Encoding: chunked\r\n", BODY("1\r\nx\r\n0\r\nX-Trailer: 1\r\n\r\n")},
         RULE("X-Trailer: {exists: false}"),
         "",
         NULL,
         NULL,
         NULL},
        /* Those of a redirect are not the response's. */
        {{"HTTP/1.1 302 Found\r\nLocation: /ok\r\nX-A: 1\r\n", BODY("")},
         RULE("X-A: {exists: false}, Content-Type: text/html"),
         "",
         NULL,
         NULL,
         NULL},
        {.url = "https://@http2@/ok",
         .yaml = RULE("X-A: {exists: false}"),
         .failure = "",
         .more = "ca_file: ca.pem"},
    };

    CHECK_CASES(world, cases);
}

/* Each is found although the bytes of the page are others. */
static void texts_are_found_in_other_charsets(struct e2e *world)
{
#define CHARSET(name) OK_HEAD "Content-Type: text/html; charset=" name "\r\n"
#define ZURICH        "          body_contains: Zürich"
    static const struct expectation cases[] = {
        {{CHARSET("ISO-8859-1"), BODY("Z\xfcrich")}, ZURICH, "", NULL, NULL, NULL},
        {{CHARSET("\"iso-8859-1\""), BODY("Z\xfcrich")}, ZURICH, "", NULL, NULL, NULL},
        {{CHARSET("windows-1252"), BODY("5 \x80")},
         "          body_contains: 5 €",
         "",
         NULL,
         NULL,
         NULL},
        {{CHARSET("utf-8"), BODY("Zürich")}, ZURICH, "", NULL, NULL, NULL},
        {{OK_HEAD HTML, BODY("Zürich")}, ZURICH, "", NULL, NULL, NULL},
        {{OK_HEAD, BODY("\xff\xfeZ\0\xfc\0r\0i\0c\0h\0")}, ZURICH, "", NULL, NULL, NULL},
        {{OK_HEAD, BODY("\xfe\xff\0Z\0\xfc\0r\0i\0c\0h")}, ZURICH, "", NULL, NULL, NULL},
        /* ASCII needs no conversion, but in UTF-16. */
        {{OK_HEAD, BODY("\xff\xfeo\0k\0")}, "          body_contains: ok", "", NULL, NULL, NULL},
        {{CHARSET("utf-16le"), BODY("o\0k\0")},
         "          body_contains: ok",
         "",
         NULL,
         NULL,
         NULL},
        {{CHARSET("utf-16be"), BODY("\0o\0k")},
         "          body_contains: ok",
         "",
         NULL,
         NULL,
         NULL},
        {{CHARSET("Shift_JIS"), BODY("\x83\x4a\x83\x53")},
         "          body_contains: カゴ",
         "",
         NULL,
         NULL,
         NULL},
        {{CHARSET("gb2312"), BODY("\xb9\xba\xce\xef")},
         "          body_contains: 购物",
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD HTML, BODY("<html><meta charset=iso-8859-1>Z\xfcrich")},
         ZURICH,
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("<meta http-equiv=content-type content='text/html; "
                        "charset=iso-8859-1'>Z\xfcrich")},
         ZURICH,
         "",
         NULL,
         NULL,
         NULL},
        /* A wrong declaration: the bytes are compared too. */
        {{CHARSET("iso-8859-1"), BODY("Zürich")}, ZURICH, "", NULL, NULL, NULL},
        {{CHARSET("iso-8859-1"), BODY("x <meta charset=utf-8> Zurich")},
         ZURICH,
         "body: \"Zürich\" not found (29 bytes read as ISO-8859-1)",
         NULL,
         NULL,
         NULL},
        {{CHARSET("klingon"), BODY("Z\xfcrich")},
         ZURICH,
         "body: \"Zürich\" not found (6 bytes read)",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD "Content-Type: text/plain\r\n", BODY("<meta charset=latin1>Z\xfcrich")},
         ZURICH,
         "body: \"Zürich\" not found (27 bytes read)",
         NULL,
         NULL,
         NULL},
        {{CHARSET("ISO-8859-1"), BODY("Z\xfcrich")},
         "          body_matches: '^Z.rich$'",
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD "Content-Type: application/json; charset=ISO-8859-1\r\n", BODY("{\"a\": \"ü\"}")},
         "          json: {/a: ü}",
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD "Content-Type: application/json; charset=ISO-8859-1\r\n",
          BODY("{\"a\": \"\xfc\"}")},
         "          json: {/a: ü}",
         "",
         NULL,
         NULL,
         NULL},
        {{CHARSET("ISO-8859-1"), BODY("Z\xfcrich")},
         "          body_excludes: Zürich",
         "body: read as ISO-8859-1, \"Zürich\" found",
         NULL,
         NULL,
         NULL},
        {{CHARSET("ISO-8859-1"), BODY("Z\xfcrich")},
         "          body_matches: 'Zürich'",
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD "Content-Type: application/json\r\n", BODY("\xff\xfe{\0\"\0"
                                                             "a\0\"\0:\0\"\0\xfc\0\"\0}\0")},
         "          json: {/a: ü}",
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD "Content-Type: application/json\r\n", BODY("\xef\xbb\xbf{\"a\": 1}")},
         "          json: {/a: 1}",
         "",
         NULL,
         NULL,
         NULL},
    };

    CHECK_CASES(world, cases);
}

/* A character is cut by each packet, and by a chunk. */
static void a_text_is_found_however_the_body_is_cut(struct e2e *world)
{
    static const struct expectation cases[] = {
        {{CHARSET("utf-16le"), BODY("Z\0\xfc\0r\0i\0c\0h\0")},
         ZURICH,
         "",
         .url = "http://@http@/file-pieces/1/r0"},
        {{OK_HEAD, BODY("\xff\xfeZ\0\xfc\0r\0i\0c\0h\0")},
         ZURICH,
         "",
         .url = "http://@http@/file-pieces/1/r1"},
        {{OK_HEAD HTML, BODY("<meta charset=shift_jis>\x83\x4a\x83\x53")},
         "          body_contains: カゴ",
         "",
         .url = "http://@http@/file-pieces/3/r2"},
        {{CHARSET("shift_jis") "Transfer-Encoding: chunked\r\n",
          BODY("1\r\n\x83\r\n2\r\n\x4a\x83\r\n1\r\n\x53\r\n0\r\n\r\n")},
         "          body_contains: カゴ",
         "",
         NULL,
         NULL,
         NULL},
        /* Cut by max_body_bytes, in the middle of a character. */
        {{CHARSET("utf-16le"), BODY("o\0k\0\xfc\0x\0")},
         "          body_contains: okü",
         "body: \"okü\" not found in the first 5 bytes (read as UTF-16LE)",
         .more = "max_body_bytes: 5"},
        {{CHARSET("utf-16le"), BODY("o\0k\0\xfc\0x\0")},
         "          body_contains: okü",
         "",
         .more = "max_body_bytes: 6"},
    };

    CHECK_CASES(world, cases);
}

static void a_body_is_expected(struct e2e *world)
{
    static const struct expectation cases[] = {
        {{OK_HEAD, BODY("a b")}, "          body_contains: [a, b]", "", NULL, NULL, NULL},
        {{OK_HEAD, BODY("a b")},
         "          body_contains: [a, c]",
         "body: \"c\" not found (3 bytes read)",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("a Fatal error b")},
         "          body_excludes: [Warning, Fatal error]",
         "body: \"Fatal error\" found",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("fatal error")},
         "          body_excludes: Fatal error",
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("{\"version\":\"4.12\"}")},
         "          body_matches: '\"version\":\"4\\.\\d+\"'",
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("{\"version\":\"5.1\"}")},
         "          body_matches: '\"version\":\"4\\.\\d+\"'",
         "body: does not match /\"version\":\"4\\.\\d+\"/",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("error 17")},
         "          body_not_matches: 'error \\d\\d\\d'",
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("error 171")},
         "          body_not_matches: 'error \\d\\d\\d'",
         "body: matches /error \\d\\d\\d/",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("")}, "          body_matches: '^$'", "", NULL, NULL, NULL},
        {{OK_HEAD, BODY("123456789012")},
         "          body_bytes: 100-",
         "body: 12 bytes, expected at least 100",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("1234567890")}, "          body_bytes: 10-20", "", NULL, NULL, NULL},
        {{OK_HEAD, BODY("12345678901234567890")},
         "          body_bytes: 10-20",
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("")}, "          body_bytes: 0", "", NULL, NULL, NULL},
        {.url = "http://@http@/gzip",
         .yaml = "          body_matches: '>Add to basket<'",
         .failure = ""},
        {.url = "http://@http@/gzip-bytewise",
         .yaml = "          body_matches: 'Add to basket'",
         .failure = ""},
    };

    CHECK_CASES(world, cases);
}

static void a_json_body_is_expected(struct e2e *world)
{
    static const struct expectation cases[] = {
        {{OK_HEAD, BODY("{\"status\": \"UP\", \"items\": [1, 2]}")},
         "          json: {/status: UP, /items: {length: 2, contains: 2}}",
         "",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("{\"status\": \"DEGRADED\"}")},
         "          json: {/status: UP}",
         "json: /status: expected \"UP\", got \"DEGRADED\"",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("{}")},
         "          json: {/items: {length: 1}}",
         "json: /items is missing",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("<html>")},
         "          json: {/a: 1}",
         "json: not JSON at line 1 column 1",
         NULL,
         NULL,
         NULL},
        {{OK_HEAD, BODY("")},
         "          json: {/a: 1}",
         "json: not JSON at line 1 column 1",
         NULL,
         NULL,
         NULL},
    };

    CHECK_CASES(world, cases);
}

/* What a response of case k has done right: the first k rows of the table, and no others. */
enum row {
    STATUS_ROW,
    VERSION_ROW,
    URL_ROW,
    REDIRECTS_ROW,
    HTTPS_ROW,
    CERTIFICATE_ROW,
    HEADER_ROW,
    CONTAINS_ROW,
    EXCLUDES_ROW,
    MATCHES_ROW,
    BYTES_ROW,
    JSON_ROW,
    LATENCY_ROW,
    SLOW_ROW,
    ROWS
};

static const char *const row_failures[ROWS + 1] = {
    [STATUS_ROW] = "http_status: expected 200, got 503",
    [VERSION_ROW] = "protocol: expected HTTP/1.1, got HTTP/1.0",
    [URL_ROW] = "redirect: expected to end at https://",
    [REDIRECTS_ROW] = "redirect: 3 redirects, at most 2 allowed",
    [HTTPS_ROW] = "redirect: http://",
    [CERTIFICATE_ROW] = "certificate: valid for 30.0 more days, expected at least 31",
    [HEADER_ROW] = "header: X-A: expected \"good\", got \"bad\"",
    [CONTAINS_ROW] = "body: \"needed\" not found",
    [EXCLUDES_ROW] = "body: \"forbidden\" found",
    [MATCHES_ROW] = "body: does not match /^\\{/",
    [BYTES_ROW] = "body: 7 bytes, expected at least 40",
    [JSON_ROW] = "json: not JSON at line 1 column 2",
    [LATENCY_ROW] = "latency: ",
    [SLOW_ROW] = "slow: ",
    [ROWS] = "",
};

static const char *body_of(int k)
{
    static const char spaces[] = "                                        ";
    static char body[128];

    snprintf(body, sizeof body, "%s%s",
             k <= CONTAINS_ROW   ? "forbidden"
             : k == EXCLUDES_ROW ? "needed forbidden"
             : k == MATCHES_ROW  ? "needed"
             : k <= JSON_ROW     ? "{needed"
                                 : "{\"needed\": 1, \"a\": 1}",
             k > BYTES_ROW ? spaces : "");
    return body;
}

/* Writes a redirect as a response. */
static void write_redirect(struct e2e *world, const char *name, int k, const char *port,
                           const char *path)
{
    e2e_write(
        world, e2e_format(world, "%s%d", name, k),
        e2e_expand(world, e2e_format(world, "HTTP/1.1 302 Found\r\nLocation: %s://@%s@%s%d\r\n\r\n",
                                     strcmp(port, "http") == 0 ? "http" : "https", port, path, k)));
}

/* Writes the responses of case k: first, through one or two more redirects, last. Returns the
 * configuration of its domain. */
static const char *write_row(struct e2e *world, int k)
{
    const char *port = k > CERTIFICATE_ROW ? "tls" : "tls-chain";
    const char *middle = k > HTTPS_ROW ? port : "http";
    int delay = k <= LATENCY_ROW ? 2600 : k == SLOW_ROW ? 1300 : 0;
    const char *last = e2e_format(world, "/file-slow/%d/last", delay);

    write_redirect(world, "first", k, middle, "/file/middle");
    write_redirect(world, "middle", k, k > REDIRECTS_ROW ? port : "http",
                   k > REDIRECTS_ROW ? last : "/file/more");
    write_redirect(world, "more", k, k > URL_ROW ? port : "http", last);
    e2e_write(world, e2e_format(world, "last%d", k),
              e2e_format(world, "HTTP/1.%d %s\r\nX-A: %s\r\n\r\n%s", k > VERSION_ROW,
                         k > STATUS_ROW ? "200 OK" : "503 No", k > HEADER_ROW ? "good" : "bad",
                         body_of(k)));
    return e2e_format(world,
                      "      - id: d%d\n"
                      "        url: https://@%s@/file/first%d\n"
                      "        ca_file: both.pem\n"
                      "        expect:\n"
                      "          http_version: '1.1'\n"
                      "          final_url: https://@%s@%s%d\n"
                      "          max_redirects: 2\n"
                      "          https_only: true\n"
                      "          certificate_valid_days: 31\n"
                      "          headers: {X-A: good}\n"
                      "          body_contains: needed\n"
                      "          body_excludes: forbidden\n"
                      "          body_matches: '^\\{'\n"
                      "          body_bytes: 40-\n"
                      "          json: {/a: 1}\n"
                      "          max_latency_ms: 2500\n"
                      "          slow_ms: 1200\n",
                      k, port, k, port, last, k);
}

static void the_first_row_of_the_table_that_fails_is_reported(struct e2e *world)
{
    char *yaml = e2e_format(world, "%s", "sites:\n  - id: s\n    domains:\n");
    size_t wrong = 0;

    world->clock = "2040-12-31 23:30:00";
    e2e_shell(world, "cat ca.pem root.pem > both.pem");
    for (int k = 0; k <= ROWS; k++)
        yaml = e2e_format(world, "%s%s", yaml, write_row(world, k));
    e2e_config(world, yaml);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    for (int k = 0; k <= ROWS; k++) {
        struct csv csv = e2e_rows(world, e2e_format(world, "s/d%d", k));
        const char *failure = csv.rows[0].field[FAILURE], *expected = row_failures[k];

        if (strncmp(failure, expected, strlen(expected)) == 0 && (*expected || !*failure) &&
            strcmp(csv.rows[0].field[STATUS], k < SLOW_ROW ? "DOWN" : "UP") == 0)
            continue;
        print_error("row %d: %s \"%s\", and not \"%s\"\n", k, csv.rows[0].field[STATUS], failure,
                    expected);
        wrong++;
    }
    e2e_check(wrong == 0, "%zu rows are wrong", wrong);
}

/* The pattern would need hours. Together, its checks use more time than the others may take. */
static void patterns_that_need_too_many_steps_delay_no_other_check(struct e2e *world)
{
    enum { SIZE = 64 << 10, WORST = 25, OTHERS = 30 };
    char *response = e2e_keep(world, malloc(SIZE + 64)), *yaml;
    int head = snprintf(response, 64, "HTTP/1.1 200 OK\r\n\r\n");
    struct csv csv;

    memset(response + head, 'a', SIZE);
    response[head + SIZE - 1] = '!';
    e2e_write_bytes(world, "as", response, (size_t)head + SIZE);
    yaml =
        e2e_format(world, "%s", "workers: 1\nmax_per_host: 100\nsites:\n  - id: s\n    domains:\n");
    for (int i = 0; i < WORST; i++)
        yaml = e2e_format(world,
                          "%s      - {id: w%d, url: 'http://@http@/file/as',\n"
                          "         expect: {body_matches: '^(a+)+$'}}\n",
                          yaml, i);
    for (int i = 0; i < OTHERS; i++)
        yaml = e2e_format(world,
                          "%s      - {id: o%d, url: 'http://@http@/slow/%d',\n"
                          "         expect: {max_latency_ms: 700}}\n",
                          yaml, i, i * 20);
    e2e_config(world, yaml);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    for (int i = 0; i < WORST; i++) {
        csv = e2e_rows(world, e2e_format(world, "s/w%d", i));
        assert_string_equal(csv.rows[0].field[FAILURE], "body: /^(a+)+$/ needs too many steps");
    }
    for (int i = 0; i < OTHERS; i++) {
        csv = e2e_rows(world, e2e_format(world, "s/o%d", i));
        assert_string_equal(csv.rows[0].field[FAILURE], "");
    }
    e2e_check(world->last.usage.ru_utime.tv_sec <= WORST / 10, "the tick used %ld s of CPU time",
              (long)world->last.usage.ru_utime.tv_sec);
}

/* Writes a response whose body is this text, repeated, and an end. */
static void write_long(struct e2e *world, const char *name, const char *text, size_t times,
                       const char *end)
{
    size_t length = strlen(text), size = 0;
    char *bytes = e2e_keep(world, malloc(sizeof OK_HEAD + 2 + times * length + strlen(end) + 1));

    size = (size_t)sprintf(bytes, "%s\r\n", OK_HEAD);
    for (size_t i = 0; i < times; i++, size += length)
        memcpy(bytes + size, text, length);
    memcpy(bytes + size, end, strlen(end));
    e2e_write_bytes(world, name, bytes, size + strlen(end));
}

static void a_json_body_may_be_deep_long_or_cut(struct e2e *world)
{
    static const struct expectation cases[] = {
        {.url = "http://@http@/file/deep",
         .yaml = "          json: {/0: 1}",
         .failure = "json: more than 2048 nested arrays and objects"},
        {.url = "http://@http@/file/long",
         .yaml = "          json: {/499999: 2, /500000: {exists: false}, '': {length: 500000}}",
         .failure = ""},
        {.url = "http://@http@/file/longer",
         .yaml = "          json: {/0: 1}",
         .failure = "json: the body is longer than max_body_bytes (1048576 bytes); raise it"},
        {.url = "http://@http@/file/longer",
         .yaml = "          json: {/0: {exists: true}}",
         .failure = "",
         .more = "max_body_bytes: 2000000"},
        {.url = "http://@http@/file/zipped",
         .yaml = "          json: {/a: ü}\n          body_matches: ':\"ü\"'",
         .failure = ""},
    };

    write_long(world, "deep", "[", 100000, "");
    e2e_shell(world,
              "awk 'BEGIN { printf \"HTTP/1.1 200 OK\\r\\n\\r\\n[1\"; for (i = 1; i < 500000; "
              "i++) printf \",2\"; printf \"]\" }' > long");
    write_long(world, "longer", " ", 1 << 20, "[1]");
    e2e_shell(world, "{ printf 'HTTP/1.1 200 OK\\r\\nContent-Encoding: gzip\\r\\nContent-Type: "
                     "application/json; charset=iso-8859-1\\r\\n\\r\\n'; printf "
                     "'{\"a\":\"\\374\"}' | gzip; } > zipped");
    CHECK_CASES(world, cases);
}

/* Each line of the explanation is in all three reports. */
static void check_explains_an_expectation_that_fails(struct e2e *world)
{
    const char *yaml = "sites:\n  - id: s\n    domains:\n"
                       "      - {id: text, url: 'http://@http@/file/text',\n"
                       "         expect: {body_contains: Add to the basket}}\n"
                       "      - {id: header, url: 'http://@http@/file/text',\n"
                       "         expect: {headers: {Cache-Contol: {contains: no-store}}}}\n"
                       "      - {id: json, url: 'http://@http@/file/json',\n"
                       "         expect: {json: {/a/b/c: 1}}}\n"
                       "      - {id: good, url: 'http://@http@/ok'}\n"
                       "      - {id: down, url: 'http://@refused@/'}\n";
    json_t *root, *domains, *lines;
    char *out;

    e2e_write(world, "text",
              OK_HEAD "Cache-Control: public\r\n\r\n<b>Add to <i>basket</i></b> & more");
    e2e_write(world, "json", OK_HEAD "\r\n{\"a\": {\"x\": 1, \"y\": 2}}");
    e2e_config(world, yaml);
    e2e_uptick(world, "check", "--junit", "junit.xml", NULL);
    out = world->last.out;
    assert_int_equal(world->last.status, 1);
    assert_non_null(
        strstr(out, "\n      expected: Add to the basket\n      nearest: <b>Add to <i>"));
    assert_non_null(strstr(out, "\n      nearest: Cache-Control: public\n"));
    assert_non_null(strstr(out, "\n      nearest: /a: "));
    out = e2e_read(world, "junit.xml");
    assert_non_null(strstr(out, ">\nexpected: Add to the basket\nnearest: &lt;b&gt;Add to"));
    assert_non_null(strstr(out, "\n      </failure>\n"));

    e2e_uptick(world, "check", "--json", NULL);
    root = json_loads(world->last.out, 0, NULL);
    assert_non_null(root);
    domains = json_object_get(json_array_get(json_object_get(root, "sites"), 0), "domains");
    for (size_t i = 0; i < json_array_size(domains); i++) {
        lines =
            json_object_get(json_object_get(json_array_get(domains, i), "check"), "explanation");
        assert_true(json_is_array(lines));
        assert_int_equal(json_array_size(lines) > 0, i < 3);
    }
    json_decref(root);
}

/* A redirect may lead to a server that only this machine can reach. */
static void what_another_server_sends_is_not_explained(struct e2e *world)
{
    e2e_write(world, "near",
              e2e_expand(world, "HTTP/1.1 302 Found\r\n"
                                "Location: https://@tls@/file/text\r\n\r\n"));
    e2e_write(world, "text", OK_HEAD "\r\nwords of the page");
    e2e_config(world, "sites:\n  - id: s\n    domains:\n"
                      "      - {id: far, url: 'http://@http@/redirect-host/http',\n"
                      "         expect: {body_contains: absent}}\n"
                      "      - {id: near, url: 'http://@http@/file/near', ca_file: ca.pem,\n"
                      "         expect: {body_contains: word of the page}}\n");
    e2e_uptick(world, "check", NULL);
    assert_int_equal(world->last.status, 1);
    assert_null(strstr(world->last.out, "basket"));
    assert_non_null(strstr(world->last.out, "      not shown: a redirect led to another host\n"));
    assert_non_null(strstr(world->last.out, "      nearest: words of the page\n"));
}

/* A tick stores and publishes nothing of it, and neither does check with --record. */
static void an_explanation_is_not_recorded(struct e2e *world)
{
    e2e_write(world, "text", OK_HEAD "\r\nsome unique words of the page");
    e2e_config(world, "sites:\n  - id: s\n    domains:\n"
                      "      - {id: text, url: 'http://@http@/file/text', retries: 1,\n"
                      "         expect: {body_contains: some unique word on the page}}\n");
    e2e_uptick(world, "check", "--record", NULL);
    assert_non_null(strstr(world->last.out, "nearest: some unique words of the page"));
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    e2e_shell(world, "! grep -rq 'words of the page' data public");
}

/* A server repeats a secret. */
static void an_explanation_hides_secrets(struct e2e *world)
{
    world->environment = "TOKEN=s3cret-t0ken-0f-the-sh0p";
    e2e_write(world, "text",
              OK_HEAD "X-Tokem: s3cret-t0ken-0f-the-sh0p\r\n\r\n"
                      "{\"a\": \"your token is s3cret-t0ken-0f-the-sh0p and good\"}");
    e2e_config(world,
               "sites:\n  - id: s\n    domains:\n"
               "      - {id: text, url: 'http://@http@/file/text', headers: {X: '${TOKEN}'},\n"
               "         expect: {body_contains: your token is good}}\n"
               "      - {id: header, url: 'http://@http@/file/text',\n"
               "         expect: {headers: {X-Token: '${TOKEN}'}}}\n"
               "      - {id: json, url: 'http://@http@/file/text',\n"
               "         expect: {json: {/a: '${TOKEN}'}}}\n"
               "      - {id: excluded, url: 'http://@http@/file/text',\n"
               "         expect: {body_excludes: good}}\n"
               "      - {id: pattern, url: 'http://@http@/file/text',\n"
               "         expect: {body_matches: '^${TOKEN}'}}\n");
    e2e_uptick(world, "check", "--junit", "junit.xml", NULL);
    assert_int_equal(world->last.status, 1);
    assert_null(strstr(world->last.out, "s3cret"));
    assert_null(strstr(world->last.out, "0f-the-sh0p"));
    assert_null(strstr(e2e_read(world, "junit.xml"), "0f-the"));
    e2e_uptick(world, "check", "--json", NULL);
    assert_null(strstr(world->last.out, "0f-the"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST_WITHIN_MINUTE(an_http_version_is_expected),
        E2E_TEST_WITHIN_MINUTE(redirects_are_expected),
        E2E_TEST_WITHIN_MINUTE(certificates_are_expected_to_be_valid_for_some_days),
        E2E_TEST_WITHIN_MINUTE(header_fields_are_expected),
        E2E_TEST_WITHIN_MINUTE(texts_are_found_in_other_charsets),
        E2E_TEST_WITHIN_MINUTE(a_text_is_found_however_the_body_is_cut),
        E2E_TEST_WITHIN_MINUTE(a_body_is_expected),
        E2E_TEST_WITHIN_MINUTE(a_json_body_is_expected),
        E2E_TEST_WITHIN_MINUTE(a_json_body_may_be_deep_long_or_cut),
        E2E_TEST_WITHIN_MINUTE(check_explains_an_expectation_that_fails),
        E2E_TEST_WITHIN_MINUTE(what_another_server_sends_is_not_explained),
        E2E_TEST_WITHIN_MINUTE(an_explanation_is_not_recorded),
        E2E_TEST_WITHIN_MINUTE(an_explanation_hides_secrets),
        E2E_TEST_WITHIN_MINUTE(the_first_row_of_the_table_that_fails_is_reported),
        E2E_TEST_WITHIN_MINUTE(patterns_that_need_too_many_steps_delay_no_other_check),
    };

    return cmocka_run_group_tests_name("expectations", tests, NULL, NULL);
}
