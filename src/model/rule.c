/* Tests values against rules. */
#define _GNU_SOURCE /* memmem */
#include "model/rule.h"

#include "base/decimal.h"
#include "base/text.h"
#include "model/field.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const rule_names[RULE_TESTS] = {
    [RULE_EQUALS] = "equals",     [RULE_NOT] = "not",         [RULE_CONTAINS] = "contains",
    [RULE_EXCLUDES] = "excludes", [RULE_MATCHES] = "matches", [RULE_EXISTS] = "exists",
    [RULE_ABOVE] = "above",       [RULE_BELOW] = "below",     [RULE_AT_LEAST] = "at_least",
    [RULE_AT_MOST] = "at_most",   [RULE_LENGTH] = "length",   [RULE_TYPE] = "type",
};

/* What a part is tested against. */
struct subject {
    struct json_text value; /* of JSON, or bytes of a header */
    enum json_kind kind;    /* of a header: string */
    bool is_json;
    int64_t *cpu_left_us;
    struct rule_failure *failure;
};

/* The characters of a string, or the bytes of another value as they are written. */
struct characters {
    const char *data;
    size_t size;
    char *decoded; /* to be freed; NULL: the bytes needed no change */
};

/* Returns 0, or -1 if out of memory. */
static int read_characters(const struct json_text *value, bool is_json, struct characters *into)
{
    *into = (struct characters){value->data, value->size, NULL};
    if (!is_json || json_text_kind(value) != JSON_TEXT_STRING)
        return 0;
    *into = (struct characters){value->data + 1, value->size - 2, NULL};
    if (!memchr(into->data, '\\', into->size))
        return 0;
    into->data = into->decoded = malloc(value->size);
    if (into->decoded)
        into->size = json_text_decode(value, into->decoded);
    return into->decoded ? 0 : -1;
}

static struct json_text operand_of(const struct rule_part *part)
{
    return (struct json_text){part->operand, part->operand ? strlen(part->operand) : 0};
}

/* A test of a part against a value that is there. */
typedef enum rule_result part_test(const struct rule_part *part, const struct subject *subject);

static enum rule_result result_of(bool is_met)
{
    return is_met ? RULE_MET : RULE_FAILS;
}

/* Whether the characters of a value have those of the operand as a part, or are the same. */
static enum rule_result compare_characters(const struct subject *subject,
                                           const struct json_text *operand, bool whole)
{
    struct characters value = {.data = NULL}, other = {.data = NULL};
    enum rule_result result = RULE_NO_MEMORY;

    if (read_characters(&subject->value, subject->is_json, &value) == 0 &&
        read_characters(operand, true, &other) == 0)
        result = result_of((!whole || value.size == other.size) &&
                           memmem(value.data, value.size, other.data, other.size));
    free(value.decoded);
    free(other.decoded);
    return result;
}

/* The number that a value is. A text in a header may be one, a string in JSON not. */
static bool is_number(const struct subject *subject)
{
    return subject->is_json ? subject->kind == JSON_TEXT_NUMBER
                            : decimal_is(subject->value.data, subject->value.size);
}

/* Compares two numbers. */
static int compare(const struct subject *subject, const struct json_text *operand)
{
    return decimal_compare(subject->value.data, subject->value.size, operand->data, operand->size);
}

static enum rule_result test_equals(const struct rule_part *part, const struct subject *subject)
{
    struct json_text operand = operand_of(part);

    if (subject->is_json)
        return result_of(json_text_equal(&operand, &subject->value));
    if (json_text_kind(&operand) == JSON_TEXT_NUMBER && is_number(subject))
        return result_of(compare(subject, &operand) == 0);
    return compare_characters(subject, &operand, true);
}

static enum rule_result test_contains(const struct rule_part *part, const struct subject *subject)
{
    struct json_text operand = operand_of(part), element;
    struct json_walk walk = {NULL};

