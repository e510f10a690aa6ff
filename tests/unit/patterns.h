#ifndef PATTERNS_H
#define PATTERNS_H

/* Patterns of a test: compiled into memory that is freed after it. */
#include "base/arena.h"
#include "base/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static inline int open_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return arena ? 0 : -1;
}

static inline int close_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static inline const struct pattern *compiled(const char *text)
{
    struct pattern_fault fault;
    const struct pattern *pattern = pattern_compile(arena, text, strlen(text), &fault);

    if (!pattern)
        fail_msg("%s: %s at %zu", text, fault.message, fault.at);
    return pattern;
}

static inline enum pattern_result find(const char *text, const char *bytes, size_t size)
{
    int64_t cpu_left_us = PATTERN_CPU_US;

    return pattern_find(compiled(text), bytes, size, &cpu_left_us);
}

#endif
