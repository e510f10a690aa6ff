#include "check/header.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool header_value(const char *line, size_t size, const char *name, struct bytes *value)
{
    size_t from = strlen(name);

    if (size <= from || strncasecmp(line, name, from) != 0 || line[from] != ':')
        return false;
    from++;
    while (from < size && isspace((unsigned char)line[from]))
        from++;
    while (size > from && isspace((unsigned char)line[size - 1]))
        size--;
    *value = (struct bytes){line + from, size - from};
    return true;
}
