/*
 * Who is at fault if a connection fails: the endpoint is DOWN, and a fault of this machine or of
 * its network records nothing. In a private network with a router, which is a network of its own.
 */
#include "cmocka_all.h"
#include "e2e.h"
#include "router.h"
#include "space.h"

#include <string.h>

/* What must be recorded of a monitor. */
enum record { NOTHING, DOWN, TIMEOUT, UP };

struct monitor {
    const char *url;
    enum record record;
    const char *failure; /* the beginning of the failure, or a part of the report; "": any */
};

static void config_of(struct e2e *world, const struct monitor *monitors, size_t n,
                      const char *timeout)
{
    char *yaml = e2e_format(world,
                            "local_network: {min_hosts: 100}\n"
                            "defaults: {timeout_seconds: %s, interval_seconds: 60}\n"
                            "sites:\n  - id: s\n    domains:\n"
                            "      - {id: here, url: 'http://@http@/ok'}\n",
                            timeout);

    for (size_t i = 0; i < n; i++)
        yaml = e2e_format(world, "%s      - {id: m%zu, url: '%s'}\n", yaml, i, monitors[i].url);
    e2e_config(world, yaml);
}

static void check_monitor(struct e2e *world, const struct monitor *monitor, size_t i)
{
    static const char *const statuses[] = {
        [NOTHING] = "", [DOWN] = "DOWN", [TIMEOUT] = "TIMEOUT", [UP] = "UP"};
    struct csv csv = e2e_rows(world, e2e_format(world, "s/m%zu", i));

    if (monitor->record == NOTHING) {
        if (csv.n > 0)
            fail_msg("%s is %s: %s", monitor->url, csv.rows[0].field[STATUS],
                     csv.rows[0].field[FAILURE]);
        e2e_check(strstr(world->last.err, monitor->failure) != NULL, "%s: no \"%s\" in: %s",
                  monitor->url, monitor->failure, world->last.err);
        return;
    }
    e2e_check(csv.n == 1, "%s has %zu rows: %s", monitor->url, csv.n, world->last.err);
    e2e_check(!strcmp(csv.rows[0].field[STATUS], statuses[monitor->record]) &&
                  strstr(csv.rows[0].field[FAILURE], monitor->failure),
              "%s is %s: %s", monitor->url, csv.rows[0].field[STATUS], csv.rows[0].field[FAILURE]);
}

/* One tick. The monitor of this machine's own server must be UP, whatever happens to the others. */
static void check_all(struct e2e *world, const struct monitor *monitors, size_t n,
                      const char *timeout)
{
    struct csv here;

    config_of(world, monitors, n, timeout);
    world->clock = "2026-11-23 09:30:00";
    e2e_uptick(world, "tick", NULL);
    e2e_check(world->last.status == 0, "status %d: %s", world->last.status, world->last.err);
    for (size_t i = 0; i < n; i++)
        check_monitor(world, &monitors[i], i);
    here = e2e_rows(world, "s/here");
    e2e_check(here.n == 1 && !strcmp(here.rows[0].field[STATUS], "UP"), "not UP: s/here");
}

#define CHECK(world, monitors, timeout)                                                            \
    check_all(world, monitors, sizeof(monitors) / sizeof(monitors)[0], timeout)

