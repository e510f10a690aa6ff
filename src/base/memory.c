/* Growing arrays, the one place that decides how much more to ask for; huge pages; and runs of
 * bytes. */
#include "base/memory.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FIRST_CAPACITY = 16 };

void *memory_grow(void *items, size_t *capacity, size_t needed, size_t item_size)
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

/* Sixteen bytes at once, the last of them maybe twice: timelines have long runs, and a dashboard
 * has millions of their cells. */
size_t memory_run(const unsigned char *bytes, size_t n)
{
    uint64_t words[2], pattern = bytes[0] * UINT64_C(0x0101010101010101);
    size_t run = 0;

    assert(n > 0);
    while (run < n && n >= sizeof words) {
        if (run > n - sizeof words)
            run = n - sizeof words;
        memcpy(words, bytes + run, sizeof words);
        if ((words[0] ^ pattern) | (words[1] ^ pattern))
            break;
        run += sizeof words;
    }
    while (run < n && bytes[run] == bytes[0])
        run++;
    return run;
}

void *memory_alloc_large(size_t size)
{
    size_t whole = (size + MEMORY_LARGE_PAGE / 4) / MEMORY_LARGE_PAGE * MEMORY_LARGE_PAGE;
    void *memory;

    if (whole == 0)
        return malloc(size);
    if (posix_memalign(&memory, MEMORY_LARGE_PAGE, size > whole ? size : whole))
        return NULL;
#ifdef MADV_HUGEPAGE
    /* The kernel may refuse, without harm. A smaller rest at the end stays in small pages, so that
     * little memory is wasted. */
    madvise(memory, whole, MADV_HUGEPAGE);
#endif
    return memory;
}
