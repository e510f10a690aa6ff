/* base/pattern: what a pattern may cost. */
#include "base/clock.h"
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

/* A search may use this much CPU time; sanitizers and other builds make it slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MAX_US = 400 * 1000 };
#elif defined(__has_feature)
enum { MAX_US = 400 * 1000 };
#else
enum { MAX_US = 100 * 1000 };
#endif

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

static void no_pattern_costs_more_than_100_ms(void **state)
{
    static const char *const patterns[] = {
        "(a+)+$",
        "(a+)+b",
        "(a|a)*$",
        "(a|aa)+$",
        "a*a*a*a*a*b",
        "x*y",
        "a*b",
        "(.*)(.*)(.*)(.*)(.*)[0-9]",
        "(a*)\\1b",
        "(?i)(a*)\\1b",
        "(?=a*)(?=a*)(?=a*)(?=a*)(?=a*)b",
        "(?:(?=a*)a?){1000}b",
        "(?:a?){50}a{50}b",
        "^(a+)*$",
        "(?s).*.*.*b",
        "[^b]*b",
        "a*?b",
        "(?:.*?!)*b",
        "(?R)?a",
        "(a(?R)b)",
        "(*LIMIT_MATCH=4000000000)(a+a+)+b",
        "(*LIMIT_HEAP=4000000000)(*LIMIT_DEPTH=4000000000)(a|b|c)*!b",
        "(*NO_START_OPT)(*NO_AUTO_POSSESS)a+b",
        "(?C1)(a+)+(?C2)$",
        "\\p{L}*b",
        "\\X*b",
        "(?i)\xc3\xa9*b",
        "(\\w+\\s*)+:",
        "(?<=a{200})b",
        "a(*SKIP)b",
        "(*UTF)(a+)+b",
    };
    static const struct {
        const char *unit, *end;
        size_t size;
    } bodies[] = {{"a", "!", 5000},    {"ab ", "!b", 5000},        {"a", "!", 1 << 20},
                  {"a", "b", 1 << 20}, {"\xc3\xa9", "!", 1 << 20}, {"a", "!", 64 << 20}};

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        char *body = body_of(bodies[i].size, bodies[i].unit, bodies[i].end);

        for (size_t j = 0; j < sizeof patterns / sizeof patterns[0]; j++) {
            const struct pattern *pattern = compiled(patterns[j]);
            int64_t cpu_left_us = PATTERN_CPU_US, began_us = clock_thread_us(), used_us;

            pattern_find(pattern, body, bodies[i].size, &cpu_left_us);
            used_us = clock_thread_us() - began_us;
            assert_true(cpu_left_us >= 0 && cpu_left_us <= PATTERN_CPU_US);
            if (used_us > MAX_US)
                fail_msg("%s in %zu bytes: %d us", patterns[j], bodies[i].size, (int)used_us);
        }
        free(body);
    }
}

static void all_patterns_share_the_time(void **state)
{
    char *body = body_of(5000, "a", "!");
    const struct pattern *slow = compiled("(a+)+$"), *fast = compiled("a");
    int64_t cpu_left_us = PATTERN_CPU_US, began_us = clock_thread_us();

    (void)state;
    assert_int_equal(pattern_find(slow, body, 5000, &cpu_left_us), PATTERN_TOO_LONG);
    assert_int_equal(cpu_left_us, 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(pattern_find(slow, body, 5000, &cpu_left_us), PATTERN_TOO_LONG);
    assert_int_equal(pattern_find(fast, body, 5000, &cpu_left_us), PATTERN_TOO_LONG);
    assert_true(clock_thread_us() - began_us < MAX_US);
    cpu_left_us = PATTERN_CPU_US;
    assert_int_equal(pattern_find(fast, body, 5000, &cpu_left_us), PATTERN_FOUND);
    assert_true(cpu_left_us > PATTERN_CPU_US / 2);
    free(body);
}

static void a_pattern_that_needs_too_much_memory_needs_too_many_steps(void **state)
{
    char *body = body_of(1 << 20, "a", "!");

    (void)state;
    assert_int_equal(find("^(a|b)*$", body, 1 << 20), PATTERN_TOO_LONG);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_pattern_costs_more_than_100_ms),
        cmocka_unit_test(all_patterns_share_the_time),
        cmocka_unit_test(a_pattern_that_needs_too_much_memory_needs_too_many_steps),
    };

    return cmocka_run_group_tests_name("pattern_work", tests, open_arena, close_arena);
}
