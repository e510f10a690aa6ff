#ifndef ALERT_CONTENT_H
#define ALERT_CONTENT_H

#include "base/json_text.h"

struct arena;

/*
 * Reads the JSON of a message, which may come from a damaged state.db. It stays text: jansson cuts
 * strings without an error if it is out of memory.
 */

/* Whether the content is JSON; then *message is its value. */
bool content_parse(const char *content, struct json_text *message);

/* Finds a member of an object by its name. Returns whether there is one. */
bool content_find(const struct json_text *object, const char *name, struct json_text *value);

/* Finds an element of an array. Returns whether there is one. */
bool content_at(const struct json_text *array, size_t i, struct json_text *value);

/* The characters of a string, kept in the arena; "" of another value. NULL: out of memory. */
const char *content_string(const struct json_text *value, struct arena *arena);

/* The same of a member; "": there is none. */
const char *content_text(const struct json_text *object, const char *name, struct arena *arena);

#endif
