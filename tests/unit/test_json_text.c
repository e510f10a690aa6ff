/* base/json_text, base/json_syntax, base/json_pointer, base/decimal: JSON as text, and numbers
 * without rounding. */
#include "base/decimal.h"
#include "base/json_pointer.h"
#include "base/json_syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Parses a copy that ends at its last byte, so that the sanitizers notice a read too far. */
static enum json_validity parse(const char *text, size_t size, size_t *at)
{
    char *copy = malloc(size ? size : 1);
    struct json_text value;
    enum json_validity validity;

    assert_non_null(copy);
    if (size)
        memcpy(copy, text, size);
    validity = json_syntax_parse(copy, size, &value);
    *at = (size_t)(value.data - copy);
    free(copy);
    return validity;
}

/* A copy that ends where its memory ends, so that the sanitizers notice a read too far. The caller
 * frees `block`. */
static const char *last_bytes(const char *text, size_t size, char **block)
{
    *block = malloc(size + 1);
    assert_non_null(*block);
    memcpy(*block + 1, text, size);
    return *block + 1;
}

static struct json_text valid(const char *text)
{
    struct json_text value;

    if (json_syntax_parse(text, strlen(text), &value) != JSON_SYNTAX_VALID)
        fail_msg("%s is not JSON", text);
    return value;
}

static void every_json_text_is_accepted(void **state)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "-1.5e+10",
        "1E-9",
        "0.0",
        "123456789012345678901234567890",
        "1e999999",
        "true",
        "false",
        "null",
        "\"\"",
        "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\x7f\xc3\xa9\xf0\x9f\x98\x80\"",
        "[]",
        "{}",
        " [ ] ",
        "\t{\r\n} ",
        "[[],{},[[1]]]",
        "{\"a\":{\"b\":[1,2,{}]},\"\":null}",
        "{\"a\":1,\"a\":2}",
        "\xef\xbb\xbf{\"a\":1}",
    };
    size_t at;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (parse(texts[i], strlen(texts[i]), &at) != JSON_SYNTAX_VALID)
            fail_msg("%s is not accepted at %zu", texts[i], at);
    }
}

