/* config/: what a response must be, as it is read. */
#include "base/buffer.h"
#include "base/pattern.h"
#include "config/config.h"
#include "config/keys.h"
#include "model/rule.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* NULL after writing the mistakes, to be freed, to *mistakes. */
static struct config *try_parse(const char *yaml, char **mistakes)
{
    struct buffer found = BUFFER_WITH_CEILING(1 << 20);
    struct config *config = config_parse("c", yaml, strlen(yaml), &found);

    *mistakes = found.data;
    return config;
}

static struct config *parse(const char *yaml)
{
    char *mistakes;
    struct config *config = try_parse(yaml, &mistakes);

    if (!config)
        fail_msg("of\n%s\n%s", yaml, mistakes);
    free(mistakes);
    return config;
}

/* A file whose only domain has these keys under expect. */
static const char *write_expect(const char *keys)
{
    static char yaml[1 << 16];

    snprintf(yaml, sizeof yaml,
             "sites: [{id: s, domains: [{id: d, url: 'https://h/', expect: {%s}}]}]\n", keys);
    return yaml;
}

static struct config *parse_expect(const char *keys)
{
    return parse(write_expect(keys));
}

static void assert_mistake(const char *keys, const char *expected)
{
    char *mistakes;
    struct config *config = try_parse(write_expect(keys), &mistakes);

    if (config || !strstr(mistakes, expected))
        fail_msg("%s: expected %s, got %s", keys, expected, config ? "none" : mistakes);
    free(mistakes);
}

static const struct expect *first(const struct config *config)
{
    return &config->domains[0].expect;
}

static void a_domain_without_these_keys_expects_nothing_of_them(void **state)
{
    struct config *config = parse_expect("http_status: 200");
    const struct expect *expect = first(config);

    (void)state;
    assert_int_equal(expect->version, HTTP_ANY);
    assert_null(expect->final_url);
    assert_false(expect->has_max_redirects);
    assert_false(expect->https_only);
    assert_true(expect->certificate_days == 0);
    assert_int_equal(expect->n_headers + expect->n_patterns + expect->n_json, 0);
    assert_int_equal(expect->excludes.n, 0);
    assert_int_equal(expect->min_bytes, 0);
    assert_false(expect->has_max_bytes);
    assert_int_equal(expect->max_latency_ms, 0);
    assert_int_equal(expect->slow_ms, 0);
    config_free(config);
}

static void each_spelling_of_a_version_is_read(void **state)
{
    static const struct {
        const char *written;
        enum http_version version;
    } cases[] = {{"1.0", HTTP_1_0},   {"'1.0'", HTTP_1_0}, {"1.1", HTTP_1_1},
                 {"'1.1'", HTTP_1_1}, {"2", HTTP_2},       {"\"2\"", HTTP_2},
                 {"3", HTTP_3},       {"'3'", HTTP_3},     {"~", HTTP_ANY}};

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char keys[64];
        struct config *config;

        snprintf(keys, sizeof keys, "http_version: %s", cases[i].written);
        config = parse_expect(keys);
        assert_int_equal(first(config)->version, cases[i].version);
        config_free(config);
    }
}

