/* verdict.h: the rules in their order, and the failure texts. */
#include "model/verdict.h"

#include "base/secrets.h"
#include "model/bot_wall.h"
#include "model/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct status_range just_200[] = {{200, 200}};
static const struct needle basket = {{"Add to basket", 13}, {"Add to basket", 13}};
static const struct needle bots[] = {{{"Checking your browser", 21}, {"Checking your browser", 21}},
                                     {{"captcha", 7}, {"captcha", 7}}};

static struct domain shop(void)
{
    return (struct domain){
        .timeout_ms = 20000,
        .expect = {.statuses = just_200, .n_statuses = 1, .contains = {&basket, 1}},
        .bot_strings = {bots, 2}};
}

/* An exchange that is UP. */
static struct exchange good(void)
{
    return (struct exchange){.duration_ms = 87,
                             .http_status = 200,
                             .bot_string = -1,
                             .missing = -1,
                             .excluded = -1,
                             .body_bytes = 5120};
}

static void expect(const struct domain *domain, const struct exchange *exchange, enum status status,
                   int http_status, int latency_ms, const char *failure)
{
    struct check check = {.start_ms = 42};

    verdict_judge(domain, exchange, &check);
    assert_string_equal(check.failure, failure);
    assert_int_equal(check.status, status);
    assert_int_equal(check.http_status, http_status);
    assert_int_equal(check.latency_ms, latency_ms);
    assert_int_equal(check.start_ms, 42);
}

static void a_response_as_expected_is_up(void **state)
{
    struct domain domain = shop();
    struct exchange exchange = good();

    (void)state;
    expect(&domain, &exchange, STATUS_UP, 200, 87, "");
    exchange.duration_ms = 20000;
    expect(&domain, &exchange, STATUS_UP, 200, 20000, "");
}

static void each_verdict_rule_overrides_those_after_it(void **state)
{
    struct domain domain = shop();
    struct exchange exchange = good();

    (void)state;
    exchange.missing = 0;
    expect(&domain, &exchange, STATUS_DOWN, 200, 87,
           "body: \"Add to basket\" not found (5120 bytes read)");
    exchange.http_status = 503;
    expect(&domain, &exchange, STATUS_DOWN, 503, 87, "http_status: expected 200, got 503");
    exchange.bot_string = 0;
    expect(&domain, &exchange, STATUS_BOT_DETECTED, 503, 87,
           "bot: \"Checking your browser\" found (status 503)");
    exchange.bot_string = 1;
    expect(&domain, &exchange, STATUS_BOT_DETECTED, 503, 87, "bot: \"captcha\" found (status 503)");
    exchange.duration_ms = 20001;
    expect(&domain, &exchange, STATUS_TIMEOUT, 0, -1, "timeout: took 20.001 s, the limit is 20 s");
    exchange.fault = FAULT_TIMEOUT;
    exchange.detail = "waiting for the first byte";
    expect(&domain, &exchange, STATUS_TIMEOUT, 0, -1,
           "timeout: 20 s passed waiting for the first byte");
}

static void a_failed_request_is_down_even_if_its_body_shows_a_bot(void **state)
{
    static const struct {
        enum fault fault;
        const char *detail, *failure;
    } cases[] = {
        {FAULT_DNS, "no such host: nope.invalid", "dns: no such host: nope.invalid"},
        {FAULT_CONNECT, "connection refused", "connect: connection refused"},
        {FAULT_TLS, "self-signed certificate", "tls: self-signed certificate"},
        {FAULT_PROTOCOL, "cut short", "protocol: cut short"},
        {FAULT_TLS, "for \xe2\x80\xae\x1b[31m\r\n\xff", "tls: for   [31m  ?"},
    };
    struct domain domain = shop();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct exchange exchange = good();

        exchange.fault = cases[i].fault;
        exchange.detail = cases[i].detail;
        exchange.bot_string = 0;
        expect(&domain, &exchange, STATUS_DOWN, 200, -1, cases[i].failure);
        exchange.duration_ms = 20001;
        expect(&domain, &exchange, STATUS_TIMEOUT, 0, -1,
               "timeout: took 20.001 s, the limit is 20 s");
    }
}

