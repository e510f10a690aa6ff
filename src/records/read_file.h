#ifndef RECORDS_READ_FILE_H
#define RECORDS_READ_FILE_H

#include "records/overlap.h"
#include "records/progress.h"
#include "records/reader.h"

struct minute_index;

/* The reading of all records into a state: replay.c sets it up and goes through the folders. */
struct replay {
    struct journal *journal; /* its storage is the state to fill */
    int64_t until_ms;        /* the moment that the state is to show */
    bool is_rebuild;         /* commit lengths and quarantine torn rows; if false, write nothing and
                              leave out rows after until_ms */
    struct progress progress;
    struct overlaps overlaps;
    struct reader reader;
    struct minute_index *minute_index; /* collects samples; saved after each folder */
    int64_t first_live_hour;           /* of the rows in live files; INT64_MAX: none */

    /* The folder being read. */
    bool is_live;
    int64_t day; /* of an archive */
};

/*
 * Reads the record of a monitor, plain or compressed or both, into the index, and commits its
 * length. Bad lines, and obstacles in place of a file, are reported and skipped. A walk_visit; the
 * context is a struct replay. Needs an open transaction.
 */
int read_file_record(void *context, const struct monitor_id *monitor, struct error *error);

#endif