static void what_is_refused_elsewhere_is_down(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"http://10.8.0.254:81/", DOWN, "connect: connection refused by 10.8.0.254 port 81"},
        {"http://10.77.0.5/", DOWN, "a router on the way rejects"},
        {"http://10.78.0.5/", DOWN, "a router on the way rejects"},
        {"http://10.79.0.5/", DOWN, "connection refused by 10.79.0.5"},
        {"http://10.80.0.5/", DOWN, "a router on the way rejects"},
        {"http://10.81.0.5/", DOWN, "a router on the way has no route"},
        {"http://[fd77::5]/", DOWN, "a firewall on the way rejects"},
        {"http://[fd78::5]/", DOWN, "a router on the way has no route"},
        {"http://[fd79::5]/", DOWN, "connection refused by fd79::5"},
        {"http://[fd80::5]/", DOWN, "a firewall on the way rejects"},
        /* Hosts on our own network that are switched off. */
        {"http://10.8.0.77/", DOWN, "cannot connect to 10.8.0.77 port 80: the host is off"},
        {"http://[fd08::77]/", DOWN, "cannot connect to fd08::77 port 80: the host is off"},
    };
    struct router router;

    router_network(world, &router);
    e2e_shell(
        world,
        "./router sh -e -c 'ip route add prohibit 10.77.0.0/24; "
        "ip route add unreachable 10.78.0.0/24; ip route add 10.79.0.0/16 dev w0; "
        "ip route add 10.80.0.0/15 dev w0; ip -6 route add prohibit fd77::/64; "
        "ip -6 route add unreachable fd78::/64; ip -6 route add fd79::/64 dev w0; "
        "ip -6 route add fd80::/64 dev w0; "
        "nft add table inet t; nft add chain inet t f {type filter hook forward priority 0\\;}; "
        "nft add rule inet t f ip daddr 10.79.0.0/16 reject with icmp type port-unreachable; "
        "nft add rule inet t f ip daddr 10.80.0.0/16 reject with icmp type admin-prohibited; "
        "nft add rule inet t f ip daddr 10.81.0.0/16 reject with icmp type net-unreachable; "
        "nft add rule inet t f ip6 daddr fd79::/64 reject; "
        "nft add rule inet t f ip6 daddr fd80::/64 reject with icmpv6 type admin-prohibited'");
    CHECK(world, monitors, "4");
    e2e_silent(world, 0);
    router_stop(world, &router);
}

static void what_this_machine_refuses_is_a_local_fault(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"http://10.8.0.254:82/", NOTHING, "local fault: "},
        {"http://10.71.0.1/", NOTHING, "local fault: "},
        {"http://10.72.0.1/", NOTHING, "local fault: "},
        {"http://[fd71::1]/", NOTHING, "local fault: "},
        {"http://[fd72::1]/", NOTHING, "local fault: "},
        {"http://10.73.0.1/", NOTHING, "local fault: "},
        {"http://10.74.0.1/", NOTHING, "local fault: "},
        {"http://10.75.0.1/", NOTHING, "local fault: "},
        {"http://[fd73::1]/", NOTHING, "local fault: "},
        {"http://10.8.0.254:81/", DOWN, "connect: connection refused by 10.8.0.254 port 81"},
    };
    struct router router;

    router_network(world, &router);
    e2e_shell(
        world,
        "ip route add prohibit 10.73.0.0/24 && ip route add unreachable 10.74.0.0/24 && "
        "ip route add blackhole 10.75.0.0/24 && ip -6 route add prohibit fd73::/64 && "
        "nft add table inet t && "
        "nft add chain inet t o '{type filter hook output priority 0;}' && "
        "nft add rule inet t o tcp dport 82 reject with icmpx type port-unreachable && "
        "nft add rule inet t o ip daddr 10.71.0.0/24 reject with icmp type admin-prohibited && "
        "nft add rule inet t o ip daddr 10.72.0.0/24 drop && "
        "nft add rule inet t o ip6 daddr fd71::/64 reject with icmpv6 type admin-prohibited && "
        "nft add rule inet t o ip6 daddr fd72::/64 drop");
    CHECK(world, monitors, "1.5");
    router_stop(world, &router);
}

