/* base/json_text, base/json_syntax, base/json_pointer, base/decimal, model/rule: any body, any
 * pointer and any rule. jansson must agree about what is JSON. */
#include "fuzz.h"

#include "base/decimal.h"
#include "base/json_pointer.h"
#include "base/json_syntax.h"
#include "model/nearest.h"
#include "model/rule.h"

#include <jansson.h>

/* jansson refuses more: numbers that have no machine type, and halves of surrogate pairs. */
static bool may_differ(const json_error_t *error)
{
    return json_error_code(error) == json_error_numeric_overflow ||
           strstr(error->text, "Unicode") || json_error_code(error) == json_error_stack_overflow;
}

static void compare_with_jansson(const char *body, size_t size, enum json_validity validity)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t skipped = size >= 3 && memcmp(body, mark, 3) == 0 ? 3 : 0;
    json_error_t error;
    json_t *tree =
        json_loadb(body + skipped, size - skipped, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

    if (tree)
        must(validity == JSON_SYNTAX_VALID, "what jansson reads is JSON");
    else if (!may_differ(&error))
        must(validity != JSON_SYNTAX_VALID, "what jansson refuses is not JSON");
    json_decref(tree);
}

/* Visits every value. */
static void walk(const struct json_text *value, int depth)
{
    struct json_walk at = {NULL};
    struct json_text name = *value, child, member;
    size_t n = 0;

    must(value->size > 0, "a value is not empty");
    must(json_text_equal(value, value), "a value equals itself");
    if (json_text_kind(value) == JSON_TEXT_NUMBER)
        must(decimal_is(value->data, value->size), "a number of JSON is a decimal number");
    if (json_text_kind(value) == JSON_TEXT_STRING) {
        char *bytes = malloc(value->size);

        if (!bytes)
            abort();
        must(json_text_decode(value, bytes) <= value->size - 2, "a decoded string is not longer");
        free(bytes);
    }
    if (json_text_kind(value) < JSON_TEXT_ARRAY)
        return;
    while (json_text_next(value, &at, &name, &child)) {
        n++;
        if (json_text_kind(value) == JSON_TEXT_OBJECT)
            must(json_text_member(value, &name, &member), "each member is found by its name");
        if (depth < 4)
            walk(&child, depth + 1);
    }
    must(n == json_text_length(value), "the length is the number of values");
}

static void test_rule(const struct rule_part *part, const struct json_text *value,
                      const char *headers, size_t size)
{
    struct rule rule = {part, 1};
    struct rule_failure failure = {.part = NULL};
    int64_t cpu_left_us = 2000;
    enum rule_result result = rule_test_json(&rule, value, &cpu_left_us, &failure);

    must(result == RULE_MET || failure.part == part, "a failure names its part");
    failure.part = NULL;
    result = rule_test_field(&rule, headers, size, "A", &cpu_left_us, &failure);
    must(result == RULE_MET || failure.part == part, "a failure names its part");
}

/* Exactly one of not and equals, and of excludes and contains, is met. */
static void test_opposites(const char *operand, const struct json_text *value)
{
    static const enum rule_test tests[][2] = {{RULE_EQUALS, RULE_NOT},
                                              {RULE_CONTAINS, RULE_EXCLUDES}};

    for (size_t i = 0; i < 2; i++) {
        enum rule_result results[2];

        for (size_t j = 0; j < 2; j++) {
            struct rule_part part = {.test = tests[i][j], .operand = operand, .shown = operand};
            struct rule rule = {&part, 1};
            struct rule_failure failure;

            results[j] = rule_test_json(&rule, value, &(int64_t){1000}, &failure);
        }
        must(results[0] != results[1], "one of two opposites is met");
    }
}

/* The input: an operand and a pointer, each up to a NUL; then the body, which is also the headers.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    size_t operand_size, pointer_size, at;
    char *operand = input_part(&input, '\0', &operand_size);
    char *pointer = input_part(&input, '\0', &pointer_size);
    size_t body_size = input.left;
    char *body = malloc(body_size ? body_size : 1);
    struct json_text root, value = {NULL, 0}, number;
    const char *rest;
    enum json_validity validity;

    if (!body)
        abort();
    if (body_size)
        memcpy(body, input.at, body_size);
    validity = json_syntax_parse(body, body_size, &root);
    /* jansson reads a NUL at some places as the end. */
    if (body_size > 0 && !memchr(body, '\0', body_size))
        compare_with_jansson(body, body_size, validity);
    must(root.data >= body && root.data + root.size <= body + body_size,
         "the place is in the body");
    if (validity == JSON_SYNTAX_VALID) {
        walk(&root, 0);
        if (!json_pointer_find(&root, pointer, &value, &rest))
            must(*rest && rest <= pointer + pointer_size, "something of the pointer is left");
    }
    if (json_syntax_parse(operand, operand_size, &number) == JSON_SYNTAX_VALID &&
        *number.data == *operand && number.size == operand_size) {
        for (int test = RULE_EQUALS; test < RULE_TESTS; test++) {
            struct rule_part part = {
                .test = (enum rule_test)test, .operand = operand, .shown = operand};

            if (test == RULE_MATCHES || test == RULE_LENGTH || test == RULE_EXISTS)
                continue;
            if (test >= RULE_ABOVE && test <= RULE_AT_MOST &&
                json_text_kind(&number) != JSON_TEXT_NUMBER)
                continue;
            test_rule(&part, value.data ? &value : NULL, body, body_size);
        }
        if (value.data)
            test_opposites(operand, &value);
    }
    if (nearest_find(body, body_size, operand, operand_size, &at))
        must(at < body_size, "the nearest part is in the body");
    free(operand);
    free(pointer);
    free(body);
    return 0;
}
