#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "config/loader.h"

/* Kinds of plain values, each into a field of the type named. */
extern const struct kind value_integer;     /* int */
extern const struct kind value_integer64;   /* int64_t */
extern const struct kind value_seconds;     /* int, in milliseconds */
extern const struct kind value_boolean;     /* bool */
extern const struct kind value_word;        /* enum, by the row's words */
extern const struct kind value_line;        /* const char *: one line of text to show */
extern const struct kind value_id;          /* const char * */
extern const struct kind value_bytes;       /* struct bytes; "~" is none */
extern const struct kind value_needle;      /* the same, not empty: what is looked for in a body */
extern const struct kind value_bot_strings; /* bot_strings and n_bot_strings of a struct domain */

/*
 * The text of a value, environment variables filled in. NULL once it is reported that the value is
 * none. Plain numbers and truths are text here, since text is what is wanted; an empty value and
 * "~" are not.
 */
const struct bytes *value_text(struct loader *loader, const struct key *key, struct node *node);

/* Whether all of size digits is a whole number without a needless zero; saturates at INT64_MAX. */
bool value_whole_number(const char *digits, size_t size, int64_t *number);

#endif
