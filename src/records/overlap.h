#ifndef RECORDS_OVERLAP_H
#define RECORDS_OVERLAP_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct journal;
struct monitor_id;

/*
 * Rows that are both at the end of an archive and in a live file: a rotation was killed before it
 * deleted the live file, and the state, which knew of that, is lost. They count as live rows. A
 * rebuild cuts them off the archive.
 */
struct overlaps {
    struct overlap *items; /* sorted */
    size_t n, capacity;
    int64_t first_live_day; /* the first day that has live rows; INT64_MAX: none */
};

/* Finds the overlaps of all live files. Returns 0 or -1; in both cases call overlap_free. */
int overlap_find(struct overlaps *overlaps, struct journal *journal, struct error *error);
void overlap_free(struct overlaps *overlaps);

/* The length of an archived file of this size without the rows that are also live. */
int64_t overlap_limit(const struct overlaps *overlaps, int64_t day,
                      const struct monitor_id *monitor, int64_t size);

/* Cuts the rows that are also live off the archives. The live rows must be on disk. Returns 0 or
 * -1.
 */
int overlap_cut(const struct overlaps *overlaps, struct journal *journal, struct error *error);

#endif
