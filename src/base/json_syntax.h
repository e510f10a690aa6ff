#ifndef BASE_JSON_SYNTAX_H
#define BASE_JSON_SYNTAX_H

#include "base/json_text.h"

/* How deep arrays and objects may nest. */
enum { JSON_SYNTAX_DEPTH_MAX = 2048 };

enum json_validity { JSON_SYNTAX_VALID, JSON_SYNTAX_INVALID, JSON_SYNTAX_TOO_DEEP };

/*
 * Finds the value in a JSON text: UTF-8, perhaps after a byte order mark. If the bytes are no JSON
 * text, value->data is the first byte that cannot be part of one; this may be their end.
 */
enum json_validity json_syntax_parse(const char *bytes, size_t size, struct json_text *value);

#endif
