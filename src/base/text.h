#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buffer.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * Text from the network or from people, made safe to store and to show; and numbers, written for
 * people.
 */

/* For strspn. */
#define TEXT_LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Length in bytes of the well-formed UTF-8 sequence at the start of text; 0: there is none. */
size_t text_utf8_length(const char *text, size_t size);

/* The code point of a well-formed sequence of this length. */
uint32_t text_code_point(const char *text, size_t length);

/*
 * Copies text as one line into `into`, which has room for capacity bytes, the NUL included. Control
 * characters (C0, DEL, C1), line and paragraph separators and the characters that reorder text
 * (bidi) become spaces; a byte that is not UTF-8 becomes '?'. Cuts between characters. `into` may
 * be the same as text.
 */
void text_one_line(char *into, size_t capacity, const char *text, size_t size);

/* The same, in place. */
void text_clean(char *text);

/* Replaces U+FFFE and U+FFFF, which text_one_line keeps and XML forbids, by U+FFFD, in place. */
void text_mend_xml(char *text);

/* Appends text, escaped for HTML, for its attributes in quotes of either kind, and for XML. Returns
 * 0, or -1 and sets failed. */
int text_escape_html(struct buffer *into, const char *text, size_t size);

/* How many bytes at the start of a text a string of JSON can have as they are. */
size_t text_plain_json(const char *text, size_t size);

/* Appends text, escaped for a string of JSON, without the quotes around it. A byte that is not
 * UTF-8 becomes '?'. Returns 0, or -1 and sets failed. */
int text_escape_json(struct buffer *into, const char *text, size_t size);

/* Appends a URL in a form fit to show: bytes that text_one_line would replace are percent-encoded.
 * Returns 0, or -1 and sets failed. */
int text_escape_url(struct buffer *into, const char *text, size_t size);

/* Size of a written number, with its NUL. */
enum { TEXT_NUMBER_MAX = 32 };

/*
 * Write a number in decimal and return its length. Pages contain ten thousands of numbers, and this
 * is faster than snprintf. text_decimal writes thousandths, which are not negative, as units with
 * min to max decimals, 3 at most: rounded down, and without zeros at the end beyond min.
 */
size_t text_number(char into[TEXT_NUMBER_MAX], long long number);
size_t text_decimal(char into[TEXT_NUMBER_MAX], int thousandths, int min, int max);

/* The numbers below TEXT_SMALL_END, four bytes each: three digits, and how many leading zeros these
 * have. */
enum { TEXT_SMALL_END = 1000, TEXT_SMALL_SIZE = 4 };
extern const char text_small_numbers[TEXT_SMALL_END * TEXT_SMALL_SIZE];

/* Writes such a number without a NUL, and returns its end. It changes TEXT_SMALL_SIZE bytes, even
 * if the number is shorter: so it needs no branch, for places that write hundreds of numbers. */
static inline char *text_put_small(char *at, unsigned number)
{
    const char *digits = text_small_numbers + (size_t)number * TEXT_SMALL_SIZE;
    int n_zeros = digits[3];

    assert(number < TEXT_SMALL_END);
    memcpy(at, digits + n_zeros, TEXT_SMALL_SIZE);
    return at + 3 - n_zeros;
}

/* The longest id, without a NUL. */
enum { TEXT_ID_MAX = 64 };

/*
 * Whether these bytes are the id of a site or domain, in the configuration, in file names and in
 * the CSV: 1 to TEXT_ID_MAX letters, digits, '.', '_' and '-', the first of them neither '.' nor
 * '-'. So an id is always one safe component of a path.
 */
bool text_is_id(const char *bytes, size_t size);

/* The size of the id at the start of a text, which has TEXT_ID_MAX + 1 bytes or ends with a NUL; 0:
 * there is none. */
size_t text_id_size(const char *text);

/* Number of inserted, deleted and replaced bytes between two words (Levenshtein). */
size_t text_distance(const char *a, const char *b);

/* Whether text ends with these bytes. */
bool text_ends_with(const char *text, const char *end);

/* Writes "10,000". */
void text_count(uint64_t n, char text[TEXT_NUMBER_MAX]);

/* Writes "1 row" or "43,201 rows": n and a noun of at most 30 bytes, with an 's' unless n is 1.
 * Returns text. */
enum { TEXT_COUNTED_MAX = TEXT_NUMBER_MAX + 32 };
const char *text_counted(uint64_t n, const char *noun, char text[TEXT_COUNTED_MAX]);

/* Writes "87 ms" below a second, else "2.8 s", rounded down. */
void text_duration(int64_t ms, char text[TEXT_NUMBER_MAX]);

#endif
