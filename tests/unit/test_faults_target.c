/* check/target: redirects to all kinds of URLs, and libcurl without memory for them. */
#include "check/target.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "faults.h"

static const struct domain origin = {.url = "http://user:secret@h/a", .host = "h", .port = 80};

/* 300 times "a" */
#define A10  "aaaaaaaaaa"
#define A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10
#define A300 A100 A100 A100

static const struct {
    const char *location;
    CURLcode code;
    const char *url; /* where it leads */
    bool same_origin;
    int port;
} cases[] = {
    {"/b", CURLE_OK, "http://user:secret@h/b", true, 80},
    {"#b", CURLE_OK, "http://user:secret@h/a", true, 80},
    {"?b", CURLE_OK, "http://user:secret@h/a?b", true, 80},
    {"http://-h/b", CURLE_URL_MALFORMAT, NULL, false, 0},
    {"/b \xc3\xbc", CURLE_OK, "http://user:secret@h/b%20%C3%BC", true, 80},
    {"http://H:80/b", CURLE_OK, "http://user:secret@H:80/b", true, 80},
    {"http://me@h/b", CURLE_OK, "http://me@h/b", true, 80},
    {"https://h/b", CURLE_OK, "https://h/b", false, 443},
    {"http://h:81/b", CURLE_OK, "http://h:81/b", false, 81},
    {"http://other/b", CURLE_OK, "http://other/b", false, 80},
    {"ftp://h/b", CURLE_UNSUPPORTED_PROTOCOL, NULL, false, 0},
    {"averylongschemethatnobodyknows://h/b", CURLE_UNSUPPORTED_PROTOCOL, NULL, false, 0},
    {"mailto:a@h", CURLE_UNSUPPORTED_PROTOCOL, NULL, false, 0},
    {"com.example.app+x:b", CURLE_UNSUPPORTED_PROTOCOL, NULL, false, 0},
    {"HTTP://h/b", CURLE_OK, "http://user:secret@h/b", true, 80},
    {"./b:c", CURLE_OK, "http://user:secret@h/b:c", true, 80},
    {"http://" A300 "/", CURLE_URL_MALFORMAT, NULL, false, 0},
    {"http://h:99999/", CURLE_URL_MALFORMAT, NULL, false, 0},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void a_redirect_sends_the_login_only_to_the_same_origin(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct target target;

        target_start(&target, &origin);
        assert_int_equal(target_follow(&target, &origin, cases[i].location), cases[i].code);
        assert_int_equal(*target.scheme != '\0', cases[i].code == CURLE_UNSUPPORTED_PROTOCOL);
        if (cases[i].url) {
            assert_string_equal(target.url, cases[i].url);
            assert_int_equal(target.same_origin, cases[i].same_origin);
            assert_int_equal(target.port, cases[i].port);

            /* A second redirect from there. */
            assert_int_equal(target_follow(&target, &origin, "/c"), CURLE_OK);
            assert_int_equal(target.same_origin, cases[i].same_origin);
        }
        target_free(&target);
    }
}

/* Without memory, the redirect fails or has no login. The login never goes to another server. */
static void running_out_of_memory_sends_no_login_to_another_server(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * CASES; i++) {
        bool met = true;

        for (int nth = 1; met; nth++) {
            int held = fault.held;
            struct target target;
            CURLcode code;

            target_start(&target, &origin);
            fault_arm(FAULT_OF_MEMORY, nth, i % 2, 0);
            code = target_follow(&target, &origin, cases[i / 2].location);
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

static void a_url_is_shown_without_its_login(void **state)
{
    static const struct {
        const char *url, *written;
    } urls[] = {
        {"http://user:secret@h/a?b#c", "http://h/a?b"},
        {"https://h:443", "https://h/"},
        {"http://h:443/", "http://h:443/"},
        {"https://[::1]:8443/\xc3\xbc", "https://[::1]:8443/%C3%BC"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        bool met = true;

        for (int nth = 1; met; nth++) {
            int held = fault.held;
            char *written;

            fault_arm(FAULT_OF_MEMORY, nth, false, 0);
            written = target_write_url(urls[i].url);
            met = fault_disarm();
            assert_true(met || written);
            if (written)
                assert_string_equal(written, urls[i].written);
            free(written);
            assert_int_equal(fault.held, held);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_redirect_sends_the_login_only_to_the_same_origin),
        cmocka_unit_test(a_url_is_shown_without_its_login),
        cmocka_unit_test(running_out_of_memory_sends_no_login_to_another_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
