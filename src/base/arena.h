#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/* Memory that is allocated piece by piece and freed all at once. */
struct arena;

/* NULL: out of memory. */
struct arena *arena_new(void);

/* Frees every piece. NULL is allowed. */
void arena_free(struct arena *arena);

/* Returns size bytes, all zero, aligned for pointers and 64-bit numbers; NULL: out of memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* Returns a copy of size bytes with a NUL after it, not aligned; NULL: out of memory. bytes may be
 * NULL if size is 0. */
char *arena_copy(struct arena *arena, const void *bytes, size_t size);

#endif
