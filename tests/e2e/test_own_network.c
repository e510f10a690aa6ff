/*
 * Many hosts that fail at once: a fault of our own network records nothing and is reported once,
 * and hosts that really fail are DOWN. 200 monitors in four networks, which all are the router.
 */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"
#include "router.h"
#include "space.h"
#include "state.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PER_NETWORK = 50, PORT = 8080 };

static const char *const v4_networks[] = {"20.1.0", "31.2.0", "45.3.0", "60.4.0"};
static const char *const v6_networks[] = {"2a01:1", "2a02:2", "2a03:3", "2a04:4"};
enum { NETWORKS = 4, HOSTS = NETWORKS * PER_NETWORK };

/* What a tick is expected to do. */
struct step {
    const char *command; /* before the tick; NULL: none */
    int up, bad;         /* rows that it adds */
    const char *printed; /* a part of standard error; "": nothing is printed */
    const char *events;  /* all events of local faults so far */
};

/* Answers each request with a status of 200, in the network of the router. */
static void serve(const char *path)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
    int space = open(path, O_RDONLY | O_CLOEXEC), off = 0, fd;
    char bytes[4096];

    prctl(PR_SET_PDEATHSIG, SIGKILL);

    /* Keeps none of the descriptors by which others notice that the test has ended. */
    for (int other = 0; other < 1024; other++) {
        if (other != space)
            close(other);
    }
    if (space < 0 || setns(space, CLONE_NEWNET))
        _exit(1);
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) ||
        bind(fd, (struct sockaddr *)&any, sizeof any) || listen(fd, 1024))
        _exit(1);
    for (;;) {
        int client = accept(fd, NULL, NULL);

        if (recv(client, bytes, sizeof bytes, 0) > 0)
            (void)!write(client, answer, sizeof answer - 1);
        shutdown(client, SHUT_WR);
        close(client);
    }
}

static pid_t start_server(struct e2e *world, const struct router *router)
{
    char *path = e2e_format(world, "/proc/%d/ns/net", (int)router->pid);
    pid_t pid;

    e2e_shell(world,
              "./router sh -e -c '"
              "for i in 20.1 31.2 45.3 60.4 70.5; do ip route add local $i.0.0/16 dev lo; done; "
              "for i in 2a01:1 2a02:2 2a03:3 2a04:4; do "
              "ip -6 route add local $i::/32 dev lo; done; "
              "nft add table inet t; "
              "nft add chain inet t i {type filter hook input priority 0\\;}'");
    pid = fork();
    if (pid == 0)
        serve(path);
    e2e_shell(world,
              "for i in $(seq 100); do ./router ss -ltn | grep -q :%d && exit 0; "
              "sleep 0.02; done; exit 1",
              PORT);
    return pid;
}

static void start_world(struct e2e *world, struct router *router, pid_t *server)
{
    router_network(world, router);
    *server = start_server(world, router);
    world->clock = "2026-11-23 09:30:00";
}

static void stop_world(struct e2e *world, struct router *router, pid_t server)
{
    kill(server, SIGKILL);
    router_stop(world, router);
}

/* Adds the monitors of all networks to the configuration. */
static char *add_hosts(struct e2e *world, char *yaml, bool v6)
{
    for (int i = 0; i < HOSTS; i++) {
        const char *network = (v6 ? v6_networks : v4_networks)[i % NETWORKS];

        yaml = v6 ? e2e_format(world, "%s      - {id: six%d, url: 'http://[%s::%x]:%d/'}\n", yaml,
                               i, network, i + 1, PORT)
                  : e2e_format(world, "%s      - {id: m%d, url: 'http://%s.%d:%d/'}\n", yaml, i,
                               network, i + 1, PORT);
    }
    return yaml;
}

