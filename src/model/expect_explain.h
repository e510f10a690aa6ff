#ifndef MODEL_EXPECT_EXPLAIN_H
#define MODEL_EXPECT_EXPLAIN_H

#include "base/buffer.h"
#include "model/expect_case.h"

/*
 * Explain an expectation that is not met (it->failed is its index), for people who try a check.
 * Each appends lines "WORD: text": expected, got, nearest. A line is UTF-8 without secrets, and cut
 * if it is long.
 */
typedef void expect_explain(const struct expect_case *it, struct buffer *into);

/* How the body begins. */
expect_explain expect_explain_body;

/* The values of the header field, or fields with similar names. */
expect_explain expect_explain_header;

/* The part of the body that is most like a missing text. */
expect_explain expect_explain_missing;

/* The place of a text that must not be in the body. */
expect_explain expect_explain_excluded;

/* The pattern, and how the body begins. */
expect_explain expect_explain_pattern;

/* The value, or the nearest value around it; or the place that is not JSON. */
expect_explain expect_explain_json;

#endif
