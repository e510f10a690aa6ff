/* Arenas: chunks that grow, and are freed together. */
#include "base/arena.h"

#include "base/memory.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 4 << 10, GROWTH = 8 };

struct chunk {
    struct chunk *previous;
    size_t used, size;
    uint64_t bytes[];
};

struct arena {
    struct chunk *last;
};

struct arena *arena_new(void)
{
    return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct chunk *chunk = arena->last, *previous; chunk; chunk = previous) {
        previous = chunk->previous;
        free(chunk);
    }
    free(arena);
}

/* Chunks grow fast, so that a small file costs little memory and a large one few small pages. Large
 * chunks are whole huge pages. */
static struct chunk *add_chunk(struct arena *arena, size_t min)
{
    size_t total = arena->last ? (arena->last->size + sizeof(struct chunk)) * GROWTH : FIRST_CHUNK;
    struct chunk *chunk;

    if (total < min + sizeof *chunk)
        total = min + sizeof *chunk;
    if (total > MEMORY_LARGE_PAGE)
        total =
            (min + sizeof *chunk + MEMORY_LARGE_PAGE - 1) / MEMORY_LARGE_PAGE * MEMORY_LARGE_PAGE;
    chunk = memory_alloc_large(total);
    if (!chunk)
        return NULL;
    chunk->previous = arena->last;
    chunk->used = 0;
    chunk->size = total - sizeof *chunk;
    arena->last = chunk;
    return chunk;
}

/* The piece is not zeroed here, so that pages of a new chunk stay untouched until they are used. */
static void *take_piece(struct arena *arena, size_t size, size_t alignment)
{
    struct chunk *chunk = arena->last;
    size_t padding = chunk ? -chunk->used & (alignment - 1) : 0;
    char *piece;

    if (size > SIZE_MAX / 4)
        return NULL;
    if (!chunk || chunk->size - chunk->used < padding ||
        chunk->size - chunk->used - padding < size) {
        chunk = add_chunk(arena, size);
        padding = 0;
    }
    if (!chunk)
        return NULL;
    piece = (char *)chunk->bytes + chunk->used + padding;
    chunk->used += padding + size;
    return piece;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *piece = take_piece(arena, size, alignof(uint64_t));

    return piece ? memset(piece, 0, size) : NULL;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    char *piece = take_piece(arena, size + 1, 1);

    if (!piece)
        return NULL;
    if (size)
        memcpy(piece, bytes, size);
    piece[size] = '\0';
    return piece;
}
