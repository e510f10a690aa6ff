/* model/retry_after: the header, and the failure text that keeps it. */
#include "model/retry_after.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 2026-11-23T09:30:00.500Z, a Monday */
static const int64_t now = 1795426200500;

enum { NONSENSE = -1 };

static void seconds_and_dates_are_read_and_nonsense_is_not(void **state)
{
    static const struct {
        const char *value;
        int seconds;
    } cases[] = {
        {"0", 0},
        {"1", 1},
        {"120", 120},
        {"0120", 120},
        {"3600", 3600},
        {"3601", 3601},
        {"999999999", 999999999},
        {"1000000000", 999999999},
        {"99999999999999999999999999999999999999999999", 999999999},
        {"-1", 0},
        {"-99999999999999999999", 0},

        {"Mon, 23 Nov 2026 09:32:00 GMT", 120}, /* rounded up */
        {"Mon, 23 Nov 2026 09:30:01 GMT", 1},
        {"Mon, 23 Nov 2026 09:30:00 GMT", 0},
        {"Mon, 23 Nov 2026 09:29:59 GMT", 0},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
        {"Monday, 23-Nov-26 09:32:00 GMT", 120},
        {"Mon Nov 23 09:32:00 2026", 120},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 999999999},

        {"", NONSENSE},
        {"-", NONSENSE},
        {"+5", NONSENSE},
        {"1.5", NONSENSE},
        {"5 s", NONSENSE},
        {"5, 6", NONSENSE},
        {"0x10", NONSENSE},
        {"1e3", NONSENSE},
        {"soon", NONSENSE},
        {"Mon, 23 Nov 2026 09:32:00", NONSENSE},
        {"Mon, 23 Nov 2026 09:32:00 CET", NONSENSE},
        {"Mon, 23 Nov 2026 09:32:00 GMT; x", NONSENSE},
        {"Mon, 31 Feb 2026 09:32:00 GMT", NONSENSE},
        {"Mon, 23 Nov 2026 25:32:00 GMT", NONSENSE},
        {"2026-11-23T09:32:00Z", NONSENSE},
        {"Mon, 23 Nov 2026 09:32:00 GMT                             ", NONSENSE},
        {"Mon, 23 Nov 2026 09:32:00 GMT          ", NONSENSE},  /* 39 bytes */
        {"Mon, 23 Nov 2026 09:32:00 GMT           ", NONSENSE}, /* 40 bytes */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int seconds = NONSENSE;
        size_t size = strlen(cases[i].value);
        char *block = malloc(size + 1); /* nothing after the value is read */
        bool read;

        assert_non_null(block);
        memcpy(block + 1, cases[i].value, size);
        read = retry_after_read(block + 1, size, now, &seconds);
        free(block);
        if (read != (cases[i].seconds != NONSENSE) || (read && seconds != cases[i].seconds))
            fail_msg("%s: %d", cases[i].value, seconds);
    }
    assert_false(retry_after_read("Mon, 23 Nov 2026 09:32:00 GMT\0", 30, now, &(int){0}));
    assert_false(retry_after_read("12\0", 3, now, &(int){0}));
}

/* A date is a second; a part of one before it counts as a whole one. */
static void a_wait_until_a_date_is_rounded_up(void **state)
{
    static const struct {
        int64_t before_ms;
        int seconds;
    } cases[] = {{0, 0},    {1, 1},     {999, 1},  {1000, 1},
                 {1001, 2}, {1999, 2},  {2000, 2}, {INT64_C(999999998001), 999999999},
                 {-1, 0},   {-1001, 0}, {-999, 0}, {INT64_C(999999999001), 999999999}};
    static const char date[] = "Sun, 09 Sep 2063 01:46:39 GMT";
    const int64_t date_ms = INT64_C(2956527999000);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int seconds = NONSENSE;

        assert_true(retry_after_read(date, strlen(date), date_ms - cases[i].before_ms, &seconds));
        if (seconds != cases[i].seconds)
            fail_msg("%d ms before: %d", (int)cases[i].before_ms, seconds);
    }
}

static void the_wait_is_read_from_the_failure_text(void **state)
{
    static const struct {
        const char *failure;
        int wait;
    } cases[] = {
        {"http_status: expected 200, got 429 (Retry-After 120 s)", 120},
        {"http_status: expected 200-299 or 404, got 503 (Retry-After 1 s)", 1},
        {"http_status: expected 200, got 503 (Retry-After 3600 s)", 3600},
        {"http_status: expected 200, got 503 (Retry-After 3601 s)", 3600},
        {"http_status: expected 200, got 503 (Retry-After 999999999 s)", 3600},
        {"http_status: expected 200, got 503 (Retry-After 0 s)", 0},
        {"http_status: expected 200, got 503", 0},
        {"http_status: expected 200, got 503 (Retry-After 9999999999 s)", 0},
        {"http_status: expected 200, got 503 (Retry-After  s)", 0},
        {"http_status: expected 200, got 503 (Retry-After -5 s)", 0},
        {"http_status: expected 200, got 503 (Retry-After 5 s) ", 0},
        {"http_status: expected 200, got 503 (Retry-After 5", 0},
        {"body: \"http_status: x (Retry-After 5 s)\" not found (3 bytes read)", 0},
        {"http_status:x (Retry-After 5 s)", 0},
        {"bot: \" (Retry-After 5 s)", 0},
        {" (Retry-After 5 s)", 0},
        {"", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t until = retry_after_until(now, cases[i].failure);

        if (retry_after_wait(cases[i].failure) != cases[i].wait)
            fail_msg("%s: %d", cases[i].failure, retry_after_wait(cases[i].failure));
        assert_true(until == (cases[i].wait ? now + cases[i].wait * INT64_C(1000) : 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seconds_and_dates_are_read_and_nonsense_is_not),
        cmocka_unit_test(a_wait_until_a_date_is_rounded_up),
        cmocka_unit_test(the_wait_is_read_from_the_failure_text),
    };

    return cmocka_run_group_tests_name("retry_after", tests, NULL, NULL);
}