static void a_timeout_may_be_a_fraction_of_a_second(void **state)
{
    static const struct {
        int timeout_ms;
        const char *failure;
    } cases[] = {{100, "timeout: 0.1 s passed connecting"},
                 {1250, "timeout: 1.25 s passed connecting"},
                 {50000, "timeout: 50 s passed connecting"}};
    struct exchange exchange = good();

    (void)state;
    exchange.fault = FAULT_TIMEOUT;
    exchange.detail = "connecting";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct domain domain = shop();

        domain.timeout_ms = cases[i].timeout_ms;
        expect(&domain, &exchange, STATUS_TIMEOUT, 0, -1, cases[i].failure);
    }
}

static void a_request_to_wait_is_shown_if_its_status_is_not_expected(void **state)
{
    static const struct status_range busy[] = {{429, 429}};
    static const struct {
        int http_status, seconds;
        const char *failure;
    } cases[] = {
        {429, 120, "http_status: expected 200, got 429 (Retry-After 120 s)"},
        {503, 0, "http_status: expected 200, got 503 (Retry-After 0 s)"},
        {503, 999999999, "http_status: expected 200, got 503 (Retry-After 999999999 s)"},
        {500, 120, "http_status: expected 200, got 500"},
        {301, 120, "http_status: expected 200, got 301"},
    };
    struct domain domain = shop();
    struct exchange exchange = good();

    (void)state;
    exchange.has_retry_after = true;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        exchange.http_status = cases[i].http_status;
        exchange.retry_after_s = cases[i].seconds;
        expect(&domain, &exchange, STATUS_DOWN, cases[i].http_status, 87, cases[i].failure);
    }
    exchange.http_status = 429;
    domain.expect.statuses = busy;
    expect(&domain, &exchange, STATUS_UP, 429, 87, "");
    exchange.missing = 0;
    expect(&domain, &exchange, STATUS_DOWN, 429, 87,
           "body: \"Add to basket\" not found (5120 bytes read)");
}

static void a_bot_wall_counts_after_a_bot_string_and_before_the_status(void **state)
{
    static const struct bot_wall wall = {.name = "A wall", .where = "in A (a rule)"};
    static const struct header agent[] = {{"Accept", "*/*"},
                                          {"uSER-aGENT", "probe (status 200); x"}};
    struct domain domain = shop();
    struct exchange exchange = good();

    (void)state;
    exchange.bot_wall = &wall;
    expect(&domain, &exchange, STATUS_BOT_DETECTED, 200, 87,
           "bot: A wall (status 200); allow the user agent uptick/0 or this machine's address in A "
           "(a rule)");
    exchange.http_status = 429;
    exchange.has_retry_after = true;
    domain.headers = agent;
    domain.n_headers = 1;
    expect(&domain, &exchange, STATUS_BOT_DETECTED, 429, 87,
           "bot: A wall (status 429); allow the user agent uptick/0 or this machine's address in A "
           "(a rule)");
    domain.n_headers = 2;
    expect(&domain, &exchange, STATUS_BOT_DETECTED, 429, 87,
           "bot: A wall (status 429); allow the configured user agent or this machine's address in "
           "A (a rule)");
    exchange.bot_string = 1;
    expect(&domain, &exchange, STATUS_BOT_DETECTED, 429, 87, "bot: \"captcha\" found (status 429)");
    exchange.bot_string = -1;
    exchange.duration_ms = 20001;
    expect(&domain, &exchange, STATUS_TIMEOUT, 0, -1, "timeout: took 20.001 s, the limit is 20 s");
    exchange.duration_ms = 5;
    exchange.fault = FAULT_PROTOCOL;
    exchange.detail = "cut";
    expect(&domain, &exchange, STATUS_DOWN, 429, -1, "protocol: cut");
}

static void a_failure_lists_the_expected_codes_as_configured(void **state)
{
    static const struct status_range ok_or_gone[] = {{200, 299}, {404, 404}};
    static const struct status_range many[] = {{200, 200}, {204, 204}, {301, 303}};
    struct domain domain = shop();
    struct exchange exchange = good();

    (void)state;
    exchange.http_status = 503;
    domain.expect.statuses = ok_or_gone;
    domain.expect.n_statuses = 2;
    expect(&domain, &exchange, STATUS_DOWN, 503, 87,
           "http_status: expected 200-299 or 404, got 503");
    domain.expect.statuses = many;
    domain.expect.n_statuses = 3;
    expect(&domain, &exchange, STATUS_DOWN, 503, 87,
           "http_status: expected 200, 204 or 301-303, got 503");
}

