#ifndef RECORDS_WALK_H
#define RECORDS_WALK_H

#include "records/record.h"

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

/* Sets *has to whether there is a record in such a folder. Returns 0 or -1. */
int walk_has_records(const struct journal *journal, int64_t day, bool *has, struct error *error);

/* Sets *days to the days that have an archive, ascending; the caller frees it. Returns 0 or -1. */
int walk_days(const struct journal *journal, int64_t **days, size_t *n, struct error *error);

/*
 * Calls each for every name in a folder, apart from "." and "..", with a descriptor of the folder.
 * Stops as soon as each returns -1. Returns 0, or -1 with errno.
 */
typedef int walk_name(void *context, int folder_fd, const char *name);
int walk_names(int parent_fd, const char *path, walk_name *each, void *context);

/*
 * Deletes a file, or a folder with all that is in it; links are deleted, not followed. A missing
 * one is no error. A walk_name, which does not use its context. Returns 0, or -1 with errno.
 */
int walk_delete(void *context, int folder_fd, const char *name);

/* Days or months that a walk has found. The caller frees items. */
struct walk_list {
    int64_t *items; /* NULL: none */
    size_t n, capacity;
};

/* Appends an item. Returns 0, or -1 if out of memory. */
int walk_list_add(struct walk_list *list, int64_t item);

/* Makes the items ascend. */
void walk_list_sort(struct walk_list *list);

#endif
