#ifndef CONFIG_PROBLEMS_H
#define CONFIG_PROBLEMS_H

#include "base/arena.h"
#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* The mistakes found in one file, whatever the order in which they are come upon. */

struct node;

struct problem {
    size_t line, column; /* from 1; the column counts characters */
    size_t number;       /* how many were found before */
    const char *text;
    struct problem *next;
    struct problem *same_node; /* the next one about the same node */
};

struct problems {
    struct arena *arena; /* the caller's; owns the texts */
    struct problem *last;
    size_t n;
    bool no_memory;
};

/* A mistake at a place of the file: what is wrong, and what was expected. */
void problems_add(struct problems *problems, size_t line, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * A mistake of this node. Said again of the same node it is the same mistake: a value that many
 * domains merge is wrong once.
 */
void problems_at(struct problems *problems, struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Memory ran out: what was read is not to be trusted, and nothing else is said. */
void problems_no_memory(struct problems *problems);

bool problems_any(const struct problems *problems);

/* Appends all, a line each that begins with path, in the order of the file. */
void problems_print(const struct problems *problems, const char *path, struct buffer *into);

#endif
