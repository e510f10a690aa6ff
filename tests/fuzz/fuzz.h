#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Shared by the fuzz targets: reading an input from its beginning, and properties that every input
 * must have. A violation aborts, which libFuzzer reports as a crash. */

/* A target: processes one input. Always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "violated: %s\n", what);
    abort();
}

struct input {
    const uint8_t *at;
    size_t left;
};

/* The next byte; 0 if none is left. */
static inline uint8_t input_byte(struct input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

/* A number of this many bytes, at most 8. */
static inline uint64_t input_number(struct input *input, int bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < bytes; i++)
        number = number << 8 | input_byte(input);
    return number;
}

/* A copy of the bytes before the next `end`, or of all bytes, followed by a NUL. Its allocation has
 * the exact size, so that reading too far is detected. The caller frees it. */
static inline char *input_part(struct input *input, uint8_t end, size_t *size)
{
    const uint8_t *stop = input->left ? memchr(input->at, end, input->left) : NULL;
    char *part;

    *size = stop ? (size_t)(stop - input->at) : input->left;
    part = malloc(*size + 1);
    if (!part)
        abort();
    if (*size)
        memcpy(part, input->at, *size);
    part[*size] = '\0';
    input->at += *size + (stop != NULL);
    input->left -= *size + (stop != NULL);
    return part;
}

/* The character that starts here, by RFC 3629. Returns its length; 0: none. */
static inline size_t utf8_at(const char *text, size_t size, uint32_t *point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : 4;

    if (length > size || (first >= 0x80 && first < 0xc0) || first > 0xf7)
        return 0;
    *point = length == 1 ? first : first & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 0;
        *point = *point << 6 | ((unsigned char)text[i] & 0x3f);
    }
    if (*point < smallest[length] || *point > 0x10ffff || (*point >= 0xd800 && *point <= 0xdfff))
        return 0;
    return length;
}

/* Text that may be in a record, on a page or on a terminal: one line of UTF-8 that moves no cursor
 * and reverses no text. */
static inline void must_be_clean_line(const char *text, size_t size)
{
    uint32_t point;

    for (size_t at = 0, length; at < size; at += length) {
        length = utf8_at(text + at, size - at, &point);
        must(length > 0, "the text is UTF-8");
        must(point >= 0x20 && (point < 0x7f || point > 0x9f), "the text has no control character");
        must(point != 0x2028 && point != 0x2029, "the text is one line");
        must((point < 0x202a || point > 0x202e) && (point < 0x2066 || point > 0x2069),
             "the text runs one way");
    }
}

#endif
