/* How servers behave, and the verdicts of uptick: one configuration, one tick, one row for each
 * behaviour. */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK  "expect: {body_contains: 'Add to basket'}"
#define BOT   "bot_protection_string: 'Checking your browser'"
#define SHORT "timeout_seconds: 0.7"

enum { ANY = -1, NONE = 0 };

static const struct behaviour {
    const char *id;
    const char *url; /* preceded by "http://@http@" if it begins with a slash */
    const char *yaml;
    const char *status;
    int http_status;
    const char *failure; /* the beginning of it; NULL: empty */
} behaviours[] = {
    /* bodies */
    {"ok", "/ok", LOOK, "UP", 200, NULL},
    {"ok-nothing-expected", "/plain/200", "", "UP", 200, NULL},
    {"split", "/split", LOOK, "UP", 200, NULL},
    {"bytewise", "/bytewise", LOOK, "UP", 200, NULL},
    {"bytewise-absent", "/bytewise", "expect: {body_contains: 'Add to bask3t'}", "DOWN", 200,
     "body: "},
    {"case-differs", "/ok", "expect: {body_contains: 'add to basket'}", "DOWN", 200, "body: "},
    {"chunked", "/chunked", LOOK, "UP", 200, NULL},
    {"chunk-extensions", "/chunk-extensions", LOOK, "UP", 200, NULL},
    {"chunk-size-bad", "/chunk-size-bad", LOOK, "DOWN", ANY, "protocol: "},
    {"chunk-last-missing", "/chunk-last-missing", LOOK, "DOWN", ANY, "protocol: "},
    {"truncated", "/truncated", LOOK, "DOWN", ANY, "protocol: "},
    {"overlong", "/overlong", LOOK, "UP", 200, NULL},
    {"http10", "/http10", LOOK, "UP", 200, NULL},
    {"empty", "/empty", "", "UP", 200, NULL},
    {"empty-absent", "/empty", LOOK, "DOWN", 200, "body: "},
    {"endless", "/endless", LOOK, "UP", 200, NULL},
    {"endless-absent", "/endless?absent", "expect: {body_contains: nowhere}", "DOWN", 200,
     "body: "},
    {"exactly-the-ceiling", "/fill/1048576", LOOK, "UP", 200, NULL},
    {"own-ceiling", "/fill/5000", LOOK "\n        max_body_bytes: 5000", "UP", 200, NULL},
    {"one-byte-less", "/fill/5000?less", LOOK "\n        max_body_bytes: 4999", "DOWN", 200,
     "body: "},
    {"beyond-the-ceiling", "/beyond/1048576", LOOK, "DOWN", 200, "body: "},
    {"ceiling-of-none", "/ok?none", "max_body_bytes: 0", "UP", 200, NULL},
    {"nul-bytes", "/nul-bytes", LOOK, "UP", 200, NULL},

    /* encodings */
    {"gzip", "/gzip", LOOK, "UP", 200, NULL},
    {"deflate", "/deflate", LOOK, "UP", 200, NULL},
    {"brotli", "/brotli", LOOK, "UP", 200, NULL},
    {"brotli-split", "/brotli-split", LOOK, "UP", 200, NULL},
    {"gzip-bytewise", "/gzip-bytewise", LOOK, "UP", 200, NULL},
    {"gzip-border", "/gzip-border/6", LOOK, "UP", 200, NULL},
    {"gzip-bomb", "/gzip-bomb", "", "UP", 200, NULL},
    {"gzip-bomb-absent", "/gzip-bomb?absent", LOOK, "DOWN", 200, "body: "},
    /* As in browsers: the decoded part counts. */
    {"gzip-truncated", "/gzip-truncated", LOOK, "UP", 200, NULL},
    {"gzip-garbage", "/gzip-garbage", LOOK, "DOWN", ANY, "protocol: "},
    {"gzip-members", "/gzip-members", LOOK, "UP", 200, NULL},
    {"gzip-trailing", "/gzip-trailing", "", "UP", 200, NULL},
    {"encoding-utf-8", "/encoding/utf-8", LOOK, "UP", 200, NULL},
    {"encoding-none", "/encoding/none", LOOK, "UP", 200, NULL},
    {"encoding-empty", "/encoding/", LOOK, "UP", 200, NULL},
    {"encoding-unknown", "/encoding-unknown", LOOK, "UP", 200, NULL},
    {"encoding-identity", "/encoding-identity", LOOK, "UP", 200, NULL},

    /* status lines and headers */
    {"status-404", "/status/404", LOOK, "DOWN", 404, "http_status: expected 200, got 404"},
    {"status-500", "/status/500", "", "DOWN", 500, "http_status: expected 200, got 500"},
    {"status-404-wanted", "/status/404?wanted", "expect: {http_status: 404}", "UP", 404, NULL},
    {"status-in-range", "/status/226", "expect: {http_status: 200-299}", "UP", 226, NULL},
    {"status-in-list", "/status/418", "expect: {http_status: [200, 400-420]}", "UP", 418, NULL},
    {"status-not-in-list", "/status/421", "expect: {http_status: [200, 400-420]}", "DOWN", 421,
     "http_status: expected "},
    {"status-201", "/status/201", "", "DOWN", 201, "http_status: "},
    {"nobody-204", "/nobody/204", "expect: {http_status: 204}", "UP", 204, NULL},
    {"nobody-304", "/nobody/304", "expect: {http_status: 304}", "UP", 304, NULL},
    {"garbage", "/garbage", LOOK, "DOWN", NONE, "protocol: "},
    {"http09", "/http09", LOOK, "DOWN", NONE, "protocol: "},
    {"status-line-bad", "/status-line-bad", "", "DOWN", NONE, "protocol: "},
    {"reply-empty", "/reply-empty", "", "DOWN", NONE, "protocol: "},
    {"reset", "/reset", "", "DOWN", NONE, ""},
    {"reset-in-body", "/reset-in-body", LOOK, "DOWN", ANY, ""},
    {"headers-200k", "/headers/200000", LOOK, "UP", 200, NULL},
    {"headers-300k", "/headers/300000", LOOK, "DOWN", ANY, "protocol: "},
    {"headers-2m", "/headers/2000000", LOOK, "DOWN", ANY, "protocol: "},
    {"header-90k", "/header/92160", LOOK, "UP", 200, NULL},
    {"header-120k", "/header/122880", LOOK, "DOWN", ANY, "protocol: "},
    {"bare-newlines", "/bare-newlines", LOOK, "UP", 200, NULL},
    {"header-latin1", "/header-latin1", LOOK, "UP", 200, NULL},
    {"header-nul", "/header-nul", LOOK, "DOWN", ANY, "protocol: "},
    {"headers-cut", "/headers-cut", "", "DOWN", 200, "protocol: response cut short in its headers"},
    {"locations-differ", "/locations-differ", "", "DOWN", 302, "protocol: "},
    {"switching", "/switching",
     "headers: {Connection: Upgrade, Upgrade: websocket}\n        expect: {http_status: 101}", "UP",
     101, NULL},
    {"switching-tls", "https://@tls@/switching",
     "headers: {Upgrade: websocket}\n        ca_file: ca.pem\n        expect: {http_status: 101}",
     "UP", 101, NULL},
    {"ceiling-of-none-hanging", "/hang-in-body?none", "max_body_bytes: 0", "UP", 200, NULL},
    {"raw-utf-8", "/ok/Z\xc3\xbcrich?q=gr\xc3\xb6\xc3\x9f", LOOK, "UP", 200, NULL},
    {"lengths-differ", "/lengths-differ", LOOK, "DOWN", ANY, "protocol: "},
    {"length-negative", "/length-negative", LOOK, "DOWN", ANY, "protocol: "},
    {"informational-100", "/informational/100", LOOK, "UP", 200, NULL},
    {"informational-102", "/informational/102", LOOK, "UP", 200, NULL},
    {"informational-103", "/informational/103", LOOK, "UP", 200, NULL},
    {"head", "/head-length", "method: HEAD", "UP", 200, NULL},

    /* redirects */
    {"redirect-10", "/redirect/10", LOOK, "UP", 200, NULL},
    {"redirect-11", "/redirect/11", LOOK, "DOWN", ANY, "protocol: "},
    {"redirect-10-abrupt", "/redirect-abrupt/10", LOOK, "UP", 200, NULL},
    {"redirect-loop", "/redirect-loop", "", "DOWN", ANY, "protocol: "},
    {"redirect-relative", "/redirect-relative", LOOK, "UP", 200, NULL},
    {"redirect-file", "/redirect-file", "", "DOWN", ANY, "protocol: "},
    {"redirect-ftp", "/redirect-ftp", "", "DOWN", ANY, "protocol: "},
    {"redirect-tls", "/redirect-tls/tls", LOOK "\n        ca_file: ca.pem", "UP", 200, NULL},
    {"redirect-self-signed", "/redirect-tls/tls-self-signed", "", "DOWN", ANY, "tls: "},
    {"redirect-garbage", "/redirect-garbage", "", "DOWN", ANY, "protocol: "},
    {"redirect-nowhere", "/redirect-nowhere", "", "DOWN", 302, "http_status: "},
    {"redirect-cookie", "/redirect-cookie", LOOK, "UP", 200, NULL},
    {"redirect-wanted", "/redirect/3?wanted", "expect: {http_status: 302}", "UP", 302, NULL},
    {"redirect-not-followed", "/redirect/2?not", "follow_redirects: false", "DOWN", 302,
     "http_status: expected 200, got 302"},

    /* time */
    {"hang", "/hang", SHORT, "TIMEOUT", NONE, "timeout: 0.7 s passed"},
    {"hang-in-headers", "/hang-in-headers", SHORT, "TIMEOUT", NONE, "timeout: "},
    {"hang-in-body", "/hang-in-body", LOOK "\n        " SHORT, "TIMEOUT", NONE, "timeout: "},
    {"trickle", "/trickle", LOOK "\n        " SHORT, "TIMEOUT", NONE, "timeout: "},
    {"slow", "/slow/600", LOOK, "UP", 200, NULL},
    {"drip", "/drip/8", LOOK, "UP", 200, NULL},

    /* verdicts in their order */
    {"timeout-before-bot", "/hang-after-bot", BOT "\n        " SHORT, "TIMEOUT", NONE, "timeout: "},
    {"bot-200", "/bot/200", BOT "\n        " LOOK, "BOT_DETECTED", 200, "bot: "},
    {"bot-before-status", "/bot/403", BOT, "BOT_DETECTED", 403, "bot: "},
    {"bot-503", "/bot/503", BOT "\n        " LOOK, "BOT_DETECTED", 503, "bot: "},
    {"bot-second-of-list", "/bot/403?list", "bot_protection_string: [one, 'your browser']",
     "BOT_DETECTED", 403, "bot: "},
    {"bot-under-expect", "/bot/403?under", "expect: {bot_protection_string: Checking}",
     "BOT_DETECTED", 403, "bot: "},
    {"bot-unknown", "/bot/403?unknown", "", "DOWN", 403, "http_status: "},
    {"status-before-body", "/plain/500", LOOK, "DOWN", 500, "http_status: "},
    {"body-last", "/plain/200?last", LOOK, "DOWN", 200, "body: "},

    /* connections */
    {"refused", "http://@refused@/", "", "DOWN", NONE, "connect: "},
    {"reset-at-once", "http://@reset@/", "", "DOWN", NONE, ""},
    {"silent", "http://@silent@/", SHORT, "TIMEOUT", NONE, "timeout: "},
    {"unanswered", "http://@full@/", SHORT, "TIMEOUT", NONE, "timeout: "},
    {"no-such-host", "http://no-such-host.invalid/", "timeout_seconds: 10", "DOWN", NONE, "dns: "},
    {"no-such-host-look", "http://no-such-host.invalid/?look", LOOK "\n        " BOT, "DOWN", NONE,
     "dns: "},
    {"redirect-no-such-host", "/redirect-host/http/no-such-host.invalid", LOOK, "DOWN", ANY,
     "dns: "},

    /* TLS */
    {"tls", "https://@tls@/ok", LOOK "\n        ca_file: ca.pem", "UP", 200, NULL},
    {"tls-unknown-authority", "https://@tls@/ok?unknown", "", "DOWN", NONE, "tls: "},
    {"tls-unverified", "https://@tls-expired@/ok", "verify_tls: false", "UP", 200, NULL},
    {"tls-expired", "https://@tls-expired@/ok", "ca_file: ca.pem", "DOWN", NONE,
     "tls: certificate expired on 2020-01-01"},
    {"tls-future", "https://@tls-future@/ok", "ca_file: ca.pem", "DOWN", NONE, "tls: "},
    {"tls-wrong-name", "https://@tls-wrong-name@/ok", "ca_file: ca.pem", "DOWN", NONE, "tls: "},
    {"tls-self-signed", "https://@tls-self-signed@/ok", "", "DOWN", NONE, "tls: "},
    {"tls-not-spoken", "https://@http@/ok", "", "DOWN", NONE, "tls: "},
    {"tls-reset", "https://@reset@/", "", "DOWN", NONE, ""},
    {"tls-silent", "https://@silent@/", SHORT, "TIMEOUT", NONE, "timeout: "},
    {"tls-spoken-plain", "http://@tls@/", "", "DOWN", ANY, ""},

    /* requests */
    {"userinfo", "http://uptick:s3cret@@http@/auth", LOOK, "UP", 200, NULL},
    {"userinfo-wrong", "http://uptick:guess@@http@/auth?wrong", LOOK, "DOWN", 401, "http_status: "},
    {"post", "/echo?post",
     "method: POST\n        body: 'name=value'\n        "
     "headers: {X-Token: t0ken}\n        "
     "expect: {body_contains: 'name=value'}",
     "UP", 200, NULL},
};

