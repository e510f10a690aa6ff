/* base/secrets: secret values are hidden in texts that repeat them. */
#include "base/secrets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two values, and a short one. */
static struct secrets *make_secrets(void)
{
    static const char *const values[][2] = {
        {"S3cret/Töken+x", "${TOKEN}"},
        {"https://hooks.example.org/T0000/longpart1", "${HOOK}"},
        {"abc", "${SHORT}"},
        {"", "${EMPTY}"},
    };
    struct secrets *secrets = secrets_new();

    assert_non_null(secrets);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_int_equal(secrets_add(secrets, values[i][0], strlen(values[i][0]), values[i][1]), 0);
    secrets_sort(secrets);
    return secrets;
}

static void a_value_is_hidden_however_a_text_repeats_it(void **state)
{
    static const struct {
        const char *text, *hidden;
    } cases[] = {
        {"", ""},
        {"nothing in here", "nothing in here"},
        {"S3cret/Töken+x", "${TOKEN}"},
        {"got S3cret/Töken+x.", "got ${TOKEN}."},
        {"S3cret/Töken+xS3cret/Töken+x", "${TOKEN}${TOKEN}"},
        {"http://s3CRET/töken+x/a", "http://${TOKEN}/a"},
        {"s3cret%2Ft%C3%B6ken%2bx", "${TOKEN}"},
        {"%53%33%63%72%65%74/T%c3%b6ken+x", "${TOKEN}"},
        /* base64, after nothing, after "u:" and after "ab:" */
        {"no such host: UzNjcmV0L1TDtmtlbit4", "no such host: ${TOKEN}"},
        {"Basic dTpTM2NyZXQvVMO2a2VuK3g=", "Basic dTp${TOKEN}g="},
        {"basic ywi6uzncmv0l1tdtmtlbit4", "basic ywi6uzncmv0l1tdtmtlbit4"},
        {"basic ywi6uznjcmv0l1tdtmtlbit4", "basic ywi6${TOKEN}"},
        /* cut */
        {"S3cret/T", "${TOKEN}"},
        {"S3cret/T and more", "${TOKEN} and more"},
        {"S3cret", "${TOKEN}"},
        {"S3cr", "${TOKEN}"},
        {"S3c", "S3c"},
        {"S3cret, says the server", "S3cret, says the server"},
        /* parts of a URL */
        {"no such host: hooks.example.org", "no such host: ${HOOK}"},
        {"https://hooks.example.org/T0000/longpart1", "${HOOK}"},
        {"redirect to https: not followed", "redirect to https: not followed"},
        {"longpart1, longpart", "${HOOK}, ${HOOK}"},
        /* a short value would be found everywhere */
        {"abcdef abc", "abcdef abc"},
    };
    struct secrets *secrets = make_secrets();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];

        snprintf(text, sizeof text, "%s", cases[i].text);
        secrets_hide(secrets, text, sizeof text);
        assert_string_equal(text, cases[i].hidden);
    }
    secrets_free(secrets);
}

/* The values of a base are found too, after those of the table. */
static void a_table_can_have_a_base(void **state)
{
    struct secrets *base = make_secrets(), *secrets = secrets_new();
    char text[64] = "longpart1 S3cret/T: shortpart";

    (void)state;
    secrets_set_base(secrets, base);
    secrets_hide(secrets, text, sizeof text);
    assert_string_equal(text, "${HOOK} ${TOKEN}: shortpart");
    assert_int_equal(secrets_add(secrets, "shortpart", 9, "(short)"), 0);
    secrets_sort(secrets);
    secrets_hide(secrets, strcpy(text, "longpart1, shortpart"), sizeof text);
    assert_string_equal(text, "${HOOK}, (short)");
    secrets_free(secrets);
    secrets_free(base);
}

