/* How a check connects: to an address, a socket or through a proxy, with a login or a certificate,
 * by each version of HTTP and TLS. The servers are nginx, tinyproxy and microsocks. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "daemon.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HTTP = 1, TLS, VERIFY, OLD, NEW, H2C, OTHER, PROXY, PROXY_LOGIN };

/* $1 to $7; the proxies have $8 and $9. */
static const char conf[] =
    "    ssl_certificate server.pem;\n"
    "    ssl_certificate_key server.key;\n"
    "    absolute_redirect off;\n"
    "    server {\n"
    "        listen 127.0.0.1:$1;\n"
    "        listen unix:app.sock;\n"
    "        location / { return 200 'host=$http_host, $server_protocol, "
    "login=$http_authorization, "
    "cookie=$http_cookie.'; }\n"
    "        location /same { return 302 /here; }\n"
    "        location /away { return 302 http://127.0.0.1:$7/; }\n"
    "        location /set { add_header Set-Cookie 'a=b'; return 200 'set'; }\n"
    "        location /cookie { add_header Set-Cookie 'a=b'; return 302 /here; }\n"
    "        location /cookie-away { add_header Set-Cookie 'a=b'; return 302 "
    "http://localhost:$7/; }\n"
    "        location /private { auth_basic x; auth_basic_user_file users; root www; }\n"
    "    }\n"
    "    server {\n"
    "        listen 127.0.0.1:$2 ssl http2;\n"
    "        listen unix:tls.sock ssl;\n"
    "        location / { return 200 'sni=$ssl_server_name, $server_protocol.'; }\n"
    "        location /away { return 302 https://shop.example:$3/optional; }\n"
    "    }\n"
    "    server {\n"
    "        listen 127.0.0.1:$3 ssl;\n"
    "        ssl_client_certificate ca.pem;\n"
    "        ssl_verify_client optional;\n"
    "        location / { return 200 'client=$ssl_client_s_dn, $ssl_client_verify.'; }\n"
    "        location /away { return 302 https://localhost:$3/; }\n"
    "    }\n"
    "    server {\n"
    "        listen 127.0.0.1:$4 ssl;\n"
    "        ssl_protocols TLSv1;\n"
    "        ssl_ciphers ALL:@SECLEVEL=0;\n"
    "        location / { return 200 '$ssl_protocol.'; }\n"
    "    }\n"
    "    server {\n"
    "        listen 127.0.0.1:$5 ssl;\n"
    "        ssl_protocols TLSv1.3;\n"
    "        location / { return 200 '$ssl_protocol.'; }\n"
    "    }\n"
    "    server { listen 127.0.0.1:$6 http2; location / { return 200 '$server_protocol.'; } }\n"
    "    server {\n"
    "        listen 127.0.0.1:$7;\n"
    "        location / { return 200 'login=$http_authorization, cookie=$http_cookie.'; }\n"
    "    }\n";

/* ca.pem has signed server.pem for shop.example and localhost, and client.pem. */
static const char make_certificates[] =
    "exec 2>certificates.out; set -e\n"
    "new='openssl req -newkey rsa:2048 -nodes'\n"
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca\n"
    "$new -keyout server.key -out server.csr -subj /CN=server\n"
    "$new -keyout client.key -out client.csr -subj /CN=client\n"
    "echo subjectAltName=DNS:shop.example,DNS:localhost >names\n"
    "sign='openssl x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial -days 2'\n"
    "$sign -in server.csr -extfile names -out server.pem\n"
    "$sign -in client.csr -out client.pem\n"
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -subj /CN=other\n"
    "cat client.key client.pem >both.pem\n"
    "echo \"joe:$(openssl passwd -apr1 open-sesame)\" >users\n"
    "mkdir -p www/private; echo inside >www/private/index.html\n";

static pid_t start(struct e2e *world, struct daemon_ports *ports)
{
    e2e_shell(world, "%s", make_certificates);
    return daemon_start_nginx(world, conf, ports);
}

/* A monitor: the rest of its keys, and the failure that it must have; "": it must be UP. */
struct monitor {
    const char *keys, *failure;
};

