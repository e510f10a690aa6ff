/* config/: the keys confirm, certificate and local_network, durations and percentages. */
#include "base/buffer.h"
#include "config/config.h"
#include "config/duration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define ONE_DOMAIN    "sites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n"

static struct config *parse(const char *yaml)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct config *config = config_parse("c", yaml, strlen(yaml), &mistakes);

    if (!config)
        fail_msg("%s", mistakes.data);
    buffer_free(&mistakes);
    return config;
}

/* A file with this line, and one domain with these keys. */
static struct config *parse_keys(const char *line, const char *keys)
{
    char yaml[4096];

    snprintf(yaml, sizeof yaml, "%s\nsites: [{id: s, domains: [{id: d, url: 'https://h/', %s}]}]\n",
             line, keys);
    return parse(yaml);
}

/* Writes "3 2 [5 15] 20% 7%", or "none" and "14d" for limits of certificates. */
static const char *describe(const struct domain *domain, char text[256])
{
    const struct certificate_limit *limits[] = {&domain->certificate_warn,
                                                &domain->certificate_critical};
    const struct confirm *confirm = &domain->confirm;
    int used = snprintf(text, 256, "%d %d [", confirm->failures, confirm->successes);

    for (size_t i = 0; i < confirm->n_rechecks; i++)
        used += sprintf(text + used, "%s%d", i ? " " : "", confirm->recheck_seconds[i]);
    used += sprintf(text + used, "]");
    for (size_t i = 0; i < LENGTH(limits); i++) {
        char limit[DURATION_TEXT_MAX] = "none";

        if (limits[i]->kind == CERTIFICATE_PERCENT)
            duration_write_percent(limits[i]->value, limit);
        else if (limits[i]->kind == CERTIFICATE_DURATION)
            duration_write(limits[i]->value, limit);
        else
            assert_int_equal(limits[i]->value, 0);
        used += sprintf(text + used, " %s", limit);
    }
    return text;
}

static void keys_are_inherited_one_by_one_from_built_in_defaults_and_defaults(void **state)
{
    static const struct {
        const char *line, *keys, *expected;
    } cases[] = {
        {"", "", "3 2 [5 15] 20% 7%"},
        {"defaults: {confirm: ~, certificate: ~}", "confirm: , certificate: {}",
         "3 2 [5 15] 20% 7%"},
        {"", "confirm: {failures: 1}", "1 2 [5 15] 20% 7%"},
        {"", "confirm: {failures: 60, successes: 60}", "60 60 [5 15] 20% 7%"},
        {"", "confirm: {successes: 1}", "3 1 [5 15] 20% 7%"},
        {"", "confirm: {recheck_seconds: []}", "3 2 [] 20% 7%"},
        {"", "confirm: {recheck_seconds: 0}", "3 2 [0] 20% 7%"},
        {"", "confirm: {recheck_seconds: [0, 50]}", "3 2 [0 50] 20% 7%"},
        {"", "confirm: {recheck_seconds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}",
         "3 2 [1 2 3 4 5 6 7 8 9 10] 20% 7%"},
        {"defaults: {confirm: {failures: 5, recheck_seconds: [7]}}", "confirm: {successes: 4}",
         "5 4 [7] 20% 7%"},
        {"defaults: {confirm: {failures: 5, recheck_seconds: [7]}}", "confirm: ~",
         "5 2 [7] 20% 7%"},
        {"defaults: {confirm: {recheck_seconds: [7, 8, 9]}}", "confirm: {recheck_seconds: [1]}",
         "3 2 [1] 20% 7%"},
        {"defaults: {confirm: {recheck_seconds: []}}", "confirm: {failures: 4}", "4 2 [] 20% 7%"},
        {"x-a: &a {confirm: {failures: 9}}\ndefaults: {confirm: {successes: 8}}", "<<: *a",
         "9 8 [5 15] 20% 7%"},
        {"x-a: &a {confirm: {failures: 9}}", "<<: *a, confirm: {successes: 8}",
         "3 8 [5 15] 20% 7%"},
        {"x-a: &a {failures: 9, successes: 7}", "confirm: {<<: *a, successes: 8}",
         "9 8 [5 15] 20% 7%"},
        {"", "certificate: none", "3 2 [5 15] none none"},
        {"", "certificate: {warn: none}", "3 2 [5 15] none 7%"},
        {"", "certificate: {critical: none}", "3 2 [5 15] 20% none"},
        {"", "certificate: {warn: 14d, critical: 14d}", "3 2 [5 15] 14d 14d"},
        {"", "certificate: {warn: 7%, critical: 7%}", "3 2 [5 15] 7% 7%"},
        {"", "certificate: {warn: 100%, critical: 0%}", "3 2 [5 15] 100% 0%"},
        {"", "certificate: {warn: 10000d, critical: 0s}", "3 2 [5 15] 10000d 0d"},
        {"", "certificate: {warn: 7.125%, critical: '7.001%'}", "3 2 [5 15] 7.125% 7.001%"},
        {"", "certificate: {warn: 1h}", "3 2 [5 15] 1h 7%"},
        {"", "certificate: {critical: 400d}", "3 2 [5 15] 20% 400d"},
        {"defaults: {certificate: {warn: 21d, critical: 36h}}", "certificate: {warn: 2d}",
         "3 2 [5 15] 2d 36h"},
        {"defaults: {certificate: {warn: 21d}}", "certificate: {critical: 90m}",
         "3 2 [5 15] 21d 90m"},
        {"defaults: {certificate: none}", "certificate: {critical: 30s}", "3 2 [5 15] none 30s"},
        {"defaults: {certificate: none}", "", "3 2 [5 15] none none"},
        {"defaults: {certificate: {warn: 14d}}", "certificate: none", "3 2 [5 15] none none"},
        {"x-a: &a {warn: 14d}", "certificate: *a", "3 2 [5 15] 14d 7%"},
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct config *config = parse_keys(cases[i].line, cases[i].keys);

        assert_string_equal(describe(&config->domains[0], text), cases[i].expected);
        config_free(config);
    }
}

