/* Tests what a domain expects of a response, in a fixed order. */
#include "model/expectation.h"

#include "base/clock.h"
#include "base/pattern.h"
#include "base/text.h"
#include "model/expect_body.h"
#include "model/expect_explain.h"
#include "model/expect_rule.h"
#include "model/expect_url.h"
#include "model/retry_after.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Writes "200", "200-299 or 404", "200, 204 or 301-303", cut if it does not fit. */
static void write_expected(const struct expect *expect, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < expect->n_statuses && used < size; i++) {
        const struct status_range *range = &expect->statuses[i];
        const char *before = i == 0 ? "" : i + 1 == expect->n_statuses ? " or " : ", ";
        int n =
            range->first == range->last
                ? snprintf(text + used, size - used, "%s%d", before, range->first)
                : snprintf(text + used, size - used, "%s%d-%d", before, range->first, range->last);

        used += (size_t)n;
    }
}

static bool is_expected(const struct expect *expect, int http_status)
{
    for (size_t i = 0; i < expect->n_statuses; i++) {
        if (http_status >= expect->statuses[i].first && http_status <= expect->statuses[i].last)
            return true;
    }
    return false;
}

static enum expectation_result test_status(struct expect_case *it)
{
    const struct exchange *exchange = it->exchange;
    char expected[FAILURE_MAX / 2], wait[sizeof RETRY_AFTER_END + 16] = "";

    if (is_expected(&it->domain->expect, exchange->http_status))
        return EXPECTATION_MET;
    if (exchange->has_retry_after && (exchange->http_status == 429 || exchange->http_status == 503))
        snprintf(wait, sizeof wait, RETRY_AFTER_END, exchange->retry_after_s);
    write_expected(&it->domain->expect, expected, sizeof expected);
    return expect_case_fail(it, "http_status: expected %s, got %d%s", expected,
                            exchange->http_status, wait);
}

static enum expectation_result test_version(struct expect_case *it)
{
    static const char *const versions[] = {[HTTP_ANY] = "an unknown version",
                                           [HTTP_1_0] = "HTTP/1.0",
                                           [HTTP_1_1] = "HTTP/1.1",
                                           [HTTP_2] = "HTTP/2",
                                           [HTTP_3] = "HTTP/3"};
    enum http_version expected = it->domain->expect.version, got = it->exchange->version;

    if (expected == HTTP_ANY || expected == got)
        return EXPECTATION_MET;
    return expect_case_fail(it, "protocol: expected %s, got %s", versions[expected], versions[got]);
}

static enum expectation_result test_final_url(struct expect_case *it)
{
    const struct expect *expect = &it->domain->expect;
    const char *reached = it->exchange->final_url;
    char expected[QUOTE_MAX], shown[QUOTE_MAX];

    if (!expect->final_url || !reached || expect_url_is(expect->final_url, reached))
        return EXPECTATION_MET;
    quote_plain(NULL, expect->shown_final_url, strlen(expect->shown_final_url), expected);
    return expect_case_fail(
        it, "redirect: expected to end at %s, ended at %s%s", expected,
        expect_url_show(it->domain->secrets, reached, shown),
        expect_url_query_differs(expect->final_url, reached) ? " with another query" : "");
}

static enum expectation_result test_redirects(struct expect_case *it)
{
    const struct expect *expect = &it->domain->expect;
    int redirects = it->exchange->redirects;

    if (!expect->has_max_redirects || redirects <= expect->max_redirects)
        return EXPECTATION_MET;
    return expect_case_fail(it, "redirect: %d redirect%s, at most %d allowed", redirects,
                            redirects == 1 ? "" : "s", expect->max_redirects);
}

static enum expectation_result test_https(struct expect_case *it)
{
    char shown[QUOTE_MAX];

    if (!it->domain->expect.https_only || !it->exchange->insecure_url)
        return EXPECTATION_MET;
    return expect_case_fail(
        it, "redirect: %s is not https",
        expect_url_show(it->domain->secrets, it->exchange->insecure_url, shown));
}

