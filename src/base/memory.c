/* Growing arrays, the one place that decides how much more to ask for; huge pages; and runs of
 * bytes. */
#include "base/memory.h"

#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <stdbool.h>
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

typedef uint64_t pair __attribute__((vector_size(16)));

/* Bytes that are compared at once in a long run. */
enum { BLOCK = 2 * sizeof(pair) };

static inline pair load_pair(const unsigned char *bytes)
{
    pair words;

    memcpy(&words, bytes, sizeof words);
    return words;
}

/* Whether each word of a block is this one. */
static inline bool is_even(const unsigned char *bytes, uint64_t word)
{
    pair expected = {word, word};
    pair wrong = (load_pair(bytes) ^ expected) | (load_pair(bytes + sizeof expected) ^ expected);

    return (wrong[0] | wrong[1]) == 0;
}

/* Timelines have long runs, and a dashboard has millions of their cells. The last block, or word,
 * may have cells of the one before it. */
size_t memory_run(const unsigned char *bytes, size_t n)
{
    uint64_t word, expected = bytes[0] * UINT64_C(0x0101010101010101);
    size_t run = 0;

    assert(n > 0);
    while (run < n && n >= BLOCK) {
        if (run > n - BLOCK)
            run = n - BLOCK;
        if (!is_even(bytes + run, expected))
            break;
        run += BLOCK;
    }
    while (run < n && n >= sizeof word) {
        if (run > n - sizeof word)
            run = n - sizeof word;
        memcpy(&word, bytes + run, sizeof word);
        if (word != expected)
            return run + (size_t)__builtin_ctzll(htole64(word ^ expected)) / CHAR_BIT;
        run += sizeof word;
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
