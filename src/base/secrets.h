#ifndef BASE_SECRETS_H
#define BASE_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Values that must not be shown, and what is shown in their place: "${NAME}". The configuration
 * shows such a value in its own places without this table. The table is for texts from outside,
 * such as failures, which may repeat a value: a server can redirect to a URL that contains it.
 *
 * A value is found in upper and lower case, percent-encoded, escaped as in HTML and JSON, and as
 * base64. If it was cut, its first SECRETS_PART_MIN bytes or more are found, and fewer at the end
 * of a text. Parts of a value between the separators of a URL, and lines, count as values too, if
 * they are that long. A value of fewer than SECRETS_MIN bytes is not looked for: it would be found
 * everywhere.
 */
enum { SECRETS_MIN = 4, SECRETS_PART_MIN = 8 };

struct secrets;

/* NULL: out of memory. Freed with secrets_free, which accepts NULL. */
struct secrets *secrets_new(void);
void secrets_free(struct secrets *secrets);

/* Adds a value that is made of common words, such as an address: it is only found if it is whole,
 * and its parts are not found. Returns 0, or -1 if out of memory. */
int secrets_add_whole(struct secrets *secrets, const char *value, size_t size, const char *shown);

/* Add a value, or all values of another table. Returns 0, or -1 if out of memory. */
int secrets_add(struct secrets *secrets, const char *value, size_t size, const char *shown);
int secrets_copy(struct secrets *secrets, const struct secrets *from);

/* Texts are searched for the values of base too, after those of this table. base must live longer.
 */
void secrets_set_base(struct secrets *secrets, const struct secrets *base);

/* Call it after the last value was added. From then on, several threads may hide texts at once. */
void secrets_sort(struct secrets *secrets);

/* The longest text that can be hidden, with its NUL. */
enum { SECRETS_TEXT_MAX = 4096 };

/*
 * Replaces the values in a text of fewer than SECRETS_TEXT_MAX bytes, in place; it is cut if it
 * does not fit into capacity bytes any more. secrets NULL: none.
 */
void secrets_hide(const struct secrets *secrets, char *text, size_t capacity);

#endif
