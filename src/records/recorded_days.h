#ifndef RECORDS_RECORDED_DAYS_H
#define RECORDS_RECORDED_DAYS_H

#include "base/error.h"

#include <stdint.h>

struct journal;

/* Days with records, counted since the epoch. An archive that has only events has no record. */
struct recorded_days {
    int64_t first; /* INT64_MAX: there is no record */
    int64_t next;  /* the first one that is not before a given day; INT64_MAX: none */
};

/* Finds them in the archives and the live files. Returns 0 or -1. */
int recorded_days_find(struct journal *journal, int64_t day, struct recorded_days *days,
                       struct error *error);

#endif
