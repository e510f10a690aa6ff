#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

/*
 * Makes room for `needed` items of item_size bytes in an array from malloc (NULL: none yet) that
 * has room for *capacity items. The capacity at least doubles, so appending n items one by one
 * moves O(n) items in all. Returns the array, which may have moved; or NULL if out of memory, and
 * then the old array and *capacity are as before. The caller frees the array.
 */
void *array_grow(void *items, size_t *capacity, size_t needed, size_t item_size);

#endif
