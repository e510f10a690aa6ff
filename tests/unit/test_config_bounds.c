/* config/: the last value that is valid, and the first that is not. */
#include "base/buffer.h"
#include "base/table.h"
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* The mistakes of a file; NULL: none. The caller frees. */
static char *mistakes_of(const char *yaml)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(16 << 20);
    struct config *config = config_parse("c", yaml, strlen(yaml), &mistakes);

    assert_int_equal(config == NULL, mistakes.size > 0);
    config_free(config);
    return mistakes.data;
}

static void assert_mistake(const char *yaml, const char *expected)
{
    char *mistakes = mistakes_of(yaml);

    if (!expected && mistakes)
        fail_msg("%s", mistakes);
    if (expected && (!mistakes || !strstr(mistakes, expected)))
        fail_msg("of\n%s\nsaid %s, expected %s", yaml, mistakes, expected);
    free(mistakes);
}

/* A file with these lines, and one domain with these keys after them. */
static void assert_keys(const char *lines, const char *keys, const char *expected)
{
    static char yaml[1 << 20];

    snprintf(yaml, sizeof yaml, "%ssites: [{id: s, domains: [{id: d, url: 'http://h/', %s}]}]\n",
             lines, keys);
    assert_mistake(yaml, expected);
}

static void values_at_a_limit_are_accepted_and_beyond_it_rejected(void **state)
{
    static const struct {
        const char *lines, *keys, *mistake;
    } cases[] = {
        {"defaults:\n", "", NULL},
        {"defaults: ~\n", "expect: ~", NULL},
        {"defaults: {expect: }\n", "", NULL},
        {"", "timeout_seconds: 50.000", NULL},
        {"", "timeout_seconds: 50.0001", "timeout_seconds: expected"},
        {"", "timeout_seconds: 0.1", NULL},
        {"", "timeout_seconds: 0.0999", "timeout_seconds: expected"},
        {"", "timeout_seconds: 1.x", "timeout_seconds: expected"},
        {"", "timeout_seconds: 1.", "timeout_seconds: expected"},
        {"", "timeout_seconds: ''", "timeout_seconds: expected"},
        {"", "timeout_seconds: [1]", "timeout_seconds: expected"},
        {"", "expect: {http_status: 100-599}", NULL},
        {"", "expect: {http_status: 99-200}", "http_status: expected"},
        {"", "expect: {http_status: 200-600}", "http_status: expected"},
        {"", "expect: {http_status: 201-200}", "http_status: expected"},
        {"", "expect: {http_status: ''}", "http_status: expected"},
        {"", "headers: {a: \"x\\ty\"}", NULL},
        {"", "headers: {a: \"x\\x1fy\"}", "control character"},
        {"", "headers: {a: \"x\\x7fy\"}", "control character"},
        {"", "ca_file: /nowhere/at/all", "ca_file"},
        {"", "ca_file: tests", "which is not a file"},
        {"", "ca_file: Makefile", "which contains no PEM certificate"},
        {"data_dir: /d\npublic_dir: /\n", "", "data_dir"},
        {"data_dir: /d/./x/../p\npublic_dir: /d/pp\n", "", NULL},
        {"data_dir: /d/./x/../p\npublic_dir: /d/p\n", "", "data_dir"},
        {"data_dir: /d/../p/x\npublic_dir: /p\n", "", "c:1:11: data_dir: must be outside"},
        {"data_dir: /\npublic_dir: /p\n", "", "c:2:13: public_dir: must be outside data_dir"},
        {"data_dir: /d\npublic_dir: /d/p\n", "", "c:2:13: public_dir: must be outside data_dir"},
        {"data_dir: /d\npublic_dir: /e/../d/live/s\n", "", "c:2:13: public_dir"},
        {"public_dir: data/archive\n", "", "c:1:13: public_dir: must be outside data_dir"},
        {"data_dir: public/../x/..\n", "", "c:1:11: public_dir: must be outside data_dir"},
        {"%YAML 1.2\n---\n", "", NULL},
        {"# a\n\n%YAML 1.1 # b\n---\n", "", NULL},
        {"%TAG !a! tag:a,2026:\n---\n", "", "c:1:1: a line that begins with '%'"},
        {"%YAML 1.2\n%TAG !a! tag:a,2026:\n---\n", "", "c:2:1: a line that begins with '%'"},
        {"# a\xc2\x85%TAG !a! tag:a,2026:\n---\n", "", "c:1:5: a line that begins with '%'"},
        {"\xef\xbb\xbf%FOO\n---\n", "", "c:1:1: a line that begins with '%'"},
        {"title: >-\n  %TAG\n", "", NULL},
        {"title: a\n...\n%TAG !a! tag:a,2026:\n---\n", "", "c:3:1: a line that begins with '%'"},
        {"", "title: x", "unknown key 'title' in a domain; it belongs"},
        {"", "body_contains: x", "unknown key 'body_contains' in a domain; it belongs"},
        {"role: core\n", "", "unknown key 'role' at the top of the file; it belongs"},
        {"", "domains: x", "unknown key 'domains' in a domain; it belongs"},
        {"x-m: {a: b}\n", "", NULL},
        {"x-: 1\n", "", "unknown key 'x-'"},
        {"x: 1\n", "", "unknown key 'x'"},
        {"# \xef\xbf\xbe\n", "", "c:1:"},
        {"# \xef\xbf\xbd \xc2\xa0\n", "", NULL},
        {"# \xc2\x84\n", "", "c:1:"},
        {"# \x7f\n", "", "c:1:3: control character (byte 0x7f)"},
        {"# \xc2\x85# after a next line\n", "", NULL},
        {"# a\r# \x01\n", "", "c:2:3: control character (byte 0x01)"},
        {"# a\r\n# \x01\n", "", "c:2:3: control character (byte 0x01)"},
        {"# a\n\r# \x01\n", "", "c:3:3: control character (byte 0x01)"},
        {"# \xff\xc2\x84\n# \x02\n", "", "c:2:3: control character"},
        {"# \xc3\n", "", "c:1:3: byte 0xc3 is not UTF-8; save the file as UTF-8"},
        {"\xef\xbb\xbf", "", NULL},
        {"\xef\xbb\xbfx: 1\n", "", "c:1:1: unknown key 'x'"},
        {"workers: !!str 5\n", "", "workers: expected"},
        {"workers: 5\nmax_per_host: many\n", "", "max_per_host: expected"},
        {"workers: many\nmax_per_host: 5\n", "", "workers: expected"},
        {"retention_days: +5\n", "", NULL},
        {"retention_days: -0\n", "", NULL},
        {"retention_days: +36501\n", "", "retention_days: expected"},
        {"retention_days: --5\n", "", "retention_days: expected"},
        {"retention_days: +\n", "", "retention_days: expected"},
        {"index_span: 24h\n", "", NULL},
        {"index_span: '90d'\n", "", NULL},
        {"index_span: 4H\n", "", "c:1:13: index_span: expected one of 4h, 24h, 90d, got '4H'"},
        {"index_span: ~\n", "", "c:1:13: index_span: expected"},
        {"uptime_target: 0\n", "", NULL},
        {"uptime_target: 100\n", "", NULL},
        {"uptime_target: 100.000\n", "", NULL},
        {"uptime_target: 99.9990\n", "", NULL},
        {"uptime_target: 100.0001\n", "", "c:1:16: uptime_target: expected a percentage"},
        {"uptime_target: 99.9999\n", "", "with at most three decimals, from 0 to 100, got"},
        {"uptime_target: -1\n", "", "uptime_target: expected"},
        {"uptime_target: '99.9'\n", "", "uptime_target: expected"},
        {"uptime_target: [99.9]\n", "", "uptime_target: expected"},
        {"uptime_target: 9e1\n", "", "uptime_target: expected"},
        {"", "index_span: 4h", "unknown key 'index_span' in a domain; it belongs"},
        {"", "retries: many, interval_seconds: 60", "retries: expected"},
        {"", "retries: 1, interval_seconds: many", "interval_seconds: expected"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++)
        assert_keys(cases[i].lines, cases[i].keys, cases[i].mistake);
}

static void a_malformed_variable_is_a_mistake_and_an_escape_is_literal(void **state)
{
    static const struct {
        const char *text, *value; /* NULL: a mistake */
    } cases[] = {
        {"${BOUND}", "value"},
        {"$", "$"},
        {"a$", "a$"},
        {"$$", "$$"},
        {"$$${BOUND}", NULL},
        {"$${", "${"},
        {"$${}", "${}"},
        {"$${BOUND}", "${BOUND}"},
        {"${", NULL},
        {"${}", NULL},
        {"${BOUND", NULL},
        {"${1BOUND}", NULL},
        {"${BOUND_}", NULL},
        {"${BOUND}}", "value}"},
        {"${BOUND}${BOUND}", "valuevalue"},
        {"a${BOUND}b", "avalueb"},
        {"${bo und}", NULL},
        {"$a", "$a"},
        {"${-BOUND}", NULL},
        {"${_BOUND1}", "value"},
    };

    (void)state;
    setenv("BOUND", "value", 1);
    setenv("_BOUND1", "value", 1);
    setenv("-BOUND", "no name in a shell", 1);
    unsetenv("BOUND_");
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
        struct config *config;
        char yaml[256];

        snprintf(yaml, sizeof yaml,
                 "sites: [{id: s, domains: [{id: d, url: 'http://h/', body: '-%s'}]}]\n",
                 cases[i].text);
        config = config_parse("c", yaml, strlen(yaml), &mistakes);
        if (strcmp(cases[i].text, "$$${BOUND}") == 0) {
            /* "$", and then a literal "${". */
            assert_non_null(config);
            assert_string_equal(config->domains[0].body.data, "-$${BOUND}");
        } else if ((config != NULL) != (cases[i].value != NULL)) {
            fail_msg("%s: %s", cases[i].text, mistakes.data);
        } else if (config) {
            assert_string_equal(config->domains[0].body.data + 1, cases[i].value);
        }
        config_free(config);
        buffer_free(&mistakes);
    }
}

