#ifndef RECORDS_WALK_H
#define RECORDS_WALK_H

#include "records/record.h"

#include <dirent.h>

/* Finds records and archives below data_dir. Symbolic links are not followed. */

/*
 * Called for each monitor that has a record in a folder, with monitor->id 0. If a folder cannot be
 * read, monitor is NULL and the error is set. Returns 0 to go on; anything else ends the walk.
 */
typedef int walk_visit(void *context, const struct monitor_id *monitor, struct error *error);

/*
 * Visits the live records (RECORD_LIVE) or those in the archive of a day, in which a record may be
 * a plain file, a compressed one, or both. A missing folder is empty. Returns 0, the result of a
 * visit if that is not 0, or -1.
 */
int walk_records(const struct journal *journal, int64_t day, walk_visit *visit, void *context,
                 struct error *error);

/* Sets *days to the days that have an archive, ascending; the caller frees it. Returns 0 or -1. */
int walk_days(const struct journal *journal, int64_t **days, size_t *n, struct error *error);

/*
 * Opens a folder to list it, and gives its next name, apart from "." and "..". Both return NULL
 * with errno; at the end of the folder, errno is 0.
 */
DIR *walk_open(int folder_fd, const char *path);
const char *walk_next(DIR *listing);

/*
 * Deletes a file, or a folder with all that is in it; links are deleted, not followed. A missing
 * one is no error. Returns 0, or -1 with errno.
 */
int walk_delete(int folder_fd, const char *name);

#endif
