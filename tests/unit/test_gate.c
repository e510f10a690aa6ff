/* gate.h: which results are held, let through or dropped, and what is recorded about that. */
#include "state/conditions.h"
#include "state/event_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "gate_desk.h"

enum { MANY = 10000 };

static int count_one(void *context, const struct event *event, struct error *error)
{
    char *text = context;
    size_t size = strlen(text);

    (void)error;
    snprintf(text + size, 200 - size, "%s %s %lld;", event_change_name(event->change),
             event->detail, (long long)event->at_ms);
    return 0;
}

static void assert_events(struct desk *desk, const char *expected)
{
    char text[200] = "";
    struct error error;

    assert_int_equal(event_table_each_staged(desk->storage, count_one, text, &error), 0);
    assert_string_equal(text, expected);
}

static void answers_and_faults_of_few_hosts_pass_at_once(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, 4);
    begin_pass(&desk, 4);
    give(&desk, 0, 4, false);
    assert_int_equal(desk.n_out, 4);
    assert_int_equal(gate_held(desk.gate), 0);
    step(&desk, true);
    assert_events(&desk, "");
    desk_close(&desk);
}

static void failures_are_held_until_they_cannot_be_suspect(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, 20);
    begin_pass(&desk, 20);
    give(&desk, 0, 3, false);
    give(&desk, 3, 11, true);
    step(&desk, false);
    assert_int_equal(desk.n_out, 8); /* 12 of 20 may still fail */
    give(&desk, 11, 12, true);
    step(&desk, false);
    assert_int_equal(desk.n_out, 12);
    assert_int_equal(desk.out[9], 0);
    assert_int_equal(desk.out[11], 2);
    desk_close(&desk);
}

static void a_fault_drops_what_is_held_until_something_answers(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, 20);
    begin_pass(&desk, 20);
    give(&desk, 0, 19, false);
    step(&desk, false);
    give(&desk, 19, 20, true);
    step(&desk, false);
    assert_int_equal(desk.n_out, 1);
    assert_int_equal(gate_held(desk.gate), 0);
    assert_events(&desk, "opened 19 of 20 hosts did not answer 1000;");

    /* A recheck, or a check of a later slot. */
    give(&desk, 3, 4, false);
    step(&desk, true);
    assert_int_equal(desk.n_out, 1);

    /* One host does not end it, but five of 20 do. */
    begin_pass(&desk, 20);
    give(&desk, 0, 1, true);
    give(&desk, 1, 20, false);
    step(&desk, false);
    assert_int_equal(desk.n_out, 1);
    begin_pass(&desk, 20);
    give(&desk, 0, 15, false);
    give(&desk, 15, 20, true);
    step(&desk, false);
    assert_int_equal(desk.n_out, 20);
    assert_events(&desk, "opened 19 of 20 hosts did not answer 1000;closed ended 1015;");
    desk_close(&desk);
}

static void monitors_of_one_host_are_one_host(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, 60);
    for (size_t i = 4; i < 60; i++)
        desk.domains[i].host = desk.hosts[3];
    begin_pass(&desk, 60);
    give(&desk, 0, 60, false);
    assert_int_equal(desk.n_out, 60);
    desk_close(&desk);
}

/* A monitor with a short interval, whose later check gets an answer. */
static void the_results_of_a_domain_keep_their_order(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, 20);
    begin_pass(&desk, 20);
    give(&desk, 7, 8, false);
    give(&desk, 7, 8, true);
    step(&desk, false);
    assert_int_equal(desk.n_out, 0);
    give(&desk, 8, 20, true);
    step(&desk, false);
    assert_int_equal(desk.n_out, 14);
    assert_int_equal(desk.out[12], 7);
    assert_int_equal(desk.out[13], 7);
    give(&desk, 7, 8, true);
    assert_int_equal(desk.n_out, 15);

    /* If the failure is dropped, the answer is not. */
    begin_pass(&desk, 20);
    give(&desk, 0, 20, false);
    give(&desk, 7, 8, true);
    step(&desk, true);
    assert_int_equal(desk.n_out, 1);
    assert_events(&desk, "opened 19 of 20 hosts did not answer 1000;");
    desk_close(&desk);
}

static void a_pass_that_ends_late_ends_with_its_first_hold(void **state)
{
    struct desk desk;
    struct error error;

    (void)state;
    desk_open(&desk, 20);
    begin_pass(&desk, 20);
    give(&desk, 0, 10, false);
    assert_int_equal(gate_end_pass(desk.gate, &error), 0);
    assert_int_equal(desk.n_out, 0);
    assert_events(&desk, "opened 10 of 10 hosts did not answer 1000;");
    desk_close(&desk);
}