static void the_local_network_has_defaults_and_limits(void **state)
{
    static const struct {
        const char *yaml;
        int min_hosts, share_percent;
        size_t n_witnesses;
    } cases[] = {
        {"", 5, 60, 0},
        {"local_network: ~\n", 5, 60, 0},
        {"local_network: {min_hosts: 1, share_percent: 1}\n", 1, 1, 0},
        {"local_network: {min_hosts: 10000, share_percent: 100, witnesses: ~}\n", 10000, 100, 0},
        {"local_network: {witnesses: []}\n", 5, 60, 0},
        {"local_network: {witnesses: 'http://w/'}\n", 5, 60, 1},
        {"local_network: {min_hosts: 7, witnesses: [http://0/, http://1/, http://2/, http://3/,\n"
         " http://4/, http://5/, http://6/, http://7/, http://8/, http://9/]}\n",
         7, 60, 10},
        {"x-a: &a {min_hosts: 7, share_percent: 70}\nlocal_network: {<<: *a, min_hosts: 8}\n", 8,
         70, 0},
    };
    char yaml[1024];

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct config *config;

        snprintf(yaml, sizeof yaml, "%s%s", cases[i].yaml, ONE_DOMAIN);
        config = parse(yaml);
        assert_int_equal(config->local_network.min_hosts, cases[i].min_hosts);
        assert_int_equal(config->local_network.share_percent, cases[i].share_percent);
        assert_int_equal(config->local_network.n_witnesses, cases[i].n_witnesses);
        if (cases[i].n_witnesses == 0)
            assert_null(config->local_network.witnesses);
        config_free(config);
    }
}

