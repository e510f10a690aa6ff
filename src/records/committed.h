#ifndef RECORDS_COMMITTED_H
#define RECORDS_COMMITTED_H

#include "base/buffer.h"
#include "records/record.h"

/*
 * A file of records and its committed length: the length that state.db vouches for. Bytes after it
 * were left by a killed tick or written by another program. All functions return 0 or -1.
 */

/*
 * Makes the file consist of its committed bytes and then these rows, and sets *committed to its new
 * length. Bytes that are already there are overwritten if they are a part of the same rows, and
 * quarantined otherwise. Adjusts the committed length first, if it must. The rows are on disk only
 * if journal->sync_each is set.
 */
int committed_append(struct journal *journal, const struct record *record, int64_t *committed,
                     const struct buffer *rows, struct error *error);

/*
 * Corrects the committed length of a file that somebody changed: if the file is shorter, or if no
 * line ends at that length, the file is committed up to its last complete line, so that the next
 * row does not continue half a line. That is a finding. fd is -1 and size 0 if the file is missing.
 */
int committed_adjust(struct journal *journal, const struct record *record, int fd, int64_t size,
                     int64_t *committed, struct error *error);

/*
 * Deletes a file whose committed bytes are also somewhere else; bytes after them are quarantined. A
 * missing file is no error.
 */
int committed_remove(struct journal *journal, const struct record *record, int64_t committed,
                     struct error *error);

/*
 * Add bytes of FILE that are not results to FILE.quarantine and bring them to disk. If a tick is
 * killed after that, the next one does not add them again. The first function then cuts FILE, which
 * is open for writing, at `from`; after the second, the caller removes the lines. Success is a
 * finding.
 */
int committed_quarantine_tail(struct journal *journal, const struct record *record, int fd,
                              int64_t from, int64_t size, struct error *error);
int committed_quarantine_lines(struct journal *journal, const struct record *record,
                               const struct buffer *lines, struct error *error);

#endif
