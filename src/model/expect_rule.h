#ifndef MODEL_EXPECT_RULE_H
#define MODEL_EXPECT_RULE_H

#include "base/secrets.h"
#include "model/quote.h"
#include "model/rule.h"

#include <stdbool.h>

/* Size of a written failure, with its NUL. */
enum { EXPECT_RULE_MAX = 400 };

/*
 * Writes why a rule fails, or needs too much time: " is missing", ": expected 5, got 4". is_json:
 * the value is one of JSON. Returns the text.
 */
const char *expect_rule_write(const struct rule_failure *failure, enum rule_result result,
                              bool is_json, const struct secrets *secrets,
                              char text[EXPECT_RULE_MAX]);

/* Writes a value as failures show it: "UP" in quotes, 4, "an array of 3 elements". Returns the
 * text. */
const char *expect_rule_value(const struct json_text *value, bool is_json,
                              const struct secrets *secrets, char text[QUOTE_MAX]);

#endif
