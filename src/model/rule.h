#ifndef MODEL_RULE_H
#define MODEL_RULE_H

#include "base/json_text.h"
#include "base/pattern.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What a header field or a value in a JSON body must be. Pure: rules look at bytes and values, and
 * know neither libcurl nor files. All parts of a rule must hold.
 */

enum rule_test {
    RULE_EQUALS,
    RULE_NOT,
    RULE_CONTAINS,
    RULE_EXCLUDES,
    RULE_MATCHES,
    RULE_EXISTS, /* operand: true or false */
    RULE_ABOVE,
    RULE_BELOW,
    RULE_AT_LEAST,
    RULE_AT_MOST,
    RULE_LENGTH, /* of an array, an object or a string: a rule again */
    RULE_TYPE,   /* operand: "string", "number", "boolean", "null", "array" or "object" */
    RULE_TESTS
};

/* The key of each test in the configuration: "at_least". */
extern const char *const rule_names[RULE_TESTS];

struct rule;

/* A test and its operand. */
struct rule_part {
    enum rule_test test;
    const char *operand; /* as a JSON text: "\"no-store\"", "4", "[1, {}]"; a number has the
                            digits of the configuration. NULL for matches and length */
    const char *shown;   /* the operand as it may be published: "no-store" in quotes, 4,
                            /^4\./ */
    const struct pattern *pattern; /* of matches */
    const struct rule *length;     /* of length */
};

struct rule {
    const struct rule_part *parts;
    size_t n_parts; /* at least 1 */
};

/*
 * A rule is tested in the order of its parts; the first that is not met explains why it fails.
 *
 * - equals, not: a text or a value of JSON. If the operand is a number, a header that is this
 * number in another spelling is equal.
 * - contains, excludes: a part of a text, an equal element of an array, a name in an object.
 * - matches: texts, and numbers and booleans as they are written.
 * - above, below, at_least, at_most: numbers. A text in a header may be one; a string in JSON is
 *   none. They are compared digit by digit: none is rounded.
 * - length: of a text in characters; of an array or object in elements or members.
 *
 * A value that is missing, or of another kind, meets only not and excludes; a missing one also
 * meets exists: false.
 */
enum rule_result {
    RULE_MET,
    RULE_FAILS,
    RULE_TOO_LONG, /* a pattern needs too much time */
    RULE_NO_MEMORY
};

/* Why a rule is not met. */
struct rule_failure {
    const struct rule_part *part;
    const struct rule_part *of_length; /* if part is length: the test of the length that is not
                                          met; NULL: the value has no length */
    bool is_missing;                   /* there is no value */
    struct json_text got;              /* the value: of JSON, or bytes of a header */
    size_t length;                     /* of the value, if of_length is set */
};

/* Tests a value of JSON; NULL: it is missing. *cpu_left_us: see pattern_find. *failure is set
 * unless the rule is met. */
enum rule_result rule_test_json(const struct rule *rule, const struct json_text *value,
                                int64_t *cpu_left_us, struct rule_failure *failure);

/*
 * Tests the values of a field in the lines of headers. One of its values must meet all parts but
 * not and excludes, which all of them must meet. If none does, the failure is that of the value
 * that met the most parts.
 */
enum rule_result rule_test_field(const struct rule *rule, const char *headers, size_t size,
                                 const char *name, int64_t *cpu_left_us,
                                 struct rule_failure *failure);

#endif
