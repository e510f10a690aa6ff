#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "config/loader.h"

/* Kinds of plain values, each read into a field of this type. */
extern const struct kind value_integer;    /* int */
extern const struct kind value_limit;      /* int; "~" is 0: none */
extern const struct kind value_seconds;    /* int, in milliseconds */
extern const struct kind value_percentage; /* int, in thousandths of a percent */
extern const struct kind value_boolean;    /* bool */
extern const struct kind value_word;       /* enum, by the row's words */
extern const struct kind value_line;       /* const char *: one line of text to publish */
extern const struct kind value_id;         /* const char * */
extern const struct kind value_bytes;      /* struct bytes; "~" is none */
extern const struct kind value_needles;    /* struct needles: a text or a list; "~" is none */

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

/* Returns the text of a value that may not be empty, as value_text does. */
const struct bytes *value_some_text(struct loader *loader, struct node *node);

/* Reads a whole number in the range of the key. Returns false after reporting a mistake. */
bool value_number(struct loader *loader, struct node *node, int64_t *number);

/* Reads a number or a range such as 200-299 within the range of the key; if `open`, also "100-" and
 * "-5000". Returns whether it is one. */
bool value_range(const struct key *key, const struct node *node, bool open, int64_t *first,
                 int64_t *last);

/* The words "true" and "false" of the core schema (YAML 1.2, 10.3.2). Returns whether it is one. */
bool value_truth(const struct node *node, bool *truth);

/* Reads a whole number without leading zeros. Returns whether all size bytes are one; numbers
 * beyond the range of int64_t give a value beyond any key's maximum. */
bool value_whole_number(const char *digits, size_t size, int64_t *number);

/* Reads a number such as 2.5, not negative and without leading zeros, in thousandths. is_exact
 * becomes false if a digit after the third is not 0; these digits are ignored. Returns whether all
 * size bytes are one; a number above 10^10 becomes about that. */
bool value_thousandths(const char *text, size_t size, int64_t *thousandths, bool *is_exact);

#endif
