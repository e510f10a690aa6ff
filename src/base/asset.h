#ifndef BASE_ASSET_H
#define BASE_ASSET_H

#include <stddef.h>

/* The files of templates/, compiled into the program, so that it is a single file. */
struct asset {
    const char *name; /* "templates/index.html" */
    const char *data; /* ends with a NUL that size does not count */
    size_t size;
};

/* All of them, sorted by name; the table itself is made by src/tools/embed.c. */
extern const struct asset assets[];
extern const size_t n_assets;

/* NULL: there is none of this name. */
const struct asset *asset_find(const char *name);

#endif
