#ifndef MODEL_EXPECT_CASE_H
#define MODEL_EXPECT_CASE_H

#include "model/check.h"
#include "model/exchange.h"
#include "model/quote.h"

enum expectation_result {
    EXPECTATION_MET,
    EXPECTATION_SLOW, /* the response is slow, which is no failure of the check */
    EXPECTATION_FAILS,
    EXPECTATION_NO_MEMORY /* there is no verdict */
};

/* An exchange whose expectations are tested one after the other. */
struct expect_case {
    const struct domain *domain;
    const struct exchange *exchange;
    int64_t cpu_left_us; /* for all patterns */
    char *failure;       /* room for FAILURE_MAX bytes */
    size_t failed;       /* the index of the expectation tested last, among those of its kind */
};

/* Tests one kind of expectation. If it is not met, the failure is written. */
typedef enum expectation_result expect_test(struct expect_case *it);

/* Writes the failure. Returns EXPECTATION_FAILS. */
enum expectation_result expect_case_fail(struct expect_case *it, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The body that failures are about: as UTF-8, if it declares another charset. */
struct bytes expect_case_body(const struct expect_case *it);

/* The body as JSON, which is UTF-8 whatever charset is declared (RFC 8259, 8.1). If the bytes are
 * no JSON, the same as expect_case_body. */
struct bytes expect_case_json(const struct expect_case *it);

/* Writes how much was read of the body, and in which charset: " (12 bytes read as UTF-16)", " in
 * the first 1048576 bytes". Returns the text. */
const char *expect_case_extent(const struct expect_case *it, char text[QUOTE_MAX]);

#endif
