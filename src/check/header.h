#ifndef CHECK_HEADER_H
#define CHECK_HEADER_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether this line of a response's headers is the field of this name (RFC 9110, 5.1; case is no
 * difference). Its value is then a part of the line, without the space around it and without a NUL
 * behind it; it may be empty. Pure.
 */
bool header_value(const char *line, size_t size, const char *name, struct bytes *value);

#endif
