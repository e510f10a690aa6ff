#ifndef TESTS_SPACES_H
#define TESTS_SPACES_H

#include <string.h>

/*
 * Pages have spaces at which no line may end (U+00A0), so that text browsers do not break figures.
 * Replaces them by plain ones, so that tests can be read. Returns text.
 */
static inline char *spaces_make_plain(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (!strncmp(from, "\xc2\xa0", 2)) {
            *to++ = ' ';
            from++;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return text;
}

#endif