/* Makes one tick of these monitors, in the sandbox. "$1" is the first port. */
static void tick(struct e2e *world, const struct daemon_ports *ports, const char *defaults,
                 const struct monitor *monitors, size_t n)
{
    char *yaml = e2e_format(world,
                            "workers: 1\n"
                            "defaults: {timeout_seconds: 10, ca_file: ca.pem%s}\n"
                            "sites:\n  - id: s\n    domains:\n",
                            defaults);

    for (size_t i = 0; i < n; i++)
        yaml = e2e_format(world, "%s      - {id: d%zu, %s}\n", yaml, i, monitors[i].keys);
    e2e_config(world, daemon_expand(world, yaml, ports));
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    for (size_t i = 0; i < n; i++) {
        struct csv csv = e2e_rows(world, e2e_format(world, "s/d%zu", i));
        const char *expected = daemon_expand(world, monitors[i].failure, ports);

        assert_int_equal(csv.n, 1);
        e2e_check(strcmp(csv.rows[0].field[FAILURE], expected) == 0, "%s: \"%s\", expected \"%s\"",
                  monitors[i].keys, csv.rows[0].field[FAILURE], expected);
    }
}

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void an_address_replaces_the_lookup_and_nothing_else(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"url: 'http://nosuch.invalid/', address: '127.0.0.1:$1', expect: {body_contains: "
         "'host=nosuch.invalid,'}",
         ""},
        {"url: 'http://nosuch.invalid:$1/', address: 127.0.0.1, expect: {body_contains: "
         "'host=nosuch.invalid:$1,'}",
         ""},
        {"url: 'http://nosuch.invalid/same', address: '127.0.0.1:$1', expect: {body_contains: "
         "'host=nosuch.invalid,'}",
         ""},
        {"url: 'http://nosuch.invalid/away', address: '127.0.0.1:$1', expect: {body_contains: "
         "'login=, cookie=.'}",
         ""},
        {"url: 'https://shop.example/', address: '127.0.0.1:$2', expect: {body_contains: "
         "'sni=shop.example,'}",
         ""},
        {"url: 'https://other.example/', address: '127.0.0.1:$2'",
         "tls: certificate is for shop.example (and 1 more name), not other.example"},
        {"url: 'https://shop.example/away', address: '127.0.0.1:$2'",
         "dns: no such host: shop.example"},
        {"url: 'http://nosuch.invalid/', address: '127.0.0.1:$8'",
         "connect: connection refused by 127.0.0.1 port $8"},
    };
    struct daemon_ports ports;
    pid_t nginx = start(world, &ports);

    tick(world, &ports, "", monitors, LENGTH(monitors));
    daemon_stop(nginx);
}

/* Binds a socket in the world's folder, or an abstract one. If it is to be full, it listens, and
 * nobody accepts. Returns its descriptor. */
static int bind_socket(struct e2e *world, const char *path, int type, bool is_full)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), here = open(".", O_RDONLY | O_CLOEXEC);
    socklen_t size = (socklen_t)(sizeof address.sun_family + strlen(path));

    /* The path of the folder may be too long for a socket. */
    assert_true(fd >= 0 && chdir(world->folder) == 0 && strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    if (*path == '@')
        *address.sun_path = '\0';
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    if (is_full)
        assert_int_equal(listen(fd, 0), 0);
    for (int i = 0; i < 3 && is_full; i++)
        (void)connect(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
                      (struct sockaddr *)&address, size);
    assert_int_equal(fchdir(here), 0);
    close(here);
    return fd;
}

