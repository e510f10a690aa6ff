/* status.h: names, letters, classes, reading a name, and severity. */
#include "model/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void each_status_has_a_name_a_letter_and_a_class(void **state)
{
    static const struct {
        enum status status;
        const char *name, *class;
        char letter;
        bool of_a_check;
    } cases[] = {
        {STATUS_UNKNOWN, "UNKNOWN", "unknown", '-', false},
        {STATUS_UP, "UP", "up", 'U', true},
        {STATUS_DEGRADED, "DEGRADED", "degraded", 'G', false},
        {STATUS_BOT_DETECTED, "BOT_DETECTED", "bot", 'B', true},
        {STATUS_DOWN, "DOWN", "down", 'D', true},
        {STATUS_TIMEOUT, "TIMEOUT", "down", 'T', true},
    };

    (void)state;
    assert_int_equal(LENGTH(cases), STATUS_COUNT);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        size_t size = strlen(cases[i].name);
        enum status status = STATUS_COUNT;

        assert_string_equal(status_name(cases[i].status), cases[i].name);
        assert_string_equal(status_class(cases[i].status), cases[i].class);
        assert_int_equal(status_letter(cases[i].status), cases[i].letter);

        /* A status that is not a verdict is never read from the CSV. */
        assert_int_equal(status_read(cases[i].name, size, &status), cases[i].of_a_check ? 0 : -1);
        assert_int_equal(status, cases[i].of_a_check ? cases[i].status : STATUS_COUNT);
        assert_int_equal(status_read(cases[i].name, size - 1, &status), -1);
        assert_int_equal(status_read(cases[i].name, size + 1, &status), -1);
    }
}

static void severity_rises_from_up_over_unknown_and_degraded_to_down(void **state)
{
    static const struct {
        enum status status;
        int severity;
    } cases[] = {{STATUS_UP, 0},           {STATUS_UNKNOWN, 1}, {STATUS_DEGRADED, 2},
                 {STATUS_BOT_DETECTED, 2}, {STATUS_DOWN, 3},    {STATUS_TIMEOUT, 3}};

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++)
        assert_int_equal(status_severity(cases[i].status), cases[i].severity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_status_has_a_name_a_letter_and_a_class),
        cmocka_unit_test(severity_rises_from_up_over_unknown_and_degraded_to_down),
    };

    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