/* It is made of common words: neither a part of it nor its beginning is one. */
static void an_address_is_only_hidden_if_it_is_whole(void **state)
{
    static const char value[] = "mail.example.org";
    static const struct {
        const char *text, *hidden;
    } cases[] = {
        {"mail.example.org", "(target)"},
        {"webMAIL.Example.ORG:25", "web(target):25"},
        {"mail%2eexample.org", "(target)"},
        {"mail.example.net mail.example.or", "mail.example.net mail.example.or"},
        {"bWFpbC5leGFtcGxlLm9yZw", "bWFpbC5leGFtcGxlLm9yZw"},
    };
    struct secrets *secrets = secrets_new(), *copy = secrets_new();

    (void)state;
    assert_int_equal(secrets_add_whole(secrets, value, strlen(value), "(target)"), 0);
    assert_int_equal(secrets_add_whole(secrets, "abc", 3, "(short)"), 0);
    secrets_sort(secrets);
    assert_int_equal(secrets_copy(copy, secrets), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512], same[512];

        strcpy(same, strcpy(text, cases[i].text));
        secrets_hide(secrets, text, sizeof text);
        secrets_hide(copy, same, sizeof same);
        assert_string_equal(text, cases[i].hidden);
        assert_string_equal(same, cases[i].hidden);
    }
    secrets_free(secrets);
    secrets_free(copy);
}

/* As JSON, HTML and URLs write it, also one within the other. */
static void a_value_is_hidden_however_it_is_escaped(void **state)
{
    static const char value[] = "Top/sec\"r\\e\\u0041<x>&'1+ \tü";
    static const char *const shapes[] = {
        "Top/sec\"r\\e\\u0041<x>&'1+ \tü",
        "Top/sec\\\"r\\\\e\\\\u0041<x>&'1+ \\tü",
        "Top\\/sec\\\"r\\\\e\\\\u0041\\u003cx\\u003E\\u0026'1+ \\u0009\\u00fc",
        "Top/sec\\\\\\\"r\\\\\\\\e\\\\\\\\u0041<x>&'1+ \\\\tü",
        "Top/sec&quot;r\\e\\u0041&lt;x&gt;&amp;&#39;1+ \tü",
        "Top/sec&#34;r\\e\\u0041&LT;x&#x3E;&#38;&apos;1&#43; &#9;&#xfc;",
        "Top/sec&amp;quot;r\\e\\u0041&amp;lt;x&amp;gt;&amp;amp;&amp;#39;1+ \tü",
        "Top%2Fsec%22r%5Ce%5Cu0041%3Cx%3E%26%271%2B%20%09%C3%BC",
        "Top%2Fsec%22r%5Ce%5Cu0041%3Cx%3E%26%271%2B+%09%C3%BC",
        "Top%252Fsec%2522r%255Ce%255Cu0041%253Cx%253E%2526%25271%252B%2520%2509%25C3%25BC",
    };
    struct secrets *secrets = secrets_new();
    char text[512];

    (void)state;
    assert_int_equal(secrets_add(secrets, value, strlen(value), "${V}"), 0);
    secrets_sort(secrets);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        snprintf(text, sizeof text, "got \"%s\"", shapes[i]);
        secrets_hide(secrets, text, sizeof text);
        assert_string_equal(text, "got \"${V}\"");
    }
    secrets_free(secrets);
}

