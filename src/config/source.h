#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include "config/mistakes.h"

#include <stddef.h>

/* The bytes of the file, before they are parsed as YAML. */
struct source {
    const char *data;
    size_t size;
};

/*
 * Skips a byte order mark, and reports bytes that are not UTF-8 or not allowed in YAML (YAML 1.1,
 * 5.1), the first of each line. If there are any, the source becomes a copy in the arena of the
 * mistakes with '?' in their place, so that the rest of the file can still be read.
 */
void source_check(struct source *source, struct mistakes *mistakes);

#endif
