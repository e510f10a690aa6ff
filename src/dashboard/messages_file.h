#ifndef DASHBOARD_MESSAGES_FILE_H
#define DASHBOARD_MESSAGES_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "config/config.h"

#include <stddef.h>

/* The content of several message files, read one after the other (messages.h). */
struct messages {
    struct arena *arena; /* owns everything, also the trees of the files */
    const char **names;  /* those of the first file; ends with NULL */
    struct bytes *texts; /* one for each name */
    size_t n;
};

/*
 * Reads a file from its bytes. The first file defines all names; a later one replaces some of the
 * texts. Returns 0, or -1 with the first mistake: "PATH:LINE:COLUMN: what is wrong".
 */
int messages_file_read(struct messages *messages, const char *path, const char *yaml, size_t size,
                       struct error *error);

/* The index of a name; messages->n: there is no such name. */
size_t messages_file_find(const struct messages *messages, const char *name);

#endif
