/* Collects mistakes, and prints them in order. */
#include "config/mistakes.h"

#include "base/text.h"
#include "config/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More mistakes than a person corrects at once; so a file of rubbish cannot fill the memory. */
enum { MISTAKES_MAX = 100000, TEXT_MAX = 2048 };

/* A message may quote any bytes, and may be cut inside a character. */
static void write_text(char text[TEXT_MAX], const char *format, va_list args)
{
    vsnprintf(text, TEXT_MAX, format, args);
    text_clean(text);
}

static struct mistake *add_mistake(struct mistakes *mistakes, size_t line, size_t column,
                                   const char *text)
{
    struct mistake *mistake;

    if (mistakes->n >= MISTAKES_MAX)
        return NULL;
    mistake = arena_alloc(mistakes->arena, sizeof *mistake);
    if (!mistake || !(mistake->text = arena_copy(mistakes->arena, text, strlen(text)))) {
        mistakes_no_memory(mistakes);
        return NULL;
    }
    mistake->line = line;
    mistake->column = column;
    mistake->number = mistakes->n++;
    mistake->next = mistakes->last;
    mistakes->last = mistake;
    return mistake;
}

void mistakes_add(struct mistakes *mistakes, size_t line, size_t column, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;

    va_start(args, format);
    write_text(text, format, args);
    va_end(args);
    add_mistake(mistakes, line, column, text);
}

void mistakes_at(struct mistakes *mistakes, struct node *node, const char *format, ...)
{
    char text[TEXT_MAX];
    struct mistake *mistake;
    va_list args;

    va_start(args, format);
    write_text(text, format, args);
    va_end(args);
    for (mistake = node->mistakes; mistake; mistake = mistake->same_node) {
        if (strcmp(mistake->text, text) == 0)
            return;
    }
    mistake = add_mistake(mistakes, node->line, node->column, text);
    if (!mistake)
        return;
    mistake->same_node = node->mistakes;
    node->mistakes = mistake;
}

void mistakes_no_memory(struct mistakes *mistakes)
{
    mistakes->no_memory = true;
}

bool mistakes_any(const struct mistakes *mistakes)
{
    return mistakes->n > 0 || mistakes->no_memory;
}

static int compare_positions(const void *left, const void *right)
{
    const struct mistake *a = *(struct mistake *const *)left;
    const struct mistake *b = *(struct mistake *const *)right;

    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

void mistakes_print(const struct mistakes *mistakes, const char *path, struct buffer *into)
{
    struct mistake **sorted = malloc((mistakes->n + 1) * sizeof(struct mistake *));
    size_t n = 0;

    if (mistakes->no_memory || !sorted) {
        buffer_printf(into, "%s: out of memory\n", path);
        free(sorted);
        return;
    }
    for (struct mistake *mistake = mistakes->last; mistake; mistake = mistake->next)
        sorted[n++] = mistake;
    qsort(sorted, n, sizeof(struct mistake *), compare_positions);
    for (size_t i = 0; i < n; i++)
        buffer_printf(into, "%s:%zu:%zu: %s\n", path, sorted[i]->line, sorted[i]->column,
                      sorted[i]->text);
    if (n == MISTAKES_MAX)
        buffer_printf(into, "%s: more mistakes may follow; only the first 100,000 are listed\n",
                      path);
    free(sorted);
}