static void a_unix_socket_replaces_the_host(struct e2e *world)
{
    char *abstract = e2e_format(world, "@uptick-%d", (int)getpid());
    const struct monitor monitors[] = {
        {"url: 'http://nosuch.invalid/', unix_socket: app.sock, expect: {body_contains: "
         "'host=nosuch.invalid,'}",
         ""},
        {"url: 'http://nosuch.invalid/away', unix_socket: app.sock, expect: {body_contains: "
         "'cookie=.'}",
         ""},
        {"url: 'https://shop.example/', unix_socket: tls.sock, expect: {body_contains: "
         "'sni=shop.example,'}",
         ""},
        {"url: 'http://a.invalid/', unix_socket: nosuch.sock",
         "connect: cannot connect to unix socket nosuch.sock: No such file or directory"},
        {"url: 'http://a.invalid/', unix_socket: bound.sock",
         "connect: connection refused by unix socket bound.sock"},
        {"url: 'http://a.invalid/', unix_socket: full.sock",
         "connect: unix socket full.sock has too many waiting connections"},
        {"url: 'http://a.invalid/', unix_socket: datagram.sock",
         "connect: cannot connect to unix socket datagram.sock: Protocol wrong type for "
         "socket"},
        {e2e_format(world, "url: 'http://a.invalid/', unix_socket: '%s'", abstract),
         e2e_format(world, "connect: unix socket %s has too many waiting connections", abstract)},
    };
    struct daemon_ports ports;
    pid_t nginx = start(world, &ports);
    int fds[] = {bind_socket(world, "bound.sock", SOCK_STREAM, false),
                 bind_socket(world, "full.sock", SOCK_STREAM, true),
                 bind_socket(world, "datagram.sock", SOCK_DGRAM, false),
                 bind_socket(world, abstract, SOCK_STREAM, true)};

    tick(world, &ports, "", monitors, LENGTH(monitors));
    daemon_stop(nginx);
    for (size_t i = 0; i < LENGTH(fds); i++)
        close(fds[i]);
}

/* Nothing that a run writes or prints contains a secret. */
static void assert_hidden(struct e2e *world, const char *secret)
{
    e2e_shell(world, "! grep -r -a -q -e '%s' data public", secret);
    assert_null(strstr(world->last.out, secret));
    assert_null(strstr(world->last.err, secret));
}

static pid_t start_proxy(struct e2e *world, const struct daemon_ports *ports, int port,
                         const char *more)
{
    char *name = e2e_format(world, "tinyproxy-%d.conf", port);
    char *arguments[] = {"tinyproxy", "-d", "-c", name, NULL};
    pid_t pid;

    e2e_write(world, name,
              e2e_format(world,
                         "Port %d\nListen 127.0.0.1\nTimeout 30\nMaxClients 20\n"
                         "DisableViaHeader Yes\n%s",
                         ports->of[port], more));
    pid = daemon_start(world, ports->of[port], arguments);
    e2e_check(pid > 0, "tinyproxy does not start: %s", e2e_read(world, "tinyproxy.out"));
    return pid;
}

static void a_proxy_forwards_and_tunnels(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"url: 'http://localhost:$1/', proxy: 'http://127.0.0.1:$8', expect: {body_contains: "
         "'host=localhost:$1,'}",
         ""},
        {"url: 'https://localhost:$2/', proxy: 'http://localhost:$8', expect: {body_contains: "
         "'sni=localhost, HTTP/2.0'}",
         ""},
        {"url: 'http://localhost:$6/', proxy: 'http://localhost:$8', http_version: "
         "2-prior-knowledge, expect: {body_contains: HTTP/2.0}",
         ""},
        {"url: 'https://127.0.0.1:$2/', proxy: 'http://localhost:$8'",
         "tls: certificate is for shop.example (and 1 more name), not 127.0.0.1"},
        {"url: 'https://nosuch.invalid/', proxy: 'http://localhost:$8'",
         "connect: the proxy answered 500 to CONNECT"},
        {"url: 'https://localhost:$2/', proxy: 'http://localhost:$9'",
         "connect: the proxy requires a login (status 407)"},
        {"url: 'http://localhost:$1/', proxy: 'http://localhost:$9'",
         "connect: the proxy requires a login (status 407)"},
        {"url: 'https://localhost:$2/', proxy: 'http://joe:wrong-${PW}@localhost:$9'",
         "connect: the proxy answered 401 to CONNECT"},
        {"url: 'https://localhost:$2/', proxy: 'http://joe:${PW}@localhost:$9'", ""},
        {"url: 'http://localhost:$1/away', proxy: 'http://joe:${PW}@localhost:$9', expect: "
         "{body_contains: 'login=, cookie=.'}",
         ""},
        {"url: 'http://localhost:$1/', proxy: 'http://joe:${PW}@nosuch.invalid'",
         "dns: no such host: nosuch.invalid (the proxy)"},
    };
    struct daemon_ports ports;
    pid_t nginx = start(world, &ports), proxy = start_proxy(world, &ports, PROXY, "");
    pid_t private = start_proxy(world, &ports, PROXY_LOGIN, "BasicAuth joe sesame-sesame\n");

    world->environment = "PW=sesame-sesame";
    tick(world, &ports, "", monitors, LENGTH(monitors));
    assert_hidden(world, "sesame-sesame");
    daemon_stop(private);
    daemon_stop(proxy);
    daemon_stop(nginx);
}