static void a_known_fault_of_all_hosts_is_a_fault_and_ends_with_an_answer(void **state)
{
    struct desk desk;
    struct result result = result_of(0, false);

    (void)state;
    desk_open(&desk, 2);
    result.no_verdict = true;
    strcpy(result.check.failure, "local fault: the gateway 192.0.2.1 does not answer");
    begin_pass(&desk, 2);
    gate_take(desk.gate, &result);
    result.domain = 1;
    gate_take(desk.gate, &result);
    step(&desk, false);
    assert_events(&desk, "opened 2 of 2 hosts did not answer 1000;");
    begin_pass(&desk, 2);
    gate_take(desk.gate, &result);
    give(&desk, 0, 1, true);
    step(&desk, false);
    assert_events(&desk, "opened 2 of 2 hosts did not answer 1000;closed ended 1000;");
    desk_close(&desk);
}

static void a_scope_without_monitors_has_no_fault_any_more(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, 20);
    begin_pass(&desk, 20);
    give(&desk, 0, 20, false);
    step(&desk, false);
    begin_pass(&desk, 1);
    for (int i = 0; i < 1; i++) {
        struct result result = result_of(0, true);

        result.sighting.scope = SCOPE_IPV6_PUBLIC;
        gate_take(desk.gate, &result);
    }
    step(&desk, false);
    assert_null(conditions_find(desk.storage, EVENT_LOCAL_NETWORK, "ipv4-public"));
    desk_close(&desk);
}

/* Checks with short intervals: what began before the first answer began within the fault. */
static void failures_from_before_the_end_of_a_fault_are_dropped(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk, 40);
    begin_pass(&desk, 40);
    give(&desk, 0, 40, false);
    step(&desk, false);
    give(&desk, 4, 12, false);
    give(&desk, 12, 30, true);
    give(&desk, 30, 33, false);
    step(&desk, true);
    assert_int_equal(desk.n_out, 21);
    assert_int_equal(desk.out[18], 30);
    assert_null(conditions_find(desk.storage, EVENT_LOCAL_NETWORK, "ipv4-public"));
    desk_close(&desk);
}

/* A host that fails over both IP versions: if one of them works for others, it is at fault. If not,
 * a fault of one of them is enough for a doubt. */
static void a_host_that_fails_over_both_ip_versions_counts_in_both(void **state)
{
    static const struct {
        size_t answered; /* of 40 hosts with IPv4 only; the others fail */
        bool is_dropped;
    } cases[] = {{0, true}, {2, true}, {30, false}};

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct desk desk;

        desk_open(&desk, 48);
        begin_pass(&desk, 48);
        give(&desk, 0, cases[c].answered, true);
        give(&desk, cases[c].answered, 40, false);
        for (size_t i = 40; i < 48; i++) {
            struct result result = result_of(i, false);

            result.sighting.other = SCOPE_IPV6_PUBLIC;
            result.sighting.other_network = (uint32_t)i % 4;
            gate_take(desk.gate, &result);
        }
        step(&desk, false);
        assert_int_equal(desk.n_out, cases[c].is_dropped ? cases[c].answered : 48);
        assert_true(conditions_find(desk.storage, EVENT_LOCAL_NETWORK, "ipv6-public"));
        assert_int_equal(conditions_find(desk.storage, EVENT_LOCAL_NETWORK, "ipv4-public") != NULL,
                         cases[c].is_dropped);
        desk_close(&desk);
    }
}

static double cpu_ms(void)
{
    return 1000.0 * (double)clock() / CLOCKS_PER_SEC;
}

/* Prints what the gate costs. The limits are far above that: only a loop in a loop exceeds them. */
static void ten_thousand_results_cost_little(void **state)
{
    struct desk desk;
    double began;

    (void)state;
    desk_open(&desk, MANY);
    for (int well = 1; well >= 0; well--) {
        began = cpu_ms();
        begin_pass(&desk, MANY);
        for (size_t i = 0; i < MANY; i += 250) {
            give(&desk, i, i + 250, well);
            step(&desk, false);
        }
        step(&desk, true);
        print_message("%d monitors, all %s: %.2f ms\n", MANY, well ? "UP" : "failed",
                      cpu_ms() - began);
        assert_true(cpu_ms() - began < 2000);
        assert_int_equal(desk.n_out, well ? MANY : 0);
    }
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_and_faults_of_few_hosts_pass_at_once),
        cmocka_unit_test(failures_are_held_until_they_cannot_be_suspect),
        cmocka_unit_test(a_fault_drops_what_is_held_until_something_answers),
        cmocka_unit_test(monitors_of_one_host_are_one_host),
        cmocka_unit_test(the_results_of_a_domain_keep_their_order),
        cmocka_unit_test(a_pass_that_ends_late_ends_with_its_first_hold),
        cmocka_unit_test(a_known_fault_of_all_hosts_is_a_fault_and_ends_with_an_answer),
        cmocka_unit_test(a_scope_without_monitors_has_no_fault_any_more),
        cmocka_unit_test(failures_from_before_the_end_of_a_fault_are_dropped),
        cmocka_unit_test(a_host_that_fails_over_both_ip_versions_counts_in_both),
        cmocka_unit_test(ten_thousand_results_cost_little),
    };

    return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