/* The longest name of a variable, and one that is longer. */
static void a_variable_name_has_at_most_255_letters(void **state)
{
    (void)state;
    for (size_t length = 255; length <= 256; length++) {
        char name[257] = "", title[320];

        memset(name, 'V', length);
        setenv(name, "x", 1);
        snprintf(title, sizeof title, "title: '${%s}'\n", name);
        assert_keys(title, "", length == 255 ? NULL : "'${' is not followed by a name");
        unsetenv(name);
    }
}

static void each_of_500_anchors_is_found(void **state)
{
    static char yaml[1 << 16];
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct config *config;
    size_t used = 0;

    (void)state;
    used += (size_t)sprintf(yaml, "x-names:\n");
    for (int i = 0; i < 500; i++)
        used += (size_t)sprintf(yaml + used, "  - &a%d 'name %d'\n", i, i);
    used += (size_t)sprintf(yaml + used, "sites:\n");
    for (int i = 0; i < 500; i++)
        used += (size_t)sprintf(
            yaml + used, "  - {id: s%d, name: *a%d, domains: [{id: d%d, url: 'http://h/'}]}\n", i,
            i, i);
    config = config_parse("c", yaml, used, &mistakes);
    if (!config)
        fail_msg("%.300s", mistakes.data);
    for (int i = 0; i < 500; i++) {
        char name[32];

        snprintf(name, sizeof name, "name %d", i);
        assert_string_equal(config->sites[i].name, name);
        snprintf(name, sizeof name, "d%d", i);
        assert_string_equal(config->domains[i].id, name);
        assert_int_equal(config->domains[i].site, i);
    }
    config_free(config);
    buffer_free(&mistakes);
}

