/* Each call that fails while witnesses are asked: a fault of this machine never makes a witness
 * silent, so it never makes the failures of others a local fault. */
#include "commands/witnesses.h"

#include "checking.h"
#include "fake_server.h"
#include "faults.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { WITNESSES = 2 };

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
    int dead, listener = fake_listen("127.0.0.1", &dead);
    struct config config;
    struct error error;
    struct fake fake;

    (void)state;
    close(listener);
    fake_start(&fake, answer, NULL);
    config = make_config(fake.port);
    assert_int_equal(wait_for(witnesses_ask(&config, suspects, &error)), WITNESS_ANSWERED);
    fake_stop(&fake);
    config = make_config(dead);
    assert_int_equal(wait_for(witnesses_ask(&config, suspects, &error)), WITNESS_SILENT);
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
    static const int numbers[] = {1, 2, 3, 5, 7, 11, 13};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_response_is_an_answer_and_a_refusal_is_none),
        cmocka_unit_test(without_memory_no_witness_is_asked),
        cmocka_unit_test(calls_of_libraries_that_fail_show_nothing_about_a_witness),
    };

    return cmocka_run_group_tests_name("faults_witnesses", tests, NULL, NULL);
}
