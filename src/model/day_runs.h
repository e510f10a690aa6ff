#ifndef MODEL_DAY_RUNS_H
#define MODEL_DAY_RUNS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The last 24 hours in buckets of five minutes, oldest first. The last one ends with the minute of
 * now. A bucket has the worst status of its minutes (status_worst). Pure.
 */

enum { DAY_BUCKET_MINUTES = 5, DAY_BUCKETS = 24 * 60 / DAY_BUCKET_MINUTES };

/* Consecutive buckets of one status, which is not UP. So a day without failures has none. */
struct bucket_run {
    uint16_t first, n;
    uint8_t status;
};

/* Finds the runs in the cells of the last 24 hours (aggregator.h), ascending. Returns their
 * number. */
size_t day_runs_find(const uint8_t cells[DAY_BUCKETS * DAY_BUCKET_MINUTES],
                     struct bucket_run runs[DAY_BUCKETS]);

/* Writes the status of each bucket. */
void day_runs_expand(const struct bucket_run *runs, size_t n, uint8_t buckets[DAY_BUCKETS]);

#endif
