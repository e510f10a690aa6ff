/* Compiles and matches regular expressions with PCRE2. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/pattern.h"

#include "base/arena.h"

#include <pcre2.h>

struct pattern {
    pcre2_code *code;
};

static void *take_memory(size_t size, void *arena)
{
    return arena_alloc(arena, size);
}

/* The arena frees everything at once. */
static void keep_memory(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

const struct pattern *pattern_compile(struct arena *arena, const char *text, size_t size,
                                      struct pattern_fault *fault)
{
    struct pattern *pattern = arena_alloc(arena, sizeof *pattern);
    pcre2_general_context *memory = pcre2_general_context_create(take_memory, keep_memory, arena);
    pcre2_compile_context *context = memory ? pcre2_compile_context_create(memory) : NULL;
    int code = 0;

    *fault = (struct pattern_fault){.at = 0};
    if (!pattern || !context)
        return NULL;
    pattern->code = pcre2_compile((PCRE2_SPTR)text, size, 0, &code, &fault->at, context);
    if (pattern->code)
        return pattern;
    pcre2_get_error_message(code, (PCRE2_UCHAR *)fault->message, sizeof fault->message);
    return NULL;
}

enum pattern_result pattern_find(const struct pattern *pattern, const char *bytes, size_t size,
                                 int64_t *cpu_left_us)
{
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    int found;

    (void)cpu_left_us;
    if (!match)
        return PATTERN_NO_MEMORY;
    found = pcre2_match(pattern->code, (PCRE2_SPTR)bytes, size, 0, 0, match, NULL);
    pcre2_match_data_free(match);
    return found >= 0                     ? PATTERN_FOUND
           : found == PCRE2_ERROR_NOMATCH ? PATTERN_NOT_FOUND
                                          : PATTERN_TOO_LONG;
}
