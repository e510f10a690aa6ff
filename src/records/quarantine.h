#ifndef RECORDS_QUARANTINE_H
#define RECORDS_QUARANTINE_H

#include "records/record.h"

#include <stddef.h>

/*
 * FILE.quarantine has the bytes of FILE that are not results. Bytes are on disk there before they
 * are removed from FILE. If that was interrupted and is repeated, they are not added twice. Both
 * functions return 0 and count a finding, or return -1.
 */

/* Moves the bytes from this offset to the end of the file, which is open for writing. */
int quarantine_move(struct journal *journal, const struct record *record, int fd, int64_t from,
                    int64_t size, struct error *error);

/* Adds these bytes; removing them from the file is left to the caller. */
int quarantine_add(struct journal *journal, const struct record *record, const char *bytes,
                   size_t size, struct error *error);

#endif
