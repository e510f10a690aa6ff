#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/* Memory that is taken piece by piece and given back all at once. */
struct arena;

/* NULL: out of memory. */
struct arena *arena_new(void);

/* Gives back every piece. NULL is fine. */
void arena_free(struct arena *arena);

/* This many bytes, all zero, aligned for pointers and 64-bit numbers; NULL: out of memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of these bytes with a NUL behind it; NULL: out of memory. */
char *arena_copy(struct arena *arena, const void *bytes, size_t size);

#endif
