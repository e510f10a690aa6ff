/* Growing an array: the one place that decides how much more memory to ask for. */
#include "base/array.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 16 };

void *array_grow(void *items, size_t *capacity, size_t needed, size_t item_size)
{
    size_t larger = *capacity ? *capacity : FIRST_CAPACITY;
    void *grown;

    assert(item_size > 0 && (items || *capacity == 0));
    if (items && needed <= *capacity)
        return items;
    while (larger < needed) {
        if (larger > SIZE_MAX / 2 / item_size)
            return NULL;
        larger *= 2;
    }
    grown = realloc(items, larger * item_size);
    if (grown)
        *capacity = larger;
    return grown;
}
