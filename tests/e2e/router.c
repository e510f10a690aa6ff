/* A private network with a router, which is a network of its own. */
#define _GNU_SOURCE
#include "router.h"

#include "cmocka_all.h"
#include "space.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Keeps none of the descriptors by which others notice that the test has ended. */
static void become_router(int alive, int ready)
{
    char byte;

    if (dup2(alive, STDIN_FILENO) < 0 || dup2(ready, STDOUT_FILENO) < 0)
        _exit(1);
    for (int fd = STDERR_FILENO; fd < 1024; fd++)
        close(fd);
    _exit(unshare(CLONE_NEWNET) || write(STDOUT_FILENO, "", 1) != 1 || close(STDOUT_FILENO) ||
          read(STDIN_FILENO, &byte, 1) != 0);
}

static void router_start(struct e2e *world, struct router *router)
{
    int ready[2], alive[2];
    char byte;

    assert_int_equal(pipe2(ready, O_CLOEXEC) || pipe2(alive, O_CLOEXEC), 0);
    router->pid = fork();
    if (router->pid == 0)
        become_router(alive[0], ready[1]);
    close(alive[0]);
    close(ready[1]);
    router->alive = alive[1];
    e2e_check(read(ready[0], &byte, 1) == 1, "the router has no network");
    close(ready[0]);
    e2e_write(world, "router",
              e2e_format(world, "#!/bin/sh\nexec nsenter -t %d -n \"$@\"\n", (int)router->pid));
    e2e_shell(world, "chmod +x router");
}

/* Removes what this test, or one that failed, has left. */
static void network_clean(struct e2e *world)
{
    e2e_shell(world, "{ ip link del v0; nft flush ruleset; ip route flush table main; "
                     "ip -6 route flush table main; } 2> .ignored; true");
}

void router_stop(struct e2e *world, struct router *router)
{
    close(router->alive);
    waitpid(router->pid, NULL, 0);
    network_clean(world);
}

static void need_commands(struct e2e *world)
{
    space_need(world);
    if (system("command -v ip > /dev/null && command -v nft > /dev/null && "
               "nft list ruleset > /dev/null 2>&1") != 0) {
        print_message("ip or nft is missing or not permitted: install iproute2 and nftables\n");
        world->passed = true;
        skip();
    }
}

void router_network(struct e2e *world, struct router *router)
{
    need_commands(world);
    network_clean(world);
    space_names(world, "");
    router_start(world, router);
    e2e_shell(world,
              "ip link add v0 type veth peer name v1 && ip link set v1 netns %d && "
              "for i in 4 6; do echo 50 > /proc/sys/net/ipv$i/neigh/v0/retrans_time_ms; done && "
              "ip link set v0 up && ip addr add 10.8.0.1/24 dev v0 && "
              "ip -6 addr add fd08::1/64 dev v0 nodad && "
              "./router sh -e -c 'ip link set lo up; ip link set v1 up; "
              "ip link add w0 type veth peer name w1; ip link set w0 up; ip link set w1 up; "
              "ip addr add 10.8.0.254/24 dev v1; ip -6 addr add fd08::254/64 dev v1 nodad; "
              "echo 1 > /proc/sys/net/ipv4/ip_forward; "
              "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding; "
              "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit; "
              "echo 0 > /proc/sys/net/ipv6/icmp/ratelimit' && "
              "ip route add default via 10.8.0.254 && ip -6 route add default via fd08::254",
              (int)router->pid);
}
