/* Each call that fails while witnesses are asked: a fault of this machine never makes a witness
 * silent, so it never makes the failures of others a local fault. */
#include "commands/witnesses.h"

#include "checking.h"
#include "fake_server.h"
#include "faults.h"
#include "gate_desk.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { WITNESSES = 2, HOSTS = 20, FAILED = 14 };

static const bool suspects[NETWORK_SCOPES] = {
    [SCOPE_IPV4_PUBLIC] = true, [SCOPE_IPV6_PRIVATE] = true, [SCOPE_NAMES] = true};

static void answer(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    fake_say(fd, "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
}

/* The witnesses of a configuration, at this port. */
static struct config make_config(int port)
{
    static struct probe probes[WITNESSES];
    static struct domain domains[WITNESSES];
    static struct site site = {.id = "s", .name = "s"};

    for (int i = 0; i < WITNESSES; i++) {
        probe_init(&probes[i], "http://127.0.0.1:%d/", port);
        probes[i].domain.timeout_ms = 1000;
        domains[i] = probes[i].domain;
    }
    return (struct config){.in_flight = 256,
                           .sites = &site,
                           .n_sites = 1,
                           .local_network = {.witnesses = domains, .n_witnesses = WITNESSES}};
}

/* Asks, and waits for the answers. Returns what they show for IPv4. */
static enum suspicion_witness wait_for(struct witnesses *witnesses)
{
    enum suspicion_witness shown;
    int64_t answered_ms = 0;

    while (!witnesses_step(witnesses))
        continue;
    shown = witnesses_of(witnesses, SCOPE_IPV4_PUBLIC, &answered_ms);
    assert_int_equal(answered_ms > 0, shown == WITNESS_ANSWERED);
    assert_int_equal(witnesses_of(witnesses, SCOPE_IPV4_PRIVATE, &answered_ms), shown);

    /* These witnesses have no IPv6 address and no name, so they show nothing about those. */
    assert_int_equal(witnesses_of(witnesses, SCOPE_IPV6_PRIVATE, &answered_ms), WITNESS_NONE);
    assert_int_equal(witnesses_of(witnesses, SCOPE_NAMES, &answered_ms), WITNESS_NONE);
    witnesses_free(witnesses);
    return shown;
}

static void any_response_is_an_answer_and_a_refusal_is_none(void **state)
{
    int dead, refusing = fake_refuse("127.0.0.1", &dead);
    struct config config;
    struct error error;
    struct fake fake;

    (void)state;
    fake_start(&fake, answer, NULL);
    config = make_config(fake.port);
    assert_int_equal(wait_for(witnesses_ask(&config, suspects, &error)), WITNESS_ANSWERED);
    fake_stop(&fake);
    config = make_config(dead);
    assert_int_equal(wait_for(witnesses_ask(&config, suspects, &error)), WITNESS_SILENT);
    close(refusing);
}

static void without_memory_no_witness_is_asked(void **state)
{
    struct config config;
    struct fake fake;
    bool met = true;
    int nth;

    (void)state;
    fake_start(&fake, answer, NULL);
    config = make_config(fake.port);
    for (nth = 1; nth < 12 && met; nth++) {
        struct error error = {.text = ""};
        struct witnesses *witnesses;

        fault_arm(FAULT_OF_MEMORY, nth, false, 0);
        witnesses = witnesses_ask(&config, suspects, &error);
        met = fault_disarm();
        if (!witnesses) {
            assert_true(met);
            assert_int_equal(error.code, EXIT_IO);
            assert_non_null(strstr(error.text, "memory"));
        } else {
            assert_true(wait_for(witnesses) != WITNESS_SILENT);
        }
    }
    assert_true(nth > 5);
    fake_stop(&fake);
}

static void calls_of_libraries_that_fail_show_nothing_about_a_witness(void **state)
{
    static const enum fault_kind kinds[] = {FAULT_OF_CURL, FAULT_OF_POLLER};
    static const int numbers[] = {1, 2, 5};
    struct config config;
    struct fake fake;

    (void)state;
    fake_start(&fake, answer, NULL);
    config = make_config(fake.port);
    for (size_t i = 0; i < 2 * (sizeof numbers / sizeof numbers[0]); i++) {
        struct witnesses *witnesses;
        struct error error;

        shared_fault.code = ENOSPC;
        atomic_store(&shared_fault.every, numbers[i / 2]);
        atomic_store(&shared_fault.seen, 0);
        atomic_store(&shared_fault.kind, (int)kinds[i % 2]);
        witnesses = witnesses_ask(&config, suspects, &error);
        if (witnesses && wait_for(witnesses) == WITNESS_SILENT)
            fail_msg("every %dth call of kind %d", numbers[i / 2], (int)kinds[i % 2]);
        atomic_store(&shared_fault.kind, (int)FAULT_OFF);
    }
    fake_stop(&fake);
}

/* A pass in which 14 of 20 hosts fail, and no witness answers: a local fault. Returns how many
 * results were let through. */
static size_t judge_with_witness(struct desk *desk)
{
    struct error error = {.text = ""};
    bool failed = false;

    begin_pass(desk, HOSTS);
    give(desk, 0, FAILED, false);
    give(desk, FAILED, HOSTS, true);
    while (gate_step(desk->gate, true, &failed, &error))
        continue;
    if (failed)
        assert_int_equal(error.code, EXIT_IO);
    assert_int_equal(gate_held(desk->gate), 0);
    return desk->n_out;
}

static void a_gate_without_memory_loses_no_answer_while_it_asks(void **state)
{
    int dead, refusing = fake_refuse("127.0.0.1", &dead);
    struct config asked;
    bool met = true;

    (void)state;
    asked = make_config(dead);
    for (int nth = 0; met || nth == 1; nth++) {
        struct desk desk;
        size_t n_out;

        desk_open(&desk, HOSTS);
        desk.config.in_flight = asked.in_flight;
        desk.config.local_network.witnesses = asked.local_network.witnesses;
        desk.config.local_network.n_witnesses = WITNESSES;
        if (nth > 0)
            fault_arm(FAULT_OF_MEMORY, nth, false, 0);
        n_out = judge_with_witness(&desk);
        met = fault_disarm();

        /* What cannot be held is let through. After libcurl had no memory once, no more witness is
         * asked. */
        if (n_out < HOSTS - FAILED || (nth == 0 && n_out > HOSTS - FAILED))
            fail_msg("call %d: %zu results", nth, n_out);
        desk_close(&desk);
    }
    close(refusing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_response_is_an_answer_and_a_refusal_is_none),
        cmocka_unit_test(without_memory_no_witness_is_asked),
        cmocka_unit_test(calls_of_libraries_that_fail_show_nothing_about_a_witness),
        cmocka_unit_test(a_gate_without_memory_loses_no_answer_while_it_asks),
    };

    return cmocka_run_group_tests_name("faults_witnesses", tests, NULL, NULL);
}
