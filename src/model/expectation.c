/* Tests what a domain expects of a response, in a fixed order. */
#include "model/expectation.h"

#include "model/quote.h"

#include <inttypes.h>
#include <stdio.h>

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

static bool status_fails(const struct domain *domain, const struct exchange *exchange,
                         char failure[FAILURE_MAX])
{
    char expected[FAILURE_MAX / 2];

    if (is_expected(&domain->expect, exchange->http_status))
        return false;
    write_expected(&domain->expect, expected, sizeof expected);
    snprintf(failure, FAILURE_MAX, "http_status: expected %s, got %d", expected,
             exchange->http_status);
    return true;
}

static bool text_is_missing(const struct domain *domain, const struct exchange *exchange,
                            char failure[FAILURE_MAX])
{
    char quoted[QUOTE_MAX];

    if (exchange->missing < 0)
        return false;
    quote_text(&domain->expect.contains.list[exchange->missing].shown, quoted);
    snprintf(failure, FAILURE_MAX,
             exchange->body_cut ? "body: %s not found in the first %" PRId64 " bytes"
                                : "body: %s not found (%" PRId64 " bytes read)",
             quoted, exchange->body_bytes);
    return true;
}

/* A test writes the failure if the expectation fails. */
typedef bool test_fails(const struct domain *domain, const struct exchange *exchange,
                        char failure[FAILURE_MAX]);

/* In the order in which they are tested. */
static test_fails *const tests[] = {status_fails, text_is_missing};

enum expectation_result expectation_test(const struct domain *domain,
                                         const struct exchange *exchange, char failure[FAILURE_MAX])
{
    *failure = '\0';
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (tests[i](domain, exchange, failure))
            return EXPECTATION_FAILS;
    }
    return EXPECTATION_MET;
}

bool expectation_needs_body(const struct expect *expect)
{
    return expect->n_patterns > 0 || expect->n_json > 0;
}

int expectation_explain(const struct domain *domain, const struct exchange *exchange,
                        struct buffer *into)
{
    (void)domain;
    (void)exchange;
    return into->failed ? -1 : 0;
}
