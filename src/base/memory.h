#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/*
 * Makes room for `needed` items of item_size bytes in an array from malloc (NULL: none yet) that
 * has room for *capacity items. The capacity at least doubles, so appending n items one by one
 * moves O(n) items in all. Returns the array, which may have moved; or NULL if out of memory, and
 * then the old array and *capacity are as before. The caller frees the array.
 */
void *memory_grow(void *items, size_t *capacity, size_t needed, size_t item_size);

/* How many bytes at the start are equal: 1 to n. n is at least 1. */
size_t memory_run(const unsigned char *bytes, size_t n);

/* The size of a huge page. */
enum { MEMORY_LARGE_PAGE = 2 << 20 };

/*
 * Allocates like malloc, but asks the kernel for huge pages if size is at least three quarters of
 * MEMORY_LARGE_PAGE. Touching 40 MB for the first time takes 3 ms that way on a virtual machine,
 * and 110 ms in pages of 4 kB. The bytes are not initialised. The caller frees them with free.
 * NULL: out of memory.
 */
void *memory_alloc_large(size_t size);

#endif