/* rules: the mapping local_network. A recheck would be a row of its own. */
static char *begin_config(struct e2e *world, const char *rules)
{
    return e2e_format(
        world,
        "local_network: {%s}\n"
        "defaults: {interval_seconds: 60, timeout_seconds: 1, confirm: {recheck_seconds: []}}\n"
        "sites:\n  - id: s\n    domains:\n",
        rules);
}

static long count_rows(struct e2e *world, const char *pattern)
{
    e2e_shell(world, "cat data/live/*/* data/live/*.csv 2> .ignored | grep -cE '%s' > count; true",
              pattern);
    return atol(e2e_read(world, "count"));
}

/* "names:opened names:closed": from both places where an event can be. */
static const char *list_events(struct e2e *world)
{
    sqlite3 *state = state_open(world, "data/state.db", SQLITE_OPEN_READONLY);
    sqlite3_stmt *list = state_prepare(
        state, "SELECT coalesce(group_concat(scope || ':' || change, ' '), '') FROM ("
               "SELECT scope, change, at_ms FROM event WHERE \"check\" = 4 "
               "UNION ALL SELECT scope, change, at_ms FROM staged_event WHERE \"check\" = 4 "
               "ORDER BY at_ms, scope)");
    const char *text;

    assert_int_equal(sqlite3_step(list), SQLITE_ROW);
    text = e2e_format(world, "%s", (const char *)sqlite3_column_text(list, 0));
    sqlite3_finalize(list);
    sqlite3_close(state);
    return text;
}

/* Runs a tick for each step, a minute after the one before it; the first one at 09:minute. */
static void run_steps(struct e2e *world, const struct step *steps, size_t n, size_t minute)
{
    static const char up[] = ",UP,", bad[] = ",(DOWN|TIMEOUT),";

    for (size_t i = 0; i < n; i++) {
        const struct step *step = &steps[i];
        long ups = count_rows(world, up), bads = count_rows(world, bad);
        const char *events;

        if (step->command)
            e2e_shell(world, "%s", step->command);
        world->clock = e2e_format(world, "2026-11-23 09:%02zu:00", minute + i);
        e2e_uptick(world, "tick", NULL);
        e2e_check(world->last.status == 0, "step %zu: status %d: %s", i, world->last.status,
                  world->last.err);
        ups = count_rows(world, up) - ups;
        bads = count_rows(world, bad) - bads;
        e2e_check(ups == step->up && bads == step->bad, "step %zu: %ld UP, %ld bad: %s", i, ups,
                  bads, world->last.err);
        e2e_check(*step->printed ? strstr(world->last.err, step->printed) != NULL
                                 : *world->last.err == '\0',
                  "step %zu printed: %s", i, world->last.err);
        events = list_events(world);
        e2e_check(strcmp(events, step->events) == 0, "step %zu: events %s", i, events);
    }
}

#define RUN(world, steps, minute) run_steps(world, steps, sizeof(steps) / sizeof(steps)[0], minute)

/* The whole test of a world with the 200 hosts and no other keys. */
static void run_alone(struct e2e *world, const struct step *steps, size_t n)
{
    struct router router;
    pid_t server;

    start_world(world, &router, &server);
    e2e_config(world, add_hosts(world, begin_config(world, ""), false));
    run_steps(world, steps, n, 30);
    stop_world(world, &router, server);
}

#define RUN_ALONE(world, steps) run_alone(world, steps, sizeof(steps) / sizeof(steps)[0])

#define DROP_ALL                "./router nft add rule inet t i tcp dport 8080 drop"
#define KEEP(net)               "./router nft insert rule inet t i ip daddr " net " accept"
#define OPEN_ALL                "./router nft flush chain inet t i"

/* The page, its files for programs and the command status show a fault: this text, this end of the
 * JSON, and whether it lasts. */