static void what_is_no_json_text_is_refused_at_its_first_wrong_byte(void **state)
{
    static const struct {
        const char *text;
        size_t at;
    } cases[] = {
        {"", 0},
        {" ", 1},
        {"<html>", 0},
        {"\xef\xbb\xbf", 3},
        {"\xef\xbb", 0},
        {"\xef\xbb\xbf\xef\xbb\xbf"
         "1",
         3},
        {"01", 1},
        {"-", 1},
        {"+1", 0},
        {".5", 0},
        {"1.", 2},
        {"1.e5", 2},
        {"1e", 2},
        {"1e+", 3},
        {"0x1", 1},
        {"NaN", 0},
        {"Infinity", 0},
        {"-Infinity", 1},
        {"tru", 3},
        {"truE", 3},
        {"nul", 3},
        {"nulll", 4},
        {"falsy", 4},
        {"1 2", 2},
        {"\"", 1},
        {"\"a", 2},
        {"\"\n\"", 1},
        {"\"\x1f\"", 1},
        {"\"\\", 2},
        {"\"\\x\"", 2},
        {"\"\\u12g4\"", 5},
        {"\"\\u123", 6},
        {"\"\xff\"", 1},
        {"\"\xc0\xaf\"", 1},
        {"\"\xed\xa0\x80\"", 1},
        {"\"a\xc3", 2},
        {"'a'", 0},
        {"[", 1},
        {"[1", 2},
        {"[1,", 3},
        {"[1,]", 3},
        {"[,1]", 1},
        {"[1 2]", 3},
        {"[1}", 2},
        {"{]", 1},
        {"]", 0},
        {"{", 1},
        {"{\"a\"", 4},
        {"{\"a\":", 5},
        {"{\"a\":}", 5},
        {"{\"a\" 1}", 5},
        {"{\"a\":1,}", 7},
        {"{1:2}", 1},
        {"{a:1}", 1},
        {"{\"a\":1 \"b\":2}", 7},
        {"{\"a\":1]", 6},
        {"[1]]", 3},
        {"{} {}", 3},
        {"// c\n1", 0},
        {"[1] // c", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t at;

        if (parse(cases[i].text, strlen(cases[i].text), &at) != JSON_SYNTAX_INVALID)
            fail_msg("\"%s\" is accepted", cases[i].text);
        if (at != cases[i].at)
            fail_msg("\"%s\" is wrong at %zu, not %zu", cases[i].text, at, cases[i].at);
    }
    assert_int_equal(parse("1\0", 2, &(size_t){0}), JSON_SYNTAX_INVALID);
    assert_int_equal(parse("\"\\\0\"", 4, &(size_t){0}), JSON_SYNTAX_INVALID);
    assert_int_equal(parse("\"\\u000\0\"", 8, &(size_t){0}), JSON_SYNTAX_INVALID);
}

static void arrays_and_objects_nest_2048_levels_deep(void **state)
{
    static const struct {
        size_t depth;
        enum json_validity validity;
    } cases[] = {{2047, JSON_SYNTAX_VALID},
                 {2048, JSON_SYNTAX_VALID},
                 {2049, JSON_SYNTAX_TOO_DEEP},
                 {1000000, JSON_SYNTAX_TOO_DEEP}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t n = cases[i].depth, at;
        char *arrays = malloc(2 * n), *objects = malloc(7 * n + 1);

        assert_true(arrays && objects);
        memset(arrays, '[', n);
        memset(arrays + n, ']', n);
        assert_int_equal(parse(arrays, 2 * n, &at), cases[i].validity);
        for (size_t j = 0; j < n; j++)
            memcpy(objects + 5 * j, "{\"a\":", 5);
        objects[5 * n] = '1';
        memset(objects + 5 * n + 1, '}', n);
        assert_int_equal(parse(objects, 6 * n + 1, &at), cases[i].validity);
        free(arrays);
        free(objects);
    }
}

static void each_value_has_its_kind(void **state)
{
    static const struct {
        const char *text, *kind;
    } cases[] = {{"\"1\"", "string"},  {"1", "number"},  {"-1", "number"}, {"true", "boolean"},
                 {"false", "boolean"}, {"null", "null"}, {" []", "array"}, {"{} ", "object"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_text value = valid(cases[i].text);

        assert_string_equal(json_text_kinds[json_text_kind(&value)], cases[i].kind);
    }
}

static void a_pointer_finds_what_rfc_6901_defines(void **state)
{
    static const char document[] =
        "{\"foo\": [\"bar\", \"baz\"], \"\": 0, \"a/b\": 1, \"c%d\": 2, \"e^f\": 3, \"g|h\": 4, "
        "\"i\\\\j\": 5, \"k\\\"l\": 6, \" \": 7, \"m~n\": 8, \"n\\u00e9\": 9, \"d\": {\"0\": 10, "
        "\"x\": [[11, 12], {\"y\": 13}]}, \"twice\": 1, \"twice\": 14, \"~1\": 15, \"]\": [\"]}\", "
        "16] }";
    static const struct {
        const char *pointer, *text, *rest; /* text NULL: it is missing */
    } cases[] = {
        {"", document, ""},
        {"/foo", "[\"bar\", \"baz\"]", ""},
        {"/foo/0", "\"bar\"", ""},
        {"/foo/1", "\"baz\"", ""},
        {"/foo/2", NULL, "/2"},
        {"/foo/-", NULL, "/-"},
        {"/foo/00", NULL, "/00"},
        {"/foo/01", NULL, "/01"},
        {"/foo/+1", NULL, "/+1"},
        {"/foo/1x", NULL, "/1x"},
        {"/foo/", NULL, "/"},
        {"/foo/999999999", NULL, "/999999999"},
        {"/foo/18446744073709551616", NULL, "/18446744073709551616"},
        {"/foo/0/x", NULL, "/x"},
        {"/", "0", ""},
        {"/a~1b", "1", ""},
        {"/c%d", "2", ""},
        {"/e^f", "3", ""},
        {"/g|h", "4", ""},
        {"/i\\j", "5", ""},
        {"/k\"l", "6", ""},
        {"/ ", "7", ""},
        {"/m~0n", "8", ""},
        {"/n\xc3\xa9", "9", ""},
        {"/d/0", "10", ""},
        {"/d/x/0/1", "12", ""},
        {"/d/x/1/y", "13", ""},
        {"/d/x/1/z/0", NULL, "/z/0"},
        {"/twice", "14", ""},
        {"/~01", "15", ""},
        {"/]/1", "16", ""},
        {"/fo", NULL, "/fo"},
        {"/fooo", NULL, "/fooo"},
        {"/a/b", NULL, "/a/b"},
    };
    struct json_text root = valid(document), value;
    const char *rest;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool found = json_pointer_find(&root, cases[i].pointer, &value, &rest);

        if (found != (cases[i].text != NULL))
            fail_msg("%s: %d", cases[i].pointer, found);
        assert_string_equal(rest, cases[i].rest);
        if (found && (value.size != strlen(cases[i].text) ||
                      memcmp(value.data, cases[i].text, value.size) != 0))
            fail_msg("%s: %.*s", cases[i].pointer, (int)value.size, value.data);
    }
    assert_false(json_pointer_find(&root, "foo", &value, &rest));
    root = valid("[0,1,2,3,4,5,6,7,8,9,10,11,12]");
    assert_true(json_pointer_find(&root, "/12", &value, &rest));
    assert_memory_equal(value.data, "12", 2);
    assert_true(json_pointer_find(&root, "/10", &value, &rest));
    assert_memory_equal(value.data, "10", 2);
    assert_false(json_pointer_find(&root, "/13", &value, &rest));
}

static void values_are_equal_by_their_meaning(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"1", "1.0", true},
        {"1", "10e-1", true},
        {"9007199254740993", "9007199254740992.0", false},
        {"18446744073709551615", "18446744073709551615", true},
        {"18446744073709551615", "18446744073709551616", false},
        {"1", "\"1\"", false},
        {"true", "true", true},
        {"true", "false", false},
        {"null", "null", true},
        {"null", "false", false},
        {"\"a\"", "\"a\"", true},
        {"\"a\"", "\"\\u0061\"", true},
        {"\"/\"", "\"\\/\"", true},
        {"\"\\n\"", "\"\\u000a\"", true},
        {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"", true},
        {"\"\\ud83d\\ude00\"", "\"\\ud83d\\ude01\"", false},
        {"\"\\ud83dx\"", "\"\\ufffdx\"", true},
        {"\"\\ude00\"", "\"\\ufffd\"", true},
        {"\"\\ud83d\\u0061\"", "\"\\ufffda\"", true},
        {"\"\\u007f\"", "\"\x7f\"", true},
        {"\"\\u0080\"", "\"\xc2\x80\"", true},
        {"\"\\u07ff\"", "\"\xdf\xbf\"", true},
        {"\"\\u0800\"", "\"\xe0\xa0\x80\"", true},
        {"\"\\ud7ff\"", "\"\xed\x9f\xbf\"", true},
        {"\"\\ue000\"", "\"\xee\x80\x80\"", true},
        {"\"\\uffff\"", "\"\xef\xbf\xbf\"", true},
        {"\"\\ud800\\udc00\"", "\"\xf0\x90\x80\x80\"", true},
        {"\"\\udbff\\udfff\"", "\"\xf4\x8f\xbf\xbf\"", true},
        {"\"\\udbff\\ue000\"", "\"\\ufffd\\ue000\"", true},
        {"\"\\ud800\\udbff\"", "\"\\ufffd\\ufffd\"", true},
        {"\"\\udfff\"", "\"\\ufffd\"", true},
        {"\"a\"", "\"ab\"", false},
        {"\"ab\"", "\"a\"", false},
        {"\"\\u0000\"", "\"\\u0000a\"", false},
        {"\"A\"", "\"a\"", false},
        {"[]", "[ ]", true},
        {"[1,2]", "[1, 2.0]", true},
        {"[1,2]", "[2,1]", false},
        {"[1]", "[1,1]", false},
        {"[1,1]", "[1]", false},
        {"[[]]", "[{}]", false},
        {"{}", "{}", true},
        {"{\"a\":1,\"b\":[2]}", "{ \"b\" : [2.0] , \"a\" : 1 }", true},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
        {"{\"a\":1,\"b\":2}", "{\"a\":1}", false},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"{\"a\":{\"b\":1}}", "{\"a\":{\"b\":2}}", false},
        {"{\"a\":2}", "{\"a\":1,\"\\u0061\":2}", true},
        {"{\"a\":1}", "{\"a\":1,\"a\":2}", false},
        {"{}", "[]", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_text a = valid(cases[i].a), b = valid(cases[i].b);

        if (json_text_equal(&a, &b) != cases[i].equal)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
    }
}

