#ifndef BASE_ASSET_H
#define BASE_ASSET_H

#include <stddef.h>

/* A file of templates/, or a table of the program, compiled into the program, so that uptick is a
 * single file. */
struct asset {
    const char *name; /* "templates/index.html" */
    const char *data; /* ends with a NUL that size does not count */
    size_t size;
};

/* All assets, sorted by name. src/tools/embed.c generates this table. */
extern const struct asset assets[];
extern const size_t n_assets;

/* Finds an asset by its name; NULL: there is none. */
const struct asset *asset_find(const char *name);

#endif
