/* The awkward server of a test, and what it knows about its requests. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"
#include "e2e_internal.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct port {
    struct port *next;
    char name[32];
    int number;
};

static const char *awkward_path(void)
{
    const char *path = getenv("AWKWARD");

    return path && *path ? path : "build/awkward";
}

/* The server runs only while its standard input is open, so it ends even if a test crashes. */
static void become_server(const char *folder, int in, int out)
{
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
        execl(awkward_path(), "awkward", folder, (char *)NULL);
    perror(awkward_path());
    _exit(127);
}

/* Reads NAME=PORT lines up to an empty one. */
static int read_ports(struct e2e *world, FILE *from)
{
    char line[64];

    while (fgets(line, sizeof line, from) && line[0] != '\n') {
        struct port *port = e2e_keep(world, calloc(1, sizeof *port));

        if (sscanf(line, "%31[^=]=%d", port->name, &port->number) != 2)
            return -1;
        port->next = world->ports;
        world->ports = port;
    }
    return world->ports ? 0 : -1;
}

int world_start_server(struct e2e *world)
{
    int in[2], out[2];
    FILE *from;
    int result;

    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
        return -1;
    world->server = fork();
    if (world->server == 0)
        become_server(world->folder, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    world->server_stdin = in[1];
    from = fdopen(out[0], "r");
    if (world->server < 0 || !from)
        return -1;
    result = read_ports(world, from);
    fclose(from);
    if (result)
        fprintf(stderr, "%s did not start\n", awkward_path());
    return result;
}

void world_stop_server(struct e2e *world)
{
    if (world->server_stdin >= 0)
        close(world->server_stdin);
    if (world->server > 0)
        waitpid(world->server, NULL, 0);
}

int e2e_port(struct e2e *world, const char *name)
{
    for (const struct port *port = world->ports; port; port = port->next) {
        if (strcmp(port->name, name) == 0)
            return port->number;
    }
    return 0;
}

/* Sends a question to the server, and returns the body of its answer. */
static char *ask(struct e2e *world, const char *what, const char *target)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char *request = e2e_format(world, "GET /%s%s HTTP/1.0\r\n\r\n", what, target);
    size_t max = 1 << 20, size = 0;
    char *answer = e2e_keep(world, calloc(1, max + 1));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ssize_t n = 0;
    char *body;

    address.sin_port = htons((in_port_t)e2e_port(world, "http"));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) ||
        send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
        fail_msg("the awkward server does not answer");
    while (size < max && (n = recv(fd, answer + size, max - size, 0)) > 0)
        size += (size_t)n;
    close(fd);
    body = strstr(answer, "\r\n\r\n");
    if (!body)
        fail_msg("the awkward server did not answer /%s%s", what, target);
    return body + 4;
}

long e2e_count(struct e2e *world, const char *target)
{
    return atol(ask(world, "_count", target));
}

size_t e2e_times(struct e2e *world, const char *target, long long *times, size_t max)
{
    char *at = ask(world, "_times", target);
    size_t n = 0;

    while (*at && n < max) {
        times[n++] = strtoll(at, &at, 10);
        at += strspn(at, "\n");
    }
    return n;
}

char *e2e_last(struct e2e *world, const char *target)
{
    return ask(world, "_last", target);
}

int e2e_crowd(struct e2e *world, const char *name)
{
    return atoi(ask(world, "_crowd/", name));
}

void e2e_await(struct e2e *world, const char *target, long n)
{
    static const struct timespec pause = {.tv_nsec = 5000000};

    for (int64_t end = e2e_now() + 10000; e2e_now() < end; nanosleep(&pause, NULL)) {
        if (e2e_count(world, target) >= n)
            return;
    }
    fail_msg("%s was requested %ld times, expected %ld", target, e2e_count(world, target), n);
}

static char *await_file(struct e2e *world, const char *name)
{
    static const struct timespec pause = {.tv_nsec = 5000000};

    for (int64_t end = e2e_now() + 10000; e2e_now() < end; nanosleep(&pause, NULL)) {
        if (e2e_exists(world, name))
            return e2e_read(world, name);
    }
    fail_msg("%s was not sent", name);
    return NULL;
}

char *e2e_post(struct e2e *world, const char *name, long n)
{
    return await_file(world, e2e_format(world, "posts/%s/%ld", name, n));
}

char *e2e_mail(struct e2e *world, long n)
{
    return await_file(world, e2e_format(world, "mails/%ld", n));
}

/* Files are numbered without gaps. */
static long count_files(struct e2e *world, const char *folder)
{
    long n = 0;

    while (e2e_exists(world, e2e_format(world, "%s/%ld", folder, n + 1)))
        n++;
    return n;
}

long e2e_count_posts(struct e2e *world, const char *name)
{
    return count_files(world, e2e_format(world, "posts/%s", name));
}

long e2e_count_mails(struct e2e *world)
{
    return count_files(world, "mails");
}
