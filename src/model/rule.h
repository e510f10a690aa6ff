#ifndef MODEL_RULE_H
#define MODEL_RULE_H

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
                            digits of the configuration. NULL: matches and length have none */
    const char *shown;   /* the operand as it may be published: "no-store" in quotes, 4,
                            /^4\./ */
    const struct pattern *pattern; /* of matches */
    const struct rule *length;     /* of length */
};

struct rule {
    const struct rule_part *parts;
    size_t n_parts; /* at least 1 */
};

#endif
