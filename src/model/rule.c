/* The tests of a rule. */
#include "model/rule.h"

const char *const rule_names[RULE_TESTS] = {
    [RULE_EQUALS] = "equals",     [RULE_NOT] = "not",         [RULE_CONTAINS] = "contains",
    [RULE_EXCLUDES] = "excludes", [RULE_MATCHES] = "matches", [RULE_EXISTS] = "exists",
    [RULE_ABOVE] = "above",       [RULE_BELOW] = "below",     [RULE_AT_LEAST] = "at_least",
    [RULE_AT_MOST] = "at_most",   [RULE_LENGTH] = "length",   [RULE_TYPE] = "type",
};
