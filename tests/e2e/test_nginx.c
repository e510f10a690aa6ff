/* A real server: nginx on loopback, checked by two hundred monitors. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "e2e.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MONITORS = 200, ATTEMPTS = 5 };

static const char conf[] = "%s"
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
                           "    gzip on;\n"
                           "    gzip_min_length 1;\n"
                           "    server {\n"
                           "        listen 127.0.0.1:%d;\n"
                           "        root www;\n"
                           "        location = /old { return 301 /; }\n"
                           "        location = /gone { return 410; }\n"
                           "    }\n"
                           "%s"
                           "}\n";

/* The same over HTTP/2, with a certificate that has signed itself. */
static const char http2[] = "    server {\n"
                            "        listen 127.0.0.1:%d ssl http2;\n"
                            "        ssl_certificate cert.pem;\n"
                            "        ssl_certificate_key key.pem;\n"
                            "        root www;\n"
                            "        add_header X-Many one;\n"
                            "        add_header X-Many two;\n"
                            "        location = /old { return 301 /; }\n"
                            "    }\n";

/* A port that was free a moment ago. */
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) ||
        getsockname(fd, (struct sockaddr *)&address, &size))
        fail_msg("no free port");
    close(fd);
    return ntohs(address.sin_port);
}

static void become_nginx(const struct e2e *world)
{
    static const char *const paths[] = {"/usr/sbin/nginx", "/usr/local/sbin/nginx",
                                        "/usr/local/bin/nginx"};

    if (chdir(world->folder) || !freopen("nginx.out", "w", stderr))
        _exit(126);
    execlp("nginx", "nginx", "-p", ".", "-c", "nginx.conf", (char *)NULL);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        execl(paths[i], "nginx", "-p", ".", "-c", "nginx.conf", (char *)NULL);
    _exit(127);
}

static bool answers(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool connected;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return connected;
}

/* Waits until it answers. Returns false if it has ended, because someone else took the port. */
static bool came_up(pid_t pid, int port)
{
    static const struct timespec pause = {.tv_nsec = 10000000};
    int status;

    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (answers(port))
            return true;
        nanosleep(&pause, NULL);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        fail_msg("nginx is missing: install nginx or nginx-light");
    return false;
}

/* https_port NULL: without TLS. */
static pid_t start_nginx(struct e2e *world, int *port, int *https_port)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        pid_t pid;

        const char *more = "";

        *port = free_port();
        if (https_port) {
            *https_port = free_port();
            more = e2e_format(world, http2, *https_port);
        }
        e2e_write(world, "nginx.conf",
                  e2e_format(world, conf, getuid() == 0 ? "user root;\n" : "", *port, more));
        pid = fork();
        if (pid == 0)
            become_nginx(world);
        if (came_up(pid, *port))
            return pid;
    }
    fail_msg("nginx does not start: %s", e2e_read(world, "nginx.out"));
    return -1;
}

