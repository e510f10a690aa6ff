#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include "config/node.h"

/*
 * Returns the text of a file without its byte order mark. Reports bytes that are not UTF-8 or not
 * allowed in YAML (YAML 1.1, 5.1), the first of each line. If there are any, the result is a copy
 * in the arena of the mistakes with '?' in their place, so that the rest of the file can still be
 * read. If memory runs out, reports that.
 */
struct bytes source_check(const char *text, size_t size, struct mistakes *mistakes);

#endif