static void a_socks_proxy_looks_up_the_name(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"url: 'http://localhost:$1/', proxy: 'socks5h://joe:${PW}@127.0.0.1:$9', expect: "
         "{body_contains: 'host=localhost:$1,'}",
         ""},
        {"url: 'https://localhost:$2/', proxy: 'socks5h://joe:${PW}@localhost:$9', expect: "
         "{body_contains: 'sni=localhost, HTTP/2.0'}",
         ""},
        {"url: 'http://localhost:$8/', proxy: 'socks5h://joe:${PW}@localhost:$9'",
         "connect: connection refused by the server, as the proxy reports"},
        {"url: 'http://localhost:$1/', proxy: 'socks5h://joe:wrong@localhost:$9'",
         "connect: the proxy refuses the login"},
        {"url: 'http://localhost:$1/', proxy: 'socks5h://localhost:$9'",
         "connect: the proxy requires a login, or accepts none of this kind"},
    };
    struct daemon_ports ports;
    pid_t nginx = start(world, &ports), proxy;
    char *port = e2e_format(world, "%d", ports.of[PROXY_LOGIN]);
    char *arguments[] = {"microsocks", "-i", "127.0.0.1",     "-p", port, "-u",
                         "joe",        "-P", "sesame-sesame", NULL};

    proxy = daemon_start(world, ports.of[PROXY_LOGIN], arguments);
    assert_true(proxy > 0);
    world->environment = "PW=sesame-sesame";
    tick(world, &ports, "", monitors, LENGTH(monitors));
    assert_hidden(world, "sesame-sesame");
    daemon_stop(proxy);
    daemon_stop(nginx);
}

static void a_login_is_sent_at_once_and_to_its_server_only(struct e2e *world)
{
    /* joe:open-sesame */
    static const struct monitor monitors[] = {
        {"url: 'http://127.0.0.1:$1/private/', username: joe, password: '${PW}', expect: "
         "{body_contains: inside}",
         ""},
        {"url: 'http://127.0.0.1:$1/', username: joe, password: '${PW}', expect: {body_contains: "
         "'login=Basic am9lOm9wZW4tc2VzYW1l,'}",
         ""},
        {"url: 'http://127.0.0.1:$1/same', username: joe, password: '${PW}', expect: "
         "{body_contains: 'login=Basic am9lOm9wZW4tc2VzYW1l,'}",
         ""},
        {"url: 'http://127.0.0.1:$1/away', username: joe, password: '${PW}', expect: "
         "{body_contains: 'login=,'}",
         ""},
        {"url: 'http://127.0.0.1:$1/private/', username: joe, password: nonsense",
         "http_status: expected 200, got 401"},
        {"url: 'http://127.0.0.1:$1/', username: '', password: '', expect: {body_contains: "
         "'login=Basic Og==,'}",
         ""},
    };
    struct daemon_ports ports;
    pid_t nginx = start(world, &ports);

    world->environment = "PW=open-sesame";
    tick(world, &ports, "", monitors, LENGTH(monitors));
    assert_hidden(world, "open-sesame");
    e2e_shell(world, "test $(grep -c 'GET /private/.* 401 ' access.log) = 1");
    daemon_stop(nginx);
}

