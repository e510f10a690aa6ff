#ifndef CONFIG_RULES_H
#define CONFIG_RULES_H

#include "config/loader.h"
#include "model/rule.h"

/* Reads rules: what a header field, a value in a JSON body, or a length must be. */

/* The tests of a rule while they are read: what the keys of a rule are read into. */
struct rules_tests {
    struct rule_part of[RULE_TESTS];
};

/* Kinds of operands, each read into a struct rule_part. */
extern const struct kind rules_text;      /* a text */
extern const struct kind rules_some_text; /* a text that is not empty */
extern const struct kind rules_json;      /* any value of JSON */
extern const struct kind rules_number;
extern const struct kind rules_count;
extern const struct kind rules_pattern;
extern const struct kind rules_exists;
extern const struct kind rules_type;
extern const struct kind rules_length; /* a rule again */

/*
 * Reads a rule: a mapping with tests of the table, or a value, which is the operand of the first
 * test of the table. The rule belongs to the configuration. Messages show `name` before each test.
 * If several rules share a mapping by an alias, it is read once. NULL after reporting a mistake.
 */
const struct rule *rules_read(struct loader *loader, const struct key_table *table,
                              struct node *node, const char *name);

#endif
