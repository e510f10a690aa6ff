/* What all tests of expectations use. */
#include "model/expect_case.h"

#include "base/json_syntax.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum expectation_result expect_case_fail(struct expect_case *it, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(it->failure, FAILURE_MAX, format, args);
    va_end(args);
    return EXPECTATION_FAILS;
}

struct bytes expect_case_body(const struct expect_case *it)
{
    const struct exchange *exchange = it->exchange;
    const struct bytes *body = exchange->text.data ? &exchange->text : &exchange->body;

    return body->data ? *body : (struct bytes){"", 0};
}

struct bytes expect_case_json(const struct expect_case *it)
{
    const struct bytes *body = &it->exchange->body;
    struct json_text root;

    if (it->exchange->text.data && body->data &&
        json_syntax_parse(body->data, body->size, &root) == JSON_SYNTAX_VALID)
        return *body;
    return expect_case_body(it);
}

const char *expect_case_extent(const struct expect_case *it, char text[QUOTE_MAX])
{
    const struct exchange *exchange = it->exchange;
    const char *charset = exchange->charset;
    char as[QUOTE_MAX] = "";

    if (charset)
        snprintf(as, sizeof as, exchange->body_cut ? " (read as %.40s)" : " as %.40s", charset);
    snprintf(text, QUOTE_MAX,
             exchange->body_cut ? " in the first %" PRId64 " bytes%s"
                                : " (%" PRId64 " bytes read%s)",
             exchange->body_bytes, as);
    return text;
}
