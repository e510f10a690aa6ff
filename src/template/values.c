/* What the values of templates have in common. */
#include "template/values.h"

unsigned long long values_name_bit(const char *name, size_t size)
{
    enum { HASHED = 3 };
    unsigned hash = 0;

    for (size_t i = 0; i < size && i < HASHED && name[i]; i++)
        hash = hash * 31 + (unsigned char)name[i];
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