/* A server repeats what it got in the host of a redirect, which becomes part of a failure. */
static void a_password_that_a_server_repeats_is_hidden(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"url: 'http://127.0.0.1:$1/plain', username: joe, password: open-sesame",
         "dns: no such host: ***.invalid"},
        {"url: 'http://127.0.0.1:$1/base64', username: joe, password: open-sesame",
         "dns: no such host: ***.invalid"},
        {"url: 'http://127.0.0.1:$1/other', username: joe, password: '${PW}'",
         "dns: no such host: ${PW}.invalid"},
        {"url: 'http://jim:open%2Ddoor@127.0.0.1:$1/url'", "dns: no such host: ***.invalid"},
        {"url: 'http://jim:open%2Ddoor@127.0.0.1:$1/url64'", "dns: no such host: ***.invalid"},
        {"url: 'http://jim:${PW}@127.0.0.1:$1/other'", "dns: no such host: ${PW}.invalid"},
    };
    static const char repeat[] =
        "    server {\n"
        "        listen 127.0.0.1:$1;\n"
        "        location /plain { return 302 http://open-sesame.invalid/; }\n"
        "        location /base64 { return 302 http://am9lOm9wZW4tc2VzYW1l.invalid/; }\n"
        "        location /other { return 302 http://sesame-open.invalid/; }\n"
        "        location /url { return 302 http://open-door.invalid/; }\n"
        "        location /url64 { return 302 http://amltOm9wZW4tZG9vcg.invalid/; }\n"
        "    }\n";
    struct daemon_ports ports;
    pid_t nginx = daemon_start_nginx(world, repeat, &ports);

    e2e_shell(world, "%s", make_certificates);
    world->environment = "PW=sesame-open";
    tick(world, &ports, "", monitors, LENGTH(monitors));
    assert_hidden(world, "sesame-open");
    assert_hidden(world, "open-sesame");
    assert_hidden(world, "am9lOm9wZW4tc2VzYW1l");
    assert_hidden(world, "open-door");
    assert_hidden(world, "amltOm9wZW4tZG9vc");
    daemon_stop(nginx);
}

static void a_client_certificate_is_shown_to_its_server_only(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"url: 'https://localhost:$3/', expect: {body_contains: 'client=, NONE.'}, "
         "client_certificate: ~",
         ""},
        {"url: 'https://localhost:$3/', expect: {body_contains: 'client=CN=client, SUCCESS.'}", ""},
        {"url: 'https://localhost:$3/away', expect: {body_contains: 'client=CN=client, SUCCESS.'}",
         ""},
        {"url: 'https://localhost:$3/', client_certificate: both.pem, client_key: ~, expect: "
         "{body_contains: 'client=CN=client, SUCCESS.'}",
         ""},
        {"url: 'https://localhost:$3/', client_certificate: other.pem, client_key: other.key",
         "http_status: expected 200, got 400"},
        {"url: 'https://shop.example/', address: '127.0.0.1:$2'", ""},
        {"url: 'https://shop.example/to-verify', address: '127.0.0.1:$5', expect: {body_contains: "
         "TLSv1.3}",
         ""},
    };
    struct daemon_ports ports;
    pid_t nginx = start(world, &ports);

    tick(world, &ports, ", client_certificate: client.pem, client_key: client.key", monitors,
         LENGTH(monitors));
    daemon_stop(nginx);
}

static void each_version_of_http_is_used(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"url: 'https://localhost:$2/', expect: {body_contains: HTTP/2.0}", ""},
        {"url: 'https://localhost:$2/', http_version: auto, expect: {body_contains: HTTP/2.0}", ""},
        {"url: 'https://localhost:$2/', http_version: 1.1, expect: {body_contains: HTTP/1.1}", ""},
        {"url: 'https://localhost:$2/', http_version: '2', expect: {body_contains: HTTP/2.0}", ""},
        {"url: 'https://localhost:$2/', http_version: 2, headers: {Upgrade: x}, expect: "
         "{body_contains: HTTP/1.1}",
         ""},
        {"url: 'https://localhost:$5/', http_version: 2", ""},
        {"url: 'https://localhost:$2/', http_version: 2-prior-knowledge, expect: {body_contains: "
         "HTTP/2.0}",
         ""},
        {"url: 'http://localhost:$1/', http_version: 2, expect: {body_contains: HTTP/1.1}", ""},
        {"url: 'http://localhost:$6/', http_version: 2-prior-knowledge, expect: {body_contains: "
         "HTTP/2.0}",
         ""},
        {"url: 'http://localhost:$1/', http_version: 2-prior-knowledge",
         "protocol: the server sent no valid HTTP/2 response"},
    };
    struct daemon_ports ports;
    pid_t nginx = start(world, &ports);

    tick(world, &ports, "", monitors, LENGTH(monitors));
    daemon_stop(nginx);
}