static void check_shown(struct e2e *world, const char *text, const char *json, bool lasts)
{
    e2e_check(strstr(e2e_read(world, "public/index.html"), text) != NULL, "not on the page: %s",
              text);
    e2e_check(strstr(e2e_read(world, "public/status.json"), json) != NULL, "not in the JSON: %s",
              json);
    e2e_check(strstr(e2e_read(world, "public/metrics.prom"),
                     lasts ? "uptick_local_fault{scope=\"ipv4-public\"} 1\n"
                           : "uptick_local_fault{scope=\"ipv4-public\"} 0\n") != NULL,
              "not in the metrics");
    world->clock = "2026-11-23 09:40:00";
    e2e_uptick(world, "status", NULL);
    e2e_check(
        (strstr(world->last.out, "This monitor has had no IPv4 since 2026-11-23 09:31 UTC: 200 "
                                 "of 200 hosts did not answer\n") != NULL) == lasts,
        "status printed %s", world->last.out);
}

static void a_dead_uplink_records_nothing_and_is_reported_once(struct e2e *world)
{
    static const struct step begin[] = {
        {NULL, 200, 0, "", ""},
        {DROP_ALL, 0, 0, "this machine's network: no answer over IPv4 from 200 of 200 hosts; ",
         "ipv4-public:0"},
    };
    static const struct step steps[] = {
        {NULL, 0, 0, "", "ipv4-public:0"},
        {NULL, 0, 0, "", "ipv4-public:0"},
        {NULL, 0, 0, "", "ipv4-public:0"},
        {OPEN_ALL, 200, 0, "local fault of IPv4 over; it lasted from 09:31 to 09:35 UTC",
         "ipv4-public:0 ipv4-public:4"},
        {NULL, 200, 0, "", "ipv4-public:0 ipv4-public:4"},
    };
    struct router router;
    pid_t server;

    start_world(world, &router, &server);
    e2e_config(world, add_hosts(world, begin_config(world, ""), false));
    RUN(world, begin, 30);
    check_shown(world, ">09:31</time>: 200 of 200 hosts did not answer",
                "\"ended\": null, \"hosts\": 200, \"failed\": 200}", true);
    RUN(world, steps, 32);
    check_shown(world, ">09:35</time>: 200 of 200 hosts did not answer",
                "Z\", \"hosts\": 200, \"failed\": 200}", false);
    e2e_check(strstr(e2e_read(world, "data/live/events.log"), ",closed,UP,,ended") != NULL,
              "no end in the event log");
    stop_world(world, &router, server);
}

/* The private scope is judged by itself, and what was DOWN before is dropped too. */
static void other_scopes_go_on(struct e2e *world)
{
    static const struct step steps[] = {
        {NULL, 403, 1, "", ""},
        {DROP_ALL "; " KEEP("{10.8.0.254}"), 203, 0, "no answer over IPv4 from 201 of 201 hosts",
         "ipv4-public:0"},
        {NULL, 203, 0, "", "ipv4-public:0"},
        {OPEN_ALL, 403, 1, "local fault of IPv4 over", "ipv4-public:0 ipv4-public:4"},
        {"./router nft add rule inet t i meta nfproto ipv6 tcp dport 8080 drop", 203, 1,
         "no answer over IPv6 from 200 of 200 hosts", "ipv4-public:0 ipv4-public:4 ipv6-public:0"},
        {NULL, 203, 1, "", "ipv4-public:0 ipv4-public:4 ipv6-public:0"},
        {OPEN_ALL, 403, 1, "local fault of IPv6 over",
         "ipv4-public:0 ipv4-public:4 ipv6-public:0 ipv6-public:4"},
    };
    struct router router;
    pid_t server;
    char *yaml;

    start_world(world, &router, &server);
    yaml = add_hosts(world, add_hosts(world, begin_config(world, ""), false), true);
    yaml = e2e_format(world,
                      "%s      - {id: lan, url: 'http://10.8.0.254:8080/'}\n"
                      "      - {id: here, url: 'http://@http@/ok'}\n"
                      "      - {id: here2, url: 'http://@http@/ok'}\n"
                      "      - {id: off, url: 'http://20.1.0.250:81/'}\n",
                      yaml);
    e2e_config(world, yaml);
    e2e_shell(world, "./router nft add rule inet t i ip6 daddr ::/0 accept");
    RUN(world, steps, 30);
    stop_world(world, &router, server);
}

