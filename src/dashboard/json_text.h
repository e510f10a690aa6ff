#ifndef DASHBOARD_JSON_TEXT_H
#define DASHBOARD_JSON_TEXT_H

#include "base/buffer.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * JSON written piece by piece, so that ten thousand domains need little memory. What may have to be
 * escaped is written by jansson; the rest, which is most of it, as it is: a tree of values for each
 * domain would cost more than all the pages. A failure stays in the buffer.
 */

/* Appends the value and frees it; NULL, which jansson gives where memory ends, is a failure. */
void json_put(struct buffer *into, json_t *value);

/* Pieces that are JSON already. */
void json_put_pieces(struct buffer *into, const char *before, const char *piece, const char *after);

/* A text in its quotes; bytes that are not UTF-8 are mended. */
void json_put_text(struct buffer *into, const char *text);
void json_put_bytes(struct buffer *into, const char *bytes, size_t size);

/* The same, or null where it is empty. */
void json_put_text_or_null(struct buffer *into, const char *text);

void json_put_number(struct buffer *into, long long number);

/* The number, or null where there is none. */
void json_put_number_or_null(struct buffer *into, bool there_is_one, long long number);

/* Thousandths of a percent as a number with a fraction. */
void json_put_percent(struct buffer *into, int thousandths);

/* A moment in its quotes, with milliseconds or whole seconds. */
void json_put_ms(struct buffer *into, int64_t ms);
void json_put_seconds(struct buffer *into, int64_t ms);

#endif
