/* No server gets more requests at once than max_per_host, and no check fails because of that. */
#include "cmocka_all.h"
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 8 }; /* the default of max_per_host */

/* The lines of n domains; %d is replaced by the number of each, in the id and elsewhere. */
static char *domains(struct e2e *world, int n, const char *line)
{
    char *text = e2e_format(world, "%s", "");

    for (int i = 0; i < n; i++) {
        char *one = e2e_format(world, line, i);

        text = e2e_format(world, "%s      - %s\n", text, one);
    }
    return text;
}

/* Each has one row, UP. Returns the first and the last of their starts, as texts. */
struct span {
    const char *first, *last;
};

static struct span check_up(struct e2e *world, const char *id, int n)
{
    struct span span = {NULL, NULL};

    for (int i = 0; i < n; i++) {
        const char *monitor = e2e_format(world, "s/%s%d", id, i);
        struct csv csv = e2e_rows(world, monitor);
        const char *at;

        e2e_check(csv.n == 1, "%s has %zu rows", monitor, csv.n);
        e2e_check(!strcmp(csv.rows[0].field[STATUS], "UP"), "%s is %s: %s", monitor,
                  csv.rows[0].field[STATUS], csv.rows[0].field[FAILURE]);
        at = csv.rows[0].field[TIMESTAMP];
        if (!span.first || strcmp(at, span.first) < 0)
            span.first = at;
        if (!span.last || strcmp(at, span.last) > 0)
            span.last = at;
    }
    return span;
}

/* All together take longer than the timeout of one. */
static void a_hundred_monitors_of_one_server_respect_max_per_host(struct e2e *world)
{
    e2e_config(world, e2e_format(world, "sites:\n  - id: s\n    domains:\n%s",
                                 domains(world, 100,
                                         "{id: d%d, interval_seconds: 60, timeout_seconds: 1, "
                                         "url: 'http://@http@/crowd/a/100'}")));
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_true(world->last.seconds >= 1.2);
    check_up(world, "d", 100);
    assert_in_range(e2e_crowd(world, "a"), 1, AT_ONCE);
}

static void each_port_of_a_host_has_its_own_limit(struct e2e *world)
{
    e2e_config(world,
               e2e_format(world,
                          "defaults: {interval_seconds: 60, ca_file: @folder@/ca.pem}\n"
                          "sites:\n  - id: s\n    domains:\n%s%s",
                          domains(world, 40, "{id: a%d, url: 'http://@http@/crowd/a/100'}"),
                          domains(world, 40, "{id: b%d, url: 'https://@tls@/crowd/b/100'}")));
    e2e_tick(world, "2026-11-23 09:30:00");
    check_up(world, "a", 40);
    check_up(world, "b", 40);
    assert_in_range(e2e_crowd(world, "a"), 1, AT_ONCE);
    assert_in_range(e2e_crowd(world, "b"), 1, AT_ONCE);
}

static void max_per_host_of_1_allows_one_request_at_once(struct e2e *world)
{
    e2e_config(world, e2e_format(world,
                                 "max_per_host: 1\nworkers: 10\n"
                                 "sites:\n  - id: s\n    domains:\n%s",
                                 domains(world, 60, "{id: d%d, url: 'http://@http@/crowd/a/5'}")));
    e2e_tick(world, "2026-11-23 09:30:00");
    check_up(world, "d", 60);
    assert_int_equal(e2e_crowd(world, "a"), 1);
}

/* "localhost" is another host. With one worker and few requests in flight, the slow checks are all
 * queued before the others. */
static void other_hosts_do_not_wait_for_a_slow_server(struct e2e *world)
{
    struct span slow, other;

    e2e_config(world,
               e2e_format(world,
                          "workers: 1\nin_flight: 16\n"
                          "sites:\n  - id: s\n    domains:\n%s%s",
                          domains(world, 40, "{id: a%d, url: 'http://@http@/crowd/a/1000'}"),
                          domains(world, 200,
                                  e2e_format(world, "{id: b%%d, url: 'http://localhost:%d/ok'}",
                                             e2e_port(world, "http")))));
    e2e_tick(world, "2026-11-23 09:30:00");
    slow = check_up(world, "a", 40);
    other = check_up(world, "b", 200);
    e2e_check(strcmp(other.last, slow.last) < 0,
              "the last other check started at %s, the last slow one at %s", other.last, slow.last);
    assert_in_range(e2e_crowd(world, "a"), 1, AT_ONCE);
}

/* A tick that starts in the second-last ten seconds has one more slot. */
static void checks_at_later_slots_respect_max_per_host(struct e2e *world)
{
    e2e_config(world, e2e_format(world, "max_per_host: 3\nsites:\n  - id: s\n    domains:\n%s",
                                 domains(world, 30,
                                         "{id: d%d, interval_seconds: 10, timeout_seconds: 5, "
                                         "url: 'http://@http@/crowd/a/150'}")));
    e2e_tick(world, "2026-11-23 09:30:50");
    assert_in_range(e2e_crowd(world, "a"), 1, 3);
    for (int i = 0; i < 30; i++) {
        struct csv csv = e2e_rows(world, e2e_format(world, "s/d%d", i));

        /*
         * One row at once, since the monitor is new, and one at its slot if that is still to come.
         */
        assert_in_range(csv.n, 1, 2);
        for (size_t row = 0; row < csv.n; row++)
            assert_string_equal(csv.rows[row].field[STATUS], "UP");
    }
}

static void retries_respect_max_per_host(struct e2e *world)
{
    e2e_config(world, e2e_format(world, "max_per_host: 2\nsites:\n  - id: s\n    domains:\n%s",
                                 domains(world, 4,
                                         "{id: d%d, retries: 1, expect: {http_status: 500}, "
                                         "url: 'http://@http@/crowd/a/100'}")));
    e2e_tick(world, "2026-11-23 09:30:00");
    assert_int_equal(e2e_all_rows(world), 4);
    assert_int_equal(e2e_count(world, "/crowd/a/100"), 8);
    assert_in_range(e2e_crowd(world, "a"), 1, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_hundred_monitors_of_one_server_respect_max_per_host),
        E2E_TEST(each_port_of_a_host_has_its_own_limit),
        E2E_TEST(max_per_host_of_1_allows_one_request_at_once),
        E2E_TEST(other_hosts_do_not_wait_for_a_slow_server),
        E2E_TEST(checks_at_later_slots_respect_max_per_host),
        E2E_TEST(retries_respect_max_per_host),
    };

    return cmocka_run_group_tests_name("polite", tests, NULL, NULL);
}