/* The end of redirects is compared with it in the form in which libcurl writes URLs. */
static void a_final_url_is_normalised_and_shown_without_its_query(void **state)
{
    static const struct {
        const char *written, *compared, *shown;
    } cases[] = {
        {"https://h/", "https://h/", "https://h/"},
        {"https://h", "https://h/", "https://h/"},
        {"HTTPS://H.Example:443/A", "https://h.example/A", "https://H.Example:443/A"},
        {"http://h:80/?Q=1", "http://h/?Q=1", "http://h:80/"},
        {"http://h:8080/a/../b", "http://h:8080/b", "http://h:8080/b"},
        {"http://[::1]/\xc3\xa4", "http://[::1]/%C3%A4", "http://[::1]/\xc3\xa4"},
        {"http://b\xc3\xbc"
         "cher.example/",
         "http://xn--bcher-kva.example/",
         "http://b\xc3\xbc"
         "cher.example/"},
        {"https://h/${EXPECT}?t=${EXPECT}", "https://h/s3cret?t=s3cret", "https://h/${EXPECT}"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char keys[128];
        struct config *config;

        snprintf(keys, sizeof keys, "final_url: '%s'", cases[i].written);
        config = parse_expect(keys);
        assert_string_equal(first(config)->final_url, cases[i].compared);
        assert_string_equal(first(config)->shown_final_url, cases[i].shown);
        config_free(config);
    }
    assert_mistake("final_url: 'https://${EXPECT}@h/'", "final_url: a user name or password");
    assert_mistake("final_url: /login", "final_url: expected an absolute http or https URL");
    assert_mistake("final_url: \"https://h/\\0\"", "final_url: ");
}

static void numbers_are_read_at_both_edges(void **state)
{
    static const struct {
        const char *keys;
        double days;
    } days[] = {
        {"certificate_valid_days: 10000", 10000},
        {"certificate_valid_days: 10000.000000000000000000000000", 10000},
        {"certificate_valid_days: 9999.99999999999999999999999999", 10000},
        {"certificate_valid_days: 0.5", 0.5},
        {"certificate_valid_days: 0.00001", 0.00001},
        {"certificate_valid_days: 14", 14},
        {"certificate_valid_days: ~", 0},
    };
    struct config *config;
    char keys[512], zeros[401];

    (void)state;
    for (size_t i = 0; i < LENGTH(days); i++) {
        config = parse_expect(days[i].keys);
        assert_true(first(config)->certificate_days == days[i].days);
        config_free(config);
    }

    /* Too small for a double. */
    memset(zeros, '0', 400);
    zeros[400] = '\0';
    snprintf(keys, sizeof keys, "certificate_valid_days: 0.%s1", zeros);
    assert_mistake(keys, "certificate_valid_days: expected");
    config = parse_expect("max_redirects: 0, max_latency_ms: 2, slow_ms: 1");
    assert_true(first(config)->has_max_redirects);
    assert_int_equal(first(config)->max_redirects, 0);
    assert_int_equal(first(config)->max_latency_ms, 2);
    assert_int_equal(first(config)->slow_ms, 1);
    config_free(config);
    config = parse_expect("max_redirects: 10, max_latency_ms: 20000, slow_ms: 19999");
    assert_int_equal(first(config)->max_redirects, 10);
    assert_int_equal(first(config)->max_latency_ms, 20000);
    config_free(config);
    assert_mistake("max_latency_ms: 20001", "max_latency_ms: is more than timeout_seconds");
    assert_mistake("slow_ms: 20001", "slow_ms: is more than timeout_seconds");
}

static void a_size_is_a_number_or_a_range(void **state)
{
    static const struct {
        const char *written;
        int64_t min, max; /* -1: none */
    } cases[] = {
        {"0", 0, 0},
        {"67108864", 67108864, 67108864},
        {"100-", 100, -1},
        {"'100-'", 100, -1},
        {"-5000", 0, 5000},
        {"-0", 0, 0},
        {"10-20", 10, 20},
        {"10-10", 10, 10},
        {"0-67108864", 0, 67108864},
        {"~", 0, -1},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char yaml[256];
        struct config *config;

        snprintf(yaml, sizeof yaml,
                 "sites: [{id: s, domains: [{id: d, url: 'https://h/', max_body_bytes: 67108864, "
                 "expect: {body_bytes: %s}}]}]\n",
                 cases[i].written);
        config = parse(yaml);
        assert_int_equal(first(config)->min_bytes, cases[i].min);
        assert_int_equal(first(config)->has_max_bytes, cases[i].max >= 0);
        if (cases[i].max >= 0)
            assert_int_equal(first(config)->max_bytes, cases[i].max);
        config_free(config);
    }
}

/* A value of JSON, its operand and what is shown of it. */
static void a_value_is_read_by_the_core_schema(void **state)
{
    static const struct {
        const char *written, *operand, *shown; /* shown NULL: the same as the operand */
    } cases[] = {
        {"UP", "\"UP\"", NULL},
        {"1", "1", NULL},
        {"-1", "-1", NULL},
        {"+1", "1", NULL},
        {"1.10", "1.10", NULL},
        {".5", "0.5", NULL},
        {"-.5e-3", "-0.5e-3", NULL},
        {"5.", "5", NULL},
        {"5.e1", "5e1", NULL},
        {"1E400", "1E400", NULL},
        {"18446744073709551617", "18446744073709551617", NULL},
        {"0", "0", NULL},
        {"-0.0", "-0.0", NULL},
        {"true", "true", NULL},
        {"FALSE", "false", NULL},
        {"~", "null", NULL},
        {"Null", "null", NULL},
        {"'1'", "\"1\"", NULL},
        {"'true'", "\"true\"", NULL},
        {"'~'", "\"~\"", NULL},
        {"''", "\"\"", NULL},
        {"!!str 1", "\"1\"", NULL},
        {"yes", "\"yes\"", NULL},
        {"1_000", "\"1_000\"", NULL},
        {"12:30", "\"12:30\"", NULL},
        {"2026-11-28", "\"2026-11-28\"", NULL},
        {"1.2.3", "\"1.2.3\"", NULL},
        {"'010'", "\"010\"", NULL},
        {"0b1", "\"0b1\"", NULL},
        {"0xg", "\"0xg\"", NULL},
        {"1e", "\"1e\"", NULL},
        {".", "\".\"", NULL},
        {"+", "\"+\"", NULL},
        {"\"a\\\"\\\\\\n\\t\\x01\\0\"", "\"a\\\"\\\\\\u000a\\u0009\\u0001\\u0000\"",
         "\"a\"\\    \""},
        {"\xc3\xa4", "\"\xc3\xa4\"", NULL},
        {"'${EXPECT}'", "\"s3cret\"", "\"${EXPECT}\""},
        {"'${EXPECT_TEN}'", "\"10\"", "\"${EXPECT_TEN}\""},
        {"'$${x}'", "\"${x}\"", NULL},
        {"0x", "\"0x\"", NULL},
        {"0o", "\"0o\"", NULL},
        {"0o8", "\"0o8\"", NULL},
        {"0x1G", "\"0x1G\"", NULL},
        {"0a", "\"0a\"", NULL},
        {"+.inf1", "\"+.inf1\"", NULL},
        {"-", "\"-\"", NULL},
        {"1e+", "\"1e+\"", NULL},
        {"1.e", "\"1.e\"", NULL},
        {"e1", "\"e1\"", NULL},
        {"1e-5", "1e-5", NULL},
        {"1E+5", "1E+5", NULL},
        {"[a b, \"\\x1f\\x20\"]", "[\"a b\", \"\\u001f \"]", NULL},
        {"{a: 1, A: 2}", "{\"a\": 1, \"A\": 2}", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char keys[128];
        struct config *config;
        const struct rule_part *part;

        snprintf(keys, sizeof keys, "json: {/a: {equals: %s}}", cases[i].written);
        config = parse_expect(keys);
        part = first(config)->json[0].rule->parts;
        assert_int_equal(part->test, RULE_EQUALS);
        assert_string_equal(part->operand, cases[i].operand);
        assert_string_equal(part->shown, cases[i].shown ? cases[i].shown : cases[i].operand);
        config_free(config);
    }
}

static void lists_and_mappings_are_operands(void **state)
{
    struct config *config =
        parse("x-more: &more {b: 3, c: '${EXPECT}'}\n"
              "sites: [{id: s, domains: [{id: d, url: 'https://h/', expect: {json: {/a: {"
              "equals: [1, [], {}, {b: ~, <<: *more}], not: {}, contains: [x]}}}}]}]\n");
    const struct rule *rule = first(config)->json[0].rule;

    (void)state;
    assert_int_equal(rule->n_parts, 3);
    assert_string_equal(rule->parts[0].operand, "[1, [], {}, {\"b\": null, \"c\": \"s3cret\"}]");
    assert_string_equal(rule->parts[0].shown, "[1, [], {}, {\"b\": null, \"c\": \"${EXPECT}\"}]");
    assert_string_equal(rule->parts[1].operand, "{}");
    assert_string_equal(rule->parts[2].operand, "[\"x\"]");
    config_free(config);
}

static void operands_in_headers_are_texts(void **state)
{
    struct config *config =
        parse_expect("headers: {a: 1.10, B: true, c: '', d: {above: 1.50, not: 0x1f, length: 0}}");
    const struct expect_header *headers = first(config)->headers;

    (void)state;
    assert_int_equal(first(config)->n_headers, 4);
    assert_string_equal(headers[0].name, "a");
    assert_string_equal(headers[0].rule->parts[0].operand, "\"1.10\"");
    assert_string_equal(headers[1].name, "B");
    assert_string_equal(headers[1].rule->parts[0].operand, "\"true\"");
    assert_string_equal(headers[2].rule->parts[0].operand, "\"\"");
    assert_int_equal(headers[3].rule->n_parts, 3);
    assert_string_equal(headers[3].rule->parts[0].operand, "\"0x1f\"");
    assert_string_equal(headers[3].rule->parts[1].operand, "1.50");
    assert_int_equal(headers[3].rule->parts[2].test, RULE_LENGTH);
    assert_string_equal(headers[3].rule->parts[2].length->parts[0].operand, "0");
    config_free(config);
}

static void each_test_is_read(void **state)
{
    struct config *config = parse_expect(
        "json: {/a: {type: 'null', length: {equals: 1, not: 2, above: 3, below: 4, at_least: 5, "
        "at_most: 67108864}, at_most: 1, at_least: 2, below: 3, above: 4, exists: True, "
        "matches: '^${EXPECT}/', excludes: 5, contains: 6, not: 7, equals: 8}, /b: {type: null}, "
        "/c: {exists: false}}");
    const struct expect_json *json = first(config)->json;
    const struct rule *rule = json[0].rule;

    (void)state;
    assert_int_equal(rule->n_parts, RULE_TESTS);
    for (size_t i = 0; i < RULE_TESTS; i++) {
        assert_int_equal(rule->parts[i].test, i);
        assert_string_equal(keys_json_rule.keys[i].name, rule_names[i]);
        assert_string_equal(keys_header_rule.keys[i].name, rule_names[i]);
        assert_non_null(rule->parts[i].shown);
    }
    assert_non_null(rule->parts[RULE_MATCHES].pattern);
    assert_string_equal(rule->parts[RULE_MATCHES].shown, "/^${EXPECT}//");
    assert_string_equal(rule->parts[RULE_EXISTS].operand, "true");
    assert_string_equal(rule->parts[RULE_TYPE].operand, "\"null\"");
    assert_int_equal(rule->parts[RULE_LENGTH].length->n_parts, 6);
    assert_string_equal(json[1].rule->parts[0].operand, "\"null\"");
    assert_string_equal(json[2].rule->parts[0].operand, "false");
    config_free(config);
}

static void a_pointer_is_read_with_its_variables(void **state)
{
    struct config *config =
        parse_expect("json: {'': {type: object}, /: 1, //: 2, '/a~0~1 b/0': 3, '/${EXPECT}/x': 4}");
    const struct expect_json *json = first(config)->json;
    static const char *const pointers[] = {"", "/", "//", "/a~0~1 b/0", "/s3cret/x"};

    (void)state;
    assert_int_equal(first(config)->n_json, LENGTH(pointers));
    for (size_t i = 0; i < LENGTH(pointers); i++)
        assert_string_equal(json[i].pointer, pointers[i]);
    assert_string_equal(json[4].shown, "/${EXPECT}/x");
    config_free(config);
    assert_mistake("json: {'${EXPECT}': 1}", "json: '${EXPECT}' is not a JSON Pointer");
}

static bool is_found(const struct expect_pattern *pattern, const char *text)
{
    int64_t left = PATTERN_CPU_US;

    return pattern_find(pattern->pattern, text, strlen(text), &left) == PATTERN_FOUND;
}

static void patterns_of_both_kinds_replace_only_their_own(void **state)
{
    struct config *config =
        parse("defaults: {expect: {body_matches: [a, b], body_not_matches: c}}\n"
              "sites: [{id: s, domains: [{id: d, url: 'https://h/', expect: {\n"
              "body_matches: '(?i)^x${EXPECT_DOT}z$'}}, {id: e, url: 'https://h/', expect: {\n"
              "body_matches: ~, body_not_matches: [d, e]}}]}]\n");
    const struct expect *expect = first(config);

    (void)state;
    assert_int_equal(expect->n_patterns, 2);

    /* In the order in which the manual lists their keys, whatever the order in the file. */
    assert_string_equal(expect->patterns[0].shown, "/(?i)^x${EXPECT_DOT}z$/");
    assert_true(expect->patterns[0].must_match);
    assert_string_equal(expect->patterns[1].shown, "/c/");
    assert_false(expect->patterns[1].must_match);

    /* The value of a variable is a part of the pattern. */
    assert_true(is_found(&expect->patterns[0], "XyZ"));
    assert_false(is_found(&expect->patterns[0], "XyyZ"));
    expect = &config->domains[1].expect;
    assert_int_equal(expect->n_patterns, 2);
    assert_false(expect->patterns[0].must_match || expect->patterns[1].must_match);
    config_free(config);
}

static void a_fault_of_a_pattern_is_placed_by_characters_and_without_secrets(void **state)
{
    (void)state;
    assert_mistake("body_matches: '\xc3\xa4\xc3\xb6(b'",
                   "body_matches: \"\xc3\xa4\xc3\xb6(b\": missing closing parenthesis at "
                   "character 5\n");
    assert_mistake("body_matches: '(${EXPECT}'",
                   "body_matches: \"(${EXPECT}\": missing closing parenthesis\n");
    assert_mistake("json: {/a: {matches: '*'}}", "json: /a: matches: \"*\": ");
    assert_mistake("headers: {a: {matches: ''}}",
                   "headers: a: matches: expected a regular expression, got empty text");
    assert_mistake("headers: {a: '${EXPECT_BYTES}'}", "bytes that are not UTF-8");
}

/* Aliases and `defaults` share them: patterns need much memory. */
static void a_shared_pattern_or_rule_is_made_once(void **state)
{
    struct config *config =
        parse("x-pattern: &pattern a+\n"
              "x-rule: &rule {matches: b+, length: {above: 1}}\n"
              "defaults: {expect: {body_not_matches: c}}\n"
              "sites: [{id: s, domains: [\n"
              "{id: d, url: 'https://h/', expect: {body_matches: *pattern, headers: {A: *rule, B: "
              "*rule}, json: {/a: *rule}}},\n"
              "{id: e, url: 'https://h/', expect: {body_matches: [b, *pattern], headers: {A: "
              "*rule}, json: {/a: *rule, /b: {matches: *pattern}}}}]}]\n");
    const struct expect *one = &config->domains[0].expect, *other = &config->domains[1].expect;

    (void)state;
    assert_ptr_equal(one->patterns[0].pattern, other->patterns[1].pattern);
    assert_ptr_equal(one->patterns[1].pattern, other->patterns[2].pattern);
    assert_ptr_equal(one->patterns[0].pattern, other->json[1].rule->parts[0].pattern);
    assert_ptr_equal(one->headers[0].rule, one->headers[1].rule);
    assert_ptr_equal(one->headers[0].rule, other->headers[0].rule);
    assert_ptr_equal(one->json[0].rule, other->json[0].rule);

    /* A rule for a header is another one, but its pattern is the same. */
    assert_ptr_not_equal(one->json[0].rule, one->headers[0].rule);
    assert_ptr_equal(one->json[0].rule->parts[0].pattern, one->headers[0].rule->parts[0].pattern);
    config_free(config);
}

static void a_key_replaces_that_of_defaults_and_null_removes_it(void **state)
{
    struct config *config = parse(
        "defaults: {expect: {http_version: 2, final_url: 'https://h/', max_redirects: 3, "
        "https_only: true, certificate_valid_days: 7, headers: {A: a, B: b}, body_excludes: [x, "
        "y], body_matches: x, body_not_matches: y, body_bytes: 5-, json: {/a: 1}, max_latency_ms: "
        "9, slow_ms: 8}}\n"
        "sites: [{id: s, domains: [{id: d, url: 'https://h/', expect: {http_version: ~, final_url: "
        "~, max_redirects: ~, https_only: false, certificate_valid_days: ~, headers: ~, "
        "body_excludes: ~, body_matches: ~, body_not_matches: ~, body_bytes: ~, json: ~, "
        "max_latency_ms: ~, slow_ms: ~}},\n"
        "{id: e, url: 'https://h/', expect: {headers: {b: c}, body_excludes: z}},\n"
        "{id: f, url: 'http://h/'}, {id: g, url: 'https://h/', verify_tls: false}]}]\n");
    const struct expect *expect = first(config);

    (void)state;
    assert_int_equal(expect->version, HTTP_ANY);
    assert_null(expect->final_url);
    assert_false(expect->has_max_redirects || expect->https_only || expect->has_max_bytes);
    assert_true(expect->certificate_days == 0);
    assert_int_equal(expect->n_headers + expect->excludes.n + expect->n_patterns + expect->n_json,
                     0);
    assert_int_equal(expect->min_bytes + expect->max_latency_ms + expect->slow_ms, 0);
    expect = &config->domains[1].expect;
    assert_int_equal(expect->n_headers, 1);
    assert_int_equal(expect->excludes.n, 1);
    assert_int_equal(expect->version, HTTP_2);
    assert_int_equal(expect->slow_ms, 8);
    assert_true(expect->https_only && expect->certificate_days == 7);

    /* An http URL has no certificate, and an unverified one is not judged. */
    expect = &config->domains[2].expect;
    assert_true(!expect->https_only && expect->certificate_days == 0);
    expect = &config->domains[3].expect;
    assert_true(expect->https_only && expect->certificate_days == 0);
    config_free(config);
}

static void a_mapping_has_at_most_256_rules(void **state)
{
    static char keys[1 << 14];

    (void)state;
    for (int n = 256; n <= 257; n++) {
        size_t used = (size_t)sprintf(keys, "json: {");

        for (int i = 0; i < n; i++)
            used += (size_t)sprintf(keys + used, "/%d: 1, ", i);
        sprintf(keys + used, "}");
        if (n > 256)
            assert_mistake(keys, "json: expected at most 256");
        else
            config_free(parse_expect(keys));
    }
}

static void a_long_operand_is_shown_in_part(void **state)
{
    char keys[512], text[256];
    struct config *config;
    const struct rule_part *part;

    (void)state;
    memset(text, 'x', 255);
    text[255] = '\0';
    snprintf(keys, sizeof keys, "json: {/a: {equals: [%s]}}", text);
    config = parse_expect(keys);
    part = first(config)->json[0].rule->parts;
    assert_int_equal(strlen(part->operand), 255 + 4);
    assert_int_equal(strlen(part->shown), 99 + 3);
    config_free(config);
}

static int set_up(void **state)
{
    (void)state;
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("EXPECT", "s3cret", 1);
    setenv("EXPECT_TEN", "10", 1);
    setenv("EXPECT_DOT", ".", 1);
    setenv("EXPECT_BYTES", "a\xff", 1);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_domain_without_these_keys_expects_nothing_of_them),
        cmocka_unit_test(each_spelling_of_a_version_is_read),
        cmocka_unit_test(a_final_url_is_normalised_and_shown_without_its_query),
        cmocka_unit_test(numbers_are_read_at_both_edges),
        cmocka_unit_test(a_size_is_a_number_or_a_range),
        cmocka_unit_test(a_value_is_read_by_the_core_schema),
        cmocka_unit_test(lists_and_mappings_are_operands),
        cmocka_unit_test(operands_in_headers_are_texts),
        cmocka_unit_test(each_test_is_read),
        cmocka_unit_test(a_pointer_is_read_with_its_variables),
        cmocka_unit_test(patterns_of_both_kinds_replace_only_their_own),
        cmocka_unit_test(a_fault_of_a_pattern_is_placed_by_characters_and_without_secrets),
        cmocka_unit_test(a_shared_pattern_or_rule_is_made_once),
        cmocka_unit_test(a_key_replaces_that_of_defaults_and_null_removes_it),
        cmocka_unit_test(a_mapping_has_at_most_256_rules),
        cmocka_unit_test(a_long_operand_is_shown_in_part),
    };

    return cmocka_run_group_tests_name("config expect", tests, set_up, NULL);
}
