/* base/pattern: any pattern in any body is found or not, or refused, in time. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/pattern.h"

static void try_pattern(const char *pattern, size_t pattern_size, const char *body, size_t size)
{
    struct arena *arena = arena_new();
    struct pattern_fault fault;
    const struct pattern *compiled;
    int64_t cpu_left_us = 20000, began_us = clock_thread_us();

    if (!arena)
        abort();
    compiled = pattern_compile(arena, pattern, pattern_size, &fault);
    if (compiled) {
        began_us = clock_thread_us();
        must(pattern_find(compiled, body, size, &cpu_left_us) != PATTERN_NO_MEMORY,
             "there is memory");
        must(clock_thread_us() - began_us < 500000, "a search ends in time");
    } else {
        must(fault.at <= pattern_size && *fault.message, "a fault has a place and a reason");
    }
    arena_free(arena);
}

/* The input: a pattern up to a NUL, then the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    size_t pattern_size, body_size;
    char *pattern = input_part(&input, '\0', &pattern_size);
    char *body = malloc(input.left ? input.left : 1);

    if (!body)
        abort();
    body_size = input.left;
    if (body_size)
        memcpy(body, input.at, body_size);
    try_pattern(pattern, pattern_size, body, body_size);
    free(pattern);
    free(body);
    return 0;
}