static void a_range_of_codes_includes_both_its_ends(void **state)
{
    static const struct status_range ranges[] = {{200, 204}, {404, 404}};
    static const struct {
        int http_status;
        enum status status;
    } cases[] = {{199, STATUS_DOWN}, {200, STATUS_UP}, {204, STATUS_UP},   {205, STATUS_DOWN},
                 {403, STATUS_DOWN}, {404, STATUS_UP}, {405, STATUS_DOWN}, {999, STATUS_DOWN}};
    struct domain domain = shop();

    (void)state;
    domain.expect.statuses = ranges;
    domain.expect.n_statuses = 2;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct exchange exchange = good();
        struct check check;

        exchange.http_status = cases[i].http_status;
        verdict_judge(&domain, &exchange, &check);
        assert_int_equal(check.status, cases[i].status);
    }
}

static void the_actual_code_is_shown_even_with_100_expected_ones(void **state)
{
    struct status_range ranges[100];
    struct domain domain = shop();
    struct exchange exchange = good();
    struct check check;

    (void)state;
    for (int i = 0; i < 100; i++)
        ranges[i] = (struct status_range){200 + 2 * i, 200 + 2 * i};
    domain.expect.statuses = ranges;
    domain.expect.n_statuses = 100;
    exchange.http_status = 503;
    verdict_judge(&domain, &exchange, &check);
    assert_int_equal(check.status, STATUS_DOWN);
    assert_non_null(strstr(check.failure, "http_status: expected 200, 202, "));
    assert_non_null(strstr(check.failure, ", got 503"));
}

static void codes_after_the_last_configured_one_are_not_expected(void **state)
{
    static const struct status_range ranges[] = {{200, 200}, {503, 503}};
    struct domain domain = shop();
    struct exchange exchange = good();

    (void)state;
    domain.expect.statuses = ranges;
    exchange.http_status = 503;
    expect(&domain, &exchange, STATUS_DOWN, 503, 87, "http_status: expected 200, got 503");
}

static void the_failure_shows_that_the_body_was_truncated(void **state)
{
    struct domain domain = shop();
    struct exchange exchange = good();

    (void)state;
    exchange.missing = 0;
    exchange.body_cut = true;
    exchange.body_bytes = 1048576;
    expect(&domain, &exchange, STATUS_DOWN, 200, 87,
           "body: \"Add to basket\" not found in the first 1048576 bytes");
}

static void a_long_or_binary_string_is_quoted_in_one_line(void **state)
{
    static const char binary[] = "a\0b\nc\xff";
    char text[3000];
    struct needle needle = {.text = {"", 0}};
    struct domain domain = shop();
    struct exchange exchange = good();
    struct check check;

    (void)state;
    exchange.missing = 0;
    needle.shown = (struct bytes){binary, sizeof binary - 1};
    domain.expect.contains.list = &needle;
    expect(&domain, &exchange, STATUS_DOWN, 200, 87,
           "body: \"a b c?\" not found (5120 bytes read)");
    memset(text, 'x', sizeof text);
    needle.shown = (struct bytes){text, sizeof text};
    domain.expect.contains.list = &needle;
    verdict_judge(&domain, &exchange, &check);
    assert_non_null(strstr(check.failure, "xxx...\" not found (5120 bytes read)"));
    assert_true(strlen(check.failure) < 200);
}

static void a_quote_is_cut_after_99_bytes(void **state)
{
    static const struct {
        int size;
        const char *dots;
    } cases[] = {{98, ""}, {99, ""}, {100, "..."}, {101, "..."}, {3000, "..."}};
    char text[3000], failure[200];
    struct needle needle = {.text = {"", 0}};
    struct domain domain = shop();
    struct exchange exchange = good();

    (void)state;
    memset(text, 'x', sizeof text);
    exchange.missing = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int shown = cases[i].size < 99 ? cases[i].size : 99;

        snprintf(failure, sizeof failure, "body: \"%.*s%s\" not found (5120 bytes read)", shown,
                 text, cases[i].dots);
        needle.shown = (struct bytes){text, (size_t)cases[i].size};
        domain.expect.contains.list = &needle;
        expect(&domain, &exchange, STATUS_DOWN, 200, 87, failure);
    }
}