    switch (subject->kind) {
    case JSON_TEXT_STRING:
        return compare_characters(subject, &operand, false);
    case JSON_TEXT_ARRAY:
        while (json_text_next(&subject->value, &walk, NULL, &element)) {
            if (json_text_equal(&operand, &element))
                return RULE_MET;
        }
        return RULE_FAILS;
    case JSON_TEXT_OBJECT:
        return result_of(json_text_kind(&operand) == JSON_TEXT_STRING &&
                         json_text_member(&subject->value, &operand, &element));
    default:
        return RULE_FAILS;
    }
}

static enum rule_result opposite(enum rule_result result)
{
    return result == RULE_MET ? RULE_FAILS : result == RULE_FAILS ? RULE_MET : result;
}

static enum rule_result test_not(const struct rule_part *part, const struct subject *subject)
{
    return opposite(test_equals(part, subject));
}

static enum rule_result test_excludes(const struct rule_part *part, const struct subject *subject)
{
    return opposite(test_contains(part, subject));
}

static enum rule_result test_matches(const struct rule_part *part, const struct subject *subject)
{
    static const enum rule_result results[] = {[PATTERN_FOUND] = RULE_MET,
                                               [PATTERN_NOT_FOUND] = RULE_FAILS,
                                               [PATTERN_TOO_LONG] = RULE_TOO_LONG,
                                               [PATTERN_NO_MEMORY] = RULE_NO_MEMORY};
    struct characters value;
    enum rule_result result = RULE_NO_MEMORY;

    if (subject->kind > JSON_TEXT_BOOLEAN)
        return RULE_FAILS;
    if (read_characters(&subject->value, subject->is_json, &value) == 0)
        result = results[pattern_find(part->pattern, value.data, value.size, subject->cpu_left_us)];
    free(value.decoded);
    return result;
}

static enum rule_result test_exists(const struct rule_part *part, const struct subject *subject)
{
    (void)subject;
    return result_of(part->operand[0] == 't');
}

static enum rule_result test_order(const struct rule_part *part, const struct subject *subject)
{
    struct json_text operand = operand_of(part);
    int order;

    if (!is_number(subject))
        return RULE_FAILS;
    order = compare(subject, &operand);
    switch (part->test) {
    case RULE_ABOVE:
        return result_of(order > 0);
    case RULE_BELOW:
        return result_of(order < 0);
    case RULE_AT_LEAST:
        return result_of(order >= 0);
    default:
        return result_of(order <= 0);
    }
}

static size_t length_of(const struct subject *subject)
{
    size_t length = 0;

    if (subject->is_json)
        return json_text_length(&subject->value);
    for (size_t at = 0, bytes; at < subject->value.size; at += bytes ? bytes : 1, length++)
        bytes = text_utf8_length(subject->value.data + at, subject->value.size - at);
    return length;
}

/* The length is a number, for which a rule is tested again. */
static enum rule_result test_length(const struct rule_part *part, const struct subject *subject)
{
    char digits[TEXT_NUMBER_MAX];
    struct json_text number = {digits, 0};
    struct rule_failure failure;
    enum rule_result result;
    size_t length;

    if (subject->kind != JSON_TEXT_STRING && subject->kind < JSON_TEXT_ARRAY)
        return RULE_FAILS;
    length = length_of(subject);
    number.size = text_number(digits, (long long)length);
    result = rule_test_json(part->length, &number, subject->cpu_left_us, &failure);
    subject->failure->of_length = failure.part;
    subject->failure->length = length;
    return result;
}

static enum rule_result test_type(const struct rule_part *part, const struct subject *subject)
{
    size_t size = strlen(json_text_kinds[subject->kind]);

    return result_of(strlen(part->operand) == size + 2 &&
                     memcmp(part->operand + 1, json_text_kinds[subject->kind], size) == 0);
}

static part_test *const part_tests[RULE_TESTS] = {
    [RULE_EQUALS] = test_equals,     [RULE_NOT] = test_not,         [RULE_CONTAINS] = test_contains,
    [RULE_EXCLUDES] = test_excludes, [RULE_MATCHES] = test_matches, [RULE_EXISTS] = test_exists,
    [RULE_ABOVE] = test_order,       [RULE_BELOW] = test_order,     [RULE_AT_LEAST] = test_order,
    [RULE_AT_MOST] = test_order,     [RULE_LENGTH] = test_length,   [RULE_TYPE] = test_type,
};

