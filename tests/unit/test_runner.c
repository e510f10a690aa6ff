/* check/runner: many checks at once, retries, checks of a later second, and local faults. */
#include "check/events.h"
#include "checking.h"
#include "fake_server.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

static void hundreds_of_hanging_checks_take_one_timeout(void **state)
{
    enum { N = 500 };
    static struct probe probes[N];
    static struct domain domains[N];
    static struct result results[N];
    struct config config = checking_config(domains, N);
    int port, fd = fake_listen("127.0.0.1", &port);
    int64_t begin = clock_monotonic();

    (void)state;
    for (int i = 0; i < N; i++) {
        probe_init(&probes[i], "http://127.0.0.1:%d/%d", port, i);
        domains[i] = probes[i].domain;
        domains[i].timeout_ms = 1000;
    }
    checking_all(&config, results);
    assert_in_range(clock_monotonic() - begin, 1000, 2500);
    for (int i = 0; i < N; i++)
        expect_verdict(&results[i], STATUS_TIMEOUT, 0,
                       "timeout: 1 s passed waiting for the first byte");
    close(fd);
}

static void a_job_never_waits_for_a_full_worker_if_another_is_free(void **state)
{
    enum { N = 20 };
    static struct probe probes[N];
    struct domain domains[N];
    struct result results[N];
    struct config config = checking_config(domains, N);
    int port, fd = fake_listen("127.0.0.1", &port);
    int64_t begin = clock_monotonic();

    (void)state;
    config.workers = 4;
    config.in_flight = N / 4;
    for (int i = 0; i < N; i++) {
        probe_init(&probes[i], "http://127.0.0.1:%d/", port);
        domains[i] = probes[i].domain;
        domains[i].timeout_ms = 1000;
    }
    checking_all(&config, results);
    assert_in_range(clock_monotonic() - begin, 1000, 1900);
    close(fd);
}

static int by_start(const void *a, const void *b)
{
    const struct result *x = a, *y = b;

    return (x->check.start_ms > y->check.start_ms) - (x->check.start_ms < y->check.start_ms);
}

/* Each of four rounds hangs for its timeout. The time of a check does not run while it waits for
 * its round. */
static void a_server_gets_at_most_max_per_host_requests_at_once(void **state)
{
    enum { N = 40, AT_ONCE = 10, TIMEOUT_MS = 400 };
    static struct probe probes[N];
    struct domain domains[N];
    struct result results[N];
    struct config config = checking_config(domains, N);
    int port, fd = fake_listen("127.0.0.1", &port);

    (void)state;
    config.max_per_host = AT_ONCE;
    for (int i = 0; i < N; i++) {
        probe_init(&probes[i], "http://127.0.0.1:%d/", port);
        domains[i] = probes[i].domain;
        domains[i].timeout_ms = TIMEOUT_MS;
    }
    checking_all(&config, results);
    for (int i = 0; i < N; i++)
        expect_verdict(&results[i], STATUS_TIMEOUT, 0,
                       "timeout: 0.4 s passed waiting for the first byte");
    qsort(results, N, sizeof results[0], by_start);
    for (int i = AT_ONCE; i < N; i++)
        assert_in_range(results[i].check.start_ms - results[i - AT_ONCE].check.start_ms,
                        TIMEOUT_MS - 5, 3 * TIMEOUT_MS);
    close(fd);
}

/* A check is not started if it had to wait until it could no longer end in time. */
static void checks_that_cannot_start_in_time_are_left_over(void **state)
{
    enum { N = 6 };
    static struct probe probes[N];
    struct domain domains[N];
    struct job jobs[N];
    struct result results[N];
    struct config config = checking_config(domains, N);
    struct runner *runner;
    struct error error;
    int port, fd = fake_listen("127.0.0.1", &port);

    (void)state;
    config.max_per_host = 2;
    for (size_t i = 0; i < N; i++) {
        probe_init(&probes[i], "http://127.0.0.1:%d/", port);
        domains[i] = probes[i].domain;
        domains[i].timeout_ms = 300;
        jobs[i] = (struct job){.domain = i, .latest_ms = clock_now() + (i < 4 ? 60000 : 200)};
    }
    assert_int_equal(runner_start(&runner, &config, jobs, N, &error), 0);
    assert_int_equal(checking_drain(runner, results, N), 4);
    assert_int_equal(runner_left_over(runner), 2);
    runner_free(runner);
    close(fd);
}

