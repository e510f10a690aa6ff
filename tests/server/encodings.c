/* Compressed bodies, valid and invalid. */
#include "awkward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* The content with filler, so that the output comes in more than one piece. */
static const char page[] = "<html><body><button>" CONTENT "</button></body></html>";

/* zlib's window bits select the format. */
enum { FORMAT_DEFLATE = 15, FORMAT_GZIP = 15 + 16 };

static unsigned char *compress_page(const char *text, int format, size_t *size)
{
    z_stream stream = {0};
    unsigned char *out = malloc(strlen(text) + 1024);
    unsigned char *in = (unsigned char *)strdup(text);

    if (!out || !in || deflateInit2(&stream, 9, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    stream.next_in = in;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = out;
    stream.avail_out = (uInt)(strlen(text) + 1024);
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    *size = stream.total_out;
    deflateEnd(&stream);
    free(in);
    return out;
}

static void gzip(struct connection *to, const struct request *request)
{
    size_t size;
    unsigned char *body = compress_page(page, FORMAT_GZIP, &size);

    (void)request;
    connection_page_bytes(to, 200, "Content-Encoding: gzip\r\n", body, size);
    free(body);
}

static void deflated(struct connection *to, const struct request *request)
{
    size_t size;
    unsigned char *body = compress_page(page, FORMAT_DEFLATE, &size);

    (void)request;
    connection_page_bytes(to, 200, "Content-Encoding: deflate\r\n", body, size);
    free(body);
}

/* One packet for each byte, so that the content is decoded in many pieces. */
static void gzip_bytewise(struct connection *to, const struct request *request)
{
    size_t size;
    unsigned char *body = compress_page(page, FORMAT_GZIP, &size);

    (void)request;
    connection_puts(to, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    for (size_t i = 0; i < size && connection_send(to, body + i, 1) == 0; i++)
        connection_pause(to, 2);
    free(body);
}

/* gzip-border/N: the content begins this many bytes before the end of 16 KiB of decoded output. */
static void gzip_border(struct connection *to, const struct request *request)
{
    static const size_t border = 16384;
    size_t before = strtoul(request->argument, NULL, 10), size;
    char *text = calloc(1, 2 * border);
    unsigned char *body;

    if (!text)
        return;
    memset(text, 'x', border + 100);
    memcpy(text + border - before, CONTENT, strlen(CONTENT));
    body = compress_page(text, FORMAT_GZIP, &size);
    connection_page_bytes(to, 200, "Content-Encoding: gzip\r\n", body, size);
    free(body);
    free(text);
}

/* Made by brotli's own encoder from 696 bytes; the content is near the end. */
static const unsigned char brotli_page[] = {
    0x1b, 0xb7, 0x02, 0x60, 0x04, 0x74, 0x63, 0xa9, 0x8e, 0x2e, 0x86, 0x28, 0x98, 0xfa, 0x15,
    0x84, 0x27, 0xdd, 0xe0, 0xc0, 0xa5, 0x8a, 0x34, 0x81, 0x28, 0x9a, 0x40, 0xf6, 0x94, 0x4d,
    0x28, 0xaa, 0x8c, 0x66, 0x3f, 0xef, 0xd0, 0xc0, 0x39, 0xb5, 0x67, 0xcf, 0x07, 0x7c, 0x15,
    0x89, 0xa0, 0x81, 0x53, 0xaa, 0x25, 0x70, 0xf8, 0xe4, 0xd5, 0x8d, 0x33, 0xd2, 0x03,
};

static void brotli(struct connection *to, const struct request *request)
{
    (void)request;
    connection_page_bytes(to, 200, "Content-Encoding: br\r\n", brotli_page, sizeof brotli_page);
}

/* In two packets, split in the middle of the stream. */
static void brotli_split(struct connection *to, const struct request *request)
{
    (void)request;
    connection_puts(to, "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n");
    connection_send(to, brotli_page, 30);
    connection_pause(to, 30);
    connection_send(to, brotli_page + 30, sizeof brotli_page - 30);
}

/* A gibibyte of zeros in a megabyte: one block, which refers to nothing outside itself, is sent a
 * thousand times. */
static void gzip_bomb(struct connection *to, const struct request *request)
{
    static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    static unsigned char zeros[1 << 20];
    unsigned char block[8192];
    z_stream stream = {0};
    size_t size;

    (void)request;
    if (deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return;
    stream.next_in = zeros;
    stream.avail_in = sizeof zeros;
    stream.next_out = block;
    stream.avail_out = sizeof block;
    deflate(&stream, Z_FULL_FLUSH);
    size = stream.total_out;
    deflateEnd(&stream);

    connection_puts(to, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    connection_send(to, head, sizeof head);
    for (int i = 0; i < 1024 && connection_send(to, block, size) == 0; i++)
        continue;
}

/* The content can be decoded, but the stream stops in the middle, and Content-Length agrees with
 * that. */
static void gzip_truncated(struct connection *to, const struct request *request)
{
    char text[4096];
    size_t size, filler = sizeof text - 1;
    unsigned char *body;

    (void)request;
    for (size_t i = 0; i < filler; i++)
        text[i] = (char)('a' + (i * i + i / 7) % 26);
    text[filler] = '\0';
    memcpy(text, CONTENT, strlen(CONTENT));
    body = compress_page(text, FORMAT_GZIP, &size);
    connection_page_bytes(to, 200, "Content-Encoding: gzip\r\n", body, size / 2);
    free(body);
}

static void gzip_garbage(struct connection *to, const struct request *request)
{
    (void)request;
    connection_page(to, 200, "Content-Encoding: gzip\r\n", "this was never compressed " CONTENT);
}

/* Sends the body, then these bytes after its end, in a packet of their own. */
static void gzip_and_more(struct connection *to, const void *more, size_t more_size)
{
    size_t size;
    unsigned char *body = compress_page("<html>", FORMAT_GZIP, &size);

    connection_puts(to, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    connection_send(to, body, size);
    connection_pause(to, 30);
    connection_send(to, more, more_size);
    free(body);
}

/* The content is in the second member. */
static void gzip_members(struct connection *to, const struct request *request)
{
    size_t size;
    unsigned char *second = compress_page(page, FORMAT_GZIP, &size);

    (void)request;
    gzip_and_more(to, second, size);
    free(second);
}

static void gzip_trailing(struct connection *to, const struct request *request)
{
    (void)request;
    gzip_and_more(to, "\0\0\0\r\n", 5);
}

/* encoding/NAME: a plain body with this Content-Encoding. */
static void encoding(struct connection *to, const struct request *request)
{
    char header[sizeof request->argument + 64];

    snprintf(header, sizeof header, "Content-Encoding: %s\r\n", request->argument);
    connection_page(to, 200, header, page);
}

static void encoding_unknown(struct connection *to, const struct request *request)
{
    (void)request;
    connection_page(to, 200, "Content-Encoding: shrink\r\n", page);
}

static void encoding_identity(struct connection *to, const struct request *request)
{
    (void)request;
    connection_page(to, 200, "Content-Encoding: identity\r\n", page);
}

const struct behaviour_row behaviours_encodings[] = {
    {"gzip", gzip, "compressed by gzip"},
    {"deflate", deflated, "compressed by deflate"},
    {"brotli", brotli, "compressed by brotli"},
    {"brotli-split", brotli_split, "brotli in two packets"},
    {"gzip-bytewise", gzip_bytewise, "gzip, one byte in each packet"},
    {"gzip-border", gzip_border, "gzip-border/N: the content across 16 KiB of output"},
    {"gzip-bomb", gzip_bomb, "a gibibyte of zeros"},
    {"gzip-truncated", gzip_truncated, "a gzip stream that stops halfway"},
    {"gzip-garbage", gzip_garbage, "declared as gzip, but it is not"},
    {"gzip-members", gzip_members, "two gzip members"},
    {"gzip-trailing", gzip_trailing, "bytes after the end of gzip"},
    {"encoding", encoding, "encoding/NAME: plain, with this Content-Encoding"},
    {"encoding-unknown", encoding_unknown, "an unknown Content-Encoding"},
    {"encoding-identity", encoding_identity, "Content-Encoding: identity"},
    {NULL, NULL, NULL},
};
