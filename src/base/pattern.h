#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * Regular expressions (PCRE2). A pattern is immutable once it is compiled: several threads may use
 * it at once. It is matched character by character if it has a character beyond ASCII, \p, \P, \X,
 * \x{100} or more, \N{U+...} or (*UTF), otherwise byte by byte. With characters, \w, \d, \s, \b and
 * (?i) know the letters of all languages, and bytes that are not UTF-8 match nothing. A line ends
 * with LF.
 */
struct pattern;

/* What is wrong with a pattern. */
struct pattern_fault {
    size_t at;         /* byte of the pattern */
    char message[256]; /* PCRE2's words; empty: out of memory */
};

/* Compiles a pattern into memory of the arena. NULL: *fault is set. */
const struct pattern *pattern_compile(struct arena *arena, const char *text, size_t size,
                                      struct pattern_fault *fault);

enum pattern_result {
    PATTERN_FOUND,
    PATTERN_NOT_FOUND,
    PATTERN_TOO_LONG, /* it needs too many steps, or more CPU time than was left */
    PATTERN_NO_MEMORY
};

/* All patterns of one check share this much CPU time, in microseconds; and if its failure is
 * explained, they share some more. Both together are less than 100 ms. */
enum { PATTERN_CPU_US = 60 * 1000, PATTERN_AGAIN_CPU_US = 20 * 1000 };

/*
 * Searches the bytes. *cpu_left_us is the CPU time that this search may use; what it used is
 * subtracted, down to 0.
 */
enum pattern_result pattern_find(const struct pattern *pattern, const char *bytes, size_t size,
                                 int64_t *cpu_left_us);

#endif
