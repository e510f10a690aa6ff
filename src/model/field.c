/* Reads the fields of headers. */
#include "model/field.h"

#include <string.h>
#include <strings.h>

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static void trim(const char **bytes, size_t *size)
{
    while (*size > 0 && is_blank((*bytes)[*size - 1]))
        --*size;
    for (; *size > 0 && is_blank(**bytes); --*size)
        ++*bytes;
}

bool field_next(const char **headers, const char *end, struct response_field *field)
{
    while (*headers < end) {
        const char *line = *headers, *stop = memchr(line, '\n', (size_t)(end - line)), *colon;

        stop = stop ? stop : end;
        *headers = stop < end ? stop + 1 : end;
        colon = memchr(line, ':', (size_t)(stop - line));
        if (!colon)
            continue;
        *field = (struct response_field){line, colon + 1, (size_t)(colon - line),
                                         (size_t)(stop - colon - 1)};
        trim(&field->name, &field->name_size);
        trim(&field->value, &field->value_size);
        return true;
    }
    return false;
}

bool field_is(const struct response_field *field, const char *name)
{
    return strlen(name) == field->name_size &&
           strncasecmp(field->name, name, field->name_size) == 0;
}
