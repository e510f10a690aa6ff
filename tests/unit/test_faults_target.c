/* Where a redirect leads: URLs of every kind, and libcurl without memory for them. */
#include "check/target.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "faults.h"

static const struct domain same_origin = {.url = "http://user:secret@h/a", .host = "h", .port = 80};

/* 300 times an "a". */
#define A10  "aaaaaaaaaa"
#define A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10
#define A300 A100 A100 A100

static const struct {
    const char *location;
    CURLcode code;
    const char *url; /* that is followed */
    bool same_origin;
    int port;
} cases[] = {
    {"/b", CURLE_OK, "http://user:secret@h/b", true, 80},
    {"http://H:80/b", CURLE_OK, "http://user:secret@H:80/b", true, 80},
    {"http://me@h/b", CURLE_OK, "http://me@h/b", true, 80},
    {"https://h/b", CURLE_OK, "https://h/b", false, 443},
    {"http://h:81/b", CURLE_OK, "http://h:81/b", false, 81},
    {"http://other/b", CURLE_OK, "http://other/b", false, 80},
    {"ftp://h/b", CURLE_UNSUPPORTED_PROTOCOL, NULL, false, 0},
    {"averylongschemethatnobodyknows://h/b", CURLE_UNSUPPORTED_PROTOCOL, NULL, false, 0},
    {"http://" A300 "/", CURLE_URL_MALFORMAT, NULL, false, 0},
    {"http://h:99999/", CURLE_URL_MALFORMAT, NULL, false, 0},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void a_redirect_leads_home_with_the_login_and_elsewhere_without(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct target target;

        target_start(&target, &same_origin);
        assert_int_equal(target_follow(&target, &same_origin, cases[i].location), cases[i].code);
        if (cases[i].url) {
            assert_string_equal(target.url, cases[i].url);
            assert_int_equal(target.same_origin, cases[i].same_origin);
            assert_int_equal(target.port, cases[i].port);

            /* And on from there. */
            assert_int_equal(target_follow(&target, &same_origin, "/c"), CURLE_OK);
            assert_int_equal(target.same_origin, cases[i].same_origin);
        }
        target_free(&target);
    }
}

/* It fails, or goes without; the login goes to no other server for want of memory. */
static void without_memory_no_login_goes_elsewhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * CASES; i++) {
        bool met = true;

        for (int nth = 1; met; nth++) {
            int held = fault.held;
            struct target target;
            CURLcode code;

            target_start(&target, &same_origin);
            fault_arm(FAULT_OF_MEMORY, nth, i % 2, 0);
            code = target_follow(&target, &same_origin, cases[i / 2].location);
            met = fault_disarm();
            if (!met)
                assert_int_equal(code, cases[i / 2].code);
            if (code == CURLE_OK && !cases[i / 2].same_origin)
                assert_null(strstr(target.url, "secret"));
            if (cases[i / 2].code)
                assert_int_not_equal(code, CURLE_OK);
            target_free(&target);
            assert_int_equal(fault.held, held);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_redirect_leads_home_with_the_login_and_elsewhere_without),
        cmocka_unit_test(without_memory_no_login_goes_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