static void hosts_that_really_fail_are_down(struct e2e *world)
{
    static const struct step steps[] = {
        {NULL, 200, 0, "", ""},
        /* a provider */
        {"./router nft add rule inet t i ip daddr 20.1.0.0/16 drop", 150, 50, "", ""},
        {OPEN_ALL, 200, 0, "", ""},
        /* half of all hosts, in all networks */
        {"for i in 20.1 31.2 45.3 60.4; do "
         "./router nft add rule inet t i ip daddr $i.0.1-$i.0.100 drop; done",
         100, 100, "", ""},
        {OPEN_ALL, 200, 0, "", ""},
    };

    RUN_ALONE(world, steps);
}

static void a_witness_decides(struct e2e *world)
{
    static const struct step answers[] = {
        {NULL, 200, 0, "", ""},
        {DROP_ALL "; " KEEP("70.5.0.1"), 0, 200, "", ""},
        {OPEN_ALL, 200, 0, "", ""},
    };
    static const struct step silent[] = {
        {NULL, 200, 0, "", ""},
        /* 70 percent fail, and no witness answers */
        {"for i in 20.1 31.2 45.3 60.4; do "
         "./router nft add rule inet t i ip daddr $i.0.1-$i.0.140 drop; done; "
         "./router nft add rule inet t i ip daddr 70.5.0.0/16 drop",
         60, 0, "no answer over IPv4 from 140 of 200 hosts", "ipv4-public:0"},
        {OPEN_ALL, 200, 0, "local fault of IPv4 over", "ipv4-public:0 ipv4-public:4"},
    };
    static const char rules[] = "witnesses: ['http://70.5.0.1:8080/', 'http://70.5.0.2:8080/']";
    struct router router;
    pid_t server;

    start_world(world, &router, &server);
    e2e_config(world, add_hosts(world, begin_config(world, rules), false));
    RUN(world, answers, 30);
    e2e_shell(world, "rm -rf data public");
    RUN(world, silent, 30);
    stop_world(world, &router, server);
}

static void a_dead_gateway_is_one_event_and_one_line(struct e2e *world)
{
    static const struct step steps[] = {
        {NULL, 200, 0, "", ""},
        {"ip route replace default via 10.8.0.99", 0, 0, "the gateway 10.8.0.99 does not answer",
         "ipv4-public:0"},
        {NULL, 0, 0, "", "ipv4-public:0"},
        {"ip route replace default via 10.8.0.254", 200, 0,
         "local fault over: the gateway does not answer", "ipv4-public:0 ipv4-public:4"},
    };

    RUN_ALONE(world, steps);
}

/* A cable that is connected again, to a network that is dead. */
static void a_fault_whose_cause_ends_lasts_while_nothing_answers(struct e2e *world)
{
    static const struct step steps[] = {
        {NULL, 200, 0, "", ""},
        {"./router ip link set v1 down", 0, 0, "the network link v0 is down", "ipv4-public:0"},
        {DROP_ALL "; ./router ip link set v1 up", 0, 0, "", "ipv4-public:0"},
        {NULL, 0, 0, "", "ipv4-public:0"},
        {OPEN_ALL, 200, 0, "local fault over: the network link is down",
         "ipv4-public:0 ipv4-public:4"},
        {NULL, 200, 0, "", "ipv4-public:0 ipv4-public:4"},
    };

    RUN_ALONE(world, steps);
}

