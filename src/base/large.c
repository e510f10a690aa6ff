/* Large arrays in huge pages. */
#include "base/large.h"

#include <stdlib.h>
#include <sys/mman.h>

void *large_alloc(size_t size)
{
    void *memory;

    if (size < LARGE_PAGE)
        return malloc(size);
    if (posix_memalign(&memory, LARGE_PAGE, size))
        return NULL;
#ifdef MADV_HUGEPAGE
    /* The kernel may refuse, without harm. Bytes after the last whole huge page stay in small
     * pages, so that no memory is wasted. */
    madvise(memory, size / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
#endif
    return memory;
}
