#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>

/* The longest id, without a NUL. */
enum { ID_MAX = 64 };

/*
 * Whether these bytes are the id of a site or domain: 1 to ID_MAX letters, digits, '.', '_' and
 * '-', the first of them neither '.' nor '-'. So an id is always one safe component of a path.
 */
bool id_is_valid(const char *bytes, size_t size);

#endif
