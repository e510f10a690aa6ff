#ifndef DASHBOARD_PUBLISH_H
#define DASHBOARD_PUBLISH_H

#include "base/error.h"
#include "dashboard/public_dir.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Publishes files by rename: all of them or, if anything fails before the first rename, none. No
 * symbolic link in the folders is followed.
 */
struct publication;

/*
 * Begins a publication of up to n_files in the folders of dir, which must outlive it. About the
 * first n_pages of the files will change. If they are many, replaced ones of these are kept in the
 * folder pool (page_pool.h), used by one build at a time; NULL: they are removed. Returns 0 or -1.
 */
int publish_open(struct publication **publication, const struct public_dir *dir, const char *pool,
                 size_t n_files, size_t n_pages, struct error *error);

/* Removes files that were added and not committed, and frees everything. NULL is allowed. */
void publish_close(struct publication *publication);

/* The file that a thread is adding. Only publish.c uses its members. */
struct publish_file {
    struct publication *publication;
    enum public_dir_folder folder;
    size_t number;
    const char *name;
    bool replaces; /* another file has its name */
    int old;       /* the published file, as long as the bytes added so far equal it; else -1 */
    off_t old_size;
    int fd;          /* the temporary file, once they differ; else -1 */
    off_t at;        /* bytes added so far */
    off_t page_size; /* of the page from the pool that is being overwritten; else 0 */
};

/*
 * Add a file piece by piece. Several threads may add files at once, each with a struct publish_file
 * of its own. number is below n_files and used once; the file with the highest number is renamed
 * first.
 *
 * The file is written to a temporary file (0644). As long as its bytes equal those of the published
 * file of that name, nothing is written; if they all do, that file stays. name must be valid until
 * publish_end. Each returns 0 or -1; after -1, the file is abandoned.
 */
int publish_begin(struct publish_file *file, struct publication *publication, size_t number,
                  enum public_dir_folder folder, const char *name, struct error *error);
int publish_write(struct publish_file *file, const char *bytes, size_t size, struct error *error);
int publish_end(struct publish_file *file, struct error *error);

/* Ends a file that was begun and cannot be completed. After that, only publish_close may be called.
 */
void publish_abandon(struct publish_file *file);

/* Adds a file that is complete in memory. Returns 0 or -1. */
int publish_add(struct publication *publication, size_t number, enum public_dir_folder folder,
                const char *name, const char *bytes, size_t size, struct error *error);

/* Begins to bring the files added so far to disk, so that publish_commit takes less time. */
void publish_sync_early(struct publication *publication);

/*
 * Flushes all added files to disk, then renames them. Returns 0 or -1. A failed rename leaves the
 * files renamed before it in place.
 */
int publish_commit(struct publication *publication, struct error *error);

#endif
