#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * JSON (RFC 8259) that stays text. A value is a part of the bytes: 64 MiB from a stranger need no
 * more memory, and a number keeps all its digits. jansson would make a tree of a gigabyte, and
 * refuses numbers that have no machine type. If an object has a name twice, the last one counts. A
 * half of a surrogate pair ("\ud800") is the character U+FFFD.
 */

/* A value in a text that json_syntax_parse accepted, without the blanks around it. */
struct json_text {
    const char *data;
    size_t size;
};

enum json_kind {
    JSON_TEXT_STRING,
    JSON_TEXT_NUMBER,
    JSON_TEXT_BOOLEAN,
    JSON_TEXT_NULL,
    JSON_TEXT_ARRAY,
    JSON_TEXT_OBJECT,
    JSON_TEXT_KINDS
};

/* "string", "number", "boolean", "null", "array", "object". */
extern const char *const json_text_kinds[JSON_TEXT_KINDS];

enum json_kind json_text_kind(const struct json_text *value);

/* Walks over the elements of an array or the members of an object; a name that is there twice comes
 * twice. Starts from all zero. Returns false at the end. name may be NULL. */
struct json_walk {
    const char *at;
};
bool json_text_next(const struct json_text *parent, struct json_walk *walk, struct json_text *name,
                    struct json_text *value);

/* Whether an object has a member with this name, which is a string of JSON. Then *value is set. */
bool json_text_member(const struct json_text *object, const struct json_text *name,
                      struct json_text *value);

/*
 * Whether two values are equal: numbers by their value, strings by their characters, objects
 * whatever the order of their members. The time grows with the members of a times the sizes of
 * both. So only b may come from a stranger.
 */
bool json_text_equal(const struct json_text *a, const struct json_text *b);

/* The number of elements, of members, or of characters, of an array, object or string; else 0. */
size_t json_text_length(const struct json_text *value);

/* Reads the next character of a string, as UTF-8. *at starts after the first quote. Returns the
 * length; 0: the string has ended. */
size_t json_text_character(const char **at, char bytes[4]);

/* Writes the bytes of a string into room for value->size bytes. Returns their number. */
size_t json_text_decode(const struct json_text *value, char *into);

#endif
