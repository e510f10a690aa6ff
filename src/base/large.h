#ifndef BASE_LARGE_H
#define BASE_LARGE_H

#include <stddef.h>

/*
 * Memory for one array of many megabytes, to be freed with free; NULL: out of memory. Its bytes
 * mean nothing yet. The kernel is asked to give it in large pages: at 4 kB each, the timelines of
 * ten thousand monitors are four thousand faults, which cost more than filling them does.
 */
void *large_alloc(size_t size);

#endif
