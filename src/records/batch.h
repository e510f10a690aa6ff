#ifndef RECORDS_BATCH_H
#define RECORDS_BATCH_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdint.h>

struct monitor_id;

/* A part of a live file, to be sorted by the days in whose archives its rows belong. */
struct batch {
    struct buffer rows; /* complete lines as in the file */
    struct buffer day;  /* the rows of one day */
    struct buffer bad;  /* lines that are not rows of the monitor */
};

void batch_init(struct batch *batch);
void batch_free(struct batch *batch);

/*
 * Reads complete lines from the offset `from` up to `end`, at most 16 MiB. A longer line comes in
 * parts, and no part is a row. Returns 0, or -1 with errno.
 */
int batch_read(struct batch *batch, int fd, int64_t from, int64_t end);

/*
 * Gathers the lines that are not rows of this monitor, and sets *day to the first day of the rows
 * (INT64_MAX: there are none). Returns 0, or -1 if out of memory.
 */
int batch_gather_bad(struct batch *batch, const struct monitor_id *monitor, int64_t *day,
                     struct error *error);

/*
 * Gathers the rows of this day, in their order, and sets *next_day to the next day that has rows
 * (INT64_MAX: there is none). Returns 0, or -1 if out of memory.
 */
int batch_gather_day(struct batch *batch, const struct monitor_id *monitor, int64_t day,
                     int64_t *next_day, struct error *error);

#endif
