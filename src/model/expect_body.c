/* Tests what a body must be. */
#include "model/expect_body.h"

#include "base/json_pointer.h"
#include "base/json_syntax.h"
#include "base/pattern.h"
#include "model/expect_rule.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* " (read as UTF-16)", for texts without the number of bytes. */
static const char *write_charset(const struct expect_case *it, char text[QUOTE_MAX])
{
    const char *charset = it->exchange->charset;

    snprintf(text, QUOTE_MAX, charset ? " (read as %.40s)" : "%.40s", charset ? charset : "");
    return text;
}

enum expectation_result expect_body_contains(struct expect_case *it)
{
    int missing = it->exchange->missing;
    char quoted[QUOTE_MAX], extent[QUOTE_MAX];

    if (missing < 0)
        return EXPECTATION_MET;
    quote_text(&it->domain->expect.contains.list[missing].shown, quoted);
    return expect_case_fail(it, "body: %s not found%s", quoted, expect_case_extent(it, extent));
}

enum expectation_result expect_body_excludes(struct expect_case *it)
{
    int excluded = it->exchange->excluded;
    const char *charset = it->exchange->charset;
    char quoted[QUOTE_MAX];

    if (excluded < 0)
        return EXPECTATION_MET;
    quote_text(&it->domain->expect.excludes.list[excluded].shown, quoted);
    if (charset)
        return expect_case_fail(it, "body: read as %.40s, %s found", charset, quoted);
    return expect_case_fail(it, "body: %s found", quoted);
}

/* Searches the body as it came, and if it declares another charset, as UTF-8 too. */
static enum pattern_result find_pattern(struct expect_case *it, const struct pattern *pattern)
{
    const struct bytes *body = &it->exchange->body, *text = &it->exchange->text;
    enum pattern_result result =
        pattern_find(pattern, body->data ? body->data : "", body->size, &it->cpu_left_us);

    if (result == PATTERN_NOT_FOUND && text->data)
        result = pattern_find(pattern, text->data, text->size, &it->cpu_left_us);
    return result;
}

static enum expectation_result test_pattern(struct expect_case *it,
                                            const struct expect_pattern *expected)
{
    enum pattern_result result = find_pattern(it, expected->pattern);
    char shown[QUOTE_MAX], text[QUOTE_MAX];

    quote_plain(NULL, expected->shown, strlen(expected->shown), shown);
    switch (result) {
    case PATTERN_NO_MEMORY:
        return EXPECTATION_NO_MEMORY;
    case PATTERN_TOO_LONG:
        return expect_case_fail(it, "body: %s needs too many steps", shown);
    default:
        if ((result == PATTERN_FOUND) == expected->must_match)
            return EXPECTATION_MET;
        if (!expected->must_match)
            return expect_case_fail(it, "body: matches %s%s", shown, write_charset(it, text));
        return expect_case_fail(it, "body: does not match %s%s", shown,
                                it->exchange->body_cut ? expect_case_extent(it, text)
                                                       : write_charset(it, text));
    }
}

enum expectation_result expect_body_patterns(struct expect_case *it)
{
    const struct expect *expect = &it->domain->expect;
    enum expectation_result result = EXPECTATION_MET;

    for (size_t i = 0; i < expect->n_patterns && result == EXPECTATION_MET; i++) {
        it->failed = i;
        result = test_pattern(it, &expect->patterns[i]);
    }
    return result;
}

/* Writes "at least 100", "at most 5000", "10 to 20" or "12". */
static void write_range(const struct expect *expect, char text[QUOTE_MAX])
{
    if (!expect->has_max_bytes)
        snprintf(text, QUOTE_MAX, "at least %" PRId64, expect->min_bytes);
    else if (expect->min_bytes == expect->max_bytes)
        snprintf(text, QUOTE_MAX, "%" PRId64, expect->min_bytes);
    else if (expect->min_bytes == 0)
        snprintf(text, QUOTE_MAX, "at most %" PRId64, expect->max_bytes);
    else
        snprintf(text, QUOTE_MAX, "%" PRId64 " to %" PRId64, expect->min_bytes, expect->max_bytes);
}

/* A body that was cut has more bytes than were read. So it may be too long, but never too short. */
enum expectation_result expect_body_size(struct expect_case *it)
{
    const struct expect *expect = &it->domain->expect;
    int64_t bytes = it->exchange->body_bytes;
    bool cut = it->exchange->body_cut;
    bool too_short = bytes < expect->min_bytes;
    bool too_long = expect->has_max_bytes && bytes + cut > expect->max_bytes;
    bool is_unknown = cut && !too_long && (too_short || expect->has_max_bytes);
    char range[QUOTE_MAX];

    if (!too_short && !too_long && !is_unknown)
        return EXPECTATION_MET;
    write_range(expect, range);
    return expect_case_fail(it, "body: %s%" PRId64 " byte%s, expected %s%s",
                            cut ? "more than " : "", bytes, bytes == 1 ? "" : "s", range,
                            is_unknown ? "; raise max_body_bytes" : "");
}

/* The place of a byte: lines and columns count from 1, columns in characters. */
static enum expectation_result fail_syntax(struct expect_case *it, const char *body,
                                           const char *place)
{
    int line = 1, column = 1;

    for (const char *at = body; at < place; at++) {
        if (*at == '\n') {
            line++;
            column = 1;
        } else if ((*at & 0xc0) != 0x80) {
            column++;
        }
    }
    return expect_case_fail(it, "json: not JSON at line %d column %d", line, column);
}

/* Parses the body. */
static enum expectation_result parse(struct expect_case *it, struct json_text *root)
{
    struct bytes body = expect_case_json(it);

    if (it->exchange->body_cut)
        return expect_case_fail(it,
                                "json: the body is longer than max_body_bytes (%d bytes); raise it",
                                it->domain->max_body_bytes);
    switch (json_syntax_parse(body.data, body.size, root)) {
    case JSON_SYNTAX_TOO_DEEP:
        return expect_case_fail(it, "json: more than %d nested arrays and objects",
                                JSON_SYNTAX_DEPTH_MAX);
    case JSON_SYNTAX_INVALID:
        return fail_syntax(it, body.data, root->data);
    default:
        return EXPECTATION_MET;
    }
}

static enum expectation_result test_json(struct expect_case *it, const struct json_text *root,
                                         const struct expect_json *expected)
{
    struct json_text value;
    struct rule_failure failure;
    const char *rest;
    bool found = json_pointer_find(root, expected->pointer, &value, &rest);
    enum rule_result result =
        rule_test_json(expected->rule, found ? &value : NULL, &it->cpu_left_us, &failure);
    char pointer[QUOTE_MAX], text[EXPECT_RULE_MAX];

    if (result == RULE_MET)
        return EXPECTATION_MET;
    if (result == RULE_NO_MEMORY)
        return EXPECTATION_NO_MEMORY;
    quote_plain(NULL, expected->shown, strlen(expected->shown), pointer);
    return expect_case_fail(it, "json: %s%s", *pointer ? pointer : "\"\"",
                            expect_rule_write(&failure, result, true, it->domain->secrets, text));
}

enum expectation_result expect_body_json(struct expect_case *it)
{
    const struct expect *expect = &it->domain->expect;
    struct json_text root;
    enum expectation_result result = EXPECTATION_MET;

    if (expect->n_json > 0)
        result = parse(it, &root);
    for (size_t i = 0; i < expect->n_json && result == EXPECTATION_MET; i++) {
        it->failed = i;
        result = test_json(it, &root, &expect->json[i]);
    }
    return result;
}
