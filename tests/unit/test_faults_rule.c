/* Patterns, rules and expectations without memory: there is no verdict, and nothing leaks. */
#include "base/json_syntax.h"
#include "base/pattern.h"
#include "model/expectation.h"
#include "model/rule.h"
#include "model/verdict.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "faults.h"

/* Returns whether there was memory; checks the result if there was. */
typedef bool scene(void);

/* Each allocation is missing once, alone and with all after it. */
static void sweep(scene *play, int min)
{
    for (int lasting = 0; lasting < 2; lasting++) {
        bool met = true;
        int nth;

        for (nth = 1; met; nth++) {
            int held = fault.held;
            bool done;

            fault_arm(FAULT_OF_MEMORY, nth, lasting, 0);
            done = play();
            met = fault_disarm();
            if (done == met)
                fail_msg("allocation %d is %s, and yet it %s", nth, met ? "missing" : "there",
                         done ? "is done" : "fails");
            assert_true(play());
            assert_int_equal(fault.held, held);
        }
        assert_in_range(nth, min, 10000);
    }
}

static struct arena *arena;
static const struct pattern *pattern;
static struct rule_part part;
static const struct rule rule = {&part, 1};
static const char *value;

static bool compile(void)
{
    struct pattern_fault fault_of_pattern = {.at = 1, .message = "left from before"};
    struct arena *own = arena_new();
    bool done;

    done = own && pattern_compile(own, "a\\x{263a}", 9, &fault_of_pattern);
    assert_true(!own || done || !*fault_of_pattern.message);
    arena_free(own);
    return done;
}

static bool find(void)
{
    int64_t cpu_left_us = PATTERN_CPU_US;
    enum pattern_result result = pattern_find(pattern, "xab", 3, &cpu_left_us);

    assert_true(result == PATTERN_NO_MEMORY || result == PATTERN_FOUND);
    return result == PATTERN_FOUND;
}

static bool test(void)
{
    int64_t cpu_left_us = PATTERN_CPU_US;
    struct rule_failure failure;
    struct json_text text;
    enum rule_result result;

    assert_int_equal(json_syntax_parse(value, strlen(value), &text), JSON_SYNTAX_VALID);
    result = rule_test_json(&rule, &text, &cpu_left_us, &failure);
    assert_true(result == RULE_NO_MEMORY || result == RULE_MET);
    return result == RULE_MET;
}

static const struct status_range just_200[] = {{200, 200}};
static struct domain domain = {
    .timeout_ms = 1000, .max_body_bytes = 1000, .expect = {.statuses = just_200, .n_statuses = 1}};
static struct exchange exchange = {
    .http_status = 200, .bot_string = -1, .missing = -1, .excluded = -1};

static bool judge(void)
{
    struct check check = {.start_ms = 42};
    int result = verdict_judge(&domain, &exchange, &check);

    assert_true(result != 0 || check.status == STATUS_UP);
    return result == 0;
}

static bool explain(void)
{
    struct buffer lines = BUFFER_WITH_CEILING(1000);
    int result = expectation_explain(&domain, &exchange, "body: matches /ab/", &lines);

    buffer_free(&lines);
    return result == 0;
}

static void a_pattern_without_memory_is_no_mistake(void **state)
{
    (void)state;
    sweep(compile, 3);
}

static void a_search_without_memory_finds_nothing(void **state)
{
    (void)state;
    sweep(find, 4);
}

static void a_rule_without_memory_is_not_judged(void **state)
{
    static const enum rule_test tests[] = {RULE_CONTAINS, RULE_MATCHES};
    static const int min[] = {3, 5};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        value = "\"\\u0061b\"";
        part = (struct rule_part){
            .test = tests[i], .operand = "\"\\u0061\"", .shown = "", .pattern = pattern};
        sweep(test, min[i]);
    }
}

static void an_expectation_without_memory_gives_no_verdict(void **state)
{
    static const char body[] = "{\"a\": \"\\u0061b\"}", headers[] = "X: ab\r\n";
    struct expect_pattern patterns[] = {{pattern, "/ab/", true}};
    struct expect_header header = {"X", &rule};
    struct expect_json json = {"/a", "/a", &rule};

    (void)state;
    part = (struct rule_part){.test = RULE_MATCHES, .shown = "/ab/", .pattern = pattern};
    exchange.body = (struct bytes){body, strlen(body)};
    exchange.headers = (struct bytes){headers, strlen(headers)};
    domain.expect.json = &json;
    domain.expect.n_json = 1;
    domain.expect.headers = &header;
    domain.expect.n_headers = 1;
    sweep(judge, 9);
    domain.expect.patterns = patterns;
    domain.expect.n_patterns = 1;
    patterns[0].must_match = false;
    sweep(explain, 5);
    domain.expect.n_patterns = 0;
}

static int compile_pattern(void **state)
{
    struct pattern_fault fault_of_pattern;

    (void)state;
    arena = arena_new();
    pattern = arena ? pattern_compile(arena, "ab", 2, &fault_of_pattern) : NULL;
    return pattern ? 0 : -1;
}

static int free_pattern(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_without_memory_is_no_mistake),
        cmocka_unit_test(a_search_without_memory_finds_nothing),
        cmocka_unit_test(a_rule_without_memory_is_not_judged),
        cmocka_unit_test(an_expectation_without_memory_gives_no_verdict),
    };

    return cmocka_run_group_tests_name("faults_rule", tests, compile_pattern, free_pattern);
}
