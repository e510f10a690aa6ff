/* model/rule and model/field: what meets each test of a rule. */
#include "base/arena.h"
#include "base/json_syntax.h"
#include "base/pattern.h"
#include "model/field.h"
#include "model/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return arena ? 0 : -1;
}

static int close_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* The operand of matches is a pattern. */
static struct rule_part part_of(enum rule_test test, const char *operand)
{
    struct rule_part part = {.test = test, .operand = operand, .shown = operand};
    struct pattern_fault fault;

    if (test == RULE_MATCHES) {
        part.operand = NULL;
        part.pattern = pattern_compile(arena, operand, strlen(operand), &fault);
        assert_non_null(part.pattern);
    }
    return part;
}

/* A value that is NULL is missing. */
static enum rule_result test_json(const struct rule *rule, const char *text,
                                  struct rule_failure *failure)
{
    int64_t cpu_left_us = PATTERN_CPU_US;
    struct json_text value;

    if (text)
        assert_int_equal(json_syntax_parse(text, strlen(text), &value), JSON_SYNTAX_VALID);
    return rule_test_json(rule, text ? &value : NULL, &cpu_left_us, failure);
}

static void each_test_accepts_its_values_of_json(void **state)
{
    static const struct {
        enum rule_test test;
        const char *operand, *value;
        enum rule_result result;
    } cases[] = {
        {RULE_EQUALS, "\"UP\"", "\"UP\"", RULE_MET},
        {RULE_EQUALS, "\"UP\"", "\"DOWN\"", RULE_FAILS},
        {RULE_EQUALS, "\"UP\"", NULL, RULE_FAILS},
        {RULE_EQUALS, "1", "1.0", RULE_MET},
        {RULE_EQUALS, "1", "\"1\"", RULE_FAILS},
        {RULE_EQUALS, "null", "null", RULE_MET},
        {RULE_EQUALS, "null", NULL, RULE_FAILS},
        {RULE_EQUALS, "[1, {\"a\": 2}]", "[1.0,{\"a\":2}]", RULE_MET},
        {RULE_NOT, "\"UP\"", "\"UP\"", RULE_FAILS},
        {RULE_NOT, "\"UP\"", "\"DOWN\"", RULE_MET},
        {RULE_NOT, "\"UP\"", "1", RULE_MET},
        {RULE_NOT, "\"UP\"", NULL, RULE_MET},
        {RULE_CONTAINS, "\"b\"", "\"abc\"", RULE_MET},
        {RULE_CONTAINS, "\"b\"", "\"a\\u0062c\"", RULE_MET},
        {RULE_CONTAINS, "\"\\n\"", "\"a\\u000ac\"", RULE_MET},
        {RULE_CONTAINS, "\"\\\\u0062\"", "\"a\\u0062c\"", RULE_FAILS},
        {RULE_CONTAINS, "\"\"", "\"\"", RULE_MET},
        {RULE_CONTAINS, "\"\\u0000\"", "\"a\\u0000\"", RULE_MET},
        {RULE_CONTAINS, "\"B\"", "\"abc\"", RULE_FAILS},
        {RULE_CONTAINS, "600", "\"max-age=600\"", RULE_MET},
        {RULE_CONTAINS, "2", "[1, 2.0]", RULE_MET},
        {RULE_CONTAINS, "\"2\"", "[1, 2]", RULE_FAILS},
        {RULE_CONTAINS, "[2]", "[1, [2]]", RULE_MET},
        {RULE_CONTAINS, "2", "[[2]]", RULE_FAILS},
        {RULE_CONTAINS, "\"a\"", "[\"abc\"]", RULE_FAILS},
        {RULE_CONTAINS, "2", "[]", RULE_FAILS},
        {RULE_CONTAINS, "\"a\"", "{\"\\u0061\": null}", RULE_MET},
        {RULE_CONTAINS, "\"a\"", "{\"b\": \"a\"}", RULE_FAILS},
        {RULE_CONTAINS, "1", "{\"1\": 1}", RULE_FAILS},
        {RULE_CONTAINS, "1", "1", RULE_FAILS},
        {RULE_CONTAINS, "\"u\"", "null", RULE_FAILS},
        {RULE_CONTAINS, "\"u\"", "true", RULE_FAILS},
        {RULE_CONTAINS, "\"a\"", NULL, RULE_FAILS},
        {RULE_EXCLUDES, "\"b\"", "\"abc\"", RULE_FAILS},
        {RULE_EXCLUDES, "\"x\"", "\"abc\"", RULE_MET},
        {RULE_EXCLUDES, "2", "[1, 2]", RULE_FAILS},
        {RULE_EXCLUDES, "1", "1", RULE_MET},
        {RULE_EXCLUDES, "\"a\"", NULL, RULE_MET},
        {RULE_MATCHES, "^4\\.", "\"4.1\"", RULE_MET},
        {RULE_MATCHES, "^4\\.", "\"3.1\"", RULE_FAILS},
        {RULE_MATCHES, "^4\\.", "4.1", RULE_MET},
        {RULE_MATCHES, "^a\nb$", "\"a\\nb\"", RULE_MET},
        {RULE_MATCHES, "^t", "true", RULE_MET},
        {RULE_MATCHES, "n", "null", RULE_FAILS},
        {RULE_MATCHES, "4", "[4]", RULE_FAILS},
        {RULE_MATCHES, "a", "{\"a\":4}", RULE_FAILS},
        {RULE_MATCHES, "", NULL, RULE_FAILS},
        {RULE_EXISTS, "true", "null", RULE_MET},
        {RULE_EXISTS, "true", NULL, RULE_FAILS},
        {RULE_EXISTS, "false", "null", RULE_FAILS},
        {RULE_EXISTS, "false", NULL, RULE_MET},
        {RULE_ABOVE, "5", "5", RULE_FAILS},
        {RULE_ABOVE, "5", "5.0000000000000000000001", RULE_MET},
        {RULE_ABOVE, "9007199254740992", "9007199254740993", RULE_MET},
        {RULE_ABOVE, "5", "\"6\"", RULE_FAILS},
        {RULE_ABOVE, "5", "[6]", RULE_FAILS},
        {RULE_ABOVE, "5", NULL, RULE_FAILS},
        {RULE_BELOW, "5", "5", RULE_FAILS},
        {RULE_BELOW, "5", "-1e400", RULE_MET},
        {RULE_BELOW, "5", "\"4\"", RULE_FAILS},
        {RULE_BELOW, "5", NULL, RULE_FAILS},
        {RULE_AT_LEAST, "5", "5.0", RULE_MET},
        {RULE_AT_LEAST, "5", "4.9999999999999999999999", RULE_FAILS},
        {RULE_AT_LEAST, "5", "null", RULE_FAILS},
        {RULE_AT_MOST, "5", "0.5e1", RULE_MET},
        {RULE_AT_MOST, "5", "5.0000000000000000000001", RULE_FAILS},
        {RULE_AT_MOST, "5", "false", RULE_FAILS},
        {RULE_TYPE, "\"string\"", "\"\"", RULE_MET},
        {RULE_TYPE, "\"number\"", "0", RULE_MET},
        {RULE_TYPE, "\"number\"", "\"0\"", RULE_FAILS},
        {RULE_TYPE, "\"boolean\"", "false", RULE_MET},
        {RULE_TYPE, "\"null\"", "null", RULE_MET},
        {RULE_TYPE, "\"array\"", "[]", RULE_MET},
        {RULE_TYPE, "\"object\"", "{}", RULE_MET},
        {RULE_TYPE, "\"object\"", "[]", RULE_FAILS},
        {RULE_TYPE, "\"null\"", NULL, RULE_FAILS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rule_part part = part_of(cases[i].test, cases[i].operand);
        struct rule rule = {&part, 1};
        struct rule_failure failure;
        enum rule_result result = test_json(&rule, cases[i].value, &failure);

        if (result != cases[i].result)
            fail_msg("%s %s of %s: %d", rule_names[cases[i].test], cases[i].operand,
                     cases[i].value ? cases[i].value : "nothing", (int)result);
        if (result == RULE_FAILS) {
            assert_ptr_equal(failure.part, &part);
            assert_int_equal(failure.is_missing, !cases[i].value);
        }
    }
}

static void a_length_is_a_number(void **state)
{
    static const struct {
        const char *value;
        enum rule_result result;
        int length; /* -1: it has none */
    } cases[] = {{"[1]", RULE_FAILS, 1},
                 {"[1, 2]", RULE_MET, 2},
                 {"[1, 2, 3]", RULE_MET, 3},
                 {"[1, 2, 3, 4]", RULE_FAILS, 4},
                 {"\"\xc3\xa9\"", RULE_FAILS, 1},
                 {"\"\xc3\xa9\xc3\xa9\"", RULE_MET, 2},
                 {"{\"a\": 1, \"b\": 2}", RULE_MET, 2},
                 {"{}", RULE_FAILS, 0},
                 {"12", RULE_FAILS, -1},
                 {"null", RULE_FAILS, -1},
                 {"true", RULE_FAILS, -1},
                 {NULL, RULE_FAILS, -1}};
    struct rule_part bounds[] = {part_of(RULE_AT_LEAST, "2"), part_of(RULE_AT_MOST, "3")};
    struct rule bounded = {bounds, 2};
    struct rule_part part = {.test = RULE_LENGTH, .length = &bounded};
    struct rule rule = {&part, 1};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rule_failure failure;

        assert_int_equal(test_json(&rule, cases[i].value, &failure), cases[i].result);
        if (cases[i].result == RULE_MET)
            continue;
        assert_ptr_equal(failure.part, &part);
        assert_ptr_equal(failure.of_length, cases[i].length < 0   ? NULL
                                            : cases[i].length < 2 ? &bounds[0]
                                                                  : &bounds[1]);
        if (cases[i].length >= 0)
            assert_int_equal(failure.length, cases[i].length);
    }
}