enum { BEHAVIOURS = sizeof behaviours / sizeof behaviours[0] };

/* One site with a domain for each row. */
static void write_config(struct e2e *world)
{
    char *yaml = NULL;
    size_t size;
    FILE *into = open_memstream(&yaml, &size);

    if (!into)
        fail_msg("out of memory");
    fprintf(into, "defaults: {timeout_seconds: 8, interval_seconds: 60}\n"
                  "sites:\n  - id: all\n    domains:\n");
    for (size_t i = 0; i < BEHAVIOURS; i++) {
        const struct behaviour *row = &behaviours[i];

        fprintf(into, "      - id: %s\n        url: \"%s%s\"\n", row->id,
                row->url[0] == '/' ? "http://@http@" : "", row->url);
        if (*row->yaml)
            fprintf(into, "        %s\n", row->yaml);
    }
    if (fclose(into))
        fail_msg("out of memory");
    e2e_config(world, e2e_keep(world, yaml));
}

static bool has_latency(const struct behaviour *row)
{
    static const char *const kinds[] = {"http_status: ", "body: ", "bot: "};

    if (!row->failure)
        return true;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strncmp(row->failure, kinds[i], strlen(kinds[i])) == 0)
            return true;
    }
    return false;
}

/* Prints what differs. Returns whether anything did. */
static bool differs(struct e2e *world, const struct behaviour *row)
{
    struct csv csv = e2e_rows(world, e2e_format(world, "all/%s", row->id));
    char **field = csv.n ? csv.rows[0].field : NULL;
    char http_status[16] = "";

    if (csv.n != 1) {
        print_error("%s: %zu rows, and not 1\n", row->id, csv.n);
        return true;
    }
    if (row->http_status > 0)
        snprintf(http_status, sizeof http_status, "%d", row->http_status);
    if (strcmp(field[STATUS], row->status) == 0 &&
        (row->http_status == ANY || strcmp(field[HTTP_STATUS], http_status) == 0) &&
        (*field[LATENCY] != '\0') == has_latency(row) && (!row->failure) == (!*field[FAILURE]) &&
        (!row->failure || strncmp(field[FAILURE], row->failure, strlen(row->failure)) == 0))
        return false;
    print_error("%s: %s,%s,%s,\"%s\", and not %s,%s,%s,\"%s…\"\n", row->id, field[STATUS],
                field[HTTP_STATUS], field[LATENCY], field[FAILURE], row->status,
                row->http_status == ANY ? "*" : http_status, has_latency(row) ? "a latency" : "",
                row->failure ? row->failure : "");
    return true;
}