static void two_anchors_with_the_same_hash_stay_different(void **state)
{
    static const char one[] = "8yn0iYCKYHlIj4-BwPqk", other[] = "GReLUrM4wMqfg9yzV3KQ";
    char yaml[256];
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    struct config *config;

    (void)state;
    assert_int_equal((int64_t)table_hash(one, strlen(one)),
                     (int64_t)table_hash(other, strlen(other)));
    snprintf(yaml, sizeof yaml,
             "x-names: [&%s one, &%s other]\n"
             "sites: [{id: s, name: *%s, domains: [{id: d, url: 'http://h/'}]}]\n",
             one, other, one);
    config = config_parse("c", yaml, strlen(yaml), &mistakes);
    assert_non_null(config);
    assert_string_equal(config->sites[0].name, "one");
    config_free(config);
}

static void a_duplicate_key_is_reported_with_the_line_of_the_first(void **state)
{
    static const struct {
        const char *yaml, *mistake;
    } cases[] = {
        {"{      title: a,\n title: b,\n  title: c}\n",
         "c:2:2: duplicate key 'title'; first used in line 1\n"
         "c:3:3: duplicate key 'title'; first used in line 1\n"},
        {"{title: a, title: b}\n", "c:1:12: duplicate key 'title'; first used in line 1\n"},
        {"{title: a, \"title\\0\": b}\n", "c:1:12: unknown key"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++)
        assert_mistake(cases[i].yaml, cases[i].mistake);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char *mistakes = mistakes_of(cases[i].yaml);
        size_t found = 0;

        for (const char *at = mistakes; (at = strstr(at, "duplicate")) != NULL; at++)
            found++;
        assert_int_equal(found, 2 - i);
        free(mistakes);
    }
}

