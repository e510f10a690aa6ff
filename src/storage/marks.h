#ifndef STORAGE_MARKS_H
#define STORAGE_MARKS_H

#include "storage/storage.h"

/*
 * An hour's marks of one monitor, and how they are packed into the blob of a row of the table
 * recent: ascending by minute, each six bytes: the start's milliseconds within its minute and the
 * latency (two bytes each, the low one first; 65535 stands for none, longer ones for 65534), the
 * minute, the status. Pure.
 */

enum { MARKS_MAX = 60, MARK_BYTES = 6, MARKS_BYTES_MAX = MARKS_MAX * MARK_BYTES };

struct marks {
    struct mark mark[MARKS_MAX];
    size_t n;
};

/* Adds a check of that hour: of two in one minute the later one stays, or the one added later. */
void marks_add(struct marks *marks, const struct mark *mark);

/* Returns the size of the blob. */
size_t marks_pack(const struct marks *marks, unsigned char blob[MARKS_BYTES_MAX]);

/* Returns 0, or -1 where the blob is none that marks_pack makes. */
int marks_unpack(struct marks *marks, int64_t hour, const unsigned char *blob, size_t size);

#endif