static void a_small_configuration_is_not_doubted(struct e2e *world)
{
    static const struct step steps[] = {
        {NULL, 4, 0, "", ""},
        {DROP_ALL, 0, 4, "", ""},
        {OPEN_ALL, 4, 0, "", ""},
    };
    struct router router;
    pid_t server;
    char *yaml;

    start_world(world, &router, &server);
    yaml = begin_config(world, "");
    for (int i = 0; i < NETWORKS; i++)
        yaml = e2e_format(world, "%s      - {id: m%d, url: 'http://%s.1:8080/'}\n", yaml, i,
                          v4_networks[i]);
    e2e_config(world, yaml);
    RUN(world, steps, 30);
    stop_world(world, &router, server);
}

/* Monitors with names that begin like this, which the name server answers in its way. */
static char *add_names(struct e2e *world, char *yaml, const char *begin)
{
    for (int i = 0; i < HOSTS; i++)
        yaml = e2e_format(world, "%s      - {id: n%d, url: 'http://%s%d.zone%d.test:%d/'}\n", yaml,
                          i, begin, i, i % NETWORKS, PORT);
    return yaml;
}

/* A name server that refuses each name, and none at all. The monitor with an address goes on. */
static void name_lookups_can_have_a_fault(struct e2e *world)
{
    static const struct step refused[] = {
        {NULL, 1, 0, "this machine's network: no name lookup for 200 of 200 hosts", "names:0"},
        {NULL, 1, 0, "", "names:0"},
    };
    static const struct step silent[] = {
        {NULL, 1, 0, "no name server can be reached", "names:0"},
        {NULL, 1, 0, "", "names:0"},
    };
    struct router router;
    pid_t server;

    start_world(world, &router, &server);
    space_start_dns(world, 0);
    e2e_config(world, e2e_format(world, "%s      - {id: lan, url: 'http://10.8.0.254:8080/'}\n",
                                 add_names(world, begin_config(world, ""), "refused")));
    RUN(world, refused, 30);
    space_stop_dns();
    e2e_shell(world, "rm -rf data public");
    RUN(world, silent, 30);
    stop_world(world, &router, server);
}

/* With the default rechecks: one host is not all hosts, and all but one are not all. */
static void one_host_decides_little(struct e2e *world)
{
    static const struct step steps[] = {
        {NULL, 200, 0, "", ""},
        {"./router nft add rule inet t i ip daddr 20.1.0.1 drop", 199, 3, "", ""},
        {OPEN_ALL "; " DROP_ALL "; " KEEP("31.2.0.2"), 1, 0,
         "no answer over IPv4 from 199 of 200 hosts", "ipv4-public:0"},
        {NULL, 1, 0, "", "ipv4-public:0"},
        {OPEN_ALL, 201, 0, "local fault of IPv4 over", "ipv4-public:0 ipv4-public:4"},
    };
    struct router router;
    pid_t server;

    start_world(world, &router, &server);
    e2e_config(world, add_hosts(world,
                                e2e_format(world, "defaults: {interval_seconds: 60, "
                                                  "timeout_seconds: 1, confirm: "
                                                  "{recheck_seconds: [1, 2]}}\n"
                                                  "sites:\n  - id: s\n    domains:\n"),
                                false));
    RUN(world, steps, 30);
    stop_world(world, &router, server);
}

/* A witness that has only IPv4 shows nothing about IPv6. */
static void a_witness_counts_for_its_ip_version(struct e2e *world)
{
    static const struct step steps[] = {
        {NULL, 200, 0, "", ""},
        {DROP_ALL "; " KEEP("70.5.0.1"), 0, 0, "no answer over IPv6 from 200 of 200 hosts",
         "ipv6-public:0"},
        {OPEN_ALL, 200, 0, "local fault of IPv6 over", "ipv6-public:0 ipv6-public:4"},
    };
    struct router router;
    pid_t server;

    start_world(world, &router, &server);
    e2e_config(world,
               add_hosts(world, begin_config(world, "witnesses: 'http://70.5.0.1:8080/'"), true));
    RUN(world, steps, 30);
    stop_world(world, &router, server);
}