static enum rule_result test_part(const struct rule_part *part, const struct subject *subject)
{
    *subject->failure = (struct rule_failure){.part = part, .got = subject->value};
    return part_tests[part->test](part, subject);
}

static bool is_negative(const struct rule_part *part)
{
    return part->test == RULE_NOT || part->test == RULE_EXCLUDES;
}

static enum rule_result test_missing(const struct rule *rule, struct rule_failure *failure)
{
    for (size_t i = 0; i < rule->n_parts; i++) {
        const struct rule_part *part = &rule->parts[i];

        *failure = (struct rule_failure){.part = part, .is_missing = true};
        if (!is_negative(part) && !(part->test == RULE_EXISTS && part->operand[0] == 'f'))
            return RULE_FAILS;
    }
    return RULE_MET;
}

enum rule_result rule_test_json(const struct rule *rule, const struct json_text *value,
                                int64_t *cpu_left_us, struct rule_failure *failure)
{
    struct subject subject = {.is_json = true, .cpu_left_us = cpu_left_us, .failure = failure};
    enum rule_result result = RULE_MET;

    if (!value)
        return test_missing(rule, failure);
    subject.value = *value;
    subject.kind = json_text_kind(value);
    for (size_t i = 0; i < rule->n_parts && result == RULE_MET; i++)
        result = test_part(&rule->parts[i], &subject);
    return result;
}

/* Tests a value of a field, only for the parts that are negative or only for the others. *n_met is
 * the number of those that are met before the first that is not. */
static enum rule_result test_value(const struct rule *rule, const struct subject *subject,
                                   bool negative, size_t *n_met)
{
    enum rule_result result = RULE_MET;

    *n_met = 0;
    for (size_t i = 0; i < rule->n_parts && result == RULE_MET; i++) {
        if (is_negative(&rule->parts[i]) != negative)
            continue;
        result = test_part(&rule->parts[i], subject);
        *n_met += result == RULE_MET;
    }
    return result;
}

/* The next value of the field with this name. */
static bool next_value(const char **headers, const char *end, const char *name,
                       struct json_text *value)
{
    struct response_field field;

    while (field_next(headers, end, &field)) {
        *value = (struct json_text){field.value, field.value_size};
        if (field_is(&field, name))
            return true;
    }
    return false;
}

/* One value must meet all parts that are not negative. */
static enum rule_result test_any(const struct rule *rule, const char *headers, const char *end,
                                 const char *name, struct subject *subject)
{
    struct rule_failure nearest = {.is_missing = true};
    size_t n_met, most_met = 0;

    while (next_value(&headers, end, name, &subject->value)) {
        enum rule_result result = test_value(rule, subject, false, &n_met);

        if (result != RULE_FAILS)
            return result;
        if (nearest.is_missing || n_met > most_met) {
            nearest = *subject->failure;
            most_met = n_met;
        }
    }
    if (nearest.is_missing)
        return test_missing(rule, subject->failure);
    *subject->failure = nearest;
    return RULE_FAILS;
}

/* All values must meet the negative parts. */
static enum rule_result test_all(const struct rule *rule, const char *headers, const char *end,
                                 const char *name, struct subject *subject)
{
    enum rule_result result = RULE_MET;
    size_t n_met;

    while (result == RULE_MET && next_value(&headers, end, name, &subject->value))
        result = test_value(rule, subject, true, &n_met);
    return result;
}

enum rule_result rule_test_field(const struct rule *rule, const char *headers, size_t size,
                                 const char *name, int64_t *cpu_left_us,
                                 struct rule_failure *failure)
{
    struct subject subject = {
        .kind = JSON_TEXT_STRING, .cpu_left_us = cpu_left_us, .failure = failure};
    enum rule_result result = test_any(rule, headers, headers + size, name, &subject);

    return result == RULE_MET ? test_all(rule, headers, headers + size, name, &subject) : result;
}
