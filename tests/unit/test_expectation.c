/* model/expectation: what a response must be, in its order, and the texts of each failure. */
#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/pattern.h"
#include "base/secrets.h"
#include "model/code.h"
#include "model/expect_url.h"
#include "model/expectation.h"
#include "model/nearest.h"
#include "model/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct status_range just_200[] = {{200, 200}};
static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return arena ? 0 : -1;
}

static int close_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const struct pattern *pattern_of(const char *text)
{
    struct pattern_fault fault;
    const struct pattern *pattern = pattern_compile(arena, text, strlen(text), &fault);

    assert_non_null(pattern);
    return pattern;
}

static struct domain plain(void)
{
    return (struct domain){.timeout_ms = 20000,
                           .max_body_bytes = 1048576,
                           .expect = {.statuses = just_200, .n_statuses = 1}};
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){text, strlen(text)};
}

/* A response with this body. */
static struct exchange response(const char *body)
{
    return (struct exchange){.duration_ms = 87,
                             .http_status = 200,
                             .version = HTTP_1_1,
                             .bot_string = -1,
                             .missing = -1,
                             .excluded = -1,
                             .body = bytes_of(body),
                             .body_bytes = (int64_t)strlen(body)};
}

/* failure "": it is met. */
static void expect(const struct domain *domain, const struct exchange *exchange,
                   const char *failure)
{
    char text[FAILURE_MAX];
    enum expectation_result result = expectation_test(domain, exchange, text);

    assert_string_equal(text, failure);
    assert_int_equal(result, !*failure                           ? EXPECTATION_MET
                             : strncmp(failure, "slow:", 5) == 0 ? EXPECTATION_SLOW
                                                                 : EXPECTATION_FAILS);
}