static void all_parts_must_be_met_and_the_first_that_is_not_explains(void **state)
{
    struct rule_part parts[] = {part_of(RULE_TYPE, "\"number\""), part_of(RULE_ABOVE, "1"),
                                part_of(RULE_BELOW, "3"), part_of(RULE_NOT, "2")};
    struct rule rule = {parts, 4};
    static const struct {
        const char *value;
        int failed; /* -1: none */
    } cases[] = {{"1.5", -1}, {"\"x\"", 0}, {"1", 1}, {"3", 2}, {"2.0", 3}, {NULL, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rule_failure failure = {.part = NULL};
        enum rule_result result = test_json(&rule, cases[i].value, &failure);

        assert_int_equal(result, cases[i].failed < 0 ? RULE_MET : RULE_FAILS);
        if (cases[i].failed >= 0)
            assert_ptr_equal(failure.part, &parts[cases[i].failed]);
    }
}

static void a_missing_value_meets_not_excludes_and_exists_false_together(void **state)
{
    struct rule_part parts[] = {part_of(RULE_NOT, "1"), part_of(RULE_EXCLUDES, "\"a\""),
                                part_of(RULE_EXISTS, "false"), part_of(RULE_EQUALS, "1")};
    struct rule rule = {parts, 3};
    struct rule_failure failure;

    (void)state;
    assert_int_equal(test_json(&rule, NULL, &failure), RULE_MET);
    rule.n_parts = 4;
    assert_int_equal(test_json(&rule, NULL, &failure), RULE_FAILS);
    assert_ptr_equal(failure.part, &parts[3]);
}

static void a_pattern_that_costs_too_much_is_no_failure_of_the_value(void **state)
{
    struct rule_part part = part_of(RULE_MATCHES, "(a+)+$");
    struct rule rule = {&part, 1};
    char text[] = "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"";
    struct rule_failure failure;

    (void)state;
    assert_int_equal(test_json(&rule, text, &failure), RULE_TOO_LONG);
    assert_ptr_equal(failure.part, &part);
}

static enum rule_result test_field(const struct rule *rule, const char *headers,
                                   struct rule_failure *failure)
{
    int64_t cpu_left_us = PATTERN_CPU_US;

    return rule_test_field(rule, headers, strlen(headers), "X-A", &cpu_left_us, failure);
}

static void each_test_accepts_its_values_of_headers(void **state)
{
    static const struct {
        enum rule_test test;
        const char *operand, *headers;
        enum rule_result result;
    } cases[] = {
        {RULE_EQUALS, "\"b\"", "X-A: b\r\n", RULE_MET},
        {RULE_EQUALS, "\"b\"", "x-a:b\n", RULE_MET},
        {RULE_EQUALS, "\"b\"", "X-A : \t b \t\r\n", RULE_MET},
        {RULE_EQUALS, "\"b\"", "X-A: B\r\n", RULE_FAILS},
        {RULE_EQUALS, "\"b\"", "X-AB: b\r\nX: b\r\n", RULE_FAILS},
        {RULE_EQUALS, "\"b\"", "b\r\nX-A b\r\n", RULE_FAILS},
        {RULE_EQUALS, "\"b:c\"", "X-A: b:c", RULE_MET},
        {RULE_EQUALS, "\"\"", "X-A:\r\n", RULE_MET},
        {RULE_EQUALS, "\"\"", "X-A: b\r\n", RULE_FAILS},
        {RULE_EQUALS, "5", "X-A: 5\r\n", RULE_MET},
        {RULE_EQUALS, "5", "X-A: 05.0\r\n", RULE_MET},
        {RULE_EQUALS, "\"5\"", "X-A: 05\r\n", RULE_FAILS},
        {RULE_EQUALS, "5", "X-A: five\r\n", RULE_FAILS},
        {RULE_EQUALS, "true", "X-A: true\r\n", RULE_MET},
        {RULE_EQUALS, "\"\\u00e9\"", "X-A: \xc3\xa9\r\n", RULE_MET},
        {RULE_NOT, "\"b\"", "X-A: c\r\nX-A: d\r\n", RULE_MET},
        {RULE_NOT, "\"b\"", "X-A: c\r\nX-A: b\r\n", RULE_FAILS},
        {RULE_NOT, "\"b\"", "", RULE_MET},
        {RULE_CONTAINS, "\"no-store\"", "X-A: private, no-store\r\n", RULE_MET},
        {RULE_CONTAINS, "\"no-store\"", "X-A: public\r\nX-A: no-store\r\n", RULE_MET},
        {RULE_CONTAINS, "\"no-store\"", "X-A: no-\r\nX-A: store\r\n", RULE_FAILS},
        {RULE_CONTAINS, "600", "X-A: max-age=600\r\n", RULE_MET},
        {RULE_EXCLUDES, "\"b\"", "X-A: a\r\nX-A: abc\r\n", RULE_FAILS},
        {RULE_EXCLUDES, "\"b\"", "X-A: a\r\nX-A: c\r\n", RULE_MET},
        {RULE_EXCLUDES, "\"b\"", "X-B: b\r\n", RULE_MET},
        {RULE_MATCHES, "^b$", "X-A: a\r\nX-A: b\r\n", RULE_MET},
        {RULE_MATCHES, "^b$", "X-A: ab\r\n", RULE_FAILS},
        {RULE_EXISTS, "true", "X-A:\r\n", RULE_MET},
        {RULE_EXISTS, "true", "X-B: 1\r\n", RULE_FAILS},
        {RULE_EXISTS, "false", "X-A:\r\n", RULE_FAILS},
        {RULE_EXISTS, "false", "X-B: 1\r\n", RULE_MET},
        {RULE_AT_LEAST, "5", "X-A: 5\r\n", RULE_MET},
        {RULE_AT_LEAST, "5", "X-A: 4\r\nX-A: 6\r\n", RULE_MET},
        {RULE_AT_LEAST, "5", "X-A: 5 s\r\n", RULE_FAILS},
        {RULE_AT_LEAST, "5", "X-A: 0x10\r\n", RULE_FAILS},
        {RULE_BELOW, "5", "X-A: +4.9\r\n", RULE_MET},
        {RULE_ABOVE, "18446744073709551615", "X-A: 18446744073709551616\r\n", RULE_MET},
        {RULE_TYPE, "\"string\"", "X-A: 1\r\n", RULE_MET},
        {RULE_TYPE, "\"number\"", "X-A: 1\r\n", RULE_FAILS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rule_part part = part_of(cases[i].test, cases[i].operand);
        struct rule rule = {&part, 1};
        struct rule_failure failure;
        enum rule_result result = test_field(&rule, cases[i].headers, &failure);

        if (result != cases[i].result)
            fail_msg("%s %s of %s: %d", rule_names[cases[i].test], cases[i].operand,
                     cases[i].headers, (int)result);
    }
}

static void one_value_of_a_field_must_meet_all_parts(void **state)
{
    struct rule_part parts[] = {part_of(RULE_EXCLUDES, "\"!\""), part_of(RULE_ABOVE, "1"),
                                part_of(RULE_BELOW, "9"), part_of(RULE_NOT, "7")};
    struct rule rule = {parts, 4};
    static const struct {
        const char *headers, *got;
        int failed; /* -1: none */
    } cases[] = {{"X-A: 5\r\n", "", -1},
                 {"X-A: 0\r\nX-A: 5\r\nX-A: 10\r\n", "", -1},
                 {"X-A: 0\r\nX-A: 10\r\n", "10", 2},
                 {"X-A: 10\r\nX-A: 0\r\nX-A: 11\r\n", "10", 2},
                 {"X-A: 0\r\nX-A: -1\r\n", "0", 1},
                 {"X-A: 5\r\nX-A: x!\r\n", "x!", 0},
                 {"X-A: 5\r\nX-A: 7.0\r\n", "7.0", 3},
                 {"", "", 1}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rule_failure failure = {.part = NULL};
        enum rule_result result = test_field(&rule, cases[i].headers, &failure);

        assert_int_equal(result, cases[i].failed < 0 ? RULE_MET : RULE_FAILS);
        if (cases[i].failed < 0)
            continue;
        assert_ptr_equal(failure.part, &parts[cases[i].failed]);
        assert_int_equal(failure.is_missing, !*cases[i].headers);
        assert_int_equal(failure.got.size, strlen(cases[i].got));
        if (*cases[i].headers)
            assert_memory_equal(failure.got.data, cases[i].got, failure.got.size);
    }
}

static void the_length_of_a_header_is_in_characters(void **state)
{
    struct rule_part exactly = part_of(RULE_EQUALS, "3");
    struct rule three = {&exactly, 1};
    struct rule_part part = {.test = RULE_LENGTH, .length = &three};
    struct rule rule = {&part, 1};
    struct rule_failure failure;

    (void)state;
    assert_int_equal(test_field(&rule, "X-A: a\xc3\xa9\xff\r\n", &failure), RULE_MET);
    assert_int_equal(test_field(&rule, "X-A: \r\n", &failure), RULE_FAILS);
    assert_int_equal(failure.length, 0);
    assert_ptr_equal(failure.of_length, &exactly);
    assert_int_equal(test_field(&rule, "X-A: ab\r\nX-A: abcd\r\n", &failure), RULE_FAILS);
    assert_int_equal(failure.length, 2);
}

static void a_header_with_a_nul_is_compared_whole(void **state)
{
    static const char headers[] = "X-A: a\0b\r\n";
    struct rule_part part = part_of(RULE_EQUALS, "\"a\"");
    struct rule rule = {&part, 1};
    struct rule_failure failure;
    int64_t cpu_left_us = PATTERN_CPU_US;

    (void)state;
    assert_int_equal(
        rule_test_field(&rule, headers, sizeof headers - 1, "x-a", &cpu_left_us, &failure),
        RULE_FAILS);
    part = part_of(RULE_EQUALS, "\"a\\u0000b\"");
    assert_int_equal(
        rule_test_field(&rule, headers, sizeof headers - 1, "x-a", &cpu_left_us, &failure),
        RULE_MET);
}

static void fields_are_read_line_by_line(void **state)
{
    static const char headers[] = "A: 1\r\n\r\nno colon\nB :  2 3\t\r\n: 4\nC:";
    static const struct {
        const char *name, *value;
    } expected[] = {{"A", "1"}, {"B", "2 3"}, {"", "4"}, {"C", ""}};
    const char *at = headers;
    struct response_field field;

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_true(field_next(&at, headers + strlen(headers), &field));
        assert_true(field_is(&field, expected[i].name));
        assert_false(field_is(&field, "AB"));
        assert_int_equal(field.value_size, strlen(expected[i].value));
        assert_memory_equal(field.value, expected[i].value, field.value_size);
    }
    assert_false(field_next(&at, headers + strlen(headers), &field));
}

/* Each is a block of memory of its own: nothing before it or after it is read. */
static void a_field_without_a_name_or_a_value_is_empty(void **state)
{
    static const char *const fields[] = {":", " :", ": ", " : ", ":\n", " \t\r:\r\n", ":\t\r \n"};

    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        size_t size = strlen(fields[i]);
        char *block = malloc(size);
        const char *at = block;
        struct response_field field;

        assert_non_null(block);
        memcpy(block, fields[i], size);
        assert_true(field_next(&at, block + size, &field));
        assert_true(field.name_size == 0 && field.value_size == 0);
        assert_false(field_next(&at, block + size, &field));
        assert_ptr_equal(at, block + size);
        free(block);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_test_accepts_its_values_of_json),
        cmocka_unit_test(a_length_is_a_number),
        cmocka_unit_test(all_parts_must_be_met_and_the_first_that_is_not_explains),
        cmocka_unit_test(a_missing_value_meets_not_excludes_and_exists_false_together),
        cmocka_unit_test(a_pattern_that_costs_too_much_is_no_failure_of_the_value),
        cmocka_unit_test(each_test_accepts_its_values_of_headers),
        cmocka_unit_test(one_value_of_a_field_must_meet_all_parts),
        cmocka_unit_test(the_length_of_a_header_is_in_characters),
        cmocka_unit_test(a_header_with_a_nul_is_compared_whole),
        cmocka_unit_test(fields_are_read_line_by_line),
        cmocka_unit_test(a_field_without_a_name_or_a_value_is_empty),
    };

    return cmocka_run_group_tests_name("rule", tests, open_arena, close_arena);
}
