#ifndef RECORDS_BATCH_H
#define RECORDS_BATCH_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdint.h>

struct monitor_id;

/* A part of a live file, to be sorted by the days in whose archives its rows belong. */
struct batch {
    struct buffer rows;  /* complete lines as in the file */
    struct buffer lines; /* those gathered last */
};

void batch_init(struct batch *batch);
void batch_free(struct batch *batch);

/*
 * Reads complete lines from the offset `from` up to `end`, at most 16 MiB. A longer line comes in
 * parts, and no part is a row. Returns 0, or -1 with errno.
 */
int batch_read(struct batch *batch, int fd, int64_t from, int64_t end);

/* In place of a day: the lines that are not rows of the monitor. It is less than any day. */
#define BATCH_BAD INT64_MIN

/*
 * Gathers the rows of this monitor and day in batch->lines, in their order, and sets *next_day to
 * the next day that has rows (INT64_MAX: there is none). A loop that starts with BATCH_BAD gathers
 * each line once. Returns 0, or -1 if out of memory.
 */
int batch_gather(struct batch *batch, const struct monitor_id *monitor, int64_t day,
                 int64_t *next_day, struct error *error);

#endif
