#ifndef MODEL_EXPECTATION_H
#define MODEL_EXPECTATION_H

#include "base/buffer.h"
#include "model/expect_case.h"

#include <stdbool.h>

/*
 * What a domain expects of a response, tested in a fixed order: status, HTTP version, redirects,
 * certificates, headers, texts, patterns, size, JSON, latency. The first that fails gives the
 * failure text. Pure: bytes and numbers only.
 */

/*
 * Tests all that a domain expects of an exchange without a fault. If it is slow or fails, the
 * failure text is written, with ${NAME} in place of secrets, also of those that the response
 * repeats; else it is "".
 */
enum expectation_result expectation_test(const struct domain *domain,
                                         const struct exchange *exchange,
                                         char failure[FAILURE_MAX]);

/* Whether an expectation needs the whole body: it streams if none does. */
bool expectation_needs_body(const struct expect *expect);

/*
 * Appends lines that help to understand why the expectations of a domain fail in an exchange, with
 * this failure text of its verdict: "expected: ...", "got: ...", "nearest: ...". Each is one line of
 * UTF-8 without secrets. Appends nothing if the tests, which are made again with less CPU time for
 * patterns, give another text. For people who try one check. Returns 0, or -1 if out of memory.
 */
int expectation_explain(const struct domain *domain, const struct exchange *exchange,
                        const char *failure, struct buffer *into);

#endif
