#ifndef INPUT_FILE_H
#define INPUT_FILE_H

#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h> /* memfd_create, with _GNU_SOURCE */
#include <unistd.h>

/* Gives these bytes to INPUT_FILE, a file in memory. */
#define INPUT_FILE "/proc/self/fd/98"
static inline void input_file(const void *bytes, size_t size)
{
    enum { FD = 98 };
    static bool is_open;

    if (!is_open && dup2(memfd_create("input", 0), FD) != FD)
        abort();
    is_open = true;
    if (ftruncate(FD, 0) || pwrite(FD, bytes, size, 0) != (ssize_t)size)
        abort();
}

#endif
