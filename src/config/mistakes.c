/* Collects mistakes, and prints them in order. */
#include "config/mistakes.h"

#include "base/text.h"
#include "config/node.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More mistakes than a person corrects at once; so a file of rubbish cannot fill the memory. */
enum { MISTAKES_MAX = 100000, MISTAKES_MANY = 1000, TEXT_MAX = 2048 };

static void add_mistake(struct mistakes *mistakes, struct node *node, const char *text)
{
    struct mistake *mistake = mistakes_alloc(mistakes, mistakes->arena, sizeof *mistake);

    text = mistakes_copy(mistakes, mistakes->arena, text, strlen(text));
    if (!mistake || !text)
        return;
    *mistake = (struct mistake){.file = node->file,
                                .line = node->line,
                                .column = node->column,
                                .number = mistakes->n++,
                                .text = text,
                                .next = mistakes->last,
                                .same_node = node->mistakes};
    mistakes->last = node->mistakes = mistake;
}

void mistakes_at(struct mistakes *mistakes, struct node *node, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;

    if (mistakes->n >= MISTAKES_MAX)
        return;

    /* A message may quote any bytes, and may be cut inside a character. */
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    text_clean(text);
    for (struct mistake *mistake = node->mistakes; mistake; mistake = mistake->same_node) {
        if (strcmp(mistake->text, text) == 0)
            return;
    }
    add_mistake(mistakes, node, text);
}

void *mistakes_alloc(struct mistakes *mistakes, struct arena *arena, size_t size)
{
    void *memory = arena_alloc(arena, size);

    if (!memory)
        mistakes_no_memory(mistakes);
    return memory;
}

char *mistakes_copy(struct mistakes *mistakes, struct arena *arena, const void *bytes, size_t size)
{
    char *copy = arena_copy(arena, bytes, size);

    if (!copy)
        mistakes_no_memory(mistakes);
    return copy;
}

void mistakes_no_memory(struct mistakes *mistakes)
{
    mistakes->no_memory = true;
}

bool mistakes_are_many(const struct mistakes *mistakes)
{
    return mistakes->n >= MISTAKES_MANY;
}

bool mistakes_any(const struct mistakes *mistakes)
{
    return mistakes->n > 0 || mistakes->no_memory;
}

static int compare_positions(const void *left, const void *right)
{
    const struct mistake *a = *(struct mistake *const *)left;
    const struct mistake *b = *(struct mistake *const *)right;

    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* A warning about a value that many domains merge is found once for each of them. */
static bool is_repeated(const struct mistake *before, const struct mistake *mistake)
{
    return before->file == mistake->file && before->line == mistake->line &&
           before->column == mistake->column && strcmp(before->text, mistake->text) == 0;
}

/* The name of an included file may have any bytes, because a pattern may have matched it. */
static void print_mistake(const struct mistakes *mistakes, const struct mistake *mistake,
                          const char *path, struct buffer *into)
{
    const char *included = mistake->file ? mistakes->included[mistake->file - 1] : NULL;
    char name[PATH_MAX];

    if (included)
        text_one_line(name, sizeof name, included, strlen(included));
    buffer_printf(into, "%s:%zu:%zu: %s\n", included ? name : path, mistake->line, mistake->column,
                  mistake->text);
}

int mistakes_print(const struct mistakes *mistakes, const char *path, struct buffer *into)
{
    struct mistake **sorted = malloc((mistakes->n + 1) * sizeof(struct mistake *));
    size_t n = 0;

    if (mistakes->no_memory || !sorted) {
        buffer_printf(into, "%s: out of memory\n", path);
        free(sorted);
        return -1;
    }
    for (struct mistake *mistake = mistakes->last; mistake; mistake = mistake->next)
        sorted[n++] = mistake;
    qsort(sorted, n, sizeof(struct mistake *), compare_positions);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !is_repeated(sorted[i - 1], sorted[i]))
            print_mistake(mistakes, sorted[i], path, into);
    }
    if (n == MISTAKES_MAX)
        buffer_printf(into, "%s: more mistakes may follow; only the first 100,000 are listed\n",
                      path);
    free(sorted);
    return 0;
}
