/* Redirects, to this server and to places where no check should go. */
#include "awkward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void send_to(struct connection *to, int status, const char *location)
{
    char header[4300];

    snprintf(header, sizeof header, "Location: %s\r\n", location);
    connection_page(to, status, header, "");
}

/* redirect/N: N redirects, then the content. */
static void redirect(struct connection *to, const struct request *request)
{
    int left = atoi(request->argument);
    char location[64];

    if (left <= 0) {
        connection_page(to, 200, "", CONTENT);
        return;
    }
    snprintf(location, sizeof location, "/redirect/%d", left - 1);
    send_to(to, 302, location);
}

/* redirect-abrupt/N: the same, but the server closes each connection without announcing it, as many
 * do. */
static void redirect_abrupt(struct connection *to, const struct request *request)
{
    int left = atoi(request->argument);

    if (left <= 0)
        connection_page(to, 200, "", CONTENT);
    else
        connection_printf(to,
                          "HTTP/1.1 302 Found\r\nLocation: /redirect-abrupt/%d\r\n"
                          "Content-Length: 0\r\n\r\n",
                          left - 1);
}

static void redirect_loop(struct connection *to, const struct request *request)
{
    send_to(to, 301, request->target);
}

static void redirect_relative(struct connection *to, const struct request *request)
{
    (void)request;
    send_to(to, 307, "../ok?from=relative");
}

static void redirect_file(struct connection *to, const struct request *request)
{
    (void)request;
    send_to(to, 302, "file:///etc/passwd");
}

static void redirect_ftp(struct connection *to, const struct request *request)
{
    char location[64];

    (void)request;
    snprintf(location, sizeof location, "ftp://127.0.0.1:%d/", server_port("http"));
    send_to(to, 302, location);
}

/* redirect-tls/NAME: to the TLS port of this name. */
static void redirect_tls(struct connection *to, const struct request *request)
{
    char location[128];

    snprintf(location, sizeof location, "https://127.0.0.1:%d/ok", server_port(request->argument));
    send_to(to, 302, location);
}

static void redirect_garbage(struct connection *to, const struct request *request)
{
    (void)request;
    send_to(to, 302, "http://[::bad:/\x01\xff");
}

static void redirect_nowhere(struct connection *to, const struct request *request)
{
    (void)request;
    connection_page(to, 302, "", CONTENT);
}

/* The content if the request has the cookie that was set; else a redirect to itself. */
static void redirect_cookie(struct connection *to, const struct request *request)
{
    char value[256];

    if (request_header(request, "Cookie", value, sizeof value) && strstr(value, "visited=yes"))
        connection_page(to, 200, "", CONTENT);
    else
        connection_printf(to,
                          "HTTP/1.1 302 Found\r\nSet-Cookie: visited=yes; Path=/\r\n"
                          "Location: %s\r\nContent-Length: 0\r\n\r\n",
                          request->target);
}

/* To another port of this host, which must not get the password and the headers. */
static void redirect_elsewhere(struct connection *to, const struct request *request)
{
    char location[64];

    (void)request;
    snprintf(location, sizeof location, "http://localhost:%d/echo?elsewhere", server_port("http"));
    send_to(to, 302, location);
}

/* redirect-host/PORT/HOST: to this host, on the port of this name. */
static void redirect_host(struct connection *to, const struct request *request)
{
    const char *argument = request->argument;
    int length = (int)strcspn(argument, "/");
    char port[32], location[sizeof request->argument + 64];

    snprintf(port, sizeof port, "%.*s", length, argument);
    snprintf(location, sizeof location, "http%s://%s:%d/ok", strncmp(port, "tls", 3) ? "" : "s",
             argument[length] ? argument + length + 1 : "localhost", server_port(port));
    send_to(to, 302, location);
}

/* redirect-scheme/NAME: to a URL of this scheme. */
static void redirect_scheme(struct connection *to, const struct request *request)
{
    char location[sizeof request->argument + 64];

    snprintf(location, sizeof location, "%s://127.0.0.1/", request->argument);
    send_to(to, 302, location);
}

/* To a host name that is the last word of the header Authorization. */
static void redirect_login(struct connection *to, const struct request *request)
{
    char login[256] = "", location[512];
    const char *word;

    request_header(request, "Authorization", login, sizeof login);
    word = strrchr(login, ' ');
    word = word ? word + 1 : login;
    snprintf(location, sizeof location, "http://%.*s.invalid/", (int)strcspn(word, "="), word);
    send_to(to, 302, location);
}

const struct behaviour_row behaviours_redirects[] = {
    {"redirect-scheme", redirect_scheme, "redirect-scheme/NAME: to another scheme"},
    {"redirect-login", redirect_login, "to the host name that was sent as the login"},
    {"redirect", redirect, "redirect/N: N redirects, then the content"},
    {"redirect-abrupt", redirect_abrupt, "redirect-abrupt/N: the same, closed without notice"},
    {"redirect-loop", redirect_loop, "to itself"},
    {"redirect-relative", redirect_relative, "../ok"},
    {"redirect-file", redirect_file, "to file:"},
    {"redirect-ftp", redirect_ftp, "to ftp:"},
    {"redirect-tls", redirect_tls, "redirect-tls/NAME: to a TLS port"},
    {"redirect-garbage", redirect_garbage, "to an invalid URL"},
    {"redirect-nowhere", redirect_nowhere, "302 without a Location"},
    {"redirect-cookie", redirect_cookie, "until the request has a cookie"},
    {"redirect-elsewhere", redirect_elsewhere, "to another host name"},
    {"redirect-host", redirect_host, "redirect-host/PORT/HOST: to this host"},
    {NULL, NULL, NULL},
};
