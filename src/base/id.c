/* The one rule for ids of sites and domains, in the configuration, in file names and in the CSV. */
#include "base/id.h"

/* A rebuild asks this of millions of rows, so it is arithmetic. Case is one bit in ASCII. */
static bool is_allowed(char byte)
{
    char lower = (char)(byte | 0x20);

    return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
           byte == '_' || byte == '.';
}

bool id_is_valid(const char *bytes, size_t size)
{
    if (size == 0 || size > ID_MAX || bytes[0] == '.' || bytes[0] == '-')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_allowed(bytes[i]))
            return false;
    }
    return true;
}
