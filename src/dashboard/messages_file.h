#ifndef DASHBOARD_MESSAGES_FILE_H
#define DASHBOARD_MESSAGES_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "config/config.h"

#include <stddef.h>

/* What messages.c fills from several files, one after another. */
struct messages {
    struct arena *arena; /* owns all of it, the trees of the files too */
    const char **names;  /* as the first file has them; ends with NULL */
    struct bytes *texts; /* one for each */
    size_t n;
};

/*
 * Reads a file of words from its bytes: the first one gives all names that there are, a later one
 * takes the place of some of their texts. Returns 0; or -1 with the first mistake, as
 * "PATH:LINE:COLUMN: what is wrong".
 */
int messages_file_read(struct messages *words, const char *path, const char *yaml, size_t size,
                       struct error *error);

/* The index of this name; words->n where there is none. */
size_t messages_file_find(const struct messages *words, const char *name);

#endif