/* Also if `defaults` comes first. */
static void a_witness_has_no_value_of_defaults_and_takes_any_response(void **state)
{
    struct config *config =
        parse("defaults: {timeout_seconds: 1, headers: {X: y}, method: HEAD, verify_tls: false,\n"
              "  expect: {http_status: 201}, username: u, password: p, retries: 2}\n"
              "local_network:\n"
              "  witnesses: ['https://W.example:444/a?b#c', http://w/]\n" ONE_DOMAIN);
    const struct domain *witness = config->local_network.witnesses;

    (void)state;
    assert_int_equal(config->local_network.n_witnesses, 2);
    assert_string_equal(witness->id, "witness-1");
    assert_string_equal(witness->name, "witness-1");
    assert_string_equal(witness[1].id, "witness-2");
    assert_string_equal(witness->url, "https://W.example:444/a?b#c");
    assert_string_equal(witness->shown_url, "https://W.example:444/a");
    assert_string_equal(witness[1].shown_url, "http://w/");
    assert_string_equal(witness->host, "W.example");
    assert_int_equal(witness->port, 444);
    assert_int_equal(witness->timeout_ms, 5000);
    assert_int_equal(witness->method, METHOD_GET);
    assert_int_equal(witness->n_headers, 0);
    assert_null(witness->username);
    assert_int_equal(witness->retries, 0);
    assert_int_equal(witness->max_body_bytes, 0);
    assert_int_equal(witness->expect.n_statuses, 1);
    assert_true(witness->expect.statuses[0].first <= 100);
    assert_int_equal(witness->expect.statuses[0].last, 999);
    assert_false(witness->follow_redirects);
    assert_false(witness->bot_detection);
    assert_true(witness->verify_tls);
    assert_ptr_equal(witness->secrets, config->secrets);
    assert_int_equal(config->n_domains, 1);
    config_free(config);
}

static void a_witness_shows_no_secret(void **state)
{
    struct config *config;

    (void)state;
    setenv("WITNESS_SECRET", "quokka-zebra", 1);
    config = parse("local_network: {witnesses: ['http://me:${WITNESS_SECRET}@w.example/"
                   "${WITNESS_SECRET}?${WITNESS_SECRET}']}\n" ONE_DOMAIN);
    assert_string_equal(config->local_network.witnesses[0].shown_url,
                        "http://w.example/${WITNESS_SECRET}");
    assert_non_null(strstr(config->local_network.witnesses[0].url, "quokka-zebra"));
    config_free(config);
    unsetenv("WITNESS_SECRET");
}

static void retries_beside_confirm_are_a_warning(void **state)
{
    static const char at_retries[] = "retries: confirm and retries are both set";
    static const char at_confirm[] = "confirm: confirm and retries are both set";
    static const struct {
        const char *line, *keys, *place, *warning;
    } cases[] = {
        {"", "retries: 1", NULL, NULL},
        {"", "confirm: {failures: 2}", NULL, NULL},
        {"", "confirm: {failures: 2}, retries: 0", NULL, NULL},
        {"", "confirm: ~, retries: 1", NULL, NULL},
        {"", "confirm: {}, retries: 1", NULL, NULL},
        {"", "confirm: {failures: 2}, retries: 1", "c:2:87: ", at_retries},
        {"", "retries: 1, confirm: {failures: 2}", "c:2:75: ", at_confirm},
        {"defaults: {retries: 1}", "confirm: {failures: 2}", "c:2:63: ", at_confirm},
        {"defaults: {confirm: {failures: 2}}", "retries: 1", "c:2:63: ", at_retries},
        {"defaults: {retries: 1}", "retries: 0, confirm: {failures: 2}", NULL, NULL},
        {"defaults: {retries: 1, confirm: {failures: 2}}", "", "c:1:33: ", at_confirm},
        {"defaults: {confirm: {failures: 2}, retries: 1}", "retries: 0", "c:1:45: ", at_retries},
        {"defaults: {confirm: {failures: 2}, retries: 1}", "cookies: false",
         "c:1:45: ", at_retries},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct config *config = parse_keys(cases[i].line, cases[i].keys);
        const char *warnings = config->warnings;

        if (!cases[i].warning) {
            assert_string_equal(warnings, "");
        } else {
            assert_memory_equal(warnings, cases[i].place, strlen(cases[i].place));
            assert_non_null(strstr(warnings, cases[i].warning));
            assert_ptr_equal(strchr(warnings, '\n'), warnings + strlen(warnings) - 1);
        }
        config_free(config);
    }
}

