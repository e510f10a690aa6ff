/* base/pattern: what a pattern finds. test_pattern_work has what it may cost. */
#include "patterns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_pattern_finds_what_pcre2_documents(void **state)
{
    static const struct {
        const char *pattern, *bytes;
        bool found;
    } cases[] = {
        {"4\\.\\d+", "version 4.10", true},
        {"4\\.\\d+", "version 4x10", false},
        {"^b", "a\nb", false},
        {"(?m)^b$", "a\nb\nc", true},
        {"a.c", "a\nc", false},
        {"(?s)a.c", "a\nc", true},
        {"(?i)FATAL", "a fatal error", true},
        {"", "", true},
        {"^$", "", true},
        {"a\\Kb", "ab", true},
        {"(?|(a)x|(b)y)\\1", "byb", true},
        {"(a(?1)?b)", "aabb", true},
        {"(?<=a)b", "ab", true},
        {"(?<!a)b", "ab", false},
        {"a(*SKIP)(*FAIL)|b", "ab", true},
        {"(?C1)a(?C255)b(?C\"text\")", "ab", true},
        {"(?C)^a", "ab", true},
        {"(*LIMIT_MATCH=100)a+b", "aab", true},
        {"(*NO_START_OPT)b", "ab", true},
        {"(*CRLF)(?m)^b", "a\r\nb", true},
        /* Bytes */
        {"^.{2}$", "\xc3\xa9", true},
        {"^\\w+$", "\xc3\xa9", false},
        {"\\xff", "\xff", true},
        {"[^a]", "\xff", true},
        /* Characters */
        {"^\xc3\xa9.$", "\xc3\xa9\xc3\xa8", true},
        {"(?i)GR\xc3\x9c\xc3\x9f"
         "E",
         "gr\xc3\xbc\xc3\x9f"
         "e",
         true},
        {"^\xc3\xa9\\w$", "\xc3\xa9\xc3\xa8", true},
        {"\xc3\xa9\\b", "x\xc3\xa9\xc3\xa8", false},
        {"\\x{263a}", "\xe2\x98\xba", true},
        {"\\N{U+263a}", "\xe2\x98\xba", true},
        {"^\\p{L}$", "\xc3\xa9", true},
        {"^\\P{L}$", "\xc3\xa9", false},
        {"^\\X$", "e\xcc\x81", true},
        {"(*UTF)^.$", "\xc3\xa9", true},
        {"(*UTF)a",
         "\xff"
         "a\xff",
         true},
        {"^\\\\p.$", "\\p\xff", true},
        {"^\\\\\\p{L}$", "\\\xc3\xa9", true},
        /* What is no UTF-8 matches nothing. */
        {"\xc3\xa9", "\xff\xc3\xa9\xff", true},
        {"\xc3\xa9.", "\xc3\xa9\xff", false},
        {"^\\p{L}", "\xffz", false},
        {"\\p{L}$", "\xc3", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum pattern_result result = find(cases[i].pattern, cases[i].bytes, strlen(cases[i].bytes));

        if (result != (cases[i].found ? PATTERN_FOUND : PATTERN_NOT_FOUND))
            fail_msg("%s in \"%s\": %d", cases[i].pattern, cases[i].bytes, (int)result);
    }
    assert_int_equal(find("a.b", "xa\0b", 4), PATTERN_FOUND);
    assert_int_equal(pattern_find(pattern_compile(arena, "a\0b", 3, &(struct pattern_fault){0}),
                                  "xa\0b", 4, &(int64_t){1000}),
                     PATTERN_FOUND);
}

static void a_bad_pattern_is_refused_at_the_byte_that_is_wrong(void **state)
{
    static const struct {
        const char *pattern;
        size_t at;
    } cases[] = {{"a(b", 3},      {"[a", 2},        {"*a", 0},
                 {"a)", 1},       {"\xc3\xa9(", 3}, {"(*LIMIT_MATCH=x)", 14},
                 {"\\C", 2},      {"a\\", 2},       {"(?<n", 4},
                 {"\\p{Nope}", 8}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pattern_fault fault;

        size_t size = strlen(cases[i].pattern);
        char *block = malloc(size); /* nothing after the pattern is read */

        assert_non_null(block);
        memcpy(block, cases[i].pattern, size);
        if (pattern_compile(arena, block, size, &fault))
            fail_msg("%s is accepted", cases[i].pattern);
        free(block);
        assert_true(*fault.message);
        if (fault.at != cases[i].at)
            fail_msg("%s is wrong at %zu: %s", cases[i].pattern, fault.at, fault.message);
    }
}

static char *body_of(size_t size, const char *unit, const char *end)
{
    char *body = malloc(size);
    size_t length = strlen(unit);

    assert_non_null(body);
    for (size_t i = 0; i < size; i++)
        body[i] = unit[i % length];
    memcpy(body + size - strlen(end), end, strlen(end));
    return body;
}

/* Bodies of more than 1 MiB are searched in windows. */
static void a_match_may_begin_or_end_at_any_place_of_a_long_body(void **state)
{
    enum { MIB = 1 << 20, SIZE = 3 * MIB };
    static const size_t places[] = {0,       1,           MIB - 6,     MIB - 5,  MIB - 1, MIB,
                                    MIB + 1, 2 * MIB - 3, 2 * MIB + 1, SIZE - 7, SIZE - 6};
    static const struct {
        const char *pattern, *text;
        bool found;
    } cases[] = {
        {"a12345", "a12345", true},
        {"12345", "a12345", true},
        {"(?<=a)1\\d*5", "a12345", true},
        {"(?<!a)12345", "a12345", false},
        {"a\\d+", "a12345", true},
        {"a\\d+\\b", "a12345", true},
        {"a1234$", "a12345", false},
        {"a1234\\z", "a12345", false},
        {"a12(?!345)", "a12345", false},
        {"a12(?=345)", "a12345", true},
        {"a12345(?! )", "a12345", false},
        {"a[^ ]*x", "a12345", false},
        {"\\ba\\w{5} ", "a12345", true},
        {"\xc3\xa9\xe2\x82\xac.",
         "\xc3\xa9\xe2\x82\xac"
         "1",
         true},
        {"\xc3\xa9\\p{Sc}1",
         "\xc3\xa9\xe2\x82\xac"
         "1",
         true},
        {"\xe2\x82\xac$",
         "\xc3\xa9\xe2\x82\xac"
         "1",
         false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        for (size_t j = 0; j < sizeof cases / sizeof cases[0]; j++) {
            char *body = body_of(SIZE, " ", "");
            bool found = cases[j].found, at_end = places[i] + strlen(cases[j].text) == SIZE;

            memcpy(body + places[i], cases[j].text, strlen(cases[j].text));
            /* What is asked after the text is different at the end of the body. */
            if (at_end && strchr(cases[j].pattern, ' '))
                found = strstr(cases[j].pattern, "(?!") != NULL;
            if (find(cases[j].pattern, body, SIZE) != (found ? PATTERN_FOUND : PATTERN_NOT_FOUND))
                fail_msg("%s at %zu", cases[j].pattern, places[i]);
            free(body);
        }
    }
}

static void a_match_may_be_longer_than_a_window(void **state)
{
    char *body = body_of(5 << 20, "x", "y");

    (void)state;
    assert_int_equal(find("^x+y$", body, 5 << 20), PATTERN_FOUND);
    assert_int_equal(find("x{3}+x*+z", body, 1 << 20), PATTERN_NOT_FOUND);
    assert_int_equal(find("\\Gy", body, 5 << 20), PATTERN_NOT_FOUND);
    assert_int_equal(find("\\Gx", body, 5 << 20), PATTERN_FOUND);
    body[0] = 'y';
    assert_int_equal(find("\\Gx", body, 5 << 20), PATTERN_NOT_FOUND);
    assert_int_equal(find("\\Ax", body, 5 << 20), PATTERN_NOT_FOUND);
    assert_int_equal(find("^x", body, 5 << 20), PATTERN_NOT_FOUND);
    body[0] = 'x';
    assert_int_equal(find("^x+$", body, 5 << 20), PATTERN_NOT_FOUND);
    free(body);
}

/* Each window is searched fast, without a look at the clock in it. */
static void the_time_may_end_between_two_windows(void **state)
{
    enum { SIZE = 64 << 20 };
    char *body = body_of(SIZE, "a", "!");
    int64_t cpu_left_us = 1000;

    (void)state;
    assert_int_equal(pattern_find(compiled("b"), body, SIZE, &cpu_left_us), PATTERN_TOO_LONG);
    assert_in_range(cpu_left_us, 0, 999);
    free(body);
}

static void an_empty_body_can_match(void **state)
{
    (void)state;
    assert_int_equal(find("^$", "", 0), PATTERN_FOUND);
    assert_int_equal(find("a", "", 0), PATTERN_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_finds_what_pcre2_documents),
        cmocka_unit_test(a_bad_pattern_is_refused_at_the_byte_that_is_wrong),
        cmocka_unit_test(a_match_may_begin_or_end_at_any_place_of_a_long_body),
        cmocka_unit_test(a_match_may_be_longer_than_a_window),
        cmocka_unit_test(the_time_may_end_between_two_windows),
        cmocka_unit_test(an_empty_body_can_match),
    };

    return cmocka_run_group_tests_name("pattern", tests, open_arena, close_arena);
}