static void old_versions_of_tls_must_be_allowed(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"url: 'https://localhost:$4/', tls_min_version: 1.0, expect: {body_contains: 'TLSv1.'}",
         ""},
        {"url: 'https://localhost:$4/', tls_min_version: 1.1",
         "tls: the server supports no TLS version newer than 1.0"},
        {"url: 'https://localhost:$4/'", "tls: the server supports neither TLS 1.2 nor TLS 1.3"},
        {"url: 'https://localhost:$4/', tls_min_version: 1.3",
         "tls: the server supports no TLS version newer than 1.2"},
        {"url: 'https://localhost:$5/', tls_min_version: 1.3, expect: {body_contains: 'TLSv1.3.'}",
         ""},
        {"url: 'https://localhost:$5/', tls_min_version: 1.0, expect: {body_contains: 'TLSv1.3.'}",
         ""},
    };
    struct daemon_ports ports;
    pid_t nginx = start(world, &ports);

    tick(world, &ports, "", monitors, LENGTH(monitors));
    daemon_stop(nginx);
}

/* One worker and one request at once, so that handles are used again in this order. */
static void cookies_stay_within_a_check_and_a_host(struct e2e *world)
{
    static const struct monitor monitors[] = {
        {"url: 'http://127.0.0.1:$1/set'", ""},
        {"url: 'http://127.0.0.1:$1/', expect: {body_contains: 'cookie=.'}", ""},
        {"url: 'http://127.0.0.1:$1/cookie', expect: {body_contains: 'cookie=a=b.'}", ""},
        {"url: 'http://127.0.0.1:$1/cookie', cookies: false, expect: {body_contains: 'cookie=.'}",
         ""},
        {"url: 'http://127.0.0.1:$1/cookie-away', expect: {body_contains: 'cookie=.'}", ""},
        {"url: 'http://127.0.0.1:$1/cookie', expect: {body_contains: 'cookie=a=b.'}", ""},
        {"url: 'http://127.0.0.1:$1/', cookies: false, headers: {Cookie: c=d}, expect: "
         "{body_contains: 'cookie=c=d.'}",
         ""},
        {"url: 'http://127.0.0.1:$1/', expect: {body_contains: 'cookie=.'}", ""},
    };
    struct daemon_ports ports;
    pid_t nginx = start(world, &ports);

    tick(world, &ports, "}\nmax_per_host: 1\nx-more: {", monitors, LENGTH(monitors));
    daemon_stop(nginx);
}

static void a_file_is_sent_as_the_body(struct e2e *world)
{
    static const char bytes[] = "{\"a\": \"${NOT_FILLED}\"}\r\n\0\xff";
    char *got;

    e2e_write_bytes(world, "folder/body.bin", bytes, sizeof bytes - 1);
    e2e_config(world, "sites:\n  - id: s\n    domains:\n"
                      "      - {id: d, url: 'http://@http@/echo', method: POST,\n"
                      "         headers: {Content-Type: application/json},\n"
                      "         body_file: folder/body.bin}\n");
    e2e_uptick(world, "tick", NULL);
    e2e_silent(world, 0);
    got = e2e_last(world, "/echo");
    assert_non_null(strstr(got, "Content-Length: 26\r\n"));
    assert_non_null(strstr(got, "\r\n\r\n{\"a\": \"${NOT_FILLED}\"}\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST_WITHIN_MINUTE(an_address_replaces_the_lookup_and_nothing_else),
        E2E_TEST_WITHIN_MINUTE(a_unix_socket_replaces_the_host),
        E2E_TEST_WITHIN_MINUTE(a_proxy_forwards_and_tunnels),
        E2E_TEST_WITHIN_MINUTE(a_socks_proxy_looks_up_the_name),
        E2E_TEST_WITHIN_MINUTE(a_login_is_sent_at_once_and_to_its_server_only),
        E2E_TEST_WITHIN_MINUTE(a_password_that_a_server_repeats_is_hidden),
        E2E_TEST_WITHIN_MINUTE(a_client_certificate_is_shown_to_its_server_only),
        E2E_TEST_WITHIN_MINUTE(each_version_of_http_is_used),
        E2E_TEST_WITHIN_MINUTE(old_versions_of_tls_must_be_allowed),
        E2E_TEST_WITHIN_MINUTE(cookies_stay_within_a_check_and_a_host),
        E2E_TEST_WITHIN_MINUTE(a_file_is_sent_as_the_body),
    };

    return cmocka_run_group_tests_name("connections", tests, NULL, NULL);
}
