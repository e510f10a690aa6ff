/* What goes wrong with websites: names, name servers and addresses, in a private network. See
 * scenarios.h. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "scenarios.h"
#include "space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AT(host) "http://" host "@:http@/ok"
#define WELL     AT("shop.example")

static bool has_ipv6(struct e2e *world)
{
    bool has = e2e_port(world, "http6") && space_add_v6("2001:db8::1");

    if (!has)
        print_message("this machine has no IPv6\n");
    return has;
}

static void names_that_go_wrong(struct e2e *world)
{
    static const struct scenario rows[] = {
        {"nxdomain", "", AT("missing.example"), WELL, "DOWN", 0, "dns.nxdomain",
         "dns: no such host: missing.example"},
        {"nxdomain-www", "", AT("missing-www.shop.example"), AT("www.shop.example"), "DOWN", 0,
         "dns.nxdomain", "dns: no such host: missing-www.shop.example"},
        {"servfail", "", AT("fail.example"), WELL, "DOWN", 0, "dns.servfail",
         "dns: the name server failed (SERVFAIL): fail.example"},
        {"refused", "", AT("refused.example"), WELL, "DOWN", 0, "dns.refused",
         "dns: the name server refused to answer (REFUSED): refused.example"},
        {"silent", "timeout_seconds: 0.7", AT("silent.example"), WELL, "TIMEOUT", 0,
         "timeout.lookup", "timeout: 0.7 s passed looking up the name"},
        {"silent-for-long", "timeout_seconds: 20", AT("silent2.example"), WELL, "DOWN", 0,
         "dns.silent", "dns: no answer from the name server: silent2.example"},
        {"cname-to-nxdomain", "", AT("dangling.example"), AT("alias.example"), "DOWN", 0,
         "dns.nxdomain", "dns: no such host: dangling.example"},
        {"cname-circle", "", AT("circle.example"), AT("chain.example"), "DOWN", 0, "dns.no_address",
         "dns: the host has no address: circle.example"},
        {"no-address", "", AT("nodata.example"), WELL, "DOWN", 0, "dns.no_address",
         "dns: the host has no address: nodata.example"},
        {"a-missing", "ip_version: 4", AT("v6.example"), AT("both.example"), "DOWN", 0,
         "dns.no_address", "dns: the host has no IPv4 address: v6.example"},
        {"aaaa-missing", "ip_version: 6", AT("four.example"), "http://six.example@:http6@/ok",
         "DOWN", 0, "dns.no_address", "dns: the host has no IPv6 address: four.example"},
    };

    space_names(world, "::1 six.example\n");
    space_file(world, "/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    if (!has_ipv6(world))
        return;
    space_start_dns(world, 0);
    SCENARIOS_CHECK(world, rows);
    space_stop_dns();
}

static void addresses_that_go_wrong(struct e2e *world)
{
    static const struct scenario rows[] = {
        {"connection-refused", "", "http://@refused@/", WELL, "DOWN", 0, "connect.refused",
         "connect: connection refused by 127.0.0.1 port "},
        {"connection-reset", "", "http://@reset@/", WELL, "DOWN", 0, "connect.reset", ""},
        {"load-balancer-dead", "", AT("dead.example"), WELL, "DOWN", 0, "connect.refused",
         "connect: connection refused by 127.0.0.9 port "},
        {"parked", "expect: {body_contains: Add to basket}", "http://shop.example@:http@/plain/200",
         WELL, "DOWN", 200, "body.missing", "body: \"Add to basket\" not found ("},

        /* As in browsers, another address makes up for one that is dead. */
        {"round-robin-with-dead-address", "", AT("robin.example"), WELL, "UP", 200, NULL, NULL},
        {"ipv6-dead", "", AT("both.example"), WELL, "UP", 200, NULL, NULL},
        {"ipv6-dead-and-wanted", "ip_version: 6", AT("both.example"),
         "http://six.example@:http6@/ok", "DOWN", 0, "connect.refused",
         "connect: connection refused by 2001:db8::1 port "},
        {"ipv4-dead-and-wanted", "ip_version: 4", AT("mixed.example"), WELL, "DOWN", 0,
         "connect.refused", "connect: connection refused by 127.0.0.9 port "},
    };

    space_names(world, "127.0.0.9 dead.example\n"
                       "127.0.0.9 robin.example\n127.0.0.1 robin.example\n"
                       "::1 six.example\n127.0.0.9 mixed.example\n::1 mixed.example\n");
    if (!has_ipv6(world))
        return;
    space_start_dns(world, 0);
    SCENARIOS_CHECK(world, rows);
    space_stop_dns();
}

/* 300 ms for each name. */
static void name_servers_that_are_slow(struct e2e *world)
{
    static const struct scenario rows[] = {
        {"slow-name", "", AT("slow.example"), WELL, "UP", 200, NULL, NULL},
        {"slow-name-is-no-latency", "expect: {max_latency_ms: 290}", AT("slow.example"), WELL, "UP",
         200, NULL, NULL},
        {"slow-name-is-not-slow", "expect: {slow_ms: 290}", AT("slow.example"), WELL, "UP", 200,
         NULL, NULL},
        {"slow-name-and-server", "expect: {max_latency_ms: 290}",
         "http://late.example@:http@/slow/400", WELL, "DOWN", 200, "latency.limit", "latency: "},
    };

    space_names(world, "");
    space_start_dns(world, 300);
    SCENARIOS_CHECK(world, rows);
    space_stop_dns();
}

/* A name server at 127.0.0.2 that fails, until the caller closes it. */
static FILE *start_second(struct e2e *world, const char *how)
{
    static const struct timespec pause = {.tv_nsec = 5000000};
    const char *program = getenv("DNS") ? getenv("DNS") : "build/dns";
    FILE *second;
    char *printed;

    e2e_write(world, "second", "");
    second = popen(e2e_format(world, "exec %s 127.0.0.2:53 0 127.0.0.1 %s > '%s'", program, how,
                              e2e_path(world, "second")),
                   "we");
    assert_non_null(second);
    for (int64_t end = e2e_now() + 10000; !strstr((printed = e2e_read(world, "second")), "\n\n");
         nanosleep(&pause, NULL))
        assert_true(e2e_now() < end);
    return second;
}

/* It is the first; the other one answers. */
static void one_of_two_name_servers_fails(struct e2e *world)
{
    static const struct scenario rows[] = {
        {"name", "timeout_seconds: 10", AT("www.example"), WELL, "UP", 200, NULL, NULL},
        {"nxdomain", "timeout_seconds: 10", AT("missing.example"), WELL, "DOWN", 0, "dns.nxdomain",
         "dns: no such host: missing.example"},
    };
    static const char *const failures[] = {"silent", "fail", NULL}; /* NULL: nobody is there */

    space_names(world, "");
    space_file(world, "/etc/resolv.conf",
               "nameserver 127.0.0.2\nnameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    space_start_dns(world, 0);
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        FILE *second = failures[i] ? start_second(world, failures[i]) : NULL;

        e2e_shell(world, "rm -rf data public");
        SCENARIOS_CHECK(world, rows);
        if (second)
            pclose(second);
    }
    space_stop_dns();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(names_that_go_wrong),
        E2E_TEST(addresses_that_go_wrong),
        E2E_TEST(name_servers_that_are_slow),
        E2E_TEST(one_of_two_name_servers_fails),
    };

    space_enter();
    return cmocka_run_group_tests_name("scenarios_names", tests, NULL, NULL);
}
