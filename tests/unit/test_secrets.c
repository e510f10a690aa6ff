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
        cmocka_unit_test(a_text_that_becomes_too_long_is_cut),
        cmocka_unit_test(a_copied_table_hides_the_same),
        cmocka_unit_test(whole_values_are_hidden_in_any_bytes),
    };

    return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
