/* What the values of templates have in common. */
#include "template/values.h"

unsigned long long values_name_bit(const char *name, size_t size)
{
    unsigned hash = 0;

    /* Of the first three bytes, because each field of each object is hashed. */
    if (size > 0 && name[0]) {
        hash = (unsigned char)name[0];
        if (size > 1 && name[1]) {
            hash = hash * 31 + (unsigned char)name[1];
            if (size > 2 && name[2])
                hash = hash * 31 + (unsigned char)name[2];
        }
    }
    return 1ULL << (hash * 2654435761U >> 26);
}

bool values_is_true(const struct value *value)
{
    switch (value->kind) {
    case VALUE_BOOL:
        return value->yes;
    case VALUE_TEXT:
        return value->text.size > 0;
    case VALUE_OBJECT:
        return true;
    case VALUE_LIST:
        return value->list.n > 0;
    case VALUE_ROW:
        return value->row.n > 0;
    default:
        return false;
    }
}
