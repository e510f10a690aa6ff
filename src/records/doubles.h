#ifndef RECORDS_DOUBLES_H
#define RECORDS_DOUBLES_H

#include "records/compressed.h"

/*
 * Rows that are in two places: a backup was made while rows were moved, or put back over newer
 * files, and the state that knew which place counts is of another moment. A rebuild leaves each row
 * in one place. First, the other copy is brought to disk. All functions return 0 or -1.
 */

/*
 * Removes the rows of live files that are also in an archive; but if an archive ends with the first
 * live rows, it is cut. Writes the line end that a live file's last row lacks.
 */
int doubles_remove(struct journal *journal, struct error *error);

/* Removes the rows of a plain archive, which has this size, that its compressed file has too. */
int doubles_remove_plain(struct journal *journal, const struct monitor_id *monitor, int64_t day,
                         const struct compressed *compressed, int compressed_fd,
                         struct error *error);

/* Deletes the staged results whose rows are in the archives, or committed in the live files. */
int doubles_unstage(struct journal *journal, struct error *error);

/*
 * Sets *all to whether all rows of a file from this offset on are also in the live file of its
 * monitor.
 */
int doubles_are_live(struct journal *journal, const struct record *record, int fd, int64_t from,
                     bool *all, struct error *error);

#endif
