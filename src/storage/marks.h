#ifndef STORAGE_MARKS_H
#define STORAGE_MARKS_H

#include "storage/storage.h"

/*
 * An hour's marks of one monitor, packed: a place a minute, each three bytes: the status (0: no
 * check started in it), and the start's milliseconds within its minute, the low byte first. All
 * take the same room, so that a mark that is added moves nothing. Pure.
 */

enum { MARKS_MAX = 60, MARK_BYTES = 3, MARKS_BYTES = MARKS_MAX * MARK_BYTES };

/* Adds a check of that hour: of two in one minute the later one stays, or the one added later. */
void marks_add(unsigned char packed[MARKS_BYTES], const struct mark *mark);

/* Returns 0, or -1 where the bytes are none that marks_add makes. */
int marks_unpack(const unsigned char packed[MARKS_BYTES], int64_t hour,
                 struct mark marks[MARKS_MAX], size_t *n);

#endif