static void a_dead_gateway_is_a_local_fault(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"http://10.70.0.1/", NOTHING, "local fault: the gateway "},
        {"http://[fd70::1]/", NOTHING, "local fault: the gateway "},
        {"http://10.8.0.254:81/", DOWN, "connection refused by 10.8.0.254"},
        {"http://10.8.0.77/", DOWN, "the host is off"},
    };
    static const char *const timeouts[] = {"4", "0.1"};
    struct router router;

    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        bool short_time = i > 0;

        router_network(world, &router);
        e2e_shell(world, "rm -rf data public && ip route replace default via 10.8.0.99 && "
                         "ip -6 route replace default via fd08::99");
        /* If the time runs out first, the gateway is still being looked for. */
        check_all(world, monitors, short_time ? 2 : 4, timeouts[i]);
        if (!short_time) {
            e2e_shell(world, "ip route replace default via 10.8.0.254 && "
                             "ip -6 route replace default via fd08::254");
            world->clock = "2026-11-23 09:31:00";
            e2e_uptick(world, "tick", NULL);
            assert_string_equal(world->last.err, "local fault over: the gateway does not answer; "
                                                 "checks are made again\n");
        }
        router_stop(world, &router);
    }
}

/* It was there a moment ago: the kernel does not look for it before some seconds have passed. */
static void a_gateway_that_has_just_died_is_a_local_fault(struct e2e *world)
{
    static const struct monitor monitors[] = {{"http://10.70.0.1/", NOTHING, "the gateway "}};
    struct router router;

    router_network(world, &router);
    e2e_shell(world, "echo 1 > /proc/sys/net/ipv4/neigh/v0/delay_first_probe_time && "
                     "mac=$(./router ip -br link show v1 | awk '{print $3}'); "
                     "ip neigh replace 10.8.0.254 lladdr $mac nud stale dev v0 && "
                     "./router ip addr del 10.8.0.254/24 dev v1");
    CHECK(world, monitors, "0.8");
    router_stop(world, &router);
}

static void a_link_that_is_down_is_a_local_fault(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"http://10.70.0.1/", NOTHING, "local fault: "},
        {"http://10.8.0.254:81/", NOTHING, "local fault: "},
        {"http://[fd70::1]/", NOTHING, "local fault: "},
        {"http://[fd08::254]:81/", NOTHING, "local fault: "},
    };
    static const char *const ways[] = {"./router ip link set v1 down", "ip link set v0 down",
                                       "ip link del v0"};
    struct router router;

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        router_network(world, &router);
        e2e_shell(world, "rm -rf data public && %s", ways[i]);
        CHECK(world, monitors, "1");
        router_stop(world, &router);
    }
}

/* IPv4 decides if this machine has no IPv6, or if that is dead. */
static void one_dead_ip_version_leaves_the_verdict_to_the_other(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"http://both.test:81/", DOWN, "connect: connection refused by 10.8.0.254 port 81"},
        {"http://six.test:81/", NOTHING, "local fault: "},
        {"http://four.test:81/", DOWN, "connect: connection refused by 10.8.0.254 port 81"},
    };
    static const char *const ways[] = {"ip -6 route replace default via fd08::99",
                                       "ip -6 route del default",
                                       "echo 1 > /proc/sys/net/ipv6/conf/v0/disable_ipv6"};
    struct router router;

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        router_network(world, &router);
        space_file(world, "/etc/hosts",
                   "10.8.0.254 both.test four.test\nfd70::1 both.test six.test\n");
        e2e_shell(world, "rm -rf data public && %s", ways[i]);
        CHECK(world, monitors, "4");
        router_stop(world, &router);
    }
}

static void a_silent_endpoint_is_a_timeout(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"http://10.71.0.1/", TIMEOUT, "connecting to 10.71.0.1"},
        {"http://[fd71::1]/", TIMEOUT, "connecting to fd71::1"},
    };
    struct router router;

    router_network(world, &router);
    e2e_shell(world, "./router sh -e -c 'ip route add blackhole 10.71.0.0/24; "
                     "ip -6 route add blackhole fd71::/64'");
    CHECK(world, monitors, "0.5");
    router_stop(world, &router);
}