static void a_stop_ends_hanging_checks_at_once(void **state)
{
    enum { N = 50 };
    static struct probe probes[N];
    static struct domain domains[N];
    static struct job jobs[N];
    struct config config = checking_config(domains, N);
    struct result results[N];
    struct runner *runner;
    struct error error;
    int port, fd = fake_listen("127.0.0.1", &port);
    int64_t begin;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        probe_init(&probes[i], "http%s://127.0.0.1:%d/", i % 2 ? "s" : "", port);
        domains[i] = probes[i].domain;
        domains[i].timeout_ms = 50000;
        jobs[i].domain = i;
    }
    assert_int_equal(runner_start(&runner, &config, jobs, N, &error), 0);

    /* At least one connection was made before the stop. */
    close(accept(fd, NULL, NULL));
    begin = clock_monotonic();
    runner_stop(runner);
    assert_true(checking_drain(runner, results, N) <= 1);
    runner_free(runner);
    assert_in_range(clock_monotonic() - begin, 0, 500);
    close(fd);
}

/* Fails as many requests as the context says, then succeeds. */
static void recover(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    if (atomic_load(&fake->requests) <= *(const int *)fake->context)
        fake_say(fd, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
    else
        fake_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static void captcha(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    fake_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ncaptcha");
}

/* All cases run at once, because each pause takes two seconds. */
static void a_check_that_is_down_is_retried_after_two_seconds(void **state)
{
    static const struct needle bots[] = {{{"captcha", 7}, {"captcha", 7}}};
    int once = 1, always = 1000;
    struct fake mends, stays, bot;
    struct probe probes[4];
    struct domain domains[4];
    struct result results[4];
    struct config config = checking_config(domains, 4);
    int64_t begin = clock_now();

    (void)state;
    fake_start(&mends, recover, &once);
    fake_start(&stays, recover, &always);
    fake_start(&bot, captcha, NULL);
    probe_init(&probes[0], "http://127.0.0.1:%d/", mends.port);
    probe_init(&probes[1], "http://127.0.0.1:%d/", stays.port);
    probe_init(&probes[2], "http://127.0.0.1:%d/", bot.port);
    probe_init(&probes[3], "http://127.0.0.1:%d/", stays.port);
    for (size_t i = 0; i < 4; i++) {
        domains[i] = probes[i].domain;
        domains[i].retries = i == 3 ? 0 : 1;
    }
    domains[2].bot_strings = (struct needles){bots, 1};
    checking_all(&config, results);
    fake_stop(&mends);
    fake_stop(&stays);
    fake_stop(&bot);

    expect_verdict(&results[0], STATUS_UP, 200, "");
    assert_int_equal(results[0].attempts, 2);
    assert_in_range(results[0].check.start_ms - begin, 2000, 3000);
    expect_verdict(&results[1], STATUS_DOWN, 503, "http_status: expected 200, got 503");
    assert_int_equal(results[1].attempts, 2);
    assert_int_equal(results[2].check.status, STATUS_BOT_DETECTED);
    assert_int_equal(results[2].attempts, 1);
    assert_int_equal(results[3].attempts, 1);
    assert_in_range(results[3].check.start_ms - begin, 0, 1500);
}

static void a_job_starts_at_its_slot(void **state)
{
    enum { N = 40 };
    int never = 0;
    struct fake fake;
    struct probe probe;
    struct config config;
    struct job jobs[N];
    struct result results[N];
    struct runner *runner;
    struct error error;
    int64_t begin = clock_now();

    (void)state;
    fake_start(&fake, recover, &never);
    probe_init(&probe, "http://127.0.0.1:%d/", fake.port);
    config = checking_config(&probe.domain, 1);
    for (int i = 0; i < N; i++)
        jobs[i] = (struct job){.start_ms = i < N / 2 ? 0 : begin + 400 + i};
    assert_int_equal(runner_start(&runner, &config, jobs, N, &error), 0);
    assert_int_equal(checking_drain(runner, results, N), N);
    runner_free(runner);
    fake_stop(&fake);
    for (int i = 0; i < N; i++) {
        int64_t after = results[i].check.start_ms - jobs[results[i].job].start_ms;

        assert_int_equal(results[i].check.status, STATUS_UP);
        if (jobs[results[i].job].start_ms)
            assert_in_range(after + 1, 0, 1000);
        else
            assert_in_range(results[i].check.start_ms - begin, 0, 1000);
    }
}

static void results_can_be_taken_one_by_one(void **state)
{
    enum { N = 20 };
    int never = 0, seen[N] = {0};
    struct fake fake;
    struct probe probe;
    struct config config;
    struct job jobs[N] = {{.domain = 0}};
    struct runner *runner;
    struct result result;
    struct error error;
    bool finished = false;
    int taken = 0;

    (void)state;
    fake_start(&fake, recover, &never);
    probe_init(&probe, "http://127.0.0.1:%d/", fake.port);
    config = checking_config(&probe.domain, 1);
    assert_int_equal(runner_start(&runner, &config, jobs, N, &error), 0);
    while (!finished) {
        struct pollfd fd = {.fd = runner_fd(runner), .events = POLLIN};

        assert_int_equal(poll(&fd, 1, 10000), 1);
        if (runner_take(runner, &result, 1, &finished) == 0)
            continue;
        seen[result.job]++;
        taken++;
    }
    assert_int_equal(taken, N);
    for (int i = 0; i < N; i++)
        assert_int_equal(seen[i], 1);

    /* Once all jobs are done it stays readable. */
    assert_int_equal(poll(&(struct pollfd){.fd = runner_fd(runner), .events = POLLIN}, 1, 0), 1);
    runner_free(runner);
    fake_stop(&fake);
}

static void a_runner_without_jobs_finishes_at_once(void **state)
{
    struct config config = checking_config(NULL, 0);
    struct runner *runner;
    struct error error;
    bool finished = false;

    (void)state;
    assert_int_equal(runner_start(&runner, &config, NULL, 0, &error), 0);
    assert_int_equal(poll(&(struct pollfd){.fd = runner_fd(runner), .events = POLLIN}, 1, 0), 1);
    assert_int_equal(runner_take(runner, NULL, 0, &finished), 0);
    assert_true(finished);
    runner_free(runner);
    runner_free(NULL);
}

static void an_unreachable_endpoint_has_the_right_kind_of_failure(void **state)
{
    struct probe probe;
    struct result result;
    char failure[128];
    int port, refusing = fake_refuse("127.0.0.1", &port);

    (void)state;
    probe_init(&probe, "http://127.0.0.1:%d/?secret", port);
    result = checking_one(&probe.domain);
    snprintf(failure, sizeof failure, "connect: connection refused by 127.0.0.1 port %d", port);
    expect_verdict(&result, STATUS_DOWN, 0, failure);
    assert_int_equal(result.phases.us[PHASE_CONNECT], -1);
    assert_int_equal(result.phases.us[PHASE_TOTAL], -1);
    close(refusing);

    probe_init(&probe, "http://user:secret@nope.invalid/?secret");
    probe.domain.timeout_ms = 20000;
    result = checking_one(&probe.domain);
    expect_verdict(&result, STATUS_DOWN, 0, "dns: no such host: nope.invalid");
    assert_int_equal(result.phases.us[PHASE_LOOKUP], -1);
}

/* Local faults. Each test runs in a process of its own, because it changes the limits. */

/* Runs a function in a child process, which fails with any status but 0. */
static void in_a_child(void (*run)(void))
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        run();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Constants of Linux that the headers hide under POSIX. */
#ifndef CLONE_NEWUSER
enum { CLONE_NEWUSER = 0x10000000, CLONE_NEWNET = 0x40000000 };
#endif

#define OR_EXIT(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(__LINE__ & 0x7f);                                                                \
    } while (0)

/*
 * Uses up all descriptors before the check starts, and frees them before its second attempt if
 * give_back is set.
 */
static struct result check_without_descriptors(bool give_back)
{
    enum { LIMIT = 128 };
    struct rlimit limit = {LIMIT, LIMIT};
    struct probe probe;
    struct config config;
    struct job job = {.start_ms = clock_now() + 300};
    struct runner *runner;
    struct result result;
    struct error error;
    bool finished = false;
    int taken[LIMIT], n = 0, port, server = fake_listen("127.0.0.1", &port);

    OR_EXIT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    probe_init(&probe, "http://127.0.0.1:%d/", port);
    probe.domain.timeout_ms = 300;
    config = checking_config(&probe.domain, 1);
    OR_EXIT(runner_start(&runner, &config, &job, 1, &error) == 0);
    while (n < LIMIT && (taken[n] = dup(server)) >= 0)
        n++;
    OR_EXIT(errno == EMFILE);
    if (give_back) {
        while (clock_now() < job.start_ms + 1000)
            poll(NULL, 0, 50);
        while (n > 0)
            close(taken[--n]);
    }
    while (!finished) {
        struct pollfd fd = {.fd = runner_fd(runner), .events = POLLIN};

        OR_EXIT(poll(&fd, 1, 10000) == 1);
        runner_take(runner, &result, 1, &finished);
    }
    runner_free(runner);
    return result;
}

static void check_without_any(void)
{
    struct result result = check_without_descriptors(false);

    OR_EXIT(result.no_verdict);
    OR_EXIT(result.attempts == 2);
    OR_EXIT(result.check.status == STATUS_UNKNOWN);
    OR_EXIT(!strcmp(result.check.failure, "local fault: too many open files (ulimit -n)"));
}

static void check_without_any_at_first(void)
{
    struct result result = check_without_descriptors(true);

    OR_EXIT(!result.no_verdict);
    OR_EXIT(result.attempts == 2);
    OR_EXIT(result.check.status == STATUS_TIMEOUT);
}

static void too_few_descriptors_are_a_local_fault(void **state)
{
    (void)state;
    in_a_child(check_without_any);
}

static void a_local_fault_is_retried_once(void **state)
{
    (void)state;
    in_a_child(check_without_any_at_first);
}

/* A hundred checks fail at first for lack of descriptors, and hang when they are retried. */
static void check_many_without_any_at_first(void)
{
    enum { N = 100, LIMIT = 512, TIMEOUT_MS = 400 };
    static struct probe probes[N];
    static struct domain domains[N];
    static struct result results[N];
    static struct job jobs[N];
    struct rlimit limit = {LIMIT, LIMIT};
    struct config config = checking_config(domains, N);
    struct runner *runner;
    struct error error;
    int taken[LIMIT], n = 0, port, server = fake_listen("127.0.0.1", &port);
    int64_t start_ms = clock_now() + 500;

    OR_EXIT(server >= 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (size_t i = 0; i < N; i++) {
        probe_init(&probes[i], "http://127.0.0.1:%d/", port);
        domains[i] = probes[i].domain;
        domains[i].timeout_ms = TIMEOUT_MS;
        jobs[i] = (struct job){.domain = i, .start_ms = start_ms};
    }
    OR_EXIT(runner_start(&runner, &config, jobs, N, &error) == 0);
    while (n < LIMIT && (taken[n] = dup(server)) >= 0)
        n++;
    while (clock_now() < start_ms + 1000)
        poll(NULL, 0, 50);
    while (n > 0)
        close(taken[--n]);
    OR_EXIT(checking_drain(runner, results, N) == N);
    runner_free(runner);
    for (int i = 0; i < N; i++)
        OR_EXIT(results[i].check.status == STATUS_TIMEOUT && results[i].attempts == 2);

    /* One after the other they would take forty seconds. */
    OR_EXIT(clock_now() - start_ms < 10000);
}

static void many_local_faults_are_retried_together(void **state)
{
    (void)state;
    in_a_child(check_many_without_any_at_first);
}

/* A hundred checks hang, and the limit allows a dozen at a time. */
static void check_below_a_low_limit(void)
{
    enum { N = 100 };
    static struct probe probes[N];
    static struct domain domains[N];
    static struct result results[N];
    static struct job jobs[N];
    struct rlimit limit = {40, 160};
    struct config config = checking_config(domains, N);
    struct runner *runner;
    struct error error;
    int port, server = fake_listen("127.0.0.1", &port);

    OR_EXIT(server >= 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (int i = 0; i < N; i++) {
        probe_init(&probes[i], "http://127.0.0.1:%d/", port);
        domains[i] = probes[i].domain;
        domains[i].timeout_ms = 100;
        jobs[i].domain = (size_t)i;
    }
    OR_EXIT(runner_start(&runner, &config, jobs, N, &error) == 0);
    OR_EXIT(runner_limited_to(runner) == 45);
    OR_EXIT(checking_drain(runner, results, N) == N);
    runner_free(runner);
    for (int i = 0; i < N; i++)
        OR_EXIT(results[i].check.status == STATUS_TIMEOUT && results[i].attempts == 1);
    OR_EXIT(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 160);
}

static void checks_in_flight_stay_below_the_descriptor_limit(void **state)
{
    (void)state;
    in_a_child(check_below_a_low_limit);
}

/* In a new network namespace even loopback is down. Passes if this machine allows none. */
static void check_without_a_network(void)
{
    struct probe probes[2];
    struct domain domains[2];
    struct result results[2];
    struct config config = checking_config(domains, 2);

    if (syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNET))
        return;
    probe_init(&probes[0], "http://127.0.0.1:9/");
    probe_init(&probes[1], "http://[::1]:9/");
    for (int i = 0; i < 2; i++)
        domains[i] = probes[i].domain;
    checking_all(&config, results);
    for (int i = 0; i < 2; i++) {
        OR_EXIT(results[i].no_verdict);
        OR_EXIT(!strncmp(results[i].check.failure, "local fault: ", strlen("local fault: ")));
    }
}

static void a_network_without_a_route_is_a_local_fault(void **state)
{
    (void)state;
    in_a_child(check_without_a_network);
}

static void answer_and_hang(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    fake_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    fake_hang(fake, fd);
}

/* Checks close their sockets, but libcurl may keep one open: then its events are nobody's. */
static void a_socket_that_libcurl_keeps_open_is_not_polled_any_more(void **state)
{
    struct events events;
    struct events_client client = {.events = &events, .fd = -1};
    CURL *easy = curl_easy_init();
    char url[64];
    struct fake fake;
    int left = 0;

    (void)state;
    fake_start(&fake, answer_and_hang, NULL);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", fake.port);
    assert_int_equal(events_open(&events), 0);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &client);
    assert_int_equal(curl_multi_add_handle(events.multi, easy), CURLM_OK);
    while (!curl_multi_info_read(events.multi, &left))
        events_wait(&events, 100);
    while (events_wait(&events, 0))
        continue;
    fake_stop(&fake); /* closes the connection, which makes the socket readable */
    assert_false(events_wait(&events, 0));
    curl_multi_remove_handle(events.multi, easy);
    curl_easy_cleanup(easy);
    events_close(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hundreds_of_hanging_checks_take_one_timeout),
        cmocka_unit_test(a_job_never_waits_for_a_full_worker_if_another_is_free),
        cmocka_unit_test(a_server_gets_at_most_max_per_host_requests_at_once),
        cmocka_unit_test(checks_that_cannot_start_in_time_are_left_over),
        cmocka_unit_test(a_stop_ends_hanging_checks_at_once),
        cmocka_unit_test(a_check_that_is_down_is_retried_after_two_seconds),
        cmocka_unit_test(a_job_starts_at_its_slot),
        cmocka_unit_test(results_can_be_taken_one_by_one),
        cmocka_unit_test(a_runner_without_jobs_finishes_at_once),
        cmocka_unit_test(an_unreachable_endpoint_has_the_right_kind_of_failure),
        cmocka_unit_test(too_few_descriptors_are_a_local_fault),
        cmocka_unit_test(a_local_fault_is_retried_once),
        cmocka_unit_test(many_local_faults_are_retried_together),
        cmocka_unit_test(checks_in_flight_stay_below_the_descriptor_limit),
        cmocka_unit_test(a_network_without_a_route_is_a_local_fault),
        cmocka_unit_test(a_socket_that_libcurl_keeps_open_is_not_polled_any_more),
    };

    return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
