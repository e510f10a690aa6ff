/*
 * check: every Nth call of libcurl, or of epoll, fails. All checks end soon, and each has its true
 * verdict or none.
 */
#include "checking.h"
#include "fake_server.h"
#include "faults.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A retry after a local fault comes after two seconds. */
enum { PROBES = 40, TIMEOUT_MS = 1000, END_MS = 2 * TIMEOUT_MS + 2000 + 3000 };

static void answer(struct fake *fake, int fd)
{
    fake_read(fake, fd);
    fake_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

/* The probes of the first server are UP, some of them by its address or with it as a proxy; nobody
 * listens on the port of the others. */
static void init_probes(struct probe *probes, struct domain *domains, int port, int dead)
{
    static struct proxy proxy;
    static char url[64];

    snprintf(url, sizeof url, "http://127.0.0.1:%d", port);
    proxy = (struct proxy){.url = url, .host = "127.0.0.1", .port = port};
    for (int i = 0; i < PROBES; i++) {
        if (i % 4 == 1 || i % 4 == 2)
            probe_init(&probes[i], "http://shop.invalid:%d/", port);
        else
            probe_init(&probes[i], "http://127.0.0.1:%d/", i % 4 ? port : dead);
        if (i % 4 == 1)
            probes[i].domain.address = "127.0.0.1";
        if (i % 4 == 2)
            probes[i].domain.proxy = &proxy;
        probes[i].domain.timeout_ms = TIMEOUT_MS;
        domains[i] = probes[i].domain;
    }
}

static void check_results(const struct result *results)
{
    for (int i = 0; i < PROBES; i++) {
        const struct check *check = &results[i].check;

        if (results[i].no_verdict)
            assert_memory_equal(check->failure, "local fault: ", 13);
        else if (i % 4)
            assert_string_equal(check->failure, "");
        else
            assert_memory_equal(check->failure, "connect: connection refused", 27);
    }
}

/* Checks all probes while every Nth call fails. Returns whether any did. */
static bool check_with_faults(const struct config *config, enum fault_kind kind, int every)
{
    static struct job jobs[PROBES];
    static struct result found[PROBES], results[PROBES];
    struct runner *runner = NULL;
    struct error error;
    int64_t begin_ms = clock_monotonic();

    for (size_t i = 0; i < PROBES; i++)
        jobs[i] = (struct job){.domain = i};
    shared_fault.code = kind == FAULT_OF_POLLER ? ENOSPC : 0;
    atomic_store(&shared_fault.every, every);
    atomic_store(&shared_fault.seen, 0);
    atomic_store(&shared_fault.met, 0);
    atomic_store(&shared_fault.kind, (int)kind);
    if (runner_start(&runner, config, jobs, PROBES, &error) == 0) {
        assert_int_equal(checking_drain(runner, found, PROBES), PROBES);
        for (size_t i = 0; i < PROBES; i++)
            results[found[i].job] = found[i];
        check_results(results);
    }
    runner_free(runner);
    atomic_store(&shared_fault.kind, (int)FAULT_OFF);
    assert_true(clock_monotonic() - begin_ms < END_MS);
    return atomic_load(&shared_fault.met) > 0;
}

static void sweep(enum fault_kind kind, const int *numbers)
{
    static struct probe probes[PROBES];
    static struct domain domains[PROBES];
    struct config config = checking_config(domains, PROBES);
    struct fake fake;
    int dead, refusing = fake_refuse("127.0.0.1", &dead);

    fake_start(&fake, answer, NULL);
    init_probes(probes, domains, fake.port, dead);
    for (; *numbers; numbers++)
        assert_true(check_with_faults(&config, kind, *numbers));
    fake_stop(&fake);
    close(refusing);
}

static void calls_of_libcurl_that_fail_leave_no_check_hanging(void **state)
{
    static const int numbers[] = {1, 2, 3, 5, 7, 13, 29, 53, 101, 211, 503, 0};

    (void)state;
    sweep(FAULT_OF_CURL, numbers);
}

static void sockets_that_cannot_be_polled_leave_no_check_hanging(void **state)
{
    static const int numbers[] = {1, 2, 3, 4, 5, 7, 11, 17, 31, 53, 0};

    (void)state;
    sweep(FAULT_OF_POLLER, numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_libcurl_that_fail_leave_no_check_hanging),
        cmocka_unit_test(sockets_that_cannot_be_polled_leave_no_check_hanging),
    };

    return cmocka_run_group_tests_name("faults of libraries", tests, NULL, NULL);
}
