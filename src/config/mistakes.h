#ifndef CONFIG_MISTAKES_H
#define CONFIG_MISTAKES_H

#include "base/arena.h"
#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* The mistakes found in one file, whatever the order in which they are come upon. */

struct node;

struct mistake {
    size_t line, column; /* from 1; the column counts characters */
    size_t number;       /* how many were found before */
    const char *text;
    struct mistake *next;
    struct mistake *same_node; /* the next one about the same node */
};

struct mistakes {
    struct arena *arena; /* the caller's; owns the texts */
    struct mistake *last;
    size_t n;
    bool no_memory;
};

/* A mistake at a place of the file: what is wrong, and what was expected. */
void mistakes_add(struct mistakes *mistakes, size_t line, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * A mistake of this node. Said again of the same node it is the same mistake: a value that many
 * domains merge is wrong once.
 */
void mistakes_at(struct mistakes *mistakes, struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Memory ran out: what was read is not to be trusted, and nothing else is said. */
void mistakes_no_memory(struct mistakes *mistakes);

bool mistakes_any(const struct mistakes *mistakes);

/* Appends all, a line each that begins with path, in the order of the file. */
void mistakes_print(const struct mistakes *mistakes, const char *path, struct buffer *into);

#endif