/* Writes a time in days with one decimal, or three if it is short, rounded down. */
static void write_days(int64_t ms, char text[QUOTE_MAX])
{
    int64_t tenths = ms / (MS_PER_DAY / 10), thousandths = ms / (MS_PER_DAY / 1000);

    if (tenths > 0 || thousandths == 0)
        snprintf(text, QUOTE_MAX, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
    else
        snprintf(text, QUOTE_MAX, "0.%03" PRId64, thousandths);
}

static enum expectation_result test_certificate(struct expect_case *it)
{
    double expected = it->domain->expect.certificate_days;
    int64_t valid_ms = it->exchange->valid_ms;
    char days[QUOTE_MAX];

    if (expected <= 0 ||
        (it->exchange->has_certificate && (double)valid_ms >= expected * MS_PER_DAY))
        return EXPECTATION_MET;
    if (!it->exchange->has_certificate)
        return expect_case_fail(
            it, "certificate: none, expected one that is valid for at least %.10g more days",
            expected);
    write_days(valid_ms < 0 ? -valid_ms : valid_ms, days);
    return expect_case_fail(it,
                            valid_ms < 0
                                ? "certificate: expired %s days ago, expected at least %.10g"
                                : "certificate: valid for %s more days, expected at least %.10g",
                            days, expected);
}

static enum expectation_result test_header(struct expect_case *it,
                                           const struct expect_header *expected)
{
    const struct bytes *headers = &it->exchange->headers;
    struct rule_failure failure;
    char name[QUOTE_MAX], text[EXPECT_RULE_MAX];
    enum rule_result result =
        rule_test_field(expected->rule, headers->data ? headers->data : "", headers->size,
                        expected->name, &it->cpu_left_us, &failure);

    if (result == RULE_MET)
        return EXPECTATION_MET;
    if (result == RULE_NO_MEMORY)
        return EXPECTATION_NO_MEMORY;
    return expect_case_fail(it, "header: %s%s",
                            quote_plain(NULL, expected->name, strlen(expected->name), name),
                            expect_rule_write(&failure, result, false, it->domain->secrets, text));
}

static enum expectation_result test_headers(struct expect_case *it)
{
    const struct expect *expect = &it->domain->expect;
    enum expectation_result result = EXPECTATION_MET;

    for (size_t i = 0; i < expect->n_headers && result == EXPECTATION_MET; i++) {
        it->failed = i;
        result = test_header(it, &expect->headers[i]);
    }
    return result;
}

/* The time without lookups. */
static int64_t latency_of(const struct expect_case *it)
{
    return it->exchange->duration_ms - it->exchange->lookup_ms;
}

/* What is added to a failure about that time. */
static const char *describe_lookup(const struct expect_case *it, char text[QUOTE_MAX])
{
    int64_t lookup_ms = it->exchange->lookup_ms;

    *text = '\0';
    if (lookup_ms > 0)
        snprintf(text, QUOTE_MAX, " (and %" PRId64 " ms for the name)", lookup_ms);
    return text;
}

static enum expectation_result test_latency(struct expect_case *it)
{
    char lookup[QUOTE_MAX];
    int64_t latency_ms = latency_of(it);
    int max_ms = it->domain->expect.max_latency_ms;

    if (max_ms == 0 || latency_ms <= max_ms)
        return EXPECTATION_MET;
    return expect_case_fail(it, "latency: %" PRId64 " ms, at most %d allowed%s", latency_ms, max_ms,
                            describe_lookup(it, lookup));
}

static enum expectation_result test_slow(struct expect_case *it)
{
    char lookup[QUOTE_MAX];
    int64_t latency_ms = latency_of(it);
    int slow_ms = it->domain->expect.slow_ms;

    if (slow_ms == 0 || latency_ms <= slow_ms)
        return EXPECTATION_MET;
    expect_case_fail(it, "slow: %" PRId64 " ms, expected at most %d%s", latency_ms, slow_ms,
                     describe_lookup(it, lookup));
    return EXPECTATION_SLOW;
}

/* In the order in which they are tested. Failures without an explanation explain themselves. */
static const struct {
    expect_test *test;
    expect_explain *explain;
} rows[] = {
    {test_status, expect_explain_body},
    {test_version, NULL},
    {test_final_url, NULL},
    {test_redirects, NULL},
    {test_https, NULL},
    {test_certificate, NULL},
    {test_headers, expect_explain_header},
    {expect_body_contains, expect_explain_missing},
    {expect_body_excludes, expect_explain_excluded},
    {expect_body_patterns, expect_explain_pattern},
    {expect_body_size, expect_explain_body},
    {expect_body_json, expect_explain_json},
    {test_latency, NULL},
    {test_slow, NULL},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* Tests until one is not met. *row is its index. */
static enum expectation_result test_all(struct expect_case *it, size_t *row)
{
    enum expectation_result result = EXPECTATION_MET;

    for (*row = 0; *row < ROWS; ++*row) {
        result = rows[*row].test(it);
        if (result != EXPECTATION_MET)
            break;
    }
    return result;
}

enum expectation_result expectation_test(const struct domain *domain,
                                         const struct exchange *exchange, char failure[FAILURE_MAX])
{
    struct expect_case it = {domain, exchange, PATTERN_CPU_US, failure, 0};
    size_t row;

    *failure = '\0';
    return test_all(&it, &row);
}

bool expectation_needs_body(const struct expect *expect)
{
    return expect->n_patterns > 0 || expect->n_json > 0;
}

int expectation_explain(const struct domain *domain, const struct exchange *exchange,
                        const char *failure, struct buffer *into)
{
    char again[FAILURE_MAX] = "";
    struct expect_case it = {domain, exchange, PATTERN_AGAIN_CPU_US, again, 0};
    size_t row;

    if (test_all(&it, &row) == EXPECTATION_NO_MEMORY)
        return -1;

    /* With less time, a pattern may fail that did not. */
    text_clean(again);
    if (row < ROWS && rows[row].explain && strcmp(again, failure) == 0)
        rows[row].explain(&it, into);
    return into->failed ? -1 : 0;
}
