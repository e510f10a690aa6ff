/* status.h and check.h: names, letters, classes, reading a name, severity, and the state of a
 * check.
 */
#include "model/check.h"
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

static void only_up_and_degraded_count_for_the_uptime(void **state)
{
    (void)state;
    for (int status = 0; status < STATUS_COUNT; status++)
        assert_int_equal(status_is_good((enum status)status),
                         status == STATUS_UP || status == STATUS_DEGRADED);
}

static void a_check_is_degraded_if_it_is_up_with_a_text_that_begins_with_slow(void **state)
{
    static const struct {
        enum status verdict;
        const char *failure;
        enum status state;
    } cases[] = {
        {STATUS_UP, "", STATUS_UP},
        {STATUS_UP, "slow: 1240 ms, expected at most 800", STATUS_DEGRADED},
        {STATUS_UP, "slow: 1240 ms, expected at most 800 (and 210 ms for the name)",
         STATUS_DEGRADED},
        {STATUS_UP, "slow:", STATUS_DEGRADED},
        {STATUS_UP, "slow", STATUS_UP},
        {STATUS_UP, "slo", STATUS_UP},
        {STATUS_UP, "Slow: 1 ms", STATUS_UP},
        {STATUS_UP, " slow: 1 ms", STATUS_UP},
        {STATUS_UP, "slower: 1 ms", STATUS_UP},
        {STATUS_UP, "latency: 1240 ms, at most 800 allowed", STATUS_UP},
        {STATUS_DOWN, "slow: 1240 ms, expected at most 800", STATUS_DOWN},
        {STATUS_DOWN, "latency: 1240 ms, at most 800 allowed", STATUS_DOWN},
        {STATUS_TIMEOUT, "slow: 1 ms", STATUS_TIMEOUT},
        {STATUS_BOT_DETECTED, "slow: 1 ms", STATUS_BOT_DETECTED},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++)
        assert_int_equal(check_state_of(cases[i].verdict, cases[i].failure), cases[i].state);
}

/* Of the same severity, the status with the higher number. */
static void the_worst_status_of_a_set_has_the_highest_severity(void **state)
{
    (void)state;
    assert_int_equal(status_worst(0), STATUS_UNKNOWN);
    for (unsigned set = 1; set < 1U << STATUS_COUNT; set++) {
        enum status worst = status_worst(set);

        assert_true(set >> worst & 1);
        for (unsigned i = 0; i < STATUS_COUNT; i++) {
            int difference = status_severity((enum status)i) - status_severity(worst);

            if (set >> i & 1)
                assert_true(difference < 0 || (difference == 0 && i <= worst));
        }
    }
}

static void the_set_of_cells_has_each_of_their_statuses(void **state)
{
    enum { SIZE = 40 };
    unsigned char cells[SIZE] = {0};
    unsigned seed = 1;

    (void)state;
    assert_int_equal(status_set(cells, 0), 0);
    for (int round = 0; round < 1000; round++) {
        unsigned set = 0;

        for (int i = 0; i < SIZE; i++) {
            seed = seed * 1103515245U + 12345U;
            cells[i] = i > 0 && seed >> 16 & 7 ? cells[i - 1]
                                               : (unsigned char)((seed >> 20) % STATUS_COUNT);
            set |= 1U << cells[i];
        }
        assert_int_equal(status_set(cells, SIZE), set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_status_of_a_set_has_the_highest_severity),
        cmocka_unit_test(each_status_has_a_name_a_letter_and_a_class),
        cmocka_unit_test(severity_rises_from_up_over_unknown_and_degraded_to_down),
        cmocka_unit_test(only_up_and_degraded_count_for_the_uptime),
        cmocka_unit_test(a_check_is_degraded_if_it_is_up_with_a_text_that_begins_with_slow),
        cmocka_unit_test(the_set_of_cells_has_each_of_their_statuses),
    };

    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
