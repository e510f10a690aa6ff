#ifndef BASE_UNESCAPE_H
#define BASE_UNESCAPE_H

#include <stddef.h>

enum { UNESCAPE_MAX = 4 };

/*
 * Reads the first character of a text, in any form in which URLs, HTML and JSON write it, also one
 * within the other: "<", "%3C", "%253C", "&lt;", "&amp;#60;", "\<", "\u003c". size is not 0.
 * Returns its length in the text. bytes gets the character, in UTF-8 if it has a number, and *n its
 * size.
 *
 * All forms give the same bytes, so a text with several of them can be compared. Therefore '\' is
 * no character, the letters of "\n" and the like are a blank, and so is '+'. *n is 0 if the text
 * ends before a character.
 */
size_t unescape_next(const char *text, size_t size, char bytes[UNESCAPE_MAX], size_t *n);

#endif