static void every_server_behaviour_has_its_verdict(struct e2e *world)
{
    size_t wrong = 0;

    write_config(world);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    for (size_t i = 0; i < BEHAVIOURS; i++)
        wrong += differs(world, &behaviours[i]);
    if (getenv("UPTICK_E2E_SHOW"))
        e2e_shell(world, "cat data/live/all/*.log >&2");
    e2e_check(wrong == 0, "%zu of %d behaviours have a wrong verdict", wrong, (int)BEHAVIOURS);
}

/* Two bombs send a gibibyte, and two more bodies are endless. */
static void bombs_and_endless_bodies_need_little_memory(struct e2e *world)
{
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: bomb, url: 'http://@http@/gzip-bomb'}\n"
                      "      - {id: endless, url: 'http://@http@/endless'}\n"
                      "      - {id: headers, url: 'http://@http@/headers/50000000'}\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    assert_in_range(world->last.usage.ru_maxrss, 1, 100L << 10);
    e2e_check(world->last.seconds < 30, "the tick took %.1f s", world->last.seconds);
}

static void a_hundred_hanging_checks_take_one_timeout(struct e2e *world)
{
    char *yaml = e2e_format(world, "%s",
                            "max_per_host: 100\n"
                            "defaults: {timeout_seconds: 1}\n"
                            "sites:\n  - id: s\n    domains:\n");

    for (int i = 0; i < 100; i++)
        yaml = e2e_format(world, "%s      - {id: h%d, url: 'http://@http@/hang?%d'}\n", yaml, i, i);
    e2e_config(world, yaml);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    assert_int_equal(e2e_all_rows(world), 100);
    e2e_check(world->last.seconds < 8, "the tick took %.1f s", world->last.seconds);
}

