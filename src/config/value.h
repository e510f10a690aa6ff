#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "config/loader.h"

/* Kinds of plain values, each read into a field of this type. */
extern const struct kind value_integer; /* int */
extern const struct kind value_seconds; /* int, in milliseconds */
extern const struct kind value_boolean; /* bool */
extern const struct kind value_word;    /* enum, by the row's words */
extern const struct kind value_line;    /* const char *: one line of text to publish */
extern const struct kind value_id;      /* const char * */
extern const struct kind value_bytes;   /* struct bytes; "~" is none */
extern const struct kind value_needles; /* struct needles: a text or a list; "~" is none */

/*
 * Returns the text of a value, with environment variables filled in; it belongs to the
 * configuration. Numbers and booleans are accepted as text; an empty value and "~" are not. NULL
 * after reporting a mistake.
 */
const struct bytes *value_text(struct loader *loader, struct node *node);

/* The same text as it may be published: with ${NAME} in place of the value of a variable. For a
 * node for which value_text has returned a text. */
const struct bytes *value_shown(const struct node *node);

/* Whether value_text filled in a variable. */
bool value_is_secret(const struct node *node);

/* Reads a whole number without leading zeros. Returns whether all size bytes are one; numbers
 * beyond the range of int64_t give a value beyond any key's maximum. */
bool value_whole_number(const char *digits, size_t size, int64_t *number);

#endif
