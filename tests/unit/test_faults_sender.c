/* Each call that fails while alerts are sent: a fault of this machine is never a failed attempt,
 * and no delivery is taken as accepted that was not. */
#include "alert/sender.h"

#include "check/alloc_hooks.h"

#include "faults.h"
#include "sender_desk.h"

enum { SWEEP_MAX = 2000 };

/* A webhook with an empty header, one with several connections, a mail and a command. */
static void prepare(void)
{
    begin_desk();
    add_hook(0, "http", "/hook/one");
    add_hook(2, "tls", "/hook/four");
    add_mail(3, "smtp", "smtp");
    desk.targets[4] = (struct alert_target){.id = "c", .type = ALERT_COMMAND};
    add_delivery(0, "{}");
    for (int i = 0; i < 4; i++)
        add_delivery(2, "{}");
    add_delivery(3, "Subject: x\r\n\r\nx\r\n");
    add_delivery(4, "fine");
}

static int answers[2]; /* the pipe of the helper */

/* Returns whether all were accepted. The others must not have been tried. */
static bool send_with_fault(int nth)
{
    struct helper helper = {.pipe = {answers[0], answers[1]}};
    struct error error = {.text = ""};
    struct sender *sender;
    bool all = true;

    prepare();
    sender = sender_start(&desk.config, desk.deliveries, desk.n, 5000, &helper, NULL, &error);
    if (!sender && (error.code != EXIT_IO || !strstr(error.text, "alerts")))
        fail_msg("call %d: \"%s\"", nth, error.text);
    sender_finish(sender);
    for (size_t i = 0; i < desk.n; i++) {
        const struct delivery *delivery = &desk.deliveries[i];

        all = all && delivery->result == DELIVERY_ACCEPTED;
        if (delivery->result != DELIVERY_ACCEPTED && delivery->result != DELIVERY_NOT_TRIED)
            fail_msg("call %d: delivery %zu: %d %s", nth, i, (int)delivery->result,
                     delivery->answer);
    }
    return all;
}

/* Whether call number nth was reached, which then fails. In a process of its own, because OpenSSL
 * and libcurl are not used again after an allocation has failed. */
static bool reach_call(enum fault_kind kind, int nth, int code)
{
    enum { REACHED = 3, NOT_REACHED };
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        bool all, met;

        fault_arm(kind, nth, false, code);
        all = send_with_fault(nth);
        met = fault_disarm();
        assert_true(met || all);
        _exit(met ? REACHED : NOT_REACHED);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) < REACHED || WEXITSTATUS(status) > NOT_REACHED)
        fail_msg("call %d", nth);
    return WEXITSTATUS(status) == REACHED;
}

static void without_memory_nothing_is_tried(void **state)
{
    int step = getenv("UPTICK_FAULTS_ALL") ? 1 : 8, nth = 1;

    (void)state;
    while (reach_call(FAULT_OF_MEMORY, nth, 0))
        nth += 1 + (step > 1 && nth > 40 ? nth / step : 0);
    assert_true(nth > 40);
}

static void without_a_pipe_nothing_is_tried(void **state)
{
    (void)state;
    assert_true(reach_call(FAULT_OF_FILE, 1, EMFILE));
}

/* The same of the calls in threads. Each of them fails, then every second one, and so on. */
static int sweep_threads(enum fault_kind kind)
{
    int n = 1, step = getenv("UPTICK_FAULTS_ALL") ? 1 : 3, met;

    for (int every = 1; n > 0 && every < SWEEP_MAX; every += every < 40 ? 1 : step) {
        bool all;

        shared_fault.code = EAGAIN;
        atomic_store(&shared_fault.every, every);
        atomic_store(&shared_fault.seen, 0);
        atomic_store(&shared_fault.met, 0);
        atomic_store(&shared_fault.kind, (int)kind);
        all = send_with_fault(every);
        atomic_store(&shared_fault.kind, (int)FAULT_OFF);
        met = atomic_load(&shared_fault.met);
        assert_true(met > 0 || all);
        if (met == 0)
            return every;
    }
    return n;
}

static void calls_of_libcurl_that_fail_are_no_failed_attempts(void **state)
{
    (void)state;
    assert_true(sweep_threads(FAULT_OF_CURL) > 100);
}

static void without_threads_nothing_is_tried(void **state)
{
    (void)state;
    assert_true(sweep_threads(FAULT_OF_THREAD) > 3);
}

static int open_all(void **state)
{
    return pipe(answers) || open_server(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_nothing_is_tried),
        cmocka_unit_test(without_a_pipe_nothing_is_tried),
        cmocka_unit_test(calls_of_libcurl_that_fail_are_no_failed_attempts),
        cmocka_unit_test(without_threads_nothing_is_tried),
    };

    alloc_hooks_install();
    return cmocka_run_group_tests_name("faults_sender", tests, open_all, close_server);
}
