/* alert/helper: whatever call fails, in the tick or in the helper process, there is an answer or an
 * error, and nothing is left. */
#include "alert/helper.h"
#include "base/clock.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "faults.h"

enum {
    WAIT_MS = 20000,
    CALLS = 60 /* more than a scene makes of any kind */
};

static const struct alert_target targets[] = {
    {.id = "print", .type = ALERT_PRINT},
    {.id = "cat", .type = ALERT_COMMAND, .command = (const char *const[]){"/bin/cat", NULL}},
};
static const struct config config = {.alerts = targets, .n_alerts = 2};

/* Takes an answer, or the error that there will be none. */
static int await(struct helper *helper, struct helper_answer *answer, struct error *error)
{
    struct pollfd polled = {.fd = helper_descriptor(helper), .events = POLLIN};
    int64_t until = clock_monotonic() + WAIT_MS;
    int taken;

    while ((taken = helper_take(helper, answer, error)) == 0) {
        assert_true(clock_monotonic() < until);
        poll(&polled, 1, 100);
    }
    return taken;
}

/* Runs a command once. Returns whether it did what it should; if not, there was a reason. */
static bool run_once(void)
{
    struct error error = {.text = ""};
    struct helper_answer answer = {.status = -2};
    struct helper *helper;
    int result = helper_start(&config, &helper, &error);
    bool done;

    if (result == 0) {
        result = helper_run(helper, 1, 7, "input", 5, &error);
        if (result == 0)
            result = await(helper, &answer, &error) < 0 ? -1 : 0;
        helper_stop(helper);
    } else {
        assert_null(helper);
    }
    done = result == 0 && answer.status == 0;
    if (result)
        assert_string_not_equal(error.text, "");
    else if (answer.status == -1)
        assert_string_not_equal(answer.output, "");
    else
        assert_int_equal(answer.status, 0);
    if (done && *answer.output) /* it may have been unreadable */
        assert_string_equal(answer.output, "input");
    return done;
}

/* A scene of a fault leaves no process, no descriptor and no memory. */
static void sweep(enum fault_kind kind, int code, bool lasting)
{
    int first = dup(STDIN_FILENO), failed = 0;

    close(first);
    for (int nth = 1; nth <= CALLS; nth++) {
        int held = fault.held, next;

        fault_arm(kind, nth, lasting, code);
        failed += !run_once();
        fault_disarm();
        assert_int_equal(fault.held, held);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        next = dup(STDIN_FILENO);
        assert_int_equal(next, first);
        close(next);
    }
    assert_true(failed > 0);
    assert_true(run_once());
}

static void refused_memory_is_an_error(void **state)
{
    (void)state;
    sweep(FAULT_OF_MEMORY, 0, false);
    sweep(FAULT_OF_MEMORY, 0, true);
}

static void failed_calls_are_an_error_or_an_answer(void **state)
{
    (void)state;
    sweep(FAULT_OF_FILE, EMFILE, false);
    sweep(FAULT_OF_FILE, EAGAIN, false);
    sweep(FAULT_OF_FILE, EIO, true);
}

static void a_helper_that_cannot_be_polled_is_an_error(void **state)
{
    struct helper *helper;
    struct error error;

    (void)state;
    for (int every = 1; every <= 2; every++) {
        atomic_store(&shared_fault.seen, 0);
        atomic_store(&shared_fault.every, every);
        shared_fault.code = ENOMEM;
        atomic_store(&shared_fault.kind, FAULT_OF_POLLER);
        assert_int_equal(helper_start(&config, &helper, &error), -1);
        atomic_store(&shared_fault.kind, FAULT_OFF);
        assert_non_null(strstr(error.text, "cannot start the helper process"));
        assert_int_equal(error.os, ENOMEM);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
    assert_true(run_once());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_memory_is_an_error),
        cmocka_unit_test(failed_calls_are_an_error_or_an_answer),
        cmocka_unit_test(a_helper_that_cannot_be_polled_is_an_error),
    };

    return cmocka_run_group_tests_name("faults_helper", tests, NULL, NULL);
}
