/* Writes why a rule fails. */
#include "model/expect_rule.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* Between "expected" and the operand. */
static const char *const words[RULE_TESTS] = {
    [RULE_EQUALS] = "",
    [RULE_NOT] = "not ",
    [RULE_CONTAINS] = "to contain ",
    [RULE_EXCLUDES] = "not to contain ",
    [RULE_MATCHES] = "to match ",
    [RULE_EXISTS] = "",
    [RULE_ABOVE] = "above ",
    [RULE_BELOW] = "below ",
    [RULE_AT_LEAST] = "at least ",
    [RULE_AT_MOST] = "at most ",
    [RULE_LENGTH] = "",
    [RULE_TYPE] = "type ",
};

/* The start of a string of JSON, more than is shown of it. */
static const char *quote_string(const struct json_text *value, const struct secrets *secrets,
                                char text[QUOTE_MAX])
{
    char bytes[SECRETS_TEXT_MAX];
    const char *at = value->data + 1;
    size_t size = 0;

    for (size_t length = 1; length > 0 && size + 4 <= sizeof bytes; size += length)
        length = json_text_character(&at, bytes + size);
    return quote_response(secrets, bytes, size, text);
}

const char *expect_rule_value(const struct json_text *value, bool is_json,
                              const struct secrets *secrets, char text[QUOTE_MAX])
{
    char counted[TEXT_COUNTED_MAX];
    enum json_kind kind = is_json ? json_text_kind(value) : JSON_TEXT_STRING;
    bool is_array = kind == JSON_TEXT_ARRAY;

    if (!is_json)
        return quote_response(secrets, value->data, value->size, text);
    if (kind == JSON_TEXT_STRING)
        return quote_string(value, secrets, text);
    if (kind < JSON_TEXT_ARRAY)
        return quote_plain(secrets, value->data, value->size, text);
    text_counted(json_text_length(value), is_array ? "element" : "member", counted);
    snprintf(text, QUOTE_MAX, "%s of %s", is_array ? "an array" : "an object", counted);
    return text;
}

/* Writes what is expected: "at least 5", "length 3", "type number". */
static void write_expected(const struct rule_failure *failure, char text[2 * QUOTE_MAX])
{
    const struct rule_part *part = failure->of_length ? failure->of_length : failure->part;
    const char *shown = part->shown ? part->shown : "";
    char cut[QUOTE_MAX];

    if (part->test == RULE_LENGTH) {
        snprintf(text, 2 * QUOTE_MAX, "a value with a length");
        return;
    }
    if (part->test == RULE_TYPE && part->operand[0] == '"')
        quote_plain(NULL, part->operand + 1, strlen(part->operand) - 2, cut);
    else
        quote_plain(NULL, shown, strlen(shown), cut);
    snprintf(text, 2 * QUOTE_MAX, "%s%s%s", failure->of_length ? "length " : "", words[part->test],
             cut);
}

const char *expect_rule_write(const struct rule_failure *failure, enum rule_result result,
                              bool is_json, const struct secrets *secrets,
                              char text[EXPECT_RULE_MAX])
{
    const struct rule_part *part = failure->of_length ? failure->of_length : failure->part;
    char expected[2 * QUOTE_MAX], got[QUOTE_MAX] = "", kind[16] = "";

    if (failure->is_missing) {
        snprintf(text, EXPECT_RULE_MAX, " is missing");
        return text;
    }
    if (part->test == RULE_EXISTS) {
        snprintf(text, EXPECT_RULE_MAX, ": exists, expected none");
        return text;
    }
    if (result == RULE_TOO_LONG) {
        quote_plain(NULL, part->shown, strlen(part->shown), got);
        snprintf(text, EXPECT_RULE_MAX, ": %s needs too many steps", got);
        return text;
    }
    write_expected(failure, expected);
    if (failure->of_length) {
        text_number(got, (long long)failure->length);
    } else {
        expect_rule_value(&failure->got, is_json, secrets, got);
        if (is_json && part->test == RULE_TYPE && json_text_kind(&failure->got) < JSON_TEXT_NULL)
            snprintf(kind, sizeof kind, "%s ", json_text_kinds[json_text_kind(&failure->got)]);
    }
    snprintf(text, EXPECT_RULE_MAX, ": expected %s, got %s%s", expected, kind, got);
    return text;
}
