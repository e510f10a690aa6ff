#ifndef RECORDS_COMMITTED_H
#define RECORDS_COMMITTED_H

#include "base/buffer.h"
#include "records/record.h"

/*
 * A file of records and its committed length: the length that state.db vouches for. Bytes after it
 * are what a killed tick left, or somebody else's work.
 */

/*
 * Makes the file consist of its committed bytes and then these rows, and sets *committed to its new
 * length. Bytes that are already there are overwritten if they are a part of the same rows, and
 * quarantined otherwise. Adjusts the committed length first, if it must. The rows are on disk only
 * if journal->sync_each is set. Returns 0 or -1.
 */
int committed_append(struct journal *journal, const struct record *record, int64_t *committed,
                     const struct buffer *rows, struct error *error);

/*
 * Corrects the committed length of a file that somebody changed: if the file is shorter, or if no
 * line ends at that length, the file is committed up to its last complete line, so that the next
 * row does not continue half a line. That is a finding. fd is -1 and size 0 if the file is missing.
 * Returns 0 or -1.
 */
int committed_adjust(struct journal *journal, const struct record *record, int fd, int64_t size,
                     int64_t *committed, struct error *error);

/*
 * Deletes a file whose committed bytes are also somewhere else; bytes after them are quarantined. A
 * missing file is no error. Returns 0 or -1.
 */
int committed_remove(struct journal *journal, const struct record *record, int64_t committed,
                     struct error *error);

#endif