static void a_rebuild_does_not_repeat_the_event(struct e2e *world)
{
    static const struct step steps[] = {
        {NULL, 200, 0, "", ""},
        {DROP_ALL, 0, 0, "no answer over IPv4 from 200 of 200 hosts", "ipv4-public:0"},
        {"rm -f data/state.db*", 0, 0, "rebuilt", "ipv4-public:0"},
        {NULL, 0, 0, "", "ipv4-public:0"},
        {OPEN_ALL, 200, 0, "local fault of IPv4 over; it lasted from 09:31 to 09:34 UTC",
         "ipv4-public:0 ipv4-public:4"},
    };

    RUN_ALONE(world, steps);
}

/* Adds monitors of hosts that have an address of each IP version. */
static char *add_double_hosts(struct e2e *world, char *yaml, int n)
{
    char *hosts = "";

    for (int i = 0; i < n; i++) {
        hosts =
            e2e_format(world, "%s%s.%d two%d.test\n%s::%x two%d.test\n", hosts,
                       v4_networks[i % NETWORKS], i + 1, i, v6_networks[i % NETWORKS], i + 1, i);
        yaml = e2e_format(
            world, "%s      - {id: two%d, timeout_seconds: 2, url: 'http://two%d.test:%d/'}\n",
            yaml, i, i, PORT);
    }
    space_names(world, hosts);
    return yaml;
}

#define DROP_IPV6 "./router nft add rule inet t i meta nfproto ipv6 tcp dport 8080 drop"

/* They answer over the version that works, and count in both scopes if neither does. */
static void hosts_with_two_ip_versions_count_where_they_connect(struct e2e *world)
{
    static const struct step steps[] = {
        {NULL, 400, 0, "", ""},
        {DROP_IPV6, 200, 0, "no answer over IPv6 from 200 of 200 hosts", "ipv6-public:0"},
        {OPEN_ALL, 400, 0, "local fault of IPv6 over", "ipv6-public:0 ipv6-public:4"},
    };
    static const struct step dead[] = {
        {NULL, 200, 0, "", ""},
        {DROP_ALL, 0, 0, "no answer over IPv4 from 200 of 200 hosts",
         "ipv4-public:0 ipv6-public:0"},
    };
    struct router router;
    pid_t server;

    start_world(world, &router, &server);
    e2e_config(world,
               add_double_hosts(world, add_hosts(world, begin_config(world, ""), true), HOSTS));
    RUN(world, steps, 30);
    e2e_shell(world, "rm -rf data public");
    e2e_config(world, add_double_hosts(world, begin_config(world, ""), HOSTS));
    RUN(world, dead, 30);
    stop_world(world, &router, server);
}

/* A tick at this minute after 09:00. */
static void tick_at(struct e2e *world, int minute)
{
    world->clock = e2e_format(world, "2026-11-23 09:%02d:00", minute);
    e2e_uptick(world, "tick", NULL);
    assert_int_equal(world->last.status, 0);
}