static void a_warning_about_a_merged_value_is_printed_once(void **state)
{
    struct config *config =
        parse("x-a: &a {retries: 1, confirm: {failures: 2}}\n"
              "x-b: &b {retries: 1, confirm: {failures: 2}}\n"
              "sites: [{id: s, domains: [{<<: *a, id: d, url: 'http://h/'},\n"
              "  {<<: *b, id: e, url: 'http://h/'}, {<<: *a, id: f, url: 'http://h/'}]}]\n");
    const char *second = strchr(config->warnings, '\n') + 1;

    (void)state;
    assert_memory_equal(config->warnings, "c:1:31: ", 8);
    assert_memory_equal(second, "c:2:31: ", 8);
    assert_ptr_equal(strchr(second, '\n') + 1, second + strlen(second));
    config_free(config);
}

static void durations_and_percentages_are_read_exactly(void **state)
{
    static const struct {
        const char *text;
        int64_t ms, percent; /* -1: none */
        const char *written;
    } cases[] = {
        {"14d", 1209600000, -1, "14d"},
        {"36h", 129600000, -1, "36h"},
        {"24h", 86400000, -1, "1d"},
        {"90m", 5400000, -1, "90m"},
        {"30s", 30000, -1, "30s"},
        {"0.001s", 1, -1, "0.001s"},
        {"0.001d", 86400, -1, "86.4s"},
        {"1.5d", 129600000, -1, "36h"},
        {"1.500d", 129600000, -1, "36h"},
        {"1.5000d", 129600000, -1, "36h"},
        {"1.5001d", -1, -1, NULL},
        {"10000d", 864000000000, -1, "10000d"},
        {"10000.001d", -1, -1, NULL},
        {"240000h", 864000000000, -1, "10000d"},
        {"240000.001h", -1, -1, NULL},
        {"864000000s", 864000000000, -1, "10000d"},
        {"864000000.001s", -1, -1, NULL},
        {"99999999999d", -1, -1, NULL},
        {"99999999999999999999999s", -1, -1, NULL},
        {"0d", 0, -1, "0d"},
        {"20%", -1, 20000, "20%"},
        {"0%", -1, 0, "0%"},
        {"0.001%", -1, 1, "0.001%"},
        {"100%", -1, 100000, "100%"},
        {"100.001%", -1, -1, NULL},
        {"7.0001%", -1, -1, NULL},
        {"99999999999999999999%", -1, -1, NULL},
        {"", -1, -1, NULL},
        {"d", -1, -1, NULL},
        {"%", -1, -1, NULL},
        {"14", -1, -1, NULL},
        {"1 d", -1, -1, NULL},
        {"1D", -1, -1, NULL},
        {"1.d", -1, -1, NULL},
        {".5d", -1, -1, NULL},
        {"-1d", -1, -1, NULL},
        {"+1d", -1, -1, NULL},
        {"01d", -1, -1, NULL},
        {"1.5.5d", -1, -1, NULL},
        {"1e3d", -1, -1, NULL},
        {"1dd", -1, -1, NULL},
        {"1d2h", -1, -1, NULL},
        {"1w", -1, -1, NULL},
    };
    char written[DURATION_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t size = strlen(cases[i].text);
        int64_t ms = -1, percent = -1;
        bool is_duration = duration_read(cases[i].text, size, &ms);
        bool is_percent = duration_read_percent(cases[i].text, size, &percent);

        if (is_duration != (cases[i].ms >= 0) || is_percent != (cases[i].percent >= 0))
            fail_msg("%s", cases[i].text);
        if (is_duration)
            assert_int_equal(ms, cases[i].ms);
        if (is_percent)
            assert_int_equal(percent, cases[i].percent);
        if (is_duration)
            assert_string_equal(duration_write(ms, written), cases[i].written);
        if (is_percent)
            assert_string_equal(duration_write_percent(percent, written), cases[i].written);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_inherited_one_by_one_from_built_in_defaults_and_defaults),
        cmocka_unit_test(the_local_network_has_defaults_and_limits),
        cmocka_unit_test(a_witness_has_no_value_of_defaults_and_takes_any_response),
        cmocka_unit_test(a_witness_shows_no_secret),
        cmocka_unit_test(retries_beside_confirm_are_a_warning),
        cmocka_unit_test(a_warning_about_a_merged_value_is_printed_once),
        cmocka_unit_test(durations_and_percentages_are_read_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