static void the_http_status_is_empty_if_there_was_no_response(void **state)
{
    struct domain domain = shop();
    struct exchange exchange = {
        .fault = FAULT_CONNECT, .detail = "refused", .bot_string = -1, .duration_ms = 1};

    (void)state;
    expect(&domain, &exchange, STATUS_DOWN, 0, -1, "connect: refused");
}

/* The code follows from the text. So a secret that is a word of the text is shown there; in the
 * parts that a server or the configuration chose, it is hidden. */
static void a_secret_that_is_a_word_of_a_failure_does_not_change_the_code(void **state)
{
    static const struct {
        enum fault fault;
        const char *detail, *secret, *failure, *code;
    } cases[] = {
        {FAULT_CONNECT, "connection refused by 10.0.0.1 port 1", "refused",
         "connect: connection refused by 10.0.0.1 port 1", "connect.refused"},
        {FAULT_DNS, "no such host: host.example", "host", "dns: no such host: ${X}.example",
         "dns.nxdomain"},
        {FAULT_PROTOCOL, "redirect to redirect: not followed", "redirect",
         "protocol: redirect to ${X}: not followed", "redirect.url"},
        {FAULT_PROTOCOL, "redirect to x", "protocol", "protocol: redirect to x", "redirect.url"},
        {FAULT_TIMEOUT, "connecting to 10.0.0.1 port 1", "connecting",
         "timeout: 20 s passed connecting to 10.0.0.1 port 1", "timeout.connect"},
        {FAULT_TLS, "certificate expired on 2026-01-01", "2026-01-01",
         "tls: certificate expired on ${X}", "tls.expired"},
        {FAULT_TLS, "handshake failed: bad thing", "handshake", "tls: ${X} failed: bad thing",
         "tls.handshake"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct secrets *secrets = secrets_new();
        struct domain domain = shop();
        struct exchange exchange = good();
        struct check check = {.start_ms = 42};

        assert_non_null(secrets);
        assert_int_equal(secrets_add(secrets, cases[i].secret, strlen(cases[i].secret), "${X}"), 0);
        secrets_sort(secrets);
        domain.secrets = secrets;
        exchange.fault = cases[i].fault;
        exchange.detail = cases[i].detail;
        exchange.http_status = 0;
        verdict_judge(&domain, &exchange, &check);
        assert_string_equal(check.failure, cases[i].failure);
        assert_string_equal(code_of(check.status, 0, check.failure), cases[i].code);
        secrets_free(secrets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_as_expected_is_up),
        cmocka_unit_test(each_verdict_rule_overrides_those_after_it),
        cmocka_unit_test(a_failed_request_is_down_even_if_its_body_shows_a_bot),
        cmocka_unit_test(a_timeout_may_be_a_fraction_of_a_second),
        cmocka_unit_test(a_request_to_wait_is_shown_if_its_status_is_not_expected),
        cmocka_unit_test(a_bot_wall_counts_after_a_bot_string_and_before_the_status),
        cmocka_unit_test(a_failure_lists_the_expected_codes_as_configured),
        cmocka_unit_test(a_range_of_codes_includes_both_its_ends),
        cmocka_unit_test(the_actual_code_is_shown_even_with_100_expected_ones),
        cmocka_unit_test(codes_after_the_last_configured_one_are_not_expected),
        cmocka_unit_test(the_failure_shows_that_the_body_was_truncated),
        cmocka_unit_test(a_long_or_binary_string_is_quoted_in_one_line),
        cmocka_unit_test(a_quote_is_cut_after_99_bytes),
        cmocka_unit_test(the_http_status_is_empty_if_there_was_no_response),
        cmocka_unit_test(a_secret_that_is_a_word_of_a_failure_does_not_change_the_code),
    };

    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