static void a_request_has_the_configured_method_headers_and_body(struct e2e *world)
{
    char *last;

    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: get, url: 'http://@http@/echo?get'}\n"
                      "      - id: put\n"
                      "        url: http://@http@/echo?put\n"
                      "        method: PUT\n"
                      "        headers: {User-Agent: mine, X-Two: two words, Accept: text/html}\n"
                      "        body: '{\"a\": 1}'\n"
                      "      - {id: patch, url: 'http://@http@/echo?patch', method: PATCH}\n"
                      "      - {id: delete, url: 'http://@http@/echo?delete', method: DELETE}\n"
                      "      - {id: opt, url: 'http://@http@/echo?options', method: OPTIONS}\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    last = e2e_last(world, "/echo?get");
    assert_non_null(strstr(last, "GET /echo?get HTTP/1.1\r\n"));
    assert_non_null(strstr(last, "User-Agent: uptick/0\r\n"));
    assert_non_null(strstr(last, "gzip"));
    last = e2e_last(world, "/echo?put");
    assert_non_null(strstr(last, "PUT /echo?put"));
    assert_non_null(strstr(last, "User-Agent: mine\r\n"));
    assert_non_null(strstr(last, "X-Two: two words\r\n"));
    assert_non_null(strstr(last, "Accept: text/html\r\n"));
    assert_non_null(strstr(last, "{\"a\": 1}"));
    assert_null(strstr(last, "uptick/"));
    assert_non_null(strstr(e2e_last(world, "/echo?patch"), "PATCH /echo?patch"));
    assert_non_null(strstr(e2e_last(world, "/echo?delete"), "DELETE /echo?delete"));
    assert_non_null(strstr(e2e_last(world, "/echo?options"), "OPTIONS /echo?options"));
}