static void every_duplicate_of_a_key_is_a_mistake(void **state)
{
    char *mistakes = mistakes_of("title: a\nworkers: 1\ntitle: b\ntitlet: 1\ntitle: c\ntitle: d\n"
                                 "sites: [{id: s, domains: [{id: d, url: 'http://h/'}]}]\n");

    (void)state;
    assert_string_equal(
        mistakes, "c:3:1: duplicate key 'title'; first used in line 1\n"
                  "c:4:1: unknown key 'titlet' at the top of the file; did you mean 'title'?\n"
                  "c:5:1: duplicate key 'title'; first used in line 1\n"
                  "c:6:1: duplicate key 'title'; first used in line 1\n");
    free(mistakes);
}

static void a_quoted_value_is_truncated_if_it_is_long(void **state)
{
    (void)state;
    assert_keys("workers: 123456789-123456789-123456789-123456789-123456789-123456789-123456789-"
                "123456789-\n",
                "",
                "got '123456789-123456789-123456789-123456789-123456789-123456789-123456789-"
                "123456789...'");
}

static void at_most_100000_mistakes_are_listed(void **state)
{
    enum { MOST = 100000 };
    struct buffer yaml = BUFFER_WITH_CEILING(16 << 20);
    size_t lines = 0;
    char *mistakes;

    (void)state;
    buffer_puts(&yaml, "sites:\n");
    for (int i = 0; i < MOST + 5; i++)
        buffer_puts(&yaml, "- 1\n");
    mistakes = mistakes_of(yaml.data);
    assert_non_null(mistakes);
    for (const char *at = mistakes; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, MOST + 1);
    assert_non_null(
        strstr(mistakes, "c: more mistakes may follow; only the first 100,000 are listed\n"));
    free(mistakes);
    buffer_free(&yaml);
}

static void too_many_headers_are_a_mistake(void **state)
{
    static char keys[1 << 16];
    size_t used = (size_t)sprintf(keys, "headers: {");

    (void)state;
    for (int i = 0; i < 2000; i++)
        used += (size_t)sprintf(keys + used, "h%d: v, ", i);
    sprintf(keys + used, "}");
    assert_keys("", keys, "headers: expected at most ");
}

static void a_host_without_an_ascii_form_is_kept_as_written(void **state)
{
    struct buffer mistakes = BUFFER_WITH_CEILING(1 << 20);
    static const char yaml[] =
        "sites: [{id: s, domains: [{id: d, url: 'http://a\xe2\x80\xae.example/'}]}]\n";
    struct config *config = config_parse("c", yaml, sizeof yaml - 1, &mistakes);

    (void)state;
    if (config)
        assert_non_null(config->domains[0].host);
    config_free(config);
    buffer_free(&mistakes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_at_a_limit_are_accepted_and_beyond_it_rejected),
        cmocka_unit_test(a_malformed_variable_is_a_mistake_and_an_escape_is_literal),
        cmocka_unit_test(a_variable_name_has_at_most_255_letters),
        cmocka_unit_test(each_of_500_anchors_is_found),
        cmocka_unit_test(two_anchors_with_the_same_hash_stay_different),
        cmocka_unit_test(a_duplicate_key_is_reported_with_the_line_of_the_first),
        cmocka_unit_test(every_duplicate_of_a_key_is_a_mistake),
        cmocka_unit_test(a_quoted_value_is_truncated_if_it_is_long),
        cmocka_unit_test(at_most_100000_mistakes_are_listed),
        cmocka_unit_test(too_many_headers_are_a_mistake),
        cmocka_unit_test(a_host_without_an_ascii_form_is_kept_as_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
