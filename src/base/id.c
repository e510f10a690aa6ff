/* The one rule for ids of sites and domains, in the configuration, in file names and in the CSV. */
#include "base/id.h"

#include <string.h>

bool id_is_valid(const char *bytes, size_t size)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

    if (size == 0 || size > ID_MAX || bytes[0] == '.' || bytes[0] == '-')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!memchr(allowed, bytes[i], sizeof allowed - 1))
            return false;
    }
    return true;
}