static void two_hundred_monitors_of_nginx_are_checked_in_one_tick(struct e2e *world)
{
    char *yaml = e2e_format(world, "%s", "defaults: {interval_seconds: 60}\nsites:\n");
    struct csv csv;
    pid_t nginx;
    int port;

    e2e_write(world, "www/index.html", "<html>Add to basket</html>\n");
    nginx = start_nginx(world, &port, NULL);
    for (int i = 0; i < MONITORS; i++) {
        if (i % 20 == 0)
            yaml = e2e_format(world, "%s  - id: s%d\n    domains:\n", yaml, i / 20);
        yaml = e2e_format(world,
                          "%s      - {id: d%d, url: 'http://127.0.0.1:%d/%s?%d',\n"
                          "         expect: {body_contains: Add to basket}}\n",
                          yaml, i, port, i % 10 ? "" : "old", i);
    }
    e2e_config(world, e2e_format(world,
                                 "%s  - id: more\n    domains:\n"
                                 "      - {id: gone, url: 'http://127.0.0.1:%d/gone'}\n",
                                 yaml, port));
    e2e_uptick(world, "tick", NULL);
    kill(nginx, SIGTERM);
    waitpid(nginx, NULL, 0);
    e2e_silent(world, 0);
    e2e_check(world->last.seconds < 15, "the tick took %.1f s", world->last.seconds);
    assert_int_equal(e2e_all_rows(world), MONITORS + 1);
    for (int i = 0; i < MONITORS; i++) {
        csv = e2e_rows(world, e2e_format(world, "s%d/d%d", i / 20, i));
        assert_int_equal(csv.n, 1);
        e2e_check(strcmp(csv.rows[0].field[STATUS], "UP") == 0, "d%d is %s: %s", i,
                  csv.rows[0].field[STATUS], csv.rows[0].field[FAILURE]);
    }
    csv = e2e_rows(world, "more/gone");
    assert_string_equal(csv.rows[0].field[FAILURE], "http_status: expected 200, got 410");

    /* Each was requested once, and twenty of them again after a redirect. */
    e2e_shell(world, "test $(wc -l < access.log) = %d", MONITORS + MONITORS / 10 + 1);
    e2e_shell(world, "test $(ls public/site/*.html | wc -l) = 11");
}

/* Field names are in lower case there, and there is no reason phrase. */
static void expectations_hold_over_http2(struct e2e *world)
{
    static const struct {
        const char *expect, *failure;
    } cases[] = {
        {"http_version: '2', final_url: 'https://127.0.0.1:PORT/', max_redirects: 1", ""},
        {"http_version: '1.1'", "protocol: expected HTTP/1.1, got HTTP/2"},
        {"headers: {X-Many: two, Content-Type: text/html, Server: {matches: '^nginx'}}", ""},
        {"headers: {X-Many: {not: two}}", "header: X-Many: "},
        {"headers: {Status: {exists: false}}", ""},
        {"certificate_valid_days: 6.9, https_only: true", ""},
        {"certificate_valid_days: 7", "certificate: valid for 6.9 more days"},
        {"body_matches: '<html>.*</html>', json: ~", ""},
    };
    char *yaml =
        e2e_format(world, "%s", "defaults: {ca_file: cert.pem}\nsites:\n  - id: s\n    domains:\n");
    int port, https_port;
    pid_t nginx;

    e2e_shell(world, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 "
                     "-subj /CN=nginx -addext subjectAltName=IP:127.0.0.1 -keyout key.pem "
                     "-out cert.pem 2> .openssl");
    e2e_write(world, "www/index.html", "<html>Add to basket</html>\n");
    nginx = start_nginx(world, &port, &https_port);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *expect = cases[i].expect, *found = strstr(expect, "PORT");

        if (found)
            expect = e2e_format(world, "%.*s%d%s", (int)(found - expect), expect, https_port,
                                found + strlen("PORT"));
        yaml = e2e_format(world,
                          "%s      - {id: d%zu, url: 'https://127.0.0.1:%d/old', expect: {%s}}\n",
                          yaml, i, https_port, expect);
    }
    e2e_config(world, yaml);
    e2e_uptick(world, "tick", NULL);
    kill(nginx, SIGTERM);
    waitpid(nginx, NULL, 0);
    e2e_silent(world, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct csv csv = e2e_rows(world, e2e_format(world, "s/d%zu", i));
        const char *failure = csv.rows[0].field[FAILURE];

        e2e_check(strncmp(failure, cases[i].failure, strlen(cases[i].failure)) == 0 &&
                      (*cases[i].failure || !*failure),
                  "%s: %s", cases[i].expect, failure);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(expectations_hold_over_http2),
        E2E_TEST(two_hundred_monitors_of_nginx_are_checked_in_one_tick),
    };

    return cmocka_run_group_tests_name("nginx", tests, NULL, NULL);
}