/* What is before and after a value may look like a part of an escape with it. */
static void what_is_around_a_value_does_not_show_it(void **state)
{
    static const struct {
        const char *value, *text, *hidden;
    } cases[] = {
        {"41bcdefgh", "%41bcdefgh", "%${V}"},
        {"0041bcdef", "\\u0041bcdef", "\\u${V}"},
        {"newtoken1", "C:\\newtoken1\\x", "C:\\${V}\\x"},
        {"newtoken1", "C:\\\"newtoken1\\\"", "C:\\\"${V}\\\""},
        {"amp;12345", "&amp;12345", "&${V}"},
        {"\\\\\\\\", "a\\\\\\\\", "a${V}"},
        {"ret\\value%3a", "http://h/ret/value%253a", "http://h/${V}"},
        {"?>?>?>?>?>?>", "a Pz4_Pj8-Pz4_Pj8- b", "a ${V} b"},
        {"&amp;&lt;12", "&lt;&amp;amp;&amp;lt;12", "&lt;${V}"},
        {"ab\xff"
         "cd\xe2\x80\xae"
         "efgh\xfe"
         "ij",
         "got ab?cd efgh?ij", "got ${V}"},
        {"a\tb\nc\rd", "got a b c d", "got ${V}"},
        {"secret123", "\\\\", "\\\\"},
        {"secret123", "a\\\\", "a\\\\"},
        {"plain text", "&#0;&#x110000;&#99999999;&#;\\uD800 \\u12 %2 %25 %252 & \\",
         "&#0;&#x110000;&#99999999;&#;\\uD800 \\u12 %2 %25 %252 & \\"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct secrets *secrets = secrets_new(), *copy = secrets_new();
        char text[512], same[512];

        assert_int_equal(secrets_add(secrets, cases[i].value, strlen(cases[i].value), "${V}"), 0);
        secrets_sort(secrets);
        assert_int_equal(secrets_copy(copy, secrets), 0);
        snprintf(text, sizeof text, "%s", cases[i].text);
        snprintf(same, sizeof same, "%s", cases[i].text);
        secrets_hide(secrets, text, sizeof text);
        secrets_hide(copy, same, sizeof same);
        assert_string_equal(text, cases[i].hidden);
        assert_string_equal(same, cases[i].hidden);
        secrets_free(secrets);
        secrets_free(copy);
    }
}

static void a_text_that_becomes_too_long_is_cut(void **state)
{
    struct secrets *secrets = secrets_new();
    char text[16] = "aaaaaaaa12345";

    (void)state;
    secrets_hide(NULL, text, sizeof text);
    secrets_hide(secrets, text, sizeof text);
    assert_string_equal(text, "aaaaaaaa12345");
    assert_int_equal(secrets_add(secrets, "aaaa", 4, "${A_LONG_NAME}"), 0);
    secrets_sort(secrets);
    secrets_hide(secrets, text, sizeof text);
    assert_string_equal(text, "${A_LONG_NAME}$");
    secrets_free(secrets);
}

static void a_copied_table_hides_the_same(void **state)
{
    struct secrets *secrets = make_secrets(), *copy = secrets_new();
    char text[64] = "UzNjcmV0L1TDtmtlbit4 S3cret/Töken+x";

    (void)state;
    assert_int_equal(secrets_copy(copy, NULL), 0);
    assert_int_equal(secrets_copy(copy, secrets), 0);
    secrets_free(secrets);
    secrets_hide(copy, text, sizeof text);
    assert_string_equal(text, "${TOKEN} ${TOKEN}");
    secrets_free(copy);
    secrets_free(NULL);
}

/* Any bytes in values and texts: nothing is read or written outside, and whole values are gone. */
static void whole_values_are_hidden_in_any_bytes(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct secrets *secrets = secrets_new();
        char value[12], text[64];
        size_t size = 4 + (size_t)rand_r(&seed) % 7, at = (size_t)rand_r(&seed) % 40, i;

        for (i = 0; i < size; i++)
            value[i] = (char)(1 + rand_r(&seed) % (round % 2 ? 3 : 255));
        value[size] = '\0';
        for (i = 0; i < sizeof text - 1; i++)
            text[i] = (char)(1 + rand_r(&seed) % (round % 2 ? 3 : 255));
        text[i] = '\0';
        memcpy(text + at, value, size);
        assert_int_equal(secrets_add(secrets, value, size, "-"), 0);
        secrets_sort(secrets);
        secrets_hide(secrets, text, sizeof text);
        assert_null(strstr(text, value));
        secrets_free(secrets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_hidden_however_a_text_repeats_it),
        cmocka_unit_test(an_address_is_only_hidden_if_it_is_whole),
        cmocka_unit_test(a_table_can_have_a_base),
        cmocka_unit_test(a_value_is_hidden_however_it_is_escaped),
        cmocka_unit_test(what_is_around_a_value_does_not_show_it),
        cmocka_unit_test(a_text_that_becomes_too_long_is_cut),
        cmocka_unit_test(a_copied_table_hides_the_same),
        cmocka_unit_test(whole_values_are_hidden_in_any_bytes),
    };

    return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
