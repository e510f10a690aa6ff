#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include "config/mistakes.h"

#include <stddef.h>

/* The bytes of the file, before they are YAML. */
struct source {
    const char *data;
    size_t size;
};

/*
 * Skips a byte order mark, and reports what is not UTF-8 or no character of YAML (YAML 1.1, 5.1),
 * the first of each line. The rest of the file is to be read all the same: where there is any, the
 * source becomes a copy in the arena of the problems, with "?" in each such place.
 */
void source_check(struct source *source, struct mistakes *mistakes);

#endif
