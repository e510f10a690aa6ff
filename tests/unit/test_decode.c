/* check/decode and check/head: bodies and headers as browsers read them, in pieces of any size. */
#include "base/buffer.h"
#include "check/decode.h"
#include "check/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

/* zlib's window bits select the format. */
enum { FORMAT_RAW = -15, FORMAT_ZLIB = 15, FORMAT_GZIP = 31 };

/* Appends the text in this format. */
static void put(struct buffer *into, int format, const void *text, size_t size)
{
    z_stream stream = {0};
    unsigned char out[4096];

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)text;
    stream.avail_in = (uInt)size;
    do {
        stream.next_out = out;
        stream.avail_out = sizeof out;
        deflate(&stream, Z_FINISH);
        buffer_append(into, out, sizeof out - stream.avail_out);
    } while (stream.avail_out == 0);
    deflateEnd(&stream);
}

static void put_text(struct buffer *into, int format, const char *text)
{
    put(into, format, text, strlen(text));
}

static bool take(void *context, const char *bytes, size_t size)
{
    return buffer_append(context, bytes, size) == 0;
}

/* Decodes a body that comes in pieces of this size, with these codings. */
static enum decode_result decode(const char *coding, const struct buffer *body, size_t piece,
                                 struct buffer *text)
{
    struct decode decode = {.left = 1 << 20};
    enum decode_result result = DECODE_MORE;

    assert_int_equal(decode_add_codings(&decode.codings, coding, strlen(coding)), 0);
    for (size_t at = 0; at < body->size && result == DECODE_MORE; at += piece) {
        size_t left = body->size - at;

        result = decode_feed(&decode, body->data + at, left < piece ? left : piece, take, text);
    }
    decode_free(&decode);
    return result;
}

static void expect_text(const char *coding, const struct buffer *body, const char *expected)
{
    for (size_t piece = 1; piece <= body->size; piece++) {
        struct buffer text = BUFFER_WITH_CEILING(1 << 20);

        assert_int_equal(decode(coding, body, piece, &text), DECODE_MORE);
        assert_string_equal(text.data ? text.data : "", expected);
        buffer_free(&text);
    }
}

/* What may follow the end of a body: nothing, padding, text, and starts of another member. */
static const struct bytes endings[] = {
    {"", 0},
    {"\0", 1},
    {"\0\0\0\0\r\n", 6},
    {"\n", 1},
    {"garbage of any length, which nobody reads", 41},
    {"\x1f", 1},
    {"\x1f\x8b", 2},
    {"\x1f\x8b\x08", 3},
    {"\x1f\x8b\x09 no known method", 19},
    {"\x1f\x8b\x08\0\0\0\0\0\0\x03\x07 no block", 20},
};
enum { ENDINGS = sizeof endings / sizeof endings[0] };

static void bytes_after_the_end_of_a_body_are_ignored(void **state)
{
    static const struct {
        const char *coding;
        int format;
    } cases[] = {{"gzip", FORMAT_GZIP},    {"x-gzip", FORMAT_GZIP}, {"GZip", FORMAT_GZIP},
                 {"deflate", FORMAT_ZLIB}, {"deflate", FORMAT_RAW}, {"deflate", FORMAT_GZIP}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0] * ENDINGS; i++) {
        struct buffer body = BUFFER_WITH_CEILING(1 << 20);

        put_text(&body, cases[i / ENDINGS].format, "hay hay needle");
        buffer_append(&body, endings[i % ENDINGS].data, endings[i % ENDINGS].size);
        expect_text(cases[i / ENDINGS].coding, &body, "hay hay needle");
        buffer_free(&body);
    }
}

#ifdef UPTICK_BROTLI
static void bytes_after_the_end_of_brotli_are_ignored(void **state)
{
    static const char brotli[] =
        "\x8b\x06\x80\x68\x61\x79\x20\x68\x61\x79\x20\x6e\x65\x65\x64\x6c\x65\x03";

    (void)state;
    for (size_t i = 0; i < ENDINGS; i++) {
        struct buffer body = BUFFER_WITH_CEILING(1 << 20);

        buffer_append(&body, brotli, sizeof brotli - 1);
        buffer_append(&body, endings[i].data, endings[i].size);
        expect_text("br", &body, "hay hay needle");
        buffer_free(&body);
    }
}
#endif

