/*
 * A tick that is stopped for longer than its timeouts, as by SIGSTOP, a paused machine or swapping,
 * never blames the servers: in whatever phase its checks are, they are made again, and no row is
 * TIMEOUT or DOWN.
 */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"
#include "space.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The checks are in their phases from STOP_MS to HOLD_MS. Their timeouts are one or two seconds. */
enum { STOP_MS = 300, HOLD_MS = 700, PAUSED_MS = 2500, SHORT_MS = 850 };

/* A port in front of one of the awkward server's. */
struct door {
    int fd, number, target;
    enum {
        HELD,    /* passes nothing on for HOLD_MS */
        CLOSED,  /* closes the connection after HOLD_MS */
        CROWDED, /* accepts no connection for HOLD_MS */
        OPEN
    } first;      /* what happens to the first connection; the others are passed on at once */
    int crowd[4]; /* connections that fill the queue of a crowded port */
    int visitor;  /* the connection that was accepted last */
};

static void sleep_ms(int ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

    while (nanosleep(&pause, &pause) && errno == EINTR)
        continue;
}

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* Passes on the bytes that are ready. Returns false at their end. */
static bool pass_on(int from, int to)
{
    char bytes[16384];
    ssize_t n = recv(from, bytes, sizeof bytes, 0);

    return n > 0 && send(to, bytes, (size_t)n, MSG_NOSIGNAL) == n;
}

