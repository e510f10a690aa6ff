#ifndef RECORDS_BATCH_H
#define RECORDS_BATCH_H

#include "base/buffer.h"
#include "base/error.h"
#include "state/monitors.h"

/* Rows of a live file, sorted by the day whose archive they belong to. */
struct batch {
    struct buffer rows; /* as they stand in the file: whole lines */
    struct buffer day;  /* the rows of one day */
    struct buffer bad;  /* lines that are no rows of the monitor */
};

void batch_init(struct batch *batch);
void batch_free(struct batch *batch);

/*
 * Reads from this offset on: whole lines before `end`, at least one (or a part of it, where it is
 * longer than any row may be), and at most as much as memory is meant for. Returns 0, or -1 with
 * errno.
 */
int batch_read(struct batch *batch, int fd, int64_t from, int64_t end);

/* Gathers the lines that are no rows of this monitor, and finds the first day of those that are
 * (INT64_MAX: there are none). */
int batch_gather_bad(struct batch *batch, const struct monitor_id *monitor, int64_t *day,
                     struct error *error);

/* Gathers a day's rows, in order, and finds the day that comes next (INT64_MAX: none does). */
int batch_gather_day(struct batch *batch, const struct monitor_id *monitor, int64_t day,
                     int64_t *next_day, struct error *error);

#endif
