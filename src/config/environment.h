#ifndef CONFIG_ENVIRONMENT_H
#define CONFIG_ENVIRONMENT_H

#include "config/loader.h"

/* The value of a variable, or the content of a file, within a filled text. */
struct filled_part {
    size_t at, size;   /* its place in the text */
    const char *shown; /* "${NAME}" or "${file:PATH}", as it is written */
};

/* A text with its variables and files filled in. */
struct filled {
    struct bytes text;
    struct bytes shown; /* as it may be published: with the name in place of each value */
    const struct filled_part *parts; /* ascending */
    size_t n_parts;
    const struct pattern_value *pattern; /* the text as a pattern; NULL: not yet */
};

/*
 * Returns the text of a node with each ${NAME} replaced by that environment variable, each
 * ${file:PATH} by the content of that file without its last line end, and each $${ by a literal ${.
 * A relative path starts in the folder of the node's file. The value is inserted unchanged: it is
 * not parsed as YAML, and a ${NAME} in it is not replaced. Each file is read once. The values are
 * added to the secrets of the configuration. The bytes belong to the configuration. Returns NULL
 * after reporting a mistake.
 */
const struct filled *environment_fill(struct loader *loader, struct node *node);

/* Appends the bytes of the filled text from `from` up to `to`. Each value that has a byte there is
 * replaced by its ${NAME}, but not twice in a row: *last_part, NULL at first, is the last one. */
void environment_append_shown(const struct filled *filled, size_t from, size_t to,
                              const struct filled_part **last_part, struct buffer *into);

#endif
