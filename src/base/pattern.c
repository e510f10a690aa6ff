/* Compiles and matches regular expressions with PCRE2, within limits of time and memory. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/pattern.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"

#include <pcre2.h>
#include <stdbool.h>

enum {
    STEPS_MAX = 10 * 1000 * 1000, /* from one start; PCRE2 counts again at each one */
    HEAP_MAX_KIB = 16 << 10
};

struct pattern {
    pcre2_code *code;
    bool is_utf;
    bool is_whole; /* a body must not be searched in windows */
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

/*
 * A pattern is about characters if it has some beyond ASCII, or \p, \P or \X. Bytes that are not
 * UTF-8 do not count as characters. \G means the start of the search, so a pattern that has it must
 * not be searched in windows.
 */
static void look_at_text(struct pattern *pattern, const char *text, size_t size)
{
    for (size_t at = 0, length; at < size; at += length) {
        length = text_utf8_length(text + at, size - at);
        if (length == 0) {
            pattern->is_utf = false;
            return;
        }
        pattern->is_utf = pattern->is_utf || length > 1;
        if (text[at] == '\\' && at + 1 < size && (unsigned char)text[at + 1] < 0x80) {
            pattern->is_utf = pattern->is_utf || strchr("pPX", text[at + 1]);
            pattern->is_whole = pattern->is_whole || text[at + 1] == 'G';
            length = 2;
        }
    }
}

/*
 * PCRE2_AUTO_CALLOUT: a callout before each item looks at the time. PCRE2_MATCH_INVALID_UTF: bytes
 * that are not UTF-8 match nothing, and are no error. PCRE2_NEVER_BACKSLASH_C: a match could end
 * inside a character.
 */
static pcre2_code *compile(pcre2_compile_context *context, const char *text, size_t size, bool utf,
                           int *code, size_t *at)
{
    uint32_t options = PCRE2_AUTO_CALLOUT | PCRE2_NEVER_BACKSLASH_C;

    if (utf)
        options |= PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF;
    return pcre2_compile((PCRE2_SPTR)text, size, options, code, at, context);
}

/* Whether the pattern itself asks for UTF-8, with (*UTF). */
static bool asks_utf(const pcre2_code *code)
{
    uint32_t options = 0;

    pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
    return options & PCRE2_UTF;
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
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    look_at_text(pattern, text, size);
    pattern->code = compile(context, text, size, pattern->is_utf, &code, &fault->at);
    if (!pattern->is_utf && (pattern->code ? asks_utf(pattern->code)
                                           : code == PCRE2_ERROR_CODE_POINT_TOO_BIG ||
                                                 code == PCRE2_ERROR_SUPPORTED_ONLY_IN_UNICODE)) {
        pattern->is_utf = true;
        pattern->code = compile(context, text, size, true, &code, &fault->at);
    }
    if (pattern->code)
        return pattern;
    if (code != PCRE2_ERROR_HEAP_FAILED)
        pcre2_get_error_message(code, (PCRE2_UCHAR *)fault->message, sizeof fault->message);
    return NULL;
}

/* The CPU time of a search. */
struct budget {
    int64_t end_us;  /* on the clock of the thread's CPU time */
    int64_t look_us; /* on the cheaper monotonic clock: not spent before */
    size_t position; /* in the bytes, at the last callout */
    unsigned steps;
};

/* CPU time never passes faster than the monotonic clock. So it is only read when all that was left
 * of it can have passed. */
static bool is_spent(struct budget *budget)
{
    int64_t now_us = clock_monotonic_us(), cpu_us;

    if (now_us < budget->look_us)
        return false;
    cpu_us = clock_thread_us();
    budget->look_us = now_us + budget->end_us - cpu_us;
    return cpu_us >= budget->end_us;
}

/* Looks at the clock once for several items, but at once after a long one. */
static int stop_when_spent(pcre2_callout_block *block, void *context)
{
    enum { STEPS = 8, LONG = 1024 };
    struct budget *budget = context;
    size_t position = block->current_position;
    size_t moved =
        position > budget->position ? position - budget->position : budget->position - position;

    budget->position = position;
    if (++budget->steps % STEPS != 0 && moved < LONG)
        return 0;
    return is_spent(budget) ? PCRE2_ERROR_CALLOUT : 0;
}

static pcre2_match_context *new_context(struct budget *budget)
{
    pcre2_match_context *context = pcre2_match_context_create(NULL);

    if (!context)
        return NULL;
    pcre2_set_match_limit(context, STEPS_MAX);
    pcre2_set_depth_limit(context, STEPS_MAX);
    pcre2_set_heap_limit(context, HEAP_MAX_KIB);
    pcre2_set_callout(context, stop_when_spent, budget);
    return context;
}

/* The end of the bytes that a match may read next: between two characters. */
static size_t window_end(const struct pattern *pattern, const char *bytes, size_t size, size_t from,
                         size_t length)
{
    size_t end = size - from <= length || pattern->is_whole ? size : from + length;

    for (int i = 0; pattern->is_utf && i < 3 && end < size && (bytes[end] & 0xc0) == 0x80; i++)
        end--;
    return end;
}

/*
 * One item of a pattern, such as x*, can read everything up to the end without a callout. So a long
 * body is searched in windows. If a match could go on after the window, it is tried again from its
 * start in a window of twice the length, if there is time for that. Returns what pcre2_match
 * returns.
 */
static int search(const struct pattern *pattern, const char *bytes, size_t size,
                  pcre2_match_data *match, pcre2_match_context *context, struct budget *budget)
{
    enum { WINDOW = 1 << 20 };
    size_t from = 0, end = window_end(pattern, bytes, size, 0, WINDOW);

    for (;;) {
        int64_t began_us = clock_thread_us(), now_us;
        size_t length = WINDOW;
        int found = pcre2_match(pattern->code, (PCRE2_SPTR)bytes, end, from,
                                end < size ? PCRE2_PARTIAL_HARD : 0, match, context);

        if (end == size || (found != PCRE2_ERROR_NOMATCH && found != PCRE2_ERROR_PARTIAL))
            return found;
        now_us = clock_thread_us();
        if (now_us + 3 * (now_us - began_us) >= budget->end_us)
            return PCRE2_ERROR_CALLOUT;
        if (found == PCRE2_ERROR_PARTIAL && 2 * (end - pcre2_get_startchar(match)) > WINDOW)
            length = 2 * (end - pcre2_get_startchar(match));
        from = found == PCRE2_ERROR_PARTIAL ? pcre2_get_startchar(match) : end;
        end = window_end(pattern, bytes, size, from, length);
    }
}

static enum pattern_result result_of(int found)
{
    switch (found) {
    case PCRE2_ERROR_NOMATCH:
        return PATTERN_NOT_FOUND;
    case PCRE2_ERROR_NOMEMORY:
        return PATTERN_NO_MEMORY;
    default:
        return found >= 0 ? PATTERN_FOUND : PATTERN_TOO_LONG;
    }
}

enum pattern_result pattern_find(const struct pattern *pattern, const char *bytes, size_t size,
                                 int64_t *cpu_left_us)
{
    int64_t began_us = clock_thread_us();
    struct budget budget = {.end_us = began_us + *cpu_left_us,
                            .look_us = clock_monotonic_us() + *cpu_left_us};
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = new_context(&budget);
    enum pattern_result result = PATTERN_NO_MEMORY;
    int64_t used_us;

    if (*cpu_left_us <= 0)
        result = PATTERN_TOO_LONG;
    else if (match && context)
        result = result_of(search(pattern, bytes, size, match, context, &budget));
    pcre2_match_context_free(context);
    pcre2_match_data_free(match);
    used_us = clock_thread_us() - began_us;
    *cpu_left_us = used_us < *cpu_left_us ? *cpu_left_us - used_us : 0;
    return result;
}
