/* check/search: a string is found in a body that comes in pieces. */
#include "check/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

/* Feeds the body in pieces of this size. */
static bool search_in_pieces(struct bytes pattern, struct bytes body, size_t piece)
{
    struct search search;
    bool found;

    assert_int_equal(search_init(&search, pattern), 0);
    for (size_t at = 0; at < body.size; at += piece)
        search_feed(&search, body.data + at, body.size - at < piece ? body.size - at : piece);
    found = search.found;
    search_free(&search);
    search_free(&search); /* a second time is allowed */
    return found;
}

static void a_string_is_found_however_the_body_is_split(void **state)
{
    static const struct {
        struct bytes pattern, body;
        bool found;
    } cases[] = {
        {BYTES("Add to basket"), BYTES("<b>Add to basket</b>"), true},
        {BYTES("Add to basket"), BYTES("<b>add to basket</b>"), false},
        {BYTES("Add to basket"), BYTES("Add to baske"), false},
        {BYTES("aab"), BYTES("aaaaab"), true},
        {BYTES("abcabd"), BYTES("abcabcabd"), true},
        {BYTES("abacababc"), BYTES("abacabacababc"), true},
        {BYTES("aa"), BYTES("abababa"), false},
        {BYTES("a\0b"), BYTES("xa\0\0a\0b"), true},
        {BYTES("\0"), BYTES("no zero"), false},
        {BYTES("\0"), BYTES("one\0"), true},
        {BYTES("\xff\xfe"), BYTES("\xff\xff\xfe"), true},
        {BYTES("x"), BYTES(""), false},
        {BYTES(""), BYTES(""), true},
        {BYTES("whole"), BYTES("whole"), true},
        {BYTES("longer than the body"), BYTES("longer"), false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t piece = 1; piece <= cases[i].body.size + 1; piece++)
            assert_int_equal(search_in_pieces(cases[i].pattern, cases[i].body, piece),
                             cases[i].found);
    }
}

/* Words of two different letters have all kinds of borders. memmem gives the expected result. */
static void the_search_finds_the_same_as_memmem(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 20000; round++) {
        char pattern[8], body[24];
        struct bytes p = {pattern, (size_t)rand() % sizeof pattern + 1};
        struct bytes b = {body, (size_t)rand() % sizeof body + 1};
        bool expected = false;

        for (size_t i = 0; i < p.size; i++)
            pattern[i] = "ab"[rand() % 2];
        for (size_t i = 0; i < b.size; i++)
            body[i] = "ab"[rand() % 2];
        for (size_t i = 0; i + p.size <= b.size; i++)
            expected = expected || memcmp(body + i, pattern, p.size) == 0;
        assert_int_equal(search_in_pieces(p, b, (size_t)rand() % 5 + 1), expected);
    }
}

static void a_megabyte_in_single_bytes_is_searched(void **state)
{
    enum { SIZE = 1 << 20, PATTERN = 1 << 15 };
    char *body = malloc(SIZE);
    char *pattern = malloc(PATTERN);

    (void)state;
    assert_non_null(body);
    assert_non_null(pattern);
    memset(body, 'a', SIZE);
    memset(pattern, 'a', PATTERN);
    pattern[PATTERN - 1] = 'b';
    body[SIZE - 1] = 'b';
    assert_true(search_in_pieces((struct bytes){pattern, PATTERN}, (struct bytes){body, SIZE}, 1));
    free(body);
    free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_string_is_found_however_the_body_is_split),
        cmocka_unit_test(the_search_finds_the_same_as_memmem),
        cmocka_unit_test(a_megabyte_in_single_bytes_is_searched),
    };

    return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
