#ifndef CONFIG_PATTERN_VALUE_H
#define CONFIG_PATTERN_VALUE_H

#include "config/loader.h"

/* A regular expression of the configuration. */
struct pattern_value {
    const struct pattern *pattern;
    const char *shown; /* as it may be published: "/^a+$/"; cut if it is long */
};

/* Reads a text as a regular expression. Even if aliases repeat the text, it is compiled once. The
 * value belongs to the configuration. NULL after reporting a mistake. */
const struct pattern_value *pattern_value_read(struct loader *loader, struct node *node);

#endif
