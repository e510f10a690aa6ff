#include "config/problems.h"

#include "base/text.h"
#include "config/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any person mends in one go; keeps a file of rubbish from filling the memory. */
enum { MOST = 100000, TEXT_MAX = 2048 };

/* What a message quotes may be anything, and may be cut within a character. */
static void write_text(char text[TEXT_MAX], const char *format, va_list args)
{
    vsnprintf(text, TEXT_MAX, format, args);
    text_clean(text);
}

static struct problem *add(struct problems *problems, size_t line, size_t column, const char *text)
{
    struct problem *problem;

    if (problems->n >= MOST)
        return NULL;
    problem = arena_alloc(problems->arena, sizeof *problem);
    if (!problem || !(problem->text = arena_copy(problems->arena, text, strlen(text)))) {
        problems_no_memory(problems);
        return NULL;
    }
    problem->line = line;
    problem->column = column;
    problem->number = problems->n++;
    problem->next = problems->last;
    problems->last = problem;
    return problem;
}

void problems_add(struct problems *problems, size_t line, size_t column, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;

    va_start(args, format);
    write_text(text, format, args);
    va_end(args);
    add(problems, line, column, text);
}

void problems_at(struct problems *problems, struct node *node, const char *format, ...)
{
    char text[TEXT_MAX];
    struct problem *problem;
    va_list args;

    va_start(args, format);
    write_text(text, format, args);
    va_end(args);
    for (problem = node->problems; problem; problem = problem->same_node) {
        if (strcmp(problem->text, text) == 0)
            return;
    }
    problem = add(problems, node->line, node->column, text);
    if (!problem)
        return;
    problem->same_node = node->problems;
    node->problems = problem;
}

void problems_no_memory(struct problems *problems)
{
    problems->no_memory = true;
}

bool problems_any(const struct problems *problems)
{
    return problems->n > 0 || problems->no_memory;
}

static int compare(const void *left, const void *right)
{
    const struct problem *a = *(struct problem *const *)left;
    const struct problem *b = *(struct problem *const *)right;

    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

void problems_print(const struct problems *problems, const char *path, struct buffer *into)
{
    struct problem **sorted = malloc((problems->n + 1) * sizeof(struct problem *));
    size_t n = 0;

    if (problems->no_memory || !sorted) {
        buffer_printf(into, "%s: out of memory\n", path);
        free(sorted);
        return;
    }
    for (struct problem *problem = problems->last; problem; problem = problem->next)
        sorted[n++] = problem;
    qsort(sorted, n, sizeof(struct problem *), compare);
    for (size_t i = 0; i < n; i++)
        buffer_printf(into, "%s:%zu:%zu: %s\n", path, sorted[i]->line, sorted[i]->column,
                      sorted[i]->text);
    if (n == MOST)
        buffer_printf(into, "%s: only the first %d mistakes found are listed\n", path, MOST);
    free(sorted);
}
