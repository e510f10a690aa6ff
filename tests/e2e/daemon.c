/* Starts real servers and proxies. */
#define _GNU_SOURCE
#include "daemon.h"

#include "cmocka_all.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ATTEMPTS = 5 };

/* Port 0 is any port. */
static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* All of them are bound before the first is closed, so they differ. */
void daemon_choose_ports(struct daemon_ports *ports)
{
    int fds[DAEMON_PORTS_MAX + 1];

    for (int i = 1; i <= DAEMON_PORTS_MAX; i++) {
        struct sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;

        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fds[i] < 0 || bind(fds[i], (struct sockaddr *)&address, size) ||
            getsockname(fds[i], (struct sockaddr *)&address, &size))
            fail_msg("no free port");
        ports->of[i] = ntohs(address.sin_port);
    }
    for (int i = 1; i <= DAEMON_PORTS_MAX; i++)
        close(fds[i]);
}

char *daemon_expand(struct e2e *world, const char *text, const struct daemon_ports *ports)
{
    char *expanded = e2e_format(world, "%s", "");

    while (*text) {
        size_t size = strcspn(text, "$");
        int n = text[size] ? text[size + 1] - '0' : 0;

        if (n >= 1 && n <= DAEMON_PORTS_MAX)
            expanded = e2e_format(world, "%s%.*s%d", expanded, (int)size, text, ports->of[n]);
        else
            expanded =
                e2e_format(world, "%s%.*s", expanded, (int)size + (text[size] != '\0'), text);
        text += size + (text[size] != '\0') + (n >= 1 && n <= DAEMON_PORTS_MAX);
    }
    return expanded;
}

static bool answers(int port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;

    close(fd);
    return connected;
}

static void become(const struct e2e *world, const char *out, char *const *arguments)
{
    static const char *const folders[] = {"/usr/sbin", "/usr/local/sbin", "/usr/local/bin"};
    char path[256];

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (chdir(world->folder) || !freopen(out, "w", stderr) || dup2(fileno(stderr), 1) < 0)
        _exit(126);
    execvp(arguments[0], arguments);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], arguments[0]);
        execv(path, arguments);
    }
    _exit(127);
}

pid_t daemon_start(struct e2e *world, int port, char *const *arguments)
{
    static const struct timespec pause = {.tv_nsec = 10000000};
    const char *out = e2e_format(world, "%s.out", arguments[0]);
    pid_t pid = fork();
    int status;

    if (pid == 0)
        become(world, out, arguments);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (answers(port))
            return pid;
        nanosleep(&pause, NULL);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        fail_msg("%s is missing: 'sh src/tools/packages.sh test install' installs it",
                 arguments[0]);
    return -1;
}

pid_t daemon_start_nginx(struct e2e *world, const char *conf, struct daemon_ports *ports)
{
    static const char frame[] = "%s"
                                "daemon off;\n"
                                "worker_processes 1;\n"
                                "pid nginx.pid;\n"
                                "error_log error.log;\n"
                                "events { worker_connections 1024; }\n"
                                "http {\n"
                                "    access_log access.log;\n"
                                "    client_body_temp_path body;\n"
                                "    proxy_temp_path proxy;\n"
                                "    fastcgi_temp_path fastcgi;\n"
                                "    uwsgi_temp_path uwsgi;\n"
                                "    scgi_temp_path scgi;\n"
                                "%s"
                                "}\n";
    char *arguments[] = {"nginx", "-p", ".", "-c", "nginx.conf", NULL};

    for (int i = 0; i < ATTEMPTS; i++) {
        pid_t pid;

        daemon_choose_ports(ports);
        e2e_write(world, "nginx.conf",
                  e2e_format(world, frame, getuid() == 0 ? "user root;\n" : "",
                             daemon_expand(world, conf, ports)));
        pid = daemon_start(world, ports->of[1], arguments);
        if (pid > 0)
            return pid;
    }
    fail_msg("nginx does not start: %s", e2e_read(world, "nginx.out"));
    return -1;
}

void daemon_stop(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}
