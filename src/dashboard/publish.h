#ifndef DASHBOARD_PUBLISH_H
#define DASHBOARD_PUBLISH_H

#include "base/error.h"
#include "dashboard/public_dir.h"

#include <stddef.h>

/*
 * Publishes files by rename: all of them or, if anything fails before the first rename, none. No
 * symbolic link in the folders is followed.
 */
struct publication;

/*
 * Begins a publication in the folders of dir, which must outlive it. n_pages is roughly the number
 * of files that will change. If they are many, replaced files are kept in the folder pool
 * (page_pool.h), used by one build at a time; NULL: they are removed. Returns 0 or -1.
 */
int publish_open(struct publication **publication, const struct public_dir *dir, const char *pool,
                 size_t n_pages, struct error *error);

/* Removes files that were added and not committed, and frees everything. NULL is allowed. */
void publish_close(struct publication *publication);

/*
 * Add a file piece by piece, one file at a time. It is written to a temporary file (0644). As long
 * as its bytes equal those of the published file of that name, nothing is written; if they all do,
 * that file stays. name must be valid until publish_end. Each returns 0 or -1; after -1, only
 * publish_close may be called.
 */
int publish_begin(struct publication *publication, enum public_dir_folder folder, const char *name,
                  struct error *error);
int publish_write(struct publication *publication, const char *bytes, size_t size,
                  struct error *error);
int publish_end(struct publication *publication, struct error *error);

/* Adds a file that is complete in memory. Returns 0 or -1. */
int publish_add(struct publication *publication, enum public_dir_folder folder, const char *name,
                const char *bytes, size_t size, struct error *error);

/*
 * Flushes all added files to disk, then renames them, the last one first. Returns 0 or -1. A failed
 * rename leaves the files renamed before it in place.
 */
int publish_commit(struct publication *publication, struct error *error);

#endif
