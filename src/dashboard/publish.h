#ifndef DASHBOARD_PUBLISH_H
#define DASHBOARD_PUBLISH_H

#include "base/buffer.h"
#include "base/error.h"
#include "dashboard/public_dir.h"

/*
 * Files that appear by rename, all of them or, where anything fails before the first rename, none.
 * Nothing below the folder is reached through a symbolic link.
 */

struct publication;

/*
 * Opens folder, and the folders site and badge in it, making them (0755) where they are missing,
 * and removes what a killed build left aside. n_pages is about how many will change. Of many, those
 * replaced are kept in the folder spares (spare.h), which only one build at a time may use; NULL:
 * they are removed. folder must outlive the publication. Returns 0 or -1.
 */
int publish_open(struct publication **publication, const char *folder, const char *spares,
                 size_t n_pages, struct error *error);

/* Drops what was added and not committed. NULL is fine. */
void publish_close(struct publication *publication);

/*
 * Adds a file piece by piece: it is written aside (0644) from where its bytes differ from those
 * that stand under its name already; where they never do, nothing is. name must last until
 * publish_end. Each returns 0 or -1.
 */
int publish_begin(struct publication *publication, enum public_dir_folder folder, const char *name,
                  struct error *error);
int publish_write(struct publication *publication, const char *bytes, size_t size,
                  struct error *error);
int publish_end(struct publication *publication, struct error *error);

/* The same for a file of one piece. */
int publish_add(struct publication *publication, enum public_dir_folder folder, const char *name,
                const char *bytes, size_t size, struct error *error);

/* Brings all that was added to disk, then renames each into its place, the last one first. Returns
 * 0 or -1. */
int publish_commit(struct publication *publication, struct error *error);

/*
 * Removes the files of a folder that nobody wants any more. mark_of gives the text that one with
 * this name must bear near its front to be removed; NULL: it is to stay. Returns 0 or -1.
 */
int publish_prune(struct publication *publication, enum public_dir_folder folder,
                  const char *(*mark_of)(void *context, const char *name), void *context,
                  struct error *error);

#endif
