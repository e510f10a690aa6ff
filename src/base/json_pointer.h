#ifndef BASE_JSON_POINTER_H
#define BASE_JSON_POINTER_H

#include "base/json_text.h"

/* JSON pointers (RFC 6901): "/items/0". */

/*
 * Whether a text has the value that a pointer names. If so, *value is this value. If not, *value is
 * the nearest value around it, and *rest is the part of the pointer that names nothing in *value.
 */
bool json_pointer_find(const struct json_text *root, const char *pointer, struct json_text *value,
                       const char **rest);

#endif
