/* Bodies: their contents, the pieces in which they are sent, and how they end. */
#include "awkward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char page[] = "<html><body><button>" CONTENT "</button></body></html>";
static const char bot_page[] = "<html><body><h1>" BOT "…</h1></body></html>";

static void ok(struct connection *to, const struct request *request)
{
    (void)request;
    connection_page(to, 200, "Content-Type: text/html\r\n", page);
}

/* status/NNN */
static void status(struct connection *to, const struct request *request)
{
    connection_page(to, atoi(request->argument), "", page);
}

/* bot/NNN */
static void bot(struct connection *to, const struct request *request)
{
    connection_page(to, atoi(request->argument), "", bot_page);
}

static void empty(struct connection *to, const struct request *request)
{
    (void)request;
    connection_page(to, 200, "", "");
}

/* plain/NNN: a response without the content, with this status. */
static void plain(struct connection *to, const struct request *request)
{
    connection_page(to, atoi(request->argument), "", "nothing to see\n");
}

/* body?TEXT: the body is the query, with + as space. */
static void body(struct connection *to, const struct request *request)
{
    char text[sizeof request->target];
    const char *query = strchr(request->target, '?');

    snprintf(text, sizeof text, "%s", query ? query + 1 : "");
    for (char *plus = strchr(text, '+'); plus; plus = strchr(plus, '+'))
        *plus = ' ';
    connection_page(to, 200, "", text);
}

/* The content in two packets, split in the middle. */
static void split(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n<html>Add to");
    connection_pause(to, 50);
    connection_puts(to, " basket</html>"
                        "\r\n\r\n");
}

static void bytewise(struct connection *to, const struct request *request)
{
    (void)request;
    connection_printf(to, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", strlen(page));
    for (const char *at = page; *at && connection_send(to, at, 1) == 0; at++)
        connection_pause(to, 2);
}

static void chunk(struct connection *to, const char *text, size_t size, const char *extension)
{
    connection_printf(to, "%zx%s\r\n", size, extension);
    connection_send(to, text, size);
    connection_puts(to, "\r\n");
}

static const char chunked_head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/* The content split between two chunks. */
static void chunked(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, chunked_head);
    chunk(to, "<html>Add t", 11, "");
    connection_pause(to, 20);
    chunk(to, "o basket</html>", 15, "");
    connection_puts(to, "0\r\n\r\n");
}

static void chunk_extensions(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
    for (const char *at = page; *at; at++)
        chunk(to, at, 1, ";name=\"value\"");
    connection_puts(to, "000;last\r\nX-Sum: 17\r\n\r\n");
}

static void chunk_size_bad(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, chunked_head);
    chunk(to, page, strlen(page), "");
    connection_puts(to, "zebra\r\n\r\n");
}

static void chunk_last_missing(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, chunked_head);
    chunk(to, page, strlen(page), "");
}

static void truncated(struct connection *to, const struct request *request)
{
    (void)request;
    connection_printf(to, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n%s", page);
}

/* More bytes than Content-Length. */
static void overlong(struct connection *to, const struct request *request)
{
    (void)request;
    connection_printf(to, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s%s", strlen(page), page,
                      "and much that nobody asked for");
}

/* HTTP/1.0: the body ends with the connection. */
static void http10(struct connection *to, const struct request *request)
{
    (void)request;
    connection_printf(to, "HTTP/1.0 200 OK\r\n\r\n%s", page);
}

/* The content, then bytes for as long as the client reads them. */
static void endless(struct connection *to, const struct request *request)
{
    static char block[16384];

    (void)request;
    memset(block, 'x', sizeof block);
    connection_printf(to, "HTTP/1.1 200 OK\r\n\r\n%s", page);
    while (connection_send(to, block, sizeof block) == 0)
        continue;
}

/* fill/N: a body of N bytes that ends with the content. */
static void fill(struct connection *to, const struct request *request)
{
    size_t size = strtoul(request->argument, NULL, 10);
    char *body = malloc(size + 1);

    if (body && size >= strlen(CONTENT)) {
        memset(body, 'x', size);
        memcpy(body + size - strlen(CONTENT), CONTENT, strlen(CONTENT));
        connection_page_bytes(to, 200, "", body, size);
    }
    free(body);
}

/* beyond/N: N bytes, then the content. */
static void beyond(struct connection *to, const struct request *request)
{
    size_t size = strtoul(request->argument, NULL, 10);
    char *body = malloc(size + sizeof CONTENT);

    if (body) {
        memset(body, 'x', size);
        memcpy(body + size, CONTENT, sizeof CONTENT);
        connection_page_bytes(to, 200, "", body, size + strlen(CONTENT));
    }
    free(body);
}

static void nul_bytes(struct connection *to, const struct request *request)
{
    static const char body[] = "before\0\0\0" CONTENT "\0after";

    (void)request;
    connection_page_bytes(to, 200, "", body, sizeof body - 1);
}

/* The request: method, head and body. */
static void echo(struct connection *to, const struct request *request)
{
    char body[8192];

    snprintf(body, sizeof body, "%s\n\n%.*s", request->head, (int)request->body_size,
             request->body);
    connection_page(to, 200, "Content-Type: text/plain\r\n", body);
}

/* 200 only with the name and password "uptick:s3cret". */
static void auth(struct connection *to, const struct request *request)
{
    char value[256];

    if (request_header(request, "Authorization", value, sizeof value) &&
        strcmp(value, "Basic dXB0aWNrOnMzY3JldA==") == 0)
        connection_page(to, 200, "", page);
    else
        connection_page(to, 401, "WWW-Authenticate: Basic realm=\"test\"\r\n", "who is there?");
}

static void hostile(struct connection *to, const struct request *request)
{
    (void)request;
    connection_page(to, 500, "X-Evil: \"><img src=x onerror=alert(1)>\r\n",
                    "\"><img src=x onerror=alert(1)></script>");
}

const struct behaviour_row behaviours_bodies[] = {
    {"ok", ok, "200 with the content"},
    {"status", status, "status/NNN with the content"},
    {"plain", plain, "plain/NNN without the content"},
    {"bot", bot, "bot/NNN: a bot protection's page"},
    {"empty", empty, "200 with an empty body"},
    {"body", body, "body?TEXT: the text, + for a space"},
    {"split", split, "the content across two packets"},
    {"bytewise", bytewise, "one byte in each packet"},
    {"chunked", chunked, "the content across two chunks"},
    {"chunk-extensions", chunk_extensions, "one byte in each chunk, with extensions and a trailer"},
    {"chunk-size-bad", chunk_size_bad, "a chunk size that is not a number"},
    {"chunk-last-missing", chunk_last_missing, "closed before the last chunk"},
    {"truncated", truncated, "closed long before Content-Length"},
    {"overlong", overlong, "more bytes than Content-Length"},
    {"http10", http10, "HTTP/1.0 without a length"},
    {"endless", endless, "an endless body"},
    {"fill", fill, "fill/N: N bytes that end with the content"},
    {"beyond", beyond, "beyond/N: the content after N bytes"},
    {"nul-bytes", nul_bytes, "NUL bytes before the content"},
    {"echo", echo, "the request"},
    {"auth", auth, "200 for uptick:s3cret only"},
    {"hostile", hostile, "markup in headers and body"},
    {NULL, NULL, NULL},
};
