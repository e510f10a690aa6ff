#ifndef BASE_JSON_PUT_H
#define BASE_JSON_PUT_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Append JSON to a buffer piece by piece: a tree of values for each of ten thousand domains would
 * cost more than all pages. A failure stays in the buffer.
 *
 * Each function first appends `before`, which is JSON already: ", \"name\": ".
 */

/* A text in quotes. Bytes that are not UTF-8 are replaced. */
void json_put_text(struct buffer *into, const char *before, const char *text);
void json_put_bytes(struct buffer *into, const char *before, const char *bytes, size_t size);

/* A text in quotes that needs no escapes, such as the name of a status. */
void json_put_word(struct buffer *into, const char *before, const char *word);

/* The same as json_put_text; an empty text is null. */
void json_put_text_or_null(struct buffer *into, const char *before, const char *text);

void json_put_number(struct buffer *into, const char *before, long long number);

/* The number, or null if it does not exist. */
void json_put_number_or_null(struct buffer *into, const char *before, bool exists,
                             long long number);

/* Writes thousandths of a percent as a percentage with decimals, or null if it does not exist.
 * into has room for TEXT_NUMBER_MAX bytes (text.h). Returns the length. */
size_t json_put_write_percent(char *into, bool exists, int thousandths);

/* A moment in quotes, with milliseconds, or null if it does not exist; or in whole seconds. */
void json_put_ms(struct buffer *into, const char *before, int64_t ms);
void json_put_ms_or_null(struct buffer *into, const char *before, bool exists, int64_t ms);
void json_put_seconds(struct buffer *into, const char *before, int64_t ms);

#endif