/* Passes on what a visitor and the target say to each other. */
static void relay(const struct door *door, int visitor)
{
    struct sockaddr_in address = loopback(door->target);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pollfd both[2] = {{.fd = visitor, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    bool goes_on = connect(server, (struct sockaddr *)&address, sizeof address) == 0;

    while (goes_on && poll(both, 2, -1) > 0) {
        if (both[0].revents)
            goes_on = pass_on(visitor, server);
        if (goes_on && both[1].revents)
            goes_on = pass_on(server, visitor);
    }
    close(server);
    close(visitor);
}

static void *welcome(void *context)
{
    struct door *door = context;
    int visitor = door->visitor;

    if (door->first == HELD || door->first == CLOSED)
        sleep_ms(HOLD_MS);
    if (door->first == CLOSED)
        close(visitor);
    else
        relay(door, visitor);
    free(door);
    return NULL;
}

static void *serve(void *context)
{
    struct door *door = context;
    int visitor;

    if (door->first == CROWDED) {
        sleep_ms(HOLD_MS);
        for (int i = 0; i < 4; i++)
            close(door->crowd[i]);
    }
    while ((visitor = accept4(door->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        struct door *copy = malloc(sizeof *copy);
        pthread_t thread;

        door->visitor = visitor;
        *copy = *door;
        door->first = OPEN;
        pthread_create(&thread, NULL, welcome, copy);
        pthread_detach(thread);
    }
    return NULL;
}

/* Opens a door to a port. Its thread ends with the test program. */
static int open_door(struct door *door, int target)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    pthread_t thread;

    door->target = target;
    door->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(door->fd, (struct sockaddr *)&address, size) ||
        listen(door->fd, door->first == CROWDED ? 0 : 16) ||
        getsockname(door->fd, (struct sockaddr *)&address, &size))
        fail_msg("no free port");
    for (int i = 0; i < 4 && door->first == CROWDED; i++) {
        door->crowd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(door->crowd[i], (struct sockaddr *)&address, sizeof address);
    }
    if (pthread_create(&thread, NULL, serve, door) || pthread_detach(thread))
        fail_msg("no thread");
    return ntohs(address.sin_port);
}

/* Runs a tick that is stopped for this time while its checks are in their phases. */
static void run_paused(struct e2e *world, int ms)
{
    pid_t pid;

    /* No minute ends meanwhile: the tick would take the next one over. */
    world->clock = "2026-11-23 09:30:01";
    pid = e2e_start(world, "tick", NULL);
    sleep_ms(STOP_MS);
    kill(pid, SIGSTOP);
    sleep_ms(ms);
    kill(pid, SIGCONT);
    e2e_wait(world, pid);
}

static void check_up(struct e2e *world, const char *monitor)
{
    struct csv csv = e2e_rows(world, monitor);

    e2e_check(csv.n == 1, "%s has %zu rows: %s", monitor, csv.n, world->last.err);
    e2e_check(!strcmp(csv.rows[0].field[STATUS], "UP"), "%s is %s: %s", monitor,
              csv.rows[0].field[STATUS], csv.rows[0].field[FAILURE]);
}

static void a_stopped_tick_blames_no_server(struct e2e *world)
{
    static struct door connecting = {.first = CROWDED}, greeting = {.first = HELD},
                       leaving = {.first = CLOSED}, waiting = {.first = HELD};
    static const char *const ids[] = {"connect", "tls", "closed", "first-byte", "headers", "body"};
    int http = e2e_port(world, "http"), tls = e2e_port(world, "tls");

    e2e_config(world, e2e_format(world,
                                 "defaults: {interval_seconds: 60, timeout_seconds: 2, verify_tls: "
                                 "false}\nsites:\n"
                                 "  - id: s\n"
                                 "    domains:\n"
                                 "      - {id: connect, url: 'http://127.0.0.1:%d/ok'}\n"
                                 "      - {id: tls, url: 'https://127.0.0.1:%d/ok'}\n"
                                 "      - {id: closed, url: 'https://127.0.0.1:%d/ok'}\n"
                                 "      - {id: first-byte, url: 'http://127.0.0.1:%d/ok'}\n"
                                 "      - {id: headers, url: 'http://@http@/drip/14'}\n"
                                 "      - {id: body, url: 'http://@http@/pause-in-body/%d'}\n",
                                 open_door(&connecting, http), open_door(&greeting, tls),
                                 open_door(&leaving, tls), open_door(&waiting, http), HOLD_MS));
    run_paused(world, PAUSED_MS);
    e2e_silent(world, 0);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        check_up(world, e2e_format(world, "s/%s", ids[i]));
}

static void a_tick_stopped_in_a_lookup_blames_no_server(struct e2e *world)
{
    space_need(world);
    space_names(world, "");
    space_start_dns(world, HOLD_MS);
    e2e_config(world, e2e_format(world,
                                 "defaults: {interval_seconds: 60, timeout_seconds: 2}\nsites:\n"
                                 "  - id: s\n"
                                 "    domains:\n"
                                 "      - {id: lookup, url: 'http://example.com:%d/ok'}\n",
                                 e2e_port(world, "http")));
    run_paused(world, PAUSED_MS);
    space_stop_dns();
    e2e_silent(world, 0);
    check_up(world, "s/lookup");
}

/* The bytes came in time, but they are read after it. */
static void a_server_that_answered_in_time_is_up_although_the_tick_looks_late(struct e2e *world)
{
    static struct door waiting = {.first = HELD};

    e2e_config(world, e2e_format(world,
                                 "defaults: {interval_seconds: 60, timeout_seconds: 1}\nsites:\n"
                                 "  - id: s\n"
                                 "    domains:\n"
                                 "      - {id: first-byte, url: 'http://127.0.0.1:%d/ok'}\n"
                                 "      - {id: body, url: 'http://@http@/pause-in-body/%d'}\n",
                                 open_door(&waiting, e2e_port(world, "http")), HOLD_MS));
    run_paused(world, SHORT_MS);
    e2e_silent(world, 0);
    check_up(world, "s/first-byte");
    check_up(world, "s/body");
}

/* The second attempt ends in the same way, without a pause. */
static void an_outage_is_recorded_although_the_tick_was_stopped(struct e2e *world)
{
    struct csv csv;

    e2e_config(world, "defaults: {interval_seconds: 60, timeout_seconds: 1}\nsites:\n"
                      "  - id: s\n"
                      "    domains:\n"
                      "      - {id: hang, url: 'http://@http@/hang'}\n");
    run_paused(world, PAUSED_MS);
    e2e_silent(world, 0);
    csv = e2e_rows(world, "s/hang");
    assert_int_equal(csv.n, 1);
    assert_string_equal(csv.rows[0].field[FAILURE],
                        "timeout: 1 s passed waiting for the first byte");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(a_stopped_tick_blames_no_server),
        E2E_TEST(a_tick_stopped_in_a_lookup_blames_no_server),
        E2E_TEST(a_server_that_answered_in_time_is_up_although_the_tick_looks_late),
        E2E_TEST(an_outage_is_recorded_although_the_tick_was_stopped),
    };

    space_enter();
    return cmocka_run_group_tests_name("paused", tests, NULL, NULL);
}
