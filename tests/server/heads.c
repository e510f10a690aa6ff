/* Status lines and headers. */
#include "awkward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void garbage(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\x01\x02\xff\xfe" CONTENT "\r\n\r\n");
}

/* HTTP/0.9: only the body. */
static void http09(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "<html>" CONTENT "</html>\n");
}

static void status_line_bad(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 two hundred\r\nContent-Length: 0\r\n\r\n");
}

static void reply_empty(struct connection *to, const struct request *request)
{
    (void)to;
    (void)request;
}

static void reset(struct connection *to, const struct request *request)
{
    (void)request;
    connection_reset(to);
}

static void reset_in_body(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" CONTENT);
    connection_pause(to, 50);
    connection_reset(to);
}

/* headers/N: this many bytes of headers, 100 in each line. */
static void headers(struct connection *to, const struct request *request)
{
    long size = atol(request->argument);
    char filler[81];

    memset(filler, 'h', 80);
    filler[80] = '\0';
    connection_puts(to, "HTTP/1.1 200 OK\r\n");
    for (long i = 0; i < size / 100; i++) {
        if (connection_printf(to, "X-Filler-%07ld: %s\r\n", i, filler))
            return;
    }
    connection_puts(to, "Content-Length: 13\r\n\r\n" CONTENT);
}

/* header/N: one header of this many bytes. */
static void header(struct connection *to, const struct request *request)
{
    size_t size = strtoul(request->argument, NULL, 10);
    char *value = malloc(size + 1);

    if (!value)
        return;
    memset(value, 'v', size);
    value[size] = '\0';
    connection_printf(to, "HTTP/1.1 200 OK\r\nX-Long: %s\r\nContent-Length: 13\r\n\r\n" CONTENT,
                      value);
    free(value);
}

static void bare_newlines(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 200 OK\nContent-Length: 13\n\n" CONTENT);
}

static void header_latin1(struct connection *to, const struct request *request)
{
    (void)request;
    connection_page(to, 200, "X-Caf\xe9: cr\xe8me \x80\xff\r\nX-Bell: \a\r\n", CONTENT);
}

static void header_without_colon(struct connection *to, const struct request *request)
{
    (void)request;
    connection_page(to, 200, "this line has none\r\n", CONTENT);
}

/* A NUL in a header, which no server may send. */
static void header_nul(struct connection *to, const struct request *request)
{
    static const char reply[] =
        "HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nContent-Length: 13\r\n\r\n" CONTENT;

    (void)request;
    connection_send(to, reply, sizeof reply - 1);
}

static void lengths_differ(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to,
                    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Length: 99\r\n\r\n" CONTENT);
}

/* The connection ends before the empty line. */
static void headers_cut(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n");
}

static void locations_differ(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nLocation: /empty\r\n\r\n");
}

/* After 101, nobody speaks. */
static void switching(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\n\r\n");
    connection_hang(to);
}

static void length_negative(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 200 OK\r\nContent-Length: -13\r\n\r\n" CONTENT);
}

/* informational/NNN: this status before the 200. */
static void informational(struct connection *to, const struct request *request)
{
    connection_printf(to, "HTTP/1.1 %d Wait\r\nLink: </a.css>\r\n\r\n", atoi(request->argument));
    connection_pause(to, 20);
    connection_page(to, 200, "", CONTENT);
}

/* nobody/NNN: a status without a body; the connection stays open for a while. */
static void nobody(struct connection *to, const struct request *request)
{
    connection_printf(to, "HTTP/1.1 %d Nobody\r\n\r\n", atoi(request->argument));
    connection_pause(to, 5000);
}

/* The length of a body that HEAD does not get. */
static void head_length(struct connection *to, const struct request *request)
{
    connection_puts(to, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
    if (strcmp(request->method, "HEAD") == 0)
        connection_pause(to, 5000);
}

const struct behaviour_row behaviours_heads[] = {
    {"garbage", garbage, "another protocol"},
    {"http09", http09, "HTTP/0.9"},
    {"status-line-bad", status_line_bad, "a status that is not a number"},
    {"reply-empty", reply_empty, "closed without a byte"},
    {"reset", reset, "reset before the reply"},
    {"reset-in-body", reset_in_body, "reset in the body"},
    {"headers", headers, "headers/N: N bytes of headers"},
    {"header", header, "header/N: one header of N bytes"},
    {"bare-newlines", bare_newlines, "\\n instead of \\r\\n"},
    {"header-latin1", header_latin1, "bytes that are not UTF-8"},
    {"header-without-colon", header_without_colon, "a line that is not a header"},
    {"header-nul", header_nul, "a NUL in a header"},
    {"lengths-differ", lengths_differ, "two lengths"},
    {"headers-cut", headers_cut, "closed within the headers"},
    {"locations-differ", locations_differ, "two locations"},
    {"switching", switching, "101, and then silence"},
    {"length-negative", length_negative, "Content-Length: -13"},
    {"informational", informational, "informational/NNN before the 200"},
    {"nobody", nobody, "nobody/NNN without a body"},
    {"head-length", head_length, "the length of a body that HEAD does not get"},
    {NULL, NULL, NULL},
};