static int count_lines(const char *text)
{
    int n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* Counts connections to the address that ping_url has, from now on. */
#define COUNT_PINGS "./router nft insert rule inet t i ip daddr 70.5.0.250 tcp flags syn counter"

static void expect_pings(struct e2e *world, int n)
{
    e2e_shell(world, "./router nft list chain inet t i | grep -q 'counter packets %d '", n);
}

/* The end of a fault is one message for each target, whatever failed; and it is printed once.
 * Meanwhile, ping_url is not requested. */
static void the_end_of_a_fault_is_one_alert(struct e2e *world)
{
    struct router router;
    pid_t server;
    char *yaml;

    start_world(world, &router, &server);
    yaml = add_hosts(world, begin_config(world, ""), false);
    e2e_write(world, "page-me",
              "#!/bin/sh\ncat > run-$$.new && mv run-$$.new run-$$ && test ! -e broken\n");
    e2e_shell(world, "chmod +x page-me");
    e2e_config(world,
               e2e_format(world,
                          "ping_url: http://70.5.0.250:8080/ping\n"
                          "alerts:\n"
                          "  - {id: cron, type: print}\n"
                          "  - {id: program, type: command, command: [@folder@/page-me]}\n"
                          "  - {id: other, type: command, command: [@folder@/page-me, x], on: "
                          "[down, up]}\n"
                          "%s",
                          add_hosts(world, yaml, true)));
    e2e_shell(world, COUNT_PINGS);
    tick_at(world, 30);
    e2e_silent(world, 0);
    expect_pings(world, 1);
    e2e_shell(world, DROP_ALL);
    tick_at(world, 31);
    assert_string_equal(world->last.out, "");
    assert_int_equal(count_lines(world->last.err), 2);
    tick_at(world, 32);
    e2e_silent(world, 0);
    assert_string_equal(world->last.out, "");
    expect_pings(world, 1);
    e2e_shell(world, OPEN_ALL "; " COUNT_PINGS);
    tick_at(world, 33);
    e2e_silent(world, 0);
    assert_int_equal(count_lines(world->last.out), 3);
    e2e_check(strstr(world->last.out, "This monitor had no IPv4 from 09:31 to 09:33: 200 of 200 "
                                      "hosts did not answer\n") &&
                  strstr(world->last.out, "This monitor had no IPv6 from "),
              "printed %s", world->last.out);
    e2e_shell(world, "test $(ls run-* | wc -l) = 1 && grep -q ipv4-public run-* && "
                     "grep -q ipv6-public run-*");
    expect_pings(world, 1);
    tick_at(world, 34);
    e2e_silent(world, 0);
    assert_string_equal(world->last.out, "");
    expect_pings(world, 2);
    stop_world(world, &router, server);
}

/* A witness answers, so all hosts are DOWN: one message shows that they failed at once. */
static void hosts_that_fail_at_once_are_one_alert(struct e2e *world)
{
    struct router router;
    pid_t server;

    start_world(world, &router, &server);
    e2e_config(
        world,
        e2e_format(world, "alerts: [{id: cron, type: print}]\n%s",
                   add_hosts(world, begin_config(world, "witnesses: ['http://70.5.0.250:8080/']"),
                             false)));
    e2e_shell(world, "sed -i 's/recheck_seconds: \\[\\]/failures: 1/' uptick.yaml");
    tick_at(world, 30);
    e2e_silent(world, 0);
    e2e_shell(world, DROP_ALL "; " KEEP("70.5.0.250"));
    tick_at(world, 31);
    e2e_silent(world, 0);
    e2e_check(strncmp(world->last.out, "200 down (200 hosts failed at once)\n", 36) == 0,
              "printed %s", world->last.out);
    stop_world(world, &router, server);
}

/* The same for a fault with a known cause. */
static void the_end_of_a_fault_with_a_cause_is_printed_once(struct e2e *world)
{
    struct router router;
    pid_t server;

    start_world(world, &router, &server);
    e2e_config(world, e2e_format(world, "alerts: [{id: cron, type: print}]\n%s",
                                 add_hosts(world, begin_config(world, ""), false)));
    tick_at(world, 30);
    e2e_silent(world, 0);
    e2e_shell(world, "ip route replace default via 10.8.0.99");
    tick_at(world, 31);
    assert_string_equal(world->last.out, "");
    assert_int_equal(count_lines(world->last.err), 1);
    e2e_shell(world, "ip route replace default via 10.8.0.254");
    tick_at(world, 32);
    assert_int_equal(count_lines(world->last.out) + count_lines(world->last.err), 1);
    tick_at(world, 33);
    e2e_silent(world, 0);
    assert_string_equal(world->last.out, "");
    stop_world(world, &router, server);
}

/* Few of them are no suspicion about IPv6, so the other hosts show whether they may be doubted. */
static void few_hosts_with_two_ip_versions_follow_the_others(struct e2e *world)
{
    static const struct step dead[] = {
        {NULL, 204, 0, "", ""},
        {DROP_ALL, 0, 0, "no answer over IPv4 from 204 of 204 hosts", "ipv4-public:0"},
        {OPEN_ALL, 204, 0, "local fault of IPv4 over", "ipv4-public:0 ipv4-public:4"},
    };
    static const struct step down[] = {
        {DROP_IPV6, 208, 0, "", ""},
        /* all of them fail, but IPv4 works */
        {"for i in 20.1 31.2 45.3 60.4; do "
         "./router nft add rule inet t i ip daddr $i.0.1-$i.0.8 drop; done",
         192, 16, "no answer over IPv6 from 8 of 8 hosts", "ipv6-public:0"},
    };
    struct router router;
    pid_t server;

    start_world(world, &router, &server);
    e2e_config(world, add_double_hosts(world, add_hosts(world, begin_config(world, ""), false), 4));
    RUN(world, dead, 30);
    e2e_shell(world, "rm -rf data public");
    e2e_config(world, add_double_hosts(world, add_hosts(world, begin_config(world, ""), false), 8));
    RUN(world, down, 30);
    stop_world(world, &router, server);
}

/* What is held is lost with the tick, and due again. */
static void a_signal_drops_what_is_held(struct e2e *world)
{
    static const struct step before[] = {{NULL, 200, 0, "", ""}};
    static const struct step after[] = {{OPEN_ALL, 201, 0, "", ""}};
    struct router router;
    pid_t server, tick;
    char *yaml;

    start_world(world, &router, &server);
    yaml = add_hosts(world, begin_config(world, "witnesses: 'http://70.5.0.1:8080/'"), false);
    e2e_config(world, yaml);
    RUN(world, before, 30);
    e2e_config(world, e2e_format(world,
                                 "%s      - {id: hang, timeout_seconds: 20, "
                                 "url: 'http://70.5.0.9:8080/'}\n",
                                 yaml));
    e2e_shell(world, DROP_ALL);
    world->clock = "2026-11-23 09:31:00";
    tick = e2e_start(world, "tick", NULL);
    usleep(3000 * 1000); /* all but one have failed */
    e2e_end(world, tick, SIGTERM);
    e2e_silent(world, 0);
    e2e_check(count_rows(world, ",(DOWN|TIMEOUT),") == 0, "held results were recorded");
    RUN(world, after, 32);
    stop_world(world, &router, server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_dead_uplink_records_nothing_and_is_reported_once),
        E2E_TEST(other_scopes_go_on),
        E2E_TEST(hosts_that_really_fail_are_down),
        E2E_TEST(a_witness_decides),
        E2E_TEST(a_dead_gateway_is_one_event_and_one_line),
        E2E_TEST(a_fault_whose_cause_ends_lasts_while_nothing_answers),
        E2E_TEST(a_small_configuration_is_not_doubted),
        E2E_TEST(name_lookups_can_have_a_fault),
        E2E_TEST(one_host_decides_little),
        E2E_TEST(a_witness_counts_for_its_ip_version),
        E2E_TEST(a_rebuild_does_not_repeat_the_event),
        E2E_TEST(hosts_with_two_ip_versions_count_where_they_connect),
        E2E_TEST(few_hosts_with_two_ip_versions_follow_the_others),
        E2E_TEST(a_signal_drops_what_is_held),
        E2E_TEST(the_end_of_a_fault_is_one_alert),
        E2E_TEST(hosts_that_fail_at_once_are_one_alert),
        E2E_TEST(the_end_of_a_fault_with_a_cause_is_printed_once),
    };

    space_enter();
    return cmocka_run_group_tests_name("own_network", tests, NULL, NULL);
}
