/* Appends JSON to a buffer. */
#define _GNU_SOURCE /* mempcpy */
#include "base/json_put.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static bool is_utf8(const char *bytes, size_t size)
{
    for (size_t length; size > 0; bytes += length, size -= length) {
        for (; size > 0 && (unsigned char)*bytes < 0x80; bytes++)
            size--;
        if (size == 0)
            break;
        length = text_utf8_length(bytes, size);
        if (length == 0)
            return false;
    }
    return true;
}

/* Appends a text that is not UTF-8 as one line of UTF-8. */
static void put_mended(struct buffer *into, const char *bytes, size_t size)
{
    char *text = malloc(size + 1);

    if (text) {
        text_one_line(text, size + 1, bytes, size);
        text_escape_json(into, text, strlen(text));
    } else {
        into->failed = 1;
    }
    free(text);
}

/* Appends a text that needs no escapes. It makes room once for all pieces: the JSON of a large
 * dashboard has ten thousands of them. */
static void put_quoted(struct buffer *into, const char *before, const char *text, size_t size)
{
    size_t before_size = strlen(before);
    char *at;

    if (buffer_reserve(into, before_size + size + strlen("\"\"")))
        return;
    at = mempcpy(into->data + into->size, before, before_size);
    *at++ = '"';
    if (size)
        at = mempcpy(at, text, size);
    *at++ = '"';
    *at = '\0';
    into->size = (size_t)(at - into->data);
}

void json_put_bytes(struct buffer *into, const char *before, const char *bytes, size_t size)
{
    if (text_plain_json(bytes, size) == size) {
        put_quoted(into, before, bytes, size);
        return;
    }
    buffer_puts(into, before);
    buffer_putc(into, '"');
    if (is_utf8(bytes, size))
        text_escape_json(into, bytes, size);
    else
        put_mended(into, bytes, size);
    buffer_putc(into, '"');
}

static void put_piece(struct buffer *into, const char *before, const char *piece)
{
    buffer_puts(into, before);
    buffer_puts(into, piece);
}

void json_put_word(struct buffer *into, const char *before, const char *word)
{
    put_quoted(into, before, word, strlen(word));
}

void json_put_text(struct buffer *into, const char *before, const char *text)
{
    json_put_bytes(into, before, text, strlen(text));
}

void json_put_text_or_null(struct buffer *into, const char *before, const char *text)
{
    if (text[0])
        json_put_text(into, before, text);
    else
        put_piece(into, before, "null");
}

void json_put_number(struct buffer *into, const char *before, long long number)
{
    char text[TEXT_NUMBER_MAX];

    buffer_puts(into, before);
    buffer_append(into, text, text_number(text, number));
}

void json_put_number_or_null(struct buffer *into, const char *before, bool exists, long long number)
{
    if (exists)
        json_put_number(into, before, number);
    else
        put_piece(into, before, "null");
}

size_t json_put_write_percent(char *into, bool exists, int thousandths)
{
    if (exists)
        return text_decimal(into, thousandths, 1, 3);
    memcpy(into, "null", sizeof "null");
    return sizeof "null" - 1;
}

void json_put_ms(struct buffer *into, const char *before, int64_t ms)
{
    char text[CLOCK_TEXT_MAX];

    clock_write_ms(ms, text);
    json_put_word(into, before, text);
}

void json_put_ms_or_null(struct buffer *into, const char *before, bool exists, int64_t ms)
{
    if (exists)
        json_put_ms(into, before, ms);
    else
        put_piece(into, before, "null");
}

void json_put_seconds(struct buffer *into, const char *before, int64_t ms)
{
    char text[CLOCK_TEXT_MAX];

    clock_write_seconds(ms, text);
    json_put_word(into, before, text);
}
