#ifndef MODEL_FIELD_H
#define MODEL_FIELD_H

#include <stdbool.h>
#include <stddef.h>

/* The fields in the lines of headers. */

/* A field, without the blanks around its name and value. */
struct response_field {
    const char *name, *value;
    size_t name_size, value_size;
};

/* Reads the field of the next line that has a colon; *headers moves on. Returns false at the end.
 */
bool field_next(const char **headers, const char *end, struct response_field *field);

/* Whether a field has this name, in upper or lower case. */
bool field_is(const struct response_field *field, const char *name);

#endif
