#include "base/large.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { LARGE_PAGE = 2 << 20 };

void *large_alloc(size_t size)
{
    void *memory;

    if (size < 2 * LARGE_PAGE)
        return malloc(size);
    if (posix_memalign(&memory, LARGE_PAGE, size))
        return NULL;
#ifdef MADV_HUGEPAGE
    /* Only a wish; what lies behind the last whole page stays small, so that no memory is wasted.
     */
    madvise(memory, size / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
#endif
    return memory;
}
