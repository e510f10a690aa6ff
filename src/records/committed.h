#ifndef RECORDS_COMMITTED_H
#define RECORDS_COMMITTED_H

#include "base/buffer.h"
#include "records/record.h"

/*
 * A file of records and its committed length: the length that state.db vouches for. Bytes after it
 * were left by a killed tick or written by another program. All functions return 0 or -1.
 *
 * If the file is not as state.db expects, because one of the two was restored from a backup or
 * edited, the state does not match the records: journal->is_behind is set, the result is -1, and
 * the file stays as it is. A rebuild then makes the state from the records (open_state.h). So rows
 * are never taken for bytes that are not results.
 */

/*
 * Makes the file consist of its committed bytes and then these rows, and sets *committed to its new
 * length. Bytes that are already there are overwritten if they are a part of the same rows, and
 * quarantined if they have no row. If a failure leaves a part of the rows in the file, it is cut
 * off again. The rows are on disk only if journal->sync_each is set.
 */
int committed_append(struct journal *journal, const struct record *record, int64_t *committed,
                     const struct buffer *rows, struct error *error);

/*
 * Does the same for the live file of a domain in this folder, if the file is exactly as state.db
 * expects and on the disk of data_dir. Returns whether all rows are written. If not,
 * committed_append does what is needed. Several threads may use it at once.
 */
bool committed_append_plain(const struct journal *journal, int folder_fd, const char *domain,
                            int64_t committed, const struct buffer *rows);

/* Cuts the file after its committed bytes: those that are not results are quarantined. */
int committed_trim(struct journal *journal, const struct record *record, int fd, int64_t size,
                   int64_t committed, struct error *error);

/*
 * Whether the file is as state.db expects. Bytes at its end that have no row of the monitor do not
 * matter. If only the last line end is missing, as some editors leave it, writes it.
 */
int committed_matches(struct journal *journal, const struct record *record, int fd, int64_t size,
                      int64_t committed, bool *matches, struct error *error);

/* Sets journal->is_behind, and the error. Returns -1. */
int committed_set_behind(struct journal *journal, const struct record *record, struct error *error);

/* Sets *is to whether a line ends at this offset; 0 counts as a line end. Returns 0, or -1 with
 * errno. */
int committed_is_line_end(int fd, int64_t offset, bool *is);

/*
 * If the file ends with a row that is complete but for its line end, writes that and corrects
 * *size. Only an UP row without a text shows that it is complete.
 */
int committed_end_row(struct journal *journal, const struct record *record, int fd, int64_t *size,
                      struct error *error);

/*
 * Deletes a file whose committed bytes are also somewhere else; bytes after them are quarantined. A
 * missing file is no error. If the file cannot be deleted, it is emptied.
 */
int committed_remove(struct journal *journal, const struct record *record, int64_t committed,
                     struct error *error);

/* The same, but the file stays, without a byte: a file system may need long to find a free inode
 * for a new one. */
int committed_empty(struct journal *journal, const struct record *record, int64_t committed,
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