static void a_version_is_expected_exactly(void **state)
{
    static const struct {
        enum http_version expected, got;
        const char *failure;
    } cases[] = {
        {HTTP_ANY, HTTP_1_0, ""},
        {HTTP_ANY, HTTP_ANY, ""},
        {HTTP_2, HTTP_2, ""},
        {HTTP_1_1, HTTP_1_1, ""},
        {HTTP_2, HTTP_1_1, "protocol: expected HTTP/2, got HTTP/1.1"},
        {HTTP_1_1, HTTP_1_0, "protocol: expected HTTP/1.1, got HTTP/1.0"},
        {HTTP_1_1, HTTP_2, "protocol: expected HTTP/1.1, got HTTP/2"},
        {HTTP_3, HTTP_2, "protocol: expected HTTP/3, got HTTP/2"},
        {HTTP_2, HTTP_ANY, "protocol: expected HTTP/2, got an unknown version"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response("");

        domain.expect.version = cases[i].expected;
        exchange.version = cases[i].got;
        expect(&domain, &exchange, cases[i].failure);
    }
}

static void urls_are_the_same_by_scheme_host_port_and_path(void **state)
{
    static const struct {
        const char *expected, *reached;
        bool same, query_differs;
    } cases[] = {
        {"https://a/", "https://a/", true, true},
        {"https://a", "https://a/", true, true},
        {"https://a/", "https://a", true, true},
        {"https://a?x", "https://a/?x", true, true},
        {"HTTPS://A.Example/", "https://a.example/", true, true},
        {"https://a.:443/", "https://a/", true, true},
        {"http://a:80", "http://a/", true, true},
        {"http://a:443/", "http://a/", false, false},
        {"https://a:80/", "https://a/", false, false},
        {"https://a:8443/x", "https://a:8443/x", true, true},
        {"https://a:8443/x", "https://a:8444/x", false, false},
        {"http://a/", "https://a/", false, false},
        {"https://a/", "https://b/", false, false},
        {"https://a/", "https://a.b/", false, false},
        {"https://a/x", "https://a/X", false, false},
        {"https://a/x", "https://a/x/", false, false},
        {"https://a/x", "https://a/xy", false, false},
        {"https://a/x", "https://a/x?y", true, true},
        {"https://a/x", "https://a/x#y", true, true},
        {"https://a/x?", "https://a/x", false, true},
        {"https://a/x?y", "https://a/x?y", true, true},
        {"https://a/x?y", "https://a/x?y#z", true, true},
        {"https://a/x?y", "https://a/x?z", false, true},
        {"https://a/x?y", "https://a/x", false, true},
        {"https://a/x?y", "https://a/x?y&z", false, true},
        {"https://u:p@a/", "https://a/", true, true},
        {"https://u:p@80/", "https://80/", true, true},
        {"http:80/", "http://80/", true, true},
        {"http:80/", "http:81/", false, false},
        {"http://a:/", "http://a/", true, true},
        {"http://a:8/", "http://a:9/", false, false},
        {"http://a:0/", "http://a/", false, false},
        {"https://a/?", "https://a/", false, true},
        {"https://a/%00", "https://a/", false, false},
        {"https://a/", "https://a/%00", false, false},
        {"https://a/%", "https://a/%2", false, false},
        {"https://a/%zz", "https://a/%yy", false, false},
        {"https://a/%4z", "https://a/%4y", false, false},
        {"https://a/x41", "https://a/A", false, false},
        {"https://a/x?%41", "https://a/x?A", true, true},
        {"https://a/", "https://u:p@a/", true, true},
        {"https://a/", "https://a@b/", false, false},
        {"https://a/@b", "https://a/@b", true, true},
        {"http://[::1]/", "http://[::1]:80/", true, true},
        {"http://[::1]:8/", "http://[::1]/", false, false},
        {"http://[2001:DB8::1]/", "http://[2001:db8::1]/", true, true},
        {"http://1.2.3.4:81/", "http://1.2.3.4:81/", true, true},
        {"https://a/%7Eb", "https://a/~b", true, true},
        {"https://a/%7eb", "https://a/%7Eb", true, true},
        {"https://a/a%2Fb", "https://a/a%2fb", true, true},
        {"https://a/a%2Fb", "https://a/a/b", false, false},
        {"https://a/\xc3\xa9", "https://a/%C3%A9", true, true},
        {"https://a/a b", "https://a/a%20b", true, true},
        {"https://a/%", "https://a/%", true, true},
        {"https://a/%4", "https://a/%4", true, true},
        {"https://a/%zz", "https://a/%zz", true, true},
        {"https://a/%00", "https://a/%00", true, true},
        {"https://a/%41", "https://a/A", true, true},
        {"https://a/%25", "https://a/%", false, false},
        {"https://a/%0a", "https://a/%0A", true, true},
        {"https://a/%50", "https://a/P", true, true},
        {"https://a/%7", "https://a/%7E", false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (expect_url_is(cases[i].expected, cases[i].reached) != cases[i].same ||
            expect_url_query_differs(cases[i].expected, cases[i].reached) != cases[i].query_differs)
            fail_msg("%s and %s", cases[i].expected, cases[i].reached);
    }
}

static void redirects_must_end_at_the_expected_url(void **state)
{
    struct domain domain = plain();
    struct exchange exchange = response("");

    (void)state;
    domain.expect.final_url = "https://a/x?token=s";
    domain.expect.shown_final_url = "https://a/x?token=${TOKEN}";
    exchange.final_url = "https://a/x?token=s";
    expect(&domain, &exchange, "");
    exchange.final_url = "https://u:p@b:8443/login?session=1#top";
    expect(&domain, &exchange,
           "redirect: expected to end at https://a/x?token=${TOKEN}, ended at "
           "https://b:8443/login");
    exchange.final_url = "https://a/x?token=t";
    expect(&domain, &exchange,
           "redirect: expected to end at https://a/x?token=${TOKEN}, ended at https://a/x with "
           "another query");
}

static void redirects_are_counted(void **state)
{
    static const struct {
        int max, redirects;
        const char *failure;
    } cases[] = {{-1, 10, ""},
                 {0, 0, ""},
                 {0, 1, "redirect: 1 redirect, at most 0 allowed"},
                 {1, 1, ""},
                 {1, 3, "redirect: 3 redirects, at most 1 allowed"},
                 {10, 10, ""}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response("");

        domain.expect.has_max_redirects = cases[i].max >= 0;
        domain.expect.max_redirects = cases[i].max < 0 ? 0 : cases[i].max;
        exchange.redirects = cases[i].redirects;
        expect(&domain, &exchange, cases[i].failure);
    }
}

static void no_hop_may_leave_https(void **state)
{
    struct domain domain = plain();
    struct exchange exchange = response("");

    (void)state;
    exchange.insecure_url = "http://u:p@a/?secret";
    expect(&domain, &exchange, "");
    domain.expect.https_only = true;
    expect(&domain, &exchange, "redirect: http://a/ is not https");
    exchange.insecure_url = NULL;
    expect(&domain, &exchange, "");
}

static void a_certificate_must_be_valid_for_days(void **state)
{
    enum { TENTH = MS_PER_DAY / 10 };
    static const struct {
        double days;
        bool has;
        int64_t valid_ms;
        const char *failure;
    } cases[] = {
        {0, false, 0, ""},
        {0, true, -1, ""},
        {14, true, 14LL * MS_PER_DAY, ""},
        {14, true, 14LL * MS_PER_DAY - 1,
         "certificate: valid for 13.9 more days, expected at least 14"},
        {14, true, 32LL * TENTH, "certificate: valid for 3.2 more days, expected at least 14"},
        {14, true, 33LL * TENTH - 1, "certificate: valid for 3.2 more days, expected at least 14"},
        {0.5, true, TENTH * 5, ""},
        {0.5, true, TENTH * 5 - 1, "certificate: valid for 0.4 more days, expected at least 0.5"},
        {0.05, true, TENTH / 4, "certificate: valid for 0.025 more days, expected at least 0.05"},
        {14, true, 0, "certificate: valid for 0.0 more days, expected at least 14"},
        {14, true, -32LL * TENTH, "certificate: expired 3.2 days ago, expected at least 14"},
        {14, false, 0, "certificate: none, expected one that is valid for at least 14 more days"},
        {36500, true, MS_PER_DAY, "certificate: valid for 1.0 more days, expected at least 36500"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response("");

        domain.expect.certificate_days = cases[i].days;
        exchange.has_certificate = cases[i].has;
        exchange.valid_ms = cases[i].valid_ms;
        expect(&domain, &exchange, cases[i].failure);
    }
}

/* A part of a rule; length is a rule of one part. */
struct words {
    enum rule_test test;
    const char *operand, *shown;
    enum rule_test length;
};

static const struct rule *rule_of(const struct words *words)
{
    struct rule_part *part = arena_alloc(arena, sizeof *part), *of_length;
    struct rule *rule = arena_alloc(arena, sizeof *rule), *length;

    *part = (struct rule_part){words->test, words->operand, words->shown, NULL, NULL};
    *rule = (struct rule){part, 1};
    if (words->test == RULE_MATCHES)
        part->pattern = pattern_of(words->operand);
    if (words->test == RULE_LENGTH) {
        of_length = arena_alloc(arena, sizeof *of_length);
        length = arena_alloc(arena, sizeof *length);
        *of_length = (struct rule_part){words->length, words->operand, words->shown, NULL, NULL};
        *length = (struct rule){of_length, 1};
        *part = (struct rule_part){RULE_LENGTH, NULL, NULL, NULL, length};
    }
    return rule;
}

static void each_rule_of_a_header_has_its_text(void **state)
{
    static const char headers[] = "Server: nginx\r\nX-A: public\r\nAge: 3\r\nX-A: private\r\n";
    static const struct {
        const char *name;
        struct words words;
        const char *failure;
    } cases[] = {
        {"Cache-Control",
         {.test = RULE_EXISTS, .operand = "true"},
         "header: Cache-Control is missing"},
        {"Cache-Control", {.test = RULE_EXISTS, .operand = "false"}, ""},
        {"server",
         {.test = RULE_EXISTS, .operand = "false"},
         "header: server: exists, expected none"},
        {"X-A", {RULE_EQUALS, "\"x\"", "\"x\"", 0}, "header: X-A: expected \"x\", got \"public\""},
        {"X-A",
         {RULE_NOT, "\"private\"", "\"private\"", 0},
         "header: X-A: expected not \"private\", got \"private\""},
        {"X-A",
         {RULE_CONTAINS, "\"no-store\"", "\"no-store\"", 0},
         "header: X-A: expected to contain \"no-store\", got \"public\""},
        {"X-A",
         {RULE_EXCLUDES, "\"iv\"", "\"iv\"", 0},
         "header: X-A: expected not to contain \"iv\", got \"private\""},
        {"X-A",
         {RULE_MATCHES, "^4", "/^4/", 0},
         "header: X-A: expected to match /^4/, got \"public\""},
        {"Age", {RULE_AT_LEAST, "5", "5", 0}, "header: Age: expected at least 5, got \"3\""},
        {"Age", {RULE_AT_MOST, "2", "2", 0}, "header: Age: expected at most 2, got \"3\""},
        {"Age", {RULE_ABOVE, "3", "3", 0}, "header: Age: expected above 3, got \"3\""},
        {"Age", {RULE_BELOW, "3", "3", 0}, "header: Age: expected below 3, got \"3\""},
        {"Age", {RULE_EQUALS, "3.0", "3.0", 0}, ""},
        {"Server",
         {RULE_LENGTH, "9", "9", RULE_AT_LEAST},
         "header: Server: expected length at least 9, got 5"},
        {"Server",
         {RULE_LENGTH, "4", "4", RULE_EQUALS},
         "header: Server: expected length 4, got 5"},
        {"Server",
         {RULE_TYPE, "\"number\"", "\"number\"", 0},
         "header: Server: expected type number, got \"nginx\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response("");
        struct expect_header header = {cases[i].name, rule_of(&cases[i].words)};

        domain.expect.headers = &header;
        domain.expect.n_headers = 1;
        exchange.headers = bytes_of(headers);
        expect(&domain, &exchange, cases[i].failure);
        exchange.headers.data = NULL;
        exchange.headers.size = 0;
        assert_true(expectation_test(&domain, &exchange, (char[FAILURE_MAX]){""}) <=
                    EXPECTATION_FAILS);
    }
}

static void each_rule_of_json_has_its_text(void **state)
{
    static const char body[] =
        "{\"status\": \"DEGRADED\", \"n\": 18446744073709551615, \"t\": true, "
        "\"z\": null, \"items\": [1, 2], \"o\": {\"a\": 1}, \"e\": \"\"}";
    static const struct {
        const char *pointer;
        struct words words;
        const char *failure;
    } cases[] = {
        {"/status", {RULE_EQUALS, "\"DEGRADED\"", "\"DEGRADED\"", 0}, ""},
        {"/status",
         {RULE_EQUALS, "\"UP\"", "\"UP\"", 0},
         "json: /status: expected \"UP\", got \"DEGRADED\""},
        {"/missing", {RULE_EQUALS, "\"UP\"", "\"UP\"", 0}, "json: /missing is missing"},
        {"/items/2", {.test = RULE_EXISTS, .operand = "true"}, "json: /items/2 is missing"},
        {"/z", {.test = RULE_EXISTS, .operand = "false"}, "json: /z: exists, expected none"},
        {"/z", {RULE_EQUALS, "1", "1", 0}, "json: /z: expected 1, got null"},
        {"/t", {RULE_NOT, "true", "true", 0}, "json: /t: expected not true, got true"},
        {"/n",
         {RULE_EQUALS, "18446744073709551616", "18446744073709551616", 0},
         "json: /n: expected 18446744073709551616, got 18446744073709551615"},
        {"/items",
         {RULE_CONTAINS, "3", "3", 0},
         "json: /items: expected to contain 3, got an array of 2 elements"},
        {"/o",
         {RULE_EXCLUDES, "\"a\"", "\"a\"", 0},
         "json: /o: expected not to contain \"a\", got an object of 1 member"},
        {"/status",
         {RULE_MATCHES, "^U", "/^U/", 0},
         "json: /status: expected to match /^U/, got \"DEGRADED\""},
        {"/n", {RULE_BELOW, "5", "5", 0}, "json: /n: expected below 5, got 18446744073709551615"},
        {"/status",
         {RULE_AT_LEAST, "5", "5", 0},
         "json: /status: expected at least 5, got \"DEGRADED\""},
        {"/items",
         {RULE_LENGTH, "3", "3", RULE_AT_LEAST},
         "json: /items: expected length at least 3, got 2"},
        {"/e", {RULE_LENGTH, "0", "0", RULE_NOT}, "json: /e: expected length not 0, got 0"},
        {"/t",
         {RULE_LENGTH, "0", "0", RULE_EQUALS},
         "json: /t: expected a value with a length, got true"},
        {"/status",
         {RULE_TYPE, "\"number\"", "\"number\"", 0},
         "json: /status: expected type number, got string \"DEGRADED\""},
        {"/n",
         {RULE_TYPE, "\"string\"", "\"string\"", 0},
         "json: /n: expected type string, got number 18446744073709551615"},
        {"/t",
         {RULE_TYPE, "\"null\"", "\"null\"", 0},
         "json: /t: expected type null, got boolean true"},
        {"/z", {RULE_TYPE, "\"array\"", "\"array\"", 0}, "json: /z: expected type array, got null"},
        {"/items",
         {RULE_TYPE, "\"object\"", "\"object\"", 0},
         "json: /items: expected type object, got an array of 2 elements"},
        {"",
         {RULE_TYPE, "\"array\"", "\"array\"", 0},
         "json: \"\": expected type array, got an object of 7 members"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response(body);
        struct expect_json json = {cases[i].pointer, cases[i].pointer, rule_of(&cases[i].words)};

        domain.expect.json = &json;
        domain.expect.n_json = 1;
        expect(&domain, &exchange, cases[i].failure);
    }
}

static void what_is_no_json_is_shown_with_its_place(void **state)
{
    static const struct {
        const char *body, *failure;
    } cases[] = {
        {"", "json: not JSON at line 1 column 1"},
        {"<html>", "json: not JSON at line 1 column 1"},
        {"\xef\xbb\xbf<", "json: not JSON at line 1 column 2"},
        {"{\n  \"\xc3\xa9\": x}", "json: not JSON at line 2 column 8"},
        {"[1,\n2,\n]", "json: not JSON at line 3 column 1"},
        {"{\"a\": 1}\n\n", ""},
        {"\xef\xbb\xbf{\"a\": 1}", ""},
    };
    static const struct words one = {RULE_EQUALS, "1", "1", 0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response(cases[i].body);
        struct expect_json json = {"/a", "/a", rule_of(&one)};

        domain.expect.json = &json;
        domain.expect.n_json = 1;
        expect(&domain, &exchange, cases[i].failure);
        exchange.text = exchange.body;
        exchange.body = (struct bytes){NULL, 0};
        exchange.charset = "UTF-16LE";
        expect(&domain, &exchange, cases[i].failure);
    }
}

/* JSON is UTF-8, whatever the server declares, unless the body is JSON only in that charset. */
static void json_is_read_from_the_body_if_that_is_json(void **state)
{
    static const struct {
        const char *body, *text, *failure;
    } cases[] = {
        {"{\"a\": \"\xc3\xa9\"}", "{\"a\": \"\xc3\x83\xc2\xa9\"}", ""},
        {"{\"a\": \"\xe9\"}", "{\"a\": \"\xc3\xa9\"}", ""},
        {"{\"a\": \"\xe9\"}", "{\"a\": 1}", "json: /a: expected \"\xc3\xa9\", got 1"},
        {"{\"a\": \"\xe9\"}", "{\"a\": }", "json: not JSON at line 1 column 7"},
    };
    static const struct words acute = {RULE_EQUALS, "\"\xc3\xa9\"", "\"\xc3\xa9\"", 0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response(cases[i].body);
        struct expect_json json = {"/a", "/a", rule_of(&acute)};

        domain.expect.json = &json;
        domain.expect.n_json = 1;
        exchange.text = bytes_of(cases[i].text);
        exchange.charset = "ISO-8859-1";
        expect(&domain, &exchange, cases[i].failure);
    }
}

static void json_that_was_cut_or_is_too_deep_is_not_judged(void **state)
{
    static const struct words any = {.test = RULE_EXISTS, .operand = "true"};
    struct domain domain = plain();
    struct exchange exchange = response("{\"a\": 1}");
    struct expect_json json = {"/a", "/a", rule_of(&any)};
    char deep[2049];

    (void)state;
    domain.expect.json = &json;
    domain.expect.n_json = 1;
    exchange.body_cut = true;
    expect(&domain, &exchange,
           "json: the body is longer than max_body_bytes (1048576 bytes); raise it");
    memset(deep, '[', sizeof deep);
    exchange.body_cut = false;
    exchange.body = (struct bytes){deep, sizeof deep};
    expect(&domain, &exchange, "json: more than 2048 nested arrays and objects");
}

static void texts_that_are_missing_or_found_name_the_charset(void **state)
{
    static const struct needle needles[] = {{{"a", 1}, {"a", 1}}, {{"b", 1}, {"${B}", 4}}};
    static const struct {
        bool cut;
        const char *charset, *missing, *excluded;
    } cases[] = {
        {false, NULL, "body: \"${B}\" not found (5 bytes read)", "body: \"${B}\" found"},
        {true, NULL, "body: \"${B}\" not found in the first 5 bytes", "body: \"${B}\" found"},
        {false, "UTF-16", "body: \"${B}\" not found (5 bytes read as UTF-16)",
         "body: read as UTF-16, \"${B}\" found"},
        {true, "UTF-16", "body: \"${B}\" not found in the first 5 bytes (read as UTF-16)",
         "body: read as UTF-16, \"${B}\" found"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response("hello");

        domain.expect.contains = domain.expect.excludes = (struct needles){needles, 2};
        exchange.body_cut = cases[i].cut;
        exchange.charset = cases[i].charset;
        expect(&domain, &exchange, "");
        exchange.excluded = 1;
        expect(&domain, &exchange, cases[i].excluded);
        exchange.missing = 1;
        expect(&domain, &exchange, cases[i].missing);
    }
}

static void patterns_are_tried_on_the_text_of_the_body(void **state)
{
    static const struct {
        const char *pattern, *shown, *body, *text;
        bool must_match, cut;
        const char *failure;
    } cases[] = {
        {"\"version\":\"4\\.\\d+\"", "/\"version\":\"4\\.\\d+\"/", "{\"version\":\"4.1\"}", NULL,
         true, false, ""},
        {"\"version\":\"4\\.\\d+\"", "/\"version\":\"4\\.\\d+\"/", "{\"version\":\"3.1\"}", NULL,
         true, false, "body: does not match /\"version\":\"4\\.\\d+\"/"},
        {"x", "/x/", "abc", NULL, true, true, "body: does not match /x/ in the first 3 bytes"},
        {"b", "/b/", "abc", NULL, false, false, "body: matches /b/"},
        {"x", "/x/", "abc", NULL, false, false, ""},
        {"x", "/x/", "abc", NULL, false, true, ""},
        {"x", "/x/", "abc", "x", true, false, ""},
        {"b", "/b/", "axc", "x", true, false, "body: does not match /b/ (read as CP1)"},
        {"b", "/b/", "abc", "b", false, false, "body: matches /b/ (read as CP1)"},
        {"(a+)+$", "/(a+)+$/", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", NULL, true,
         false, "body: /(a+)+$/ needs too many steps"},
        {"(a+)+$", "/(a+)+$/", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", NULL, false,
         false, "body: /(a+)+$/ needs too many steps"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response(cases[i].body);
        struct expect_pattern pattern = {pattern_of(cases[i].pattern), cases[i].shown,
                                         cases[i].must_match};

        domain.expect.patterns = &pattern;
        domain.expect.n_patterns = 1;
        exchange.body_cut = cases[i].cut;
        if (cases[i].text) {
            exchange.text = bytes_of(cases[i].text);
            exchange.charset = "CP1";
        }
        expect(&domain, &exchange, cases[i].failure);
    }
}

static void the_first_of_several_that_fails_is_shown(void **state)
{
    struct expect_pattern patterns[] = {{pattern_of("a"), "/a/", true},
                                        {pattern_of("x"), "/x/", true},
                                        {pattern_of("b"), "/b/", false}};
    static const struct words up = {RULE_EQUALS, "1", "1", 0};
    struct expect_json json[] = {{"/a", "/a", rule_of(&up)}, {"/b", "/b", rule_of(&up)}};
    struct domain domain = plain();
    struct exchange exchange = response("ab");

    (void)state;
    domain.expect.patterns = patterns;
    domain.expect.n_patterns = 3;
    expect(&domain, &exchange, "body: does not match /x/");
    exchange.body = bytes_of("axb");
    expect(&domain, &exchange, "body: matches /b/");
    domain.expect.n_patterns = 0;
    domain.expect.json = json;
    domain.expect.n_json = 2;
    exchange.body = bytes_of("{\"a\":1,\"b\":2}");
    expect(&domain, &exchange, "json: /b: expected 1, got 2");
}

static void a_body_has_bounds_in_bytes(void **state)
{
    static const struct {
        int64_t min, max; /* max -1: none */
        int64_t bytes;
        bool cut;
        const char *failure;
    } cases[] = {
        {0, -1, 0, false, ""},
        {100, -1, 100, false, ""},
        {100, -1, 99, false, "body: 99 bytes, expected at least 100"},
        {100, -1, 1, false, "body: 1 byte, expected at least 100"},
        {0, 5000, 5000, false, ""},
        {0, 5000, 5001, false, "body: 5001 bytes, expected at most 5000"},
        {0, 0, 0, false, ""},
        {0, 0, 1, false, "body: 1 byte, expected 0"},
        {10, 20, 10, false, ""},
        {10, 20, 20, false, ""},
        {10, 20, 9, false, "body: 9 bytes, expected 10 to 20"},
        {10, 20, 21, false, "body: 21 bytes, expected 10 to 20"},
        {12, 12, 12, false, ""},
        {12, 12, 11, false, "body: 11 bytes, expected 12"},
        {100, -1, 100, true, ""},
        {100, -1, 99, true,
         "body: more than 99 bytes, expected at least 100; raise max_body_bytes"},
        {0, 100, 100, true, "body: more than 100 bytes, expected at most 100"},
        {0, 100, 99, true, "body: more than 99 bytes, expected at most 100; raise max_body_bytes"},
        {5, 50, 9, true, "body: more than 9 bytes, expected 5 to 50; raise max_body_bytes"},
        {20, 50, 50, true, "body: more than 50 bytes, expected 20 to 50"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response("");

        domain.expect.min_bytes = cases[i].min;
        domain.expect.has_max_bytes = cases[i].max >= 0;
        domain.expect.max_bytes = cases[i].max < 0 ? 0 : cases[i].max;
        exchange.body_bytes = cases[i].bytes;
        exchange.body_cut = cases[i].cut;
        expect(&domain, &exchange, cases[i].failure);
    }
}

static void latency_is_judged_without_the_lookup(void **state)
{
    static const struct {
        int max, slow;
        int64_t duration, lookup;
        const char *failure;
    } cases[] = {
        {0, 0, 20000, 0, ""},
        {800, 0, 800, 0, ""},
        {800, 0, 801, 0, "latency: 801 ms, at most 800 allowed"},
        {800, 0, 1010, 210, ""},
        {800, 0, 1450, 210, "latency: 1240 ms, at most 800 allowed (and 210 ms for the name)"},
        {0, 800, 800, 0, ""},
        {0, 800, 1240, 0, "slow: 1240 ms, expected at most 800"},
        {0, 800, 1450, 210, "slow: 1240 ms, expected at most 800 (and 210 ms for the name)"},
        {0, 800, 1010, 210, ""},
        {1000, 800, 900, 0, "slow: 900 ms, expected at most 800"},
        {1000, 800, 1001, 0, "latency: 1001 ms, at most 1000 allowed"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response("");

        domain.expect.max_latency_ms = cases[i].max;
        domain.expect.slow_ms = cases[i].slow;
        exchange.duration_ms = cases[i].duration;
        exchange.lookup_ms = cases[i].lookup;
        expect(&domain, &exchange, cases[i].failure);
    }
}

/* Everything fails; then one expectation after the other is taken away. */
static void expectations_are_tested_in_their_order(void **state)
{
    static const struct needle needle = {{"a", 1}, {"a", 1}};
    static const struct words missing = {.test = RULE_EXISTS, .operand = "true"};
    struct expect_header header = {"X", rule_of(&missing)};
    struct expect_pattern pattern = {pattern_of("x"), "/x/", true};
    struct expect_json json = {"/a", "/a", rule_of(&missing)};
    struct domain domain = plain();
    struct exchange exchange = response("");
    struct expect *it = &domain.expect;

    (void)state;
    *it = (struct expect){.statuses = just_200,
                          .n_statuses = 1,
                          .version = HTTP_2,
                          .final_url = "https://a/",
                          .shown_final_url = "https://a/",
                          .has_max_redirects = true,
                          .https_only = true,
                          .certificate_days = 1,
                          .headers = &header,
                          .n_headers = 1,
                          .contains = {&needle, 1},
                          .excludes = {&needle, 1},
                          .patterns = &pattern,
                          .n_patterns = 1,
                          .min_bytes = 1,
                          .json = &json,
                          .n_json = 1,
                          .max_latency_ms = 2,
                          .slow_ms = 1};
    exchange.http_status = 503;
    exchange.final_url = "https://b/";
    exchange.redirects = 1;
    exchange.insecure_url = "http://b/";
    exchange.missing = exchange.excluded = 0;
    expect(&domain, &exchange, "http_status: expected 200, got 503");
    exchange.http_status = 200;
    expect(&domain, &exchange, "protocol: expected HTTP/2, got HTTP/1.1");
    it->version = HTTP_ANY;
    expect(&domain, &exchange, "redirect: expected to end at https://a/, ended at https://b/");
    it->final_url = NULL;
    expect(&domain, &exchange, "redirect: 1 redirect, at most 0 allowed");
    it->has_max_redirects = false;
    expect(&domain, &exchange, "redirect: http://b/ is not https");
    it->https_only = false;
    expect(&domain, &exchange,
           "certificate: none, expected one that is valid for at least 1 more days");
    it->certificate_days = 0;
    expect(&domain, &exchange, "header: X is missing");
    it->n_headers = 0;
    expect(&domain, &exchange, "body: \"a\" not found (0 bytes read)");
    exchange.missing = -1;
    expect(&domain, &exchange, "body: \"a\" found");
    exchange.excluded = -1;
    expect(&domain, &exchange, "body: does not match /x/");
    it->n_patterns = 0;
    expect(&domain, &exchange, "body: 0 bytes, expected at least 1");
    it->min_bytes = 0;
    expect(&domain, &exchange, "json: not JSON at line 1 column 1");
    it->n_json = 0;
    expect(&domain, &exchange, "latency: 87 ms, at most 2 allowed");
    it->max_latency_ms = 0;
    expect(&domain, &exchange, "slow: 87 ms, expected at most 1");
    it->slow_ms = 0;
    expect(&domain, &exchange, "");
}

static void only_patterns_and_json_need_the_whole_body(void **state)
{
    (void)state;
    assert_false(expectation_needs_body(&(struct expect){.n_headers = 1, .min_bytes = 1}));
    assert_true(expectation_needs_body(&(struct expect){.n_patterns = 1}));
    assert_true(expectation_needs_body(&(struct expect){.n_json = 1}));
}

static struct secrets *secret_of(const char *value)
{
    struct secrets *secrets = secrets_new();

    assert_non_null(secrets);
    assert_int_equal(secrets_add(secrets, value, strlen(value), "${TOKEN}"), 0);
    secrets_sort(secrets);
    return secrets;
}

static void secrets_that_a_response_repeats_are_hidden(void **state)
{
    static const struct words wrong = {RULE_EQUALS, "\"${TOKEN}\"", "\"${TOKEN}\"", 0};
    struct expect_header header = {"X", rule_of(&wrong)};
    struct expect_json json = {"/a", "/a", rule_of(&wrong)};
    struct secrets *secrets = secret_of("s3cr3t/v4lue");
    struct domain domain = plain();
    struct exchange exchange = response("{\"a\":\"Bearer s3cr3t\\/v4lu\\u0065\"}");

    (void)state;
    domain.secrets = secrets;
    domain.expect.headers = &header;
    domain.expect.n_headers = 1;
    exchange.headers = bytes_of("X: s3cr3t/v4lue\r\n");
    expect(&domain, &exchange, "header: X: expected \"${TOKEN}\", got \"${TOKEN}\"");
    domain.expect.n_headers = 0;
    domain.expect.json = &json;
    domain.expect.n_json = 1;
    expect(&domain, &exchange, "json: /a: expected \"${TOKEN}\", got \"Bearer ${TOKEN}\"");
    domain.expect.n_json = 0;
    domain.expect.final_url = domain.expect.shown_final_url = "https://a/";
    exchange.final_url = "https://a/s3cr3t%2Fv4lue";
    expect(&domain, &exchange,
           "redirect: expected to end at https://a/, ended at https://a/${TOKEN}");
    secrets_free(secrets);
}

static void long_and_hostile_texts_fit_into_a_failure(void **state)
{
    static char long_text[100000], headers[100010], body[100010];
    static const struct words wrong = {RULE_EQUALS, "1", "1", 0};
    struct words long_words = {RULE_EQUALS, "\"x\"", long_text, 0};
    struct expect_header header = {"X", rule_of(&wrong)};
    struct expect_json json = {"", long_text, rule_of(&long_words)};
    struct domain domain = plain();
    struct exchange exchange = response("");
    char failure[FAILURE_MAX];

    (void)state;
    memset(long_text, 'a', sizeof long_text - 1);
    snprintf(headers, sizeof headers, "X: %s\r\n", long_text);
    snprintf(body, sizeof body, "\"%s\"", long_text);
    domain.expect.headers = &header;
    domain.expect.n_headers = 1;
    exchange.headers = bytes_of(headers);
    assert_int_equal(expectation_test(&domain, &exchange, failure), EXPECTATION_FAILS);
    assert_non_null(strstr(failure, "header: X: expected 1, got \"aaa"));
    assert_string_equal(failure + strlen(failure) - 5, "a...\"");
    exchange.headers = bytes_of("X: \x1b[31m\xff \xe2\x80\xae!\r\n");
    expect(&domain, &exchange, "header: X: expected 1, got \" [31m?  !\"");
    domain.expect.n_headers = 0;
    domain.expect.json = &json;
    domain.expect.n_json = 1;
    exchange.body = bytes_of(body);
    assert_int_equal(expectation_test(&domain, &exchange, failure), EXPECTATION_FAILS);
    assert_string_equal(failure + strlen(failure) - 5, "a...\"");
    assert_non_null(strstr(failure, ", got \"aaa"));
    assert_string_equal(code_of(STATUS_DOWN, 200, failure), "json.value");
}

static int explain_into(const struct domain *domain, const struct exchange *exchange,
                        struct buffer *lines)
{
    char failure[FAILURE_MAX];

    expectation_test(domain, exchange, failure);
    return expectation_explain(domain, exchange, failure, lines);
}

static void explain(const struct domain *domain, const struct exchange *exchange,
                    const char *expected)
{
    struct buffer lines = BUFFER_WITH_CEILING(1 << 20);

    assert_int_equal(explain_into(domain, exchange, &lines), 0);
    assert_string_equal(lines.data ? lines.data : "", expected);
    buffer_free(&lines);
}

static void what_is_most_like_a_missing_text_is_shown(void **state)
{
    static const struct needle needle = {{"Add to basket", 13}, {"Add to basket", 13}};
    static const struct {
        const char *body, *lines;
    } cases[] = {
        {"<p>There is much else.</p><button>Add to Cart</button><p>And more of it here.</p>",
         "expected: Add to basket\n"
         "nearest: <p>There is much else.</p><button>Add to Cart</button><p>And more of it\n"},
        {"ADD TO BASKET", "expected: Add to basket\nnearest: ADD TO BASKET\n"},
        {"", "expected: Add to basket\ngot: an empty body\n"},
        {"xyz", "expected: Add to basket\ngot: xyz\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response(cases[i].body);

        domain.expect.contains = (struct needles){&needle, 1};
        exchange.missing = 0;
        explain(&domain, &exchange, cases[i].lines);
    }
}

static void each_failure_is_explained_by_what_was_there(void **state)
{
    static const struct needle fatal = {{"Fatal", 5}, {"Fatal", 5}};
    static const struct words one = {RULE_EQUALS, "1", "1", 0};
    struct expect_header header = {"X-Frame-Options", rule_of(&one)};
    struct expect_pattern pattern = {pattern_of("x"), "/x/", true};
    struct expect_json json = {"/o/k/1", "/o/k/1", rule_of(&one)};
    struct domain domain = plain();
    struct exchange exchange = response("");
    struct expect *it = &domain.expect;

    (void)state;
    explain(&domain, &exchange, "");
    it->slow_ms = 1;
    explain(&domain, &exchange, "");
    exchange.http_status = 503;
    exchange.body = bytes_of("Back\nsoon");
    explain(&domain, &exchange, "got: Back soon\n");
    exchange.http_status = 200;
    it->headers = &header;
    it->n_headers = 1;
    exchange.headers = bytes_of("Server: a\r\nX-Frame-Option: deny\r\nx-frame-options: 2\r\n");
    explain(&domain, &exchange, "nearest: X-Frame-Option: deny\ngot: x-frame-options: 2\n");
    it->n_headers = 0;
    it->excludes = (struct needles){&fatal, 1};
    exchange.excluded = 0;
    exchange.body = bytes_of("A Fatal error");
    explain(&domain, &exchange, "got: A Fatal error\n");
    exchange.excluded = -1;
    it->patterns = &pattern;
    it->n_patterns = 1;
    explain(&domain, &exchange, "expected: /x/\ngot: A Fatal error\n");
    it->n_patterns = 0;
    it->json = &json;
    it->n_json = 1;
    explain(&domain, &exchange, "got: A Fatal error\n");
    exchange.body = bytes_of("{\"o\": {\"a\": 1, \"b\\n\": 2}}");
    explain(&domain, &exchange, "nearest: /o: an object of 2 members\nnames: \"a\", \"b \"\n");
    exchange.body = bytes_of("{\"o\": {\"k\": [1, 2]}}");
    explain(&domain, &exchange, "got: /o/k/1: 2\n");
    exchange.body = bytes_of("[]");
    explain(&domain, &exchange, "nearest: an array of 0 elements\n");
    exchange.body_cut = true;
    explain(&domain, &exchange, "got: []\n");
}

static void a_failure_that_is_explained_costs_less_than_100_ms(void **state)
{
    char body[202], lines[240];
    struct expect_pattern slow = {pattern_of("(a+)+$"), "/(a+)+$/", true};
    struct domain domain = plain();
    struct exchange exchange;
    int64_t began_us;

    (void)state;
    memset(body, 'a', sizeof body);
    memcpy(body + sizeof body - 2, "!", 2);
    exchange = response(body);
    domain.expect.patterns = &slow;
    domain.expect.n_patterns = 1;
    expect(&domain, &exchange, "body: /(a+)+$/ needs too many steps");
    began_us = clock_thread_us();
    snprintf(lines, sizeof lines, "expected: /(a+)+$/\ngot: %s\n", body);
    explain(&domain, &exchange, lines);
    assert_true(clock_thread_us() - began_us < 100 * US_PER_MS);
}

static void another_failure_is_not_explained(void **state)
{
    struct domain domain = plain();
    struct exchange exchange = response("Back soon");
    struct buffer lines = BUFFER_WITH_CEILING(1 << 20);

    (void)state;
    exchange.http_status = 503;
    assert_int_equal(expectation_explain(&domain, &exchange, "json: /a is missing", &lines), 0);
    assert_null(lines.data);
}

static void explanations_hide_secrets_and_are_cut(void **state)
{
    static const struct needle needle = {{"not there", 9}, {"not there", 9}};
    struct secrets *secrets = secret_of("s3cr3t-v4lue");
    static char body[5000];
    struct domain domain = plain();
    struct exchange exchange;
    struct buffer lines = BUFFER_WITH_CEILING(1 << 20);

    (void)state;
    memset(body, 'z', sizeof body - 1);
    memcpy(body, "s3cr3t-v4lue", 12);
    exchange = response(body);
    domain.secrets = secrets;
    domain.expect.contains = (struct needles){&needle, 1};
    exchange.missing = 0;
    assert_int_equal(explain_into(&domain, &exchange, &lines), 0);
    assert_non_null(strstr(lines.data, "got: ${TOKEN}zzz"));
    assert_null(strstr(lines.data, "s3cr3t"));
    assert_true(lines.size < 400);
    assert_string_equal(lines.data + lines.size - 5, "z...\n");
    buffer_free(&lines);
    secrets_free(secrets);
}

static void an_explanation_shows_whole_characters(void **state)
{
    static const struct needle fatal = {{"Fatal", 5}, {"Fatal", 5}};
    static const char *const padding[] = {"", "x"};
    char many[101] = "", body[300];

    (void)state;
    for (size_t i = 0; i < 100; i += 2)
        memcpy(many + i, "\xc3\xa9", 2);
    /* A character has two bytes, so a cut may be inside one. */
    for (int i = 0; i < 4; i++) {
        struct domain domain = plain();
        struct exchange exchange;
        struct buffer lines = BUFFER_WITH_CEILING(1 << 20);

        snprintf(body, sizeof body, "%s%sFatal%s%s", many, padding[i % 2], padding[i / 2], many);
        exchange = response(body);
        domain.expect.excludes = (struct needles){&fatal, 1};
        exchange.excluded = 0;
        assert_int_equal(explain_into(&domain, &exchange, &lines), 0);
        assert_non_null(strstr(lines.data, "\xc3\xa9"));
        assert_non_null(strstr(lines.data, "Fatal"));
        assert_null(strchr(lines.data, '?'));
        assert_in_range(lines.size, 60, 80);
        buffer_free(&lines);
    }
}

/* The text is at each place at which more of the body, or less, is looked at. */
static void a_text_is_shown_with_what_is_around_it(void **state)
{
    enum { SIZE = 4000 };
    static const struct needle fatal = {{"Fatal", 5}, {"Fatal", 5}};
    static const size_t places[] = {0,    1,    29,   30,   31,   1199, 1200, 1201, 2000,
                                    2764, 2765, 2794, 2795, 2796, 3964, 3965, 3966, SIZE - 5};

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        size_t at = places[i], before = at < 30 ? at : 30, after = SIZE - at - 5;
        char *body = malloc(SIZE), expected[100];
        struct domain domain = plain();
        struct exchange exchange = response("");

        assert_non_null(body);
        memset(body, 'z', SIZE);
        memcpy(body + at, "Fatal", 5);
        exchange.body = (struct bytes){body, SIZE};
        domain.expect.excludes = (struct needles){&fatal, 1};
        exchange.excluded = 0;
        snprintf(expected, sizeof expected, "got: %.*sFatal%.*s\n", (int)before,
                 "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", (int)(after < 30 ? after : 30),
                 "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz");
        explain(&domain, &exchange, expected);
        free(body);
    }
}

static void a_body_may_begin_inside_a_character(void **state)
{
    static const struct needle fatal = {{"Fatal", 5}, {"Fatal", 5}};
    char *body = malloc(7);
    struct domain domain = plain();
    struct exchange exchange = response("");

    (void)state;
    assert_non_null(body);
    memcpy(body,
           "\x80\xbf"
           "Fatal",
           7);
    exchange.body = (struct bytes){body, 7};
    domain.expect.excludes = (struct needles){&fatal, 1};
    exchange.excluded = 0;
    explain(&domain, &exchange, "got: ??Fatal\n");
    free(body);
}

static void a_line_of_300_bytes_is_cut(void **state)
{
    static const struct {
        size_t size, shown;
        const char *end;
    } cases[] = {{298, 298, ""}, {299, 299, ""}, {300, 299, "..."}, {301, 299, "..."}};
    char body[302], expected[400];

    (void)state;
    memset(body, 'z', sizeof body);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = plain();
        struct exchange exchange = response("");

        exchange.http_status = 503;
        exchange.body = (struct bytes){body, cases[i].size};
        snprintf(expected, sizeof expected, "got: %.*s%s\n", (int)cases[i].shown, body,
                 cases[i].end);
        explain(&domain, &exchange, expected);
    }
}

/* Its secret is only partly in what is shown, or has the text in it. */
static void a_part_of_a_secret_is_hidden_too(void **state)
{
    static const char secret[] = "s3cr3t-v4lue-that-is-longer-than-what-is-shown-before-a-text";
    static const struct {
        const char *text, *body, *lines;
    } cases[] = {
        {"shown-before-a-text", "s3cr3t-v4lue-that-is-longer-than-what-is-shown-before-a-text",
         "got: ${TOKEN}\n"},
        {"s3cr3t", "s3cr3t-v4lue-that-is-longer-than-what-is-shown-before-a-text",
         "got: ${TOKEN}\n"},
        {"Fatal", "zs3cr3t-v4lue-that-is-longer-than-what-is-shown-before-a-textzzzzzFatal",
         "got: z${TOKEN}zzzzzFatal\n"},
        {"Fatal", "Fatalzzzzzs3cr3t-v4lue-that-is-longer-than-what-is-shown-before-a-text",
         "got: Fatalzzzzz${TOKEN}\n"},
    };
    struct secrets *secrets = secret_of(secret);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes text = bytes_of(cases[i].text);
        struct needle needle = {text, text};
        struct domain domain = plain();
        struct exchange exchange = response(cases[i].body);

        domain.secrets = secrets;
        domain.expect.excludes = (struct needles){&needle, 1};
        exchange.excluded = 0;
        explain(&domain, &exchange, cases[i].lines);
    }
    secrets_free(secrets);
}

static void a_character_at_the_edge_is_shown_whole(void **state)
{
    static const struct needle fatal = {{"Fatal", 5}, {"Fatal", 5}};
    static const char body[] = "\xc3\xa9zzzzzzzzzzzzzzzzzzzzzzzzzzzzzFatal";
    struct domain domain = plain();
    struct exchange exchange = response(body);
    char expected[100];

    (void)state;
    domain.expect.excludes = (struct needles){&fatal, 1};
    exchange.excluded = 0;
    snprintf(expected, sizeof expected, "got: %s\n", body);
    explain(&domain, &exchange, expected);
}

static void similar_names_are_found_whatever_their_case(void **state)
{
    static const char *const names[][2] = {
        {"AAAA-X", "aaaa-Y"}, {"aaaa-X", "AAAA-Y"}, {"ZZZZ-X", "zzzz-Y"}, {"zzzz-X", "ZZZZ-Y"}};
    static const struct words one = {RULE_EQUALS, "1", "1", 0};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct expect_header header = {names[i][0], rule_of(&one)};
        struct domain domain = plain();
        struct exchange exchange = response("");
        char headers[20], expected[40];

        snprintf(headers, sizeof headers, "%s: 1\r\n", names[i][1]);
        snprintf(expected, sizeof expected, "nearest: %s: 1\n", names[i][1]);
        domain.expect.headers = &header;
        domain.expect.n_headers = 1;
        exchange.headers = bytes_of(headers);
        explain(&domain, &exchange, expected);
    }
}

static void the_name_of_a_member_may_be_empty(void **state)
{
    static const struct words one = {RULE_EQUALS, "1", "1", 0};
    struct expect_json json = {"/", "/", rule_of(&one)};
    struct domain domain = plain();
    struct exchange exchange = response("{\"\": 2}");

    (void)state;
    domain.expect.json = &json;
    domain.expect.n_json = 1;
    explain(&domain, &exchange, "got: /: 2\n");
    exchange.body = bytes_of("{\"\": {\"\": 2}}");
    explain(&domain, &exchange, "got: /: an object of 1 member\nnames: \"\"\n");
    exchange.body = bytes_of("{}");
    explain(&domain, &exchange, "nearest: an object of 0 members\n");
}

/* Longer names are compared only with the same name. */
static void names_of_less_than_64_bytes_are_compared(void **state)
{
    static const struct {
        size_t name, field;
        bool shown;
    } cases[] = {{63, 63, true},  {63, 62, true},  {62, 63, true},  {64, 64, false},
                 {64, 63, false}, {63, 64, false}, {70, 63, false}, {63, 70, false}};
    static const struct words one = {RULE_EQUALS, "1", "1", 0};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghij"
                                  "klmnopqrstuvwxyz";

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[80], headers[100], expected[120];
        struct expect_header header = {name, rule_of(&one)};
        struct domain domain = plain();
        struct exchange exchange = response("");

        snprintf(name, sizeof name, "%.*s", (int)cases[i].name, letters);
        snprintf(headers, sizeof headers, "%.*s: 1\r\n", (int)cases[i].field, letters);
        headers[0] = '#';
        domain.expect.headers = &header;
        domain.expect.n_headers = 1;
        exchange.headers = bytes_of(headers);
        snprintf(expected, sizeof expected, "nearest: %.*s\n", (int)strlen(headers) - 2, headers);
        explain(&domain, &exchange, cases[i].shown ? expected : "");
    }
}

static void a_text_that_only_another_form_of_the_body_has_is_explained_too(void **state)
{
    static const struct needle fatal = {{"Fatal", 5}, {"Fatal", 5}};
    struct domain domain = plain();
    struct exchange exchange = response("Fatal");

    (void)state;
    domain.expect.excludes = (struct needles){&fatal, 1};
    exchange.excluded = 0;
    exchange.text = bytes_of("something else");
    exchange.charset = "EBCDIC";
    explain(&domain, &exchange, "got: something else\n");
    exchange.text = exchange.body = (struct bytes){NULL, 0};
    explain(&domain, &exchange, "got: an empty body\n");
}

static void at_most_eight_fields_are_shown_if_few_letters_differ(void **state)
{
    static const char headers[] = "X: 1\r\nX: 2\r\nX: 3\r\nX: 4\r\nX: 5\r\nX: 6\r\nX: 7\r\n"
                                  "X: 8\r\nX: 9\r\n";
    static const struct words none = {RULE_EQUALS, "0", "0", 0};
    struct expect_header header = {"X", rule_of(&none)};
    struct domain domain = plain();
    struct exchange exchange = response("");

    (void)state;
    domain.expect.headers = &header;
    domain.expect.n_headers = 1;
    exchange.headers = bytes_of(headers);
    explain(&domain, &exchange,
            "got: X: 1\ngot: X: 2\ngot: X: 3\ngot: X: 4\ngot: X: 5\ngot: X: 6\ngot: X: 7\n"
            "got: X: 8\n");
    header.name = "Content-Type";
    exchange.headers = bytes_of("content-tips: 3\r\nConsent-Typing: 4\r\n");
    explain(&domain, &exchange, "nearest: content-tips: 3\n");
    exchange.headers = bytes_of("Contentypes: 3\r\nXYContent-TypeZ: 3\r\nXYContent-TypeZZ: 4\r\n");
    explain(&domain, &exchange, "nearest: Contentypes: 3\nnearest: XYContent-TypeZ: 3\n");
}

static void an_explanation_that_does_not_fit_is_a_lack_of_memory(void **state)
{
    struct domain domain = plain();
    struct exchange exchange = response("body");
    struct buffer lines = BUFFER_WITH_CEILING(3);

    (void)state;
    exchange.http_status = 503;
    assert_int_equal(explain_into(&domain, &exchange, &lines), -1);
    buffer_free(&lines);
}

static void the_nearest_part_shares_the_most_with_the_text(void **state)
{
    static const struct {
        const char *body, *text;
        int at; /* -1: none */
    } cases[] = {
        {"hello world", "world", 6},
        {"hello WORLD", "world", 6},
        {"hello world, hello all", "hello all", 13},
        {"abc", "xyz", -1},
        {"ab", "abc", -1},
        {"abc", "abc", 0},
        {"abc", "abcd", 0},
        {"abcdefgh", "bcd", 1},
        {"xxab", "ab", 2},
        {"xxa", "a", 2},
        {"", "a", -1},
        {"abc xx abcd abc", "abcd", 7},
        {"abc abc abcd", "abcd", 8},
        {"abc abc", "abc", 0},
        {"xabcd", "abcd", 1},
        {"xxabcd", "abcd", 2},
        {"abcdx", "abcd", 0},
        {"abc", "", -1},
        {"", "", -1},
        {"a", "ab", -1},
        {"aZ[", "az[", 0},
        {"a@[", "a`{", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t at = 0;
        size_t size = strlen(cases[i].text);
        char *block = malloc(size + 1); /* nothing after the text is read */
        bool found;

        assert_non_null(block);
        memcpy(block + 1, cases[i].text, size);
        found = nearest_find(cases[i].body, strlen(cases[i].body), block + 1, size, &at);
        free(block);

        if (found != (cases[i].at >= 0))
            fail_msg("\"%s\" in \"%s\": %d", cases[i].text, cases[i].body, found);
        if (found && at != (size_t)cases[i].at)
            fail_msg("\"%s\" in \"%s\": %zu", cases[i].text, cases[i].body, at);
    }
    assert_false(nearest_find("\0\0\0\0", 4, "xyz", 3, &(size_t){0}));
    assert_true(nearest_find("ab\0\0\0c", 6, "\0\0\0", 3, &(size_t){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_version_is_expected_exactly),
        cmocka_unit_test(urls_are_the_same_by_scheme_host_port_and_path),
        cmocka_unit_test(redirects_must_end_at_the_expected_url),
        cmocka_unit_test(redirects_are_counted),
        cmocka_unit_test(no_hop_may_leave_https),
        cmocka_unit_test(a_certificate_must_be_valid_for_days),
        cmocka_unit_test(each_rule_of_a_header_has_its_text),
        cmocka_unit_test(each_rule_of_json_has_its_text),
        cmocka_unit_test(what_is_no_json_is_shown_with_its_place),
        cmocka_unit_test(json_is_read_from_the_body_if_that_is_json),
        cmocka_unit_test(json_that_was_cut_or_is_too_deep_is_not_judged),
        cmocka_unit_test(texts_that_are_missing_or_found_name_the_charset),
        cmocka_unit_test(patterns_are_tried_on_the_text_of_the_body),
        cmocka_unit_test(the_first_of_several_that_fails_is_shown),
        cmocka_unit_test(a_body_has_bounds_in_bytes),
        cmocka_unit_test(latency_is_judged_without_the_lookup),
        cmocka_unit_test(expectations_are_tested_in_their_order),
        cmocka_unit_test(only_patterns_and_json_need_the_whole_body),
        cmocka_unit_test(secrets_that_a_response_repeats_are_hidden),
        cmocka_unit_test(long_and_hostile_texts_fit_into_a_failure),
        cmocka_unit_test(what_is_most_like_a_missing_text_is_shown),
        cmocka_unit_test(each_failure_is_explained_by_what_was_there),
        cmocka_unit_test(a_failure_that_is_explained_costs_less_than_100_ms),
        cmocka_unit_test(another_failure_is_not_explained),
        cmocka_unit_test(explanations_hide_secrets_and_are_cut),
        cmocka_unit_test(an_explanation_shows_whole_characters),
        cmocka_unit_test(a_text_is_shown_with_what_is_around_it),
        cmocka_unit_test(a_body_may_begin_inside_a_character),
        cmocka_unit_test(a_line_of_300_bytes_is_cut),
        cmocka_unit_test(a_part_of_a_secret_is_hidden_too),
        cmocka_unit_test(a_character_at_the_edge_is_shown_whole),
        cmocka_unit_test(similar_names_are_found_whatever_their_case),
        cmocka_unit_test(the_name_of_a_member_may_be_empty),
        cmocka_unit_test(names_of_less_than_64_bytes_are_compared),
        cmocka_unit_test(a_text_that_only_another_form_of_the_body_has_is_explained_too),
        cmocka_unit_test(at_most_eight_fields_are_shown_if_few_letters_differ),
        cmocka_unit_test(an_explanation_that_does_not_fit_is_a_lack_of_memory),
        cmocka_unit_test(the_nearest_part_shares_the_most_with_the_text),
    };

    return cmocka_run_group_tests_name("expectation", tests, open_arena, close_arena);
}
