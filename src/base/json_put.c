/* Appends JSON to a buffer. */
#include "base/json_put.h"

#include "base/clock.h"
#include "base/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT = JSON_REAL_PRECISION(6) | JSON_ENCODE_ANY };

static int append_piece(const char *bytes, size_t size, void *into)
{
    return buffer_append(into, bytes, size);
}

/* Appends the value and frees it. jansson returns NULL if out of memory. */
static void put_value(struct buffer *into, json_t *value)
{
    if (!value || json_dump_callback(value, append_piece, into, FORMAT))
        into->failed = 1;
    json_decref(value);
}

/* Whether JSON needs no escapes: ASCII without quotes, backslashes and control characters. */
static bool are_plain(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] < ' ' || bytes[i] > '~' || bytes[i] == '"' || bytes[i] == '\\')
            return false;
    }
    return true;
}

/* A text that is not UTF-8, made into one line of UTF-8. */
static json_t *mended_text(const char *bytes, size_t size)
{
    char *text = malloc(size + 1);
    json_t *value = NULL;

    if (text) {
        text_one_line(text, size + 1, bytes, size);
        value = json_string(text);
    }
    free(text);
    return value;
}

void json_put_bytes(struct buffer *into, const char *before, const char *bytes, size_t size)
{
    json_t *value;

    buffer_puts(into, before);
    if (are_plain(bytes, size)) {
        buffer_putc(into, '"');
        buffer_append(into, bytes, size);
        buffer_putc(into, '"');
        return;
    }
    value = json_stringn(bytes, size);
    put_value(into, value ? value : mended_text(bytes, size));
}

static void put_piece(struct buffer *into, const char *before, const char *piece)
{
    buffer_puts(into, before);
    buffer_puts(into, piece);
}

void json_put_word(struct buffer *into, const char *before, const char *word)
{
    buffer_puts(into, before);
    buffer_putc(into, '"');
    buffer_puts(into, word);
    buffer_putc(into, '"');
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