static void lengths_are_those_of_people(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {{"\"\"", 0},
                 {"\"abc\"", 3},
                 {"\"\xc3\xa9\xf0\x9f\x98\x80\"", 2},
                 {"\"\\n\\u00e9\"", 2},
                 {"\"\\ud83d\\ude00\"", 1},
                 {"\"\\u0000\"", 1},
                 {"[]", 0},
                 {"[[1,2],3]", 2},
                 {"{\"a\":[1,2,3],\"b\":{}}", 2},
                 {"{}", 0},
                 {"12", 0},
                 {"true", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_text value = valid(cases[i].text);

        assert_int_equal(json_text_length(&value), cases[i].length);
    }
}

static void strings_are_decoded(void **state)
{
    static const char text[] =
        "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20ac\\uD83D\\uDE00\\ud800\\u0000z\"";
    static const char bytes[] =
        "a\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd\0z";
    struct json_text value = valid(text);
    char decoded[sizeof text];

    (void)state;
    assert_int_equal(json_text_decode(&value, decoded), sizeof bytes - 1);
    assert_memory_equal(decoded, bytes, sizeof bytes - 1);
}

static void decimals_are_compared_without_rounding(void **state)
{
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        {"0", "-0.00e5", 0},
        {"0", "0e99999999999999999999", 0},
        {"1", "1.000", 0},
        {"1", "+1", 0},
        {"01", "1", 0},
        {"100", "1e2", 0},
        {"100", "0.001e5", 0},
        {"1.5", "15E-1", 0},
        {".5", "0.5", 0},
        {"5.", "5", 0},
        {"1", "2", -1},
        {"9", "10", -1},
        {"10", "9", 1},
        {"-1", "1", -1},
        {"-2", "-1", -1},
        {"-1", "-2", 1},
        {"-1", "0", -1},
        {"0", "1e-400", -1},
        {"0", "-1e-400", 1},
        {"1e400", "1e399", 1},
        {"1e-400", "1e-399", -1},
        {"0.1", "0.10000000000000000000000001", -1},
        {"9007199254740993", "9007199254740992", 1},
        {"9007199254740993", "9007199254740992.0", 1},
        {"18446744073709551615", "18446744073709551616", -1},
        {"-9223372036854775808", "-9223372036854775809", 1},
        {"1000000000000000000000000000000", "1e30", 0},
        {"1000000000000000000000000000001", "1e30", 1},
        {"99.9", "100", -1},
        {"1.2", "1.19", 1},
        {"12.34", "12.345", -1},
        {"102", "12", 1},
        {"1e99999999999999999999", "1e99999999999999999998", 0},
        {"1e-99999999999999999999", "0", 1},
        {"1e99999999999999999999", "9", 1},
        {"1e99999999999999999", "1e99999999999999998", 1},
        {"1e100000000000000000", "1e99999999999999999", 1},
        {"1e100000000000000001", "1e100000000000000000", 0},
        {"5.", "5.0", 0},
        {"1.50", "1.5", 0},
        {"0.0", "0", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *a = cases[i].a, *b = cases[i].b;
        int order = decimal_compare(a, strlen(a), b, strlen(b));
        int back = decimal_compare(b, strlen(b), a, strlen(a));

        if ((order > 0) - (order < 0) != cases[i].order ||
            (back > 0) - (back < 0) != -cases[i].order)
            fail_msg("%s and %s: %d, %d", a, b, order, back);
    }
}

static void only_decimals_are_numbers(void **state)
{
    static const char *const numbers[] = {"0",  "-1",  "+1",   "007",    "1.", "00",
                                          ".1", "1e5", "1E+5", "1.5e-5", "0."};
    static const char *const others[] = {"",   "-",   ".",   "-.",    "e5",    "1e",  "1e+", "1 ",
                                         " 1", "1,5", "0x1", "1..2",  "1.2.3", "--1", "+",   "1e-",
                                         "1E", "NaN", "inf", "1e5e5", "1e5.5", "1-2"};
    char *block;

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        size_t size = strlen(numbers[i]);

        if (!decimal_is(last_bytes(numbers[i], size, &block), size))
            fail_msg("%s", numbers[i]);
        assert_true(decimal_compare(block + 1, size, block + 1, size) == 0);
        assert_true(decimal_compare(block + 1, size, "100000.5", 8) < 0);
        free(block);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        size_t size = strlen(others[i]);

        if (decimal_is(last_bytes(others[i], size, &block), size))
            fail_msg("%s", others[i]);
        free(block);
    }
    assert_true(decimal_compare(last_bytes("1", 1, &block), 1, "1.01", 4) < 0);
    free(block);
    assert_false(decimal_is("1\0", 2));
    assert_true(decimal_is("15x", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_json_text_is_accepted),
        cmocka_unit_test(what_is_no_json_text_is_refused_at_its_first_wrong_byte),
        cmocka_unit_test(arrays_and_objects_nest_2048_levels_deep),
        cmocka_unit_test(each_value_has_its_kind),
        cmocka_unit_test(a_pointer_finds_what_rfc_6901_defines),
        cmocka_unit_test(values_are_equal_by_their_meaning),
        cmocka_unit_test(lengths_are_those_of_people),
        cmocka_unit_test(strings_are_decoded),
        cmocka_unit_test(decimals_are_compared_without_rounding),
        cmocka_unit_test(only_decimals_are_numbers),
    };

    return cmocka_run_group_tests_name("json_text", tests, NULL, NULL);
}