static void all_members_of_a_gzip_body_are_read(void **state)
{
    struct buffer body = BUFFER_WITH_CEILING(1 << 20);

    (void)state;
    put_text(&body, FORMAT_GZIP, "first ");
    put_text(&body, FORMAT_GZIP, "");
    put_text(&body, FORMAT_GZIP, "second ");
    put_text(&body, FORMAT_GZIP, "third");
    expect_text("gzip", &body, "first second third");
    buffer_append(&body, "\0\0", 2);
    expect_text("gzip", &body, "first second third");
    buffer_free(&body);
}

static void a_body_can_be_encoded_more_than_once(void **state)
{
    struct buffer once = BUFFER_WITH_CEILING(1 << 20), twice = BUFFER_WITH_CEILING(1 << 20);
    struct codings codings = {.n = 0};

    (void)state;
    put_text(&once, FORMAT_ZLIB, "hay hay needle");
    put(&twice, FORMAT_GZIP, once.data, once.size);
    expect_text("deflate, gzip", &twice, "hay hay needle");
    expect_text("deflate,identity , gzip", &twice, "hay hay needle");
    buffer_free(&once);
    buffer_free(&twice);
    assert_int_equal(decode_add_codings(&codings, "gzip,gzip,gzip,gzip,gzip", 24), 0);
    assert_int_equal(decode_add_codings(&codings, "none", 4), 0);
    assert_int_equal(decode_add_codings(&codings, "gzip", 4), -1);
}

/* Servers send these with bodies that are not encoded. */
static void an_unknown_coding_changes_nothing(void **state)
{
    static const char *const codings[] = {
        "",      "identity",      "none", "utf-8",   "aws-chunked", ", ,,",
        "UTF-8", "binary, 8bit ", "gzi",  "gzipped", "lzma",        "compress"};
    static char text[] = "hay hay needle";
    struct buffer body = {.data = text, .size = sizeof text - 1};

    (void)state;
    for (size_t i = 0; i < sizeof codings / sizeof codings[0]; i++)
        expect_text(codings[i], &body, text);
}

/* The text up to the end counts. */
static void a_compressed_body_may_end_early(void **state)
{
    static const int formats[] = {FORMAT_GZIP, FORMAT_ZLIB, FORMAT_RAW};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buffer body = BUFFER_WITH_CEILING(1 << 20);
        const char *coding = formats[i] == FORMAT_GZIP ? "gzip" : "deflate";

        put_text(&body, formats[i], "hay hay needle");
        for (size_t whole = body.size; body.size > 0; body.size--) {
            struct buffer text = BUFFER_WITH_CEILING(1 << 20);

            assert_int_equal(decode(coding, &body, whole, &text), DECODE_MORE);
            assert_memory_equal(text.data ? text.data : "", "hay hay needle", text.size);
            buffer_free(&text);
        }
        buffer_free(&body);
    }
}

static void a_body_that_is_not_encoded_as_named_is_malformed(void **state)
{
    static const struct {
        const char *coding, *body;
    } cases[] = {
        {"gzip", "hay hay needle"},
        {"gzip", "<html>"},
        {"gzip", "\x1f\x8b\x08 and no more of it"},
        {"deflate", "hay hay needle"},
        {"gzip, deflate", "hay hay needle"},
#ifdef UPTICK_BROTLI
        {"br", "hay hay needle"},
#endif
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t piece = 1; piece <= strlen(cases[i].body); piece++) {
            struct buffer text = BUFFER_WITH_CEILING(1 << 20);
            struct buffer body = {.data = (char *)cases[i].body, .size = strlen(cases[i].body)};

            assert_int_equal(decode(cases[i].coding, &body, piece, &text), DECODE_BAD);
            buffer_free(&text);
        }
    }
}

static bool count(void *context, const char *bytes, size_t size)
{
    size_t *left = context;

    (void)bytes;
    *left -= size < *left ? size : *left;
    return *left > 0;
}

