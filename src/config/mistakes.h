#ifndef CONFIG_MISTAKES_H
#define CONFIG_MISTAKES_H

#include "base/arena.h"
#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The mistakes found in a file and those it includes, in any order. They are printed file by file,
 * in the order of each file. */

struct node;

struct mistake {
    uint16_t file;
    size_t line, column; /* from 1; the column counts characters */
    size_t number;       /* of mistakes found before */
    const char *text;
    struct mistake *next;
    struct mistake *same_node; /* the next one about the same node */
};

struct mistakes {
    struct arena *arena; /* of the caller; owns mistakes and texts */
    struct mistake *last;
    size_t n;
    bool no_memory;
    uint16_t file; /* of the nodes that are made now; 0: the main file, n: included[n - 1] */
    const char *const *included; /* paths */
};

/* Adds a mistake at the position of this node. An equal one in the same node is not added again: a
 * value that many domains merge is one mistake. */
void mistakes_at(struct mistakes *mistakes, struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Records that memory ran out. Then no mistake is printed, since none is reliable. */
void mistakes_no_memory(struct mistakes *mistakes);

/* Allocate zeroed memory, or a copy with a NUL after it, in this arena. NULL: out of memory, which
 * is recorded. */
void *mistakes_alloc(struct mistakes *mistakes, struct arena *arena, size_t size);
char *mistakes_copy(struct mistakes *mistakes, struct arena *arena, const void *bytes, size_t size);

/* Whether there are mistakes, or memory ran out. */
bool mistakes_any(const struct mistakes *mistakes);

/* Whether there are more than a thousand: then help with each of them would take too long. */
bool mistakes_are_many(const struct mistakes *mistakes);

/* Appends all mistakes, one a line, each beginning with the path of its file; that of the main file
 * is `path`. Returns 0; or -1 if memory ran out, which is then the only line. */
int mistakes_print(const struct mistakes *mistakes, const char *path, struct buffer *into);

#endif