/* A resolver that cannot be used is not the fault of a name, and what needs no name is checked. */
static void name_servers_that_do_not_work_are_a_local_fault(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"http://one.test/", NOTHING, "local fault: no name server "},
        {"http://two.test/", NOTHING, "local fault: no name server "},
        {"http://10.8.0.254:81/", DOWN, "connection refused by 10.8.0.254"},
    };
    static const struct {
        const char *server, *timeout, *command;
    } cases[] = {
        /* closed, silent, off, beyond a dead gateway, rejected and dropped by our firewall */
        {"10.8.0.254", "4", "true"},
        {"10.8.0.254", "1", "./router nft add rule inet t i udp dport 53 drop"},
        {"10.8.0.254", "17", "./router nft add rule inet t i udp dport 53 drop"},
        {"10.8.0.77", "4", "true"},
        {"10.70.0.1", "4", "ip route replace default via 10.8.0.99"},
        {"10.8.0.254", "4", "nft add rule inet t o udp dport 53 reject"},
        {"10.8.0.254", "4", "nft add rule inet t o udp dport 53 drop"},
    };
    struct router router;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        router_network(world, &router);
        space_file(
            world, "/etc/resolv.conf",
            e2e_format(world, "nameserver %s\noptions timeout:1 attempts:2\n", cases[i].server));
        e2e_shell(world,
                  "rm -rf data public; nft add table inet t; ./router nft add table inet t; "
                  "nft add chain inet t o '{type filter hook output priority 0;}'; "
                  "./router nft add chain inet t i '{type filter hook input priority 0;}'; %s",
                  cases[i].command);
        CHECK(world, monitors, cases[i].timeout);
        router_stop(world, &router);
    }
}

static void a_second_name_server_makes_up_for_the_first(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"http://www.test:81/", DOWN, "connect: connection refused by 127.0.0.1 port 81"},
        {"http://missing.test/", DOWN, "dns: no such host"},
        {"http://fail.test/", DOWN, "dns: the name server failed (SERVFAIL)"},
    };
    static const char *const firsts[] = {"10.8.0.254", "10.8.0.77", "10.71.0.1", "fe80::99%v0"};
    struct router router;

    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
        router_network(world, &router);
        space_file(world, "/etc/resolv.conf",
                   e2e_format(world, "nameserver %s\nnameserver 127.0.0.1\n", firsts[i]));
        e2e_shell(world, "rm -rf data public; ./router ip route add blackhole 10.71.0.0/24");
        space_start_dns(world, 0);
        CHECK(world, monitors, "12");
        e2e_silent(world, 0);
        space_stop_dns();
        router_stop(world, &router);
    }
}

/* As routers announce it, and as NetworkManager and others write it. */
static void a_link_local_name_server_is_asked(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"http://www.test:81/", DOWN, "connection refused by 127.0.0.1 port 81"},
        {"http://missing.test/", DOWN, "dns: no such host"},
        {"http://big.test:81/", DOWN, "connection refused by 127.0.0."},
    };
    struct router router;

    router_network(world, &router);
    e2e_shell(world, "ip -6 addr add fe80::53/64 dev v0 nodad");
    space_file(world, "/etc/resolv.conf", "nameserver fe80::53%v0\n");
    space_start_dns_at(world, "[fe80::53%v0]:53", 0);
    CHECK(world, monitors, "5");
    e2e_silent(world, 0);
    space_stop_dns();
    router_stop(world, &router);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(what_is_refused_elsewhere_is_down),
        E2E_TEST(what_this_machine_refuses_is_a_local_fault),
        E2E_TEST(a_dead_gateway_is_a_local_fault),
        E2E_TEST(a_gateway_that_has_just_died_is_a_local_fault),
        E2E_TEST(a_link_that_is_down_is_a_local_fault),
        E2E_TEST(one_dead_ip_version_leaves_the_verdict_to_the_other),
        E2E_TEST(a_silent_endpoint_is_a_timeout),
        E2E_TEST(name_servers_that_do_not_work_are_a_local_fault),
        E2E_TEST(a_second_name_server_makes_up_for_the_first),
        E2E_TEST(a_link_local_name_server_is_asked),
    };

    space_enter();
    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