static void a_password_is_not_sent_to_another_host(struct e2e *world)
{
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - id: d\n"
                      "        url: http://uptick:s3cret@@http@/redirect-elsewhere\n"
                      "        headers: {Authorization: Bearer t0ken, Cookie: session=c00kie}\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    assert_int_equal(e2e_count(world, "/echo?elsewhere"), 1);
    assert_null(strstr(e2e_last(world, "/echo?elsewhere"), "Authorization"));
    assert_null(strstr(e2e_last(world, "/echo?elsewhere"), "c00kie"));
}

static void each_check_has_its_own_connection_and_cookies(struct e2e *world)
{
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: a, url: 'http://@http@/redirect-cookie?a'}\n"
                      "      - {id: b, url: 'http://@http@/redirect-cookie?b'}\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);

    /* Each had to get its own cookie: none knows the other's. */
    assert_int_equal(e2e_count(world, "/redirect-cookie?a"), 2);
    assert_int_equal(e2e_count(world, "/redirect-cookie?b"), 2);
}

static void a_retry_that_succeeds_is_up(struct e2e *world)
{
    struct csv csv;

    e2e_config(world, "defaults: {retries: 1}\n"
                      "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: mended, url: 'http://@http@/recover/1'}\n"
                      "      - {id: broken, url: 'http://@http@/status/503'}\n"
                      "      - {id: hung, url: 'http://@http@/hang', timeout_seconds: 0.3}\n"
                      "      - {id: well, url: 'http://@http@/ok'}\n"
                      "      - {id: bot, url: 'http://@http@/bot/403',\n"
                      "         bot_protection_string: Checking}\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    csv = e2e_rows(world, "s/mended");
    assert_int_equal(csv.n, 1);
    assert_string_equal(csv.rows[0].field[STATUS], "UP");
    csv = e2e_rows(world, "s/broken");
    assert_int_equal(csv.n, 1);
    assert_string_equal(csv.rows[0].field[STATUS], "DOWN");
    assert_int_equal(e2e_count(world, "/recover/1"), 2);
    assert_int_equal(e2e_count(world, "/status/503"), 2);
    assert_int_equal(e2e_count(world, "/hang"), 2);
    assert_int_equal(e2e_count(world, "/ok"), 1);
    assert_int_equal(e2e_count(world, "/bot/403"), 1);
    e2e_check(world->last.seconds > 1.9 && world->last.seconds < 10, "the tick took %.1f s",
              world->last.seconds);
}

/* A CA file of one monitor does not help another, even if one worker checks both. */
static void each_monitor_trusts_only_its_own_ca_file(struct e2e *world)
{
    enum { PAIRS = 10 };
    char *yaml = e2e_format(world, "%s", "workers: 1\nsites:\n  - id: s\n    domains:\n");

    for (int i = 0; i < PAIRS; i++)
        yaml = e2e_format(world,
                          "%s      - {id: own%d, url: 'https://@tls@/ok', ca_file: ca.pem}\n"
                          "      - {id: system%d, url: 'https://@tls@/ok'}\n"
                          "      - {id: none%d, url: 'https://@tls@/ok', verify_tls: false}\n",
                          yaml, i, i, i);
    e2e_config(world, yaml);
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    for (int i = 0; i < PAIRS; i++) {
        struct csv own = e2e_rows(world, e2e_format(world, "s/own%d", i));
        struct csv system = e2e_rows(world, e2e_format(world, "s/system%d", i));
        struct csv none = e2e_rows(world, e2e_format(world, "s/none%d", i));

        assert_string_equal(own.rows[0].field[STATUS], "UP");
        assert_string_equal(system.rows[0].field[STATUS], "DOWN");
        assert_string_equal(none.rows[0].field[STATUS], "UP");
    }
}

static void a_check_uses_only_its_configured_ip_version(struct e2e *world)
{
    struct csv csv;

    if (!e2e_port(world, "http6")) {
        print_message("this machine has no [::1]\n");
        return;
    }
    e2e_config(world, "sites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: six, url: 'http://@http6@/ok', ip_version: 6}\n"
                      "      - {id: four, url: 'http://@http@/ok', ip_version: 4}\n"
                      "      - {id: wrong, url: 'http://@http@/ok', ip_version: 6}\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    csv = e2e_rows(world, "s/six");
    assert_string_equal(csv.rows[0].field[STATUS], "UP");
    csv = e2e_rows(world, "s/four");
    assert_string_equal(csv.rows[0].field[STATUS], "UP");
    csv = e2e_rows(world, "s/wrong");
    assert_string_equal(csv.rows[0].field[STATUS], "DOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST_WITHIN_MINUTE(every_server_behaviour_has_its_verdict),
        E2E_TEST_WITHIN_MINUTE(bombs_and_endless_bodies_need_little_memory),
        E2E_TEST_WITHIN_MINUTE(a_hundred_hanging_checks_take_one_timeout),
        E2E_TEST_WITHIN_MINUTE(a_request_has_the_configured_method_headers_and_body),
        E2E_TEST_WITHIN_MINUTE(a_password_is_not_sent_to_another_host),
        E2E_TEST_WITHIN_MINUTE(each_check_has_its_own_connection_and_cookies),
        E2E_TEST_WITHIN_MINUTE(a_retry_that_succeeds_is_up),
        E2E_TEST_WITHIN_MINUTE(each_monitor_trusts_only_its_own_ca_file),
        E2E_TEST_WITHIN_MINUTE(a_check_uses_only_its_configured_ip_version),
    };

    return cmocka_run_group_tests_name("servers", tests, NULL, NULL);
}
