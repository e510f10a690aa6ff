/* Each call that fails while results are held and judged. */
#include "state/conditions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "gate_desk.h"

enum { HOSTS = 20 };

/* A pass in which all hosts fail, and one in which all answer. Returns whether the event was
 * recorded both times. */
static bool play(struct desk *desk)
{
    bool failed[2];
    struct error error;

    begin_pass(desk, HOSTS);
    give(desk, 0, HOSTS, false);
    gate_step(desk->gate, true, &failed[0], &error);
    if (failed[0])
        assert_int_equal(error.code, EXIT_IO);
    assert_int_equal(gate_held(desk->gate), 0);
    begin_pass(desk, HOSTS);
    give(desk, 0, HOSTS, true);
    gate_step(desk->gate, true, &failed[1], &error);
    assert_int_equal(desk->n_out, HOSTS);
    return !failed[0] && !failed[1];
}

static void sweep(enum fault_kind kind)
{
    bool met = true;

    for (int nth = 1; met || nth < 8; nth++) {
        struct desk desk;
        bool played;

        desk_open(&desk, HOSTS);
        fault_arm(kind, nth, false, SQLITE_IOERR);
        played = play(&desk);
        met = fault_disarm();
        if (!met) {
            assert_true(played);
            assert_null(conditions_find(desk.storage, EVENT_LOCAL_NETWORK, "ipv4-public"));
        }
        desk_close(&desk);
    }
}

static void a_failed_call_loses_no_result_that_got_an_answer(void **state)
{
    (void)state;
    sweep(FAULT_OF_MEMORY);
    sweep(FAULT_OF_SQL);
}

static void without_memory_there_is_no_gate(void **state)
{
    struct desk desk;
    struct gate_parts parts;

    (void)state;
    desk_open(&desk, HOSTS);
    parts =
        (struct gate_parts){&desk.config, desk.storage, &desk.log, &desk.causes, {&desk, take_out}};
    for (int nth = 1; nth <= 2; nth++) {
        fault_arm(FAULT_OF_MEMORY, nth, false, 0);
        assert_null(gate_new(&parts));
        assert_true(fault_disarm());
    }
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_call_loses_no_result_that_got_an_answer),
        cmocka_unit_test(without_memory_there_is_no_gate),
    };

    return cmocka_run_group_tests_name("faults_gate", tests, NULL, NULL);
}