/* A few kilobytes that decode to gibibytes, unless the ceilings hold. */
static void a_body_that_expands_much_ends_at_the_ceilings(void **state)
{
    char *zeros = calloc(1, 1 << 20);
    struct buffer once = BUFFER_WITH_CEILING(8 << 20), twice = BUFFER_WITH_CEILING(1 << 20);
    struct decode decode = {.left = 1 << 20};
    size_t left = 1 << 20;

    (void)state;
    for (int i = 0; i < 64; i++)
        put(&once, FORMAT_GZIP, zeros, 1 << 20);
    put(&twice, FORMAT_GZIP, once.data, once.size);
    decode_add_codings(&decode.codings, "gzip", 4);
    assert_int_equal(decode_feed(&decode, once.data, once.size, count, &left), DECODE_ENDED);
    assert_int_equal(left, 0);
    decode_free(&decode);

    /* Between two codings. */
    left = SIZE_MAX;
    decode.left = 1 << 10;
    decode_add_codings(&decode.codings, "gzip,gzip", 9);
    assert_int_equal(decode_feed(&decode, twice.data, twice.size, count, &left), DECODE_ENDED);
    assert_true(SIZE_MAX - left < 4 << 20);
    decode_free(&decode);
    buffer_free(&once);
    buffer_free(&twice);
    free(zeros);
}

/* Reads headers, one line after another, and the empty line. */
static void read_head(struct head *head, const char *lines)
{
    *head = (struct head){.location = NULL};
    while (*lines) {
        size_t size = strcspn(lines, "\n") + 1;

        assert_int_equal(head_add(head, lines, size, NULL), 0);
        lines += size;
    }
    assert_int_equal(head_add(head, "\r\n", 2, NULL), 0);
}

static void headers_that_contradict_each_other_are_malformed(void **state)
{
    static const struct {
        const char *lines;
        bool good;
    } cases[] = {
        {"Content-Length: 13\r\n", true},
        {"Content-Length: 13\r\ncontent-length:13 \r\n", true},
        {"Content-Length: 13, 13\r\n", true},
        {"Content-Length: 13\r\nContent-Length: 14\r\n", false},
        {"Content-Length: 13, 14\r\n", false},
        {"Content-Length: 13,\r\n", false},
        {"Content-Length:\r\n", false},
        {"Content-Length: -13\r\n", false},
        {"Content-Length: 13 bytes\r\n", false},
        {"Content-Length: 0x13\r\n", false},
        {"Content-Length: 13\r\nContent-Length: 14\r\nTransfer-Encoding: Chunked\r\n", true},
        {"Content-Length: 13\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 1\r\n", true},
        {"Location: /a\r\nLocation: /a\r\n", true},
        {"Location: /a\r\nLocation: /b\r\n", false},
        {"Location: /a\r\nLocation:\r\n", false},
        {"Location: /a\r\nX-Location: /b\r\n", true},
        {"Content-Encoding: gzip\r\nContent-Encoding: gzip, gzip\r\n", true},
        {"Content-Encoding: gzip, gzip, gzip\r\nContent-Encoding: gzip, gzip, gzip\r\n", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct head head;

        read_head(&head, cases[i].lines);
        if ((head_fault(&head) == NULL) != cases[i].good)
            fail_msg("%s: %s", cases[i].lines, head_fault(&head) ? head_fault(&head) : "accepted");
        head_free(&head);
    }
}

static void a_folded_header_is_read_as_one(void **state)
{
    static const struct {
        const char *lines, *location;
        size_t codings;
    } cases[] = {
        {"Location:\r\n /a\r\n", "/a", 0},
        {"Location: /a\r\nX: y\r\n /b\r\n", "/a", 0},
        {"X: y\r\n Location: /b\r\n", NULL, 0},
        {"Content-Encoding:\r\n\tgzip,\r\n  deflate\r\n", NULL, 2},
        {"HTTP/1.1 302 Found\nLocation: \t/a \t\n", "/a", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct head head;

        read_head(&head, cases[i].lines);
        if (cases[i].location)
            assert_string_equal(head.location, cases[i].location);
        else
            assert_null(head.location);
        assert_int_equal(head.codings.n, cases[i].codings);
        head_free(&head);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_after_the_end_of_a_body_are_ignored),
#ifdef UPTICK_BROTLI
        cmocka_unit_test(bytes_after_the_end_of_brotli_are_ignored),
#endif
        cmocka_unit_test(all_members_of_a_gzip_body_are_read),
        cmocka_unit_test(a_body_can_be_encoded_more_than_once),
        cmocka_unit_test(an_unknown_coding_changes_nothing),
        cmocka_unit_test(a_compressed_body_may_end_early),
        cmocka_unit_test(a_body_that_is_not_encoded_as_named_is_malformed),
        cmocka_unit_test(a_body_that_expands_much_ends_at_the_ceilings),
        cmocka_unit_test(headers_that_contradict_each_other_are_malformed),
        cmocka_unit_test(a_folded_header_is_read_as_one),
    };

    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
