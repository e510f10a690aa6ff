#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Text that came from the network or from a person, made safe to keep and to show; and numbers, as
 * a person reads them.
 */

/* The length in bytes of the well-formed UTF-8 sequence that begins here; 0 where none does. */
size_t text_utf8_length(const char *text, size_t size);

/* The character that a sequence of this length is. */
uint32_t text_code_point(const char *text, size_t length);

/*
 * Copies text into room bytes as one line: control characters (C0, DEL, C1), line and paragraph
 * separators and the marks that reorder text (bidi) become spaces, bytes that are not UTF-8 become
 * "?". Cuts at a character's border and always ends with a NUL.
 */
void text_one_line(char *into, size_t room, const char *text, size_t size);

/* The same, for a text that is to be mended where it stands. */
void text_clean(char *text);

/* Puts the replacement character in the place of the two characters, U+FFFE and U+FFFF, that a text
 * of text_one_line may have and XML has not. */
void text_mend_xml(char *text);

/* Append text, escaped for HTML text and double- or single-quoted attributes, and XML. */
int text_escape_html(struct buffer *into, const char *text, size_t size);

/* Append a URL as it can be shown: what text_one_line would not keep is percent-encoded. */
int text_escape_url(struct buffer *into, const char *text, size_t size);

/* The room that a written number needs, its NUL included. */
enum { TEXT_NUMBER_MAX = 32 };

/*
 * Write a number in decimal digits and return how many bytes that is. Pages are made of numbers by
 * the ten thousand, and snprintf reads a format for each. text_decimal writes thousandths (not
 * negative) as units with so many decimals, of 3 at most: rounded down, without zeros at the end.
 */
size_t text_number(char into[TEXT_NUMBER_MAX], long long number);
size_t text_decimal(char into[TEXT_NUMBER_MAX], int thousandths, int fewest, int most);

/* The number of single-byte insertions, deletions and replacements between two words (Levenshtein).
 */
size_t text_distance(const char *a, const char *b);

/* Whether a text ends with another one; every text ends with "". */
bool text_ends_with(const char *text, const char *end);

/* "10,000" */
void text_count(uint64_t n, char text[TEXT_NUMBER_MAX]);
/* "87 ms" below a second, else "2.8 s", rounded down */
void text_duration(int64_t ms, char text[TEXT_NUMBER_MAX]);

#endif
