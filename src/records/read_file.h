#ifndef RECORDS_READ_FILE_H
#define RECORDS_READ_FILE_H

#include "records/overlap.h"
#include "records/reader.h"
#include "records/record.h"

struct event_table_adding;
struct follower;
struct minute_index;

/* The reading of all records into a state: replay.c sets it up and goes through the folders. */
struct replay {
    struct journal *journal; /* its storage is the state to fill; n_rows and n_files are counted */
    int64_t until_ms;        /* the moment that the state is to show */
    bool is_rebuild;         /* commit lengths and quarantine torn rows; if false, write nothing and
                              leave out rows after until_ms */
    int64_t shown_ms;        /* when the progress was shown last */
    int n_warnings;          /* of bad lines, including those that are only counted */
    struct overlaps overlaps;
    struct reader reader;
    const char *old_path; /* of the old state; NULL: there is none */
    struct follower *follower;
    struct minute_index *minute_index; /* collects samples; saved after each folder */
    bool has_event_log;                /* it has at least one event */
    int64_t n_missing_events;          /* in the event log; derived from the rows */
    int64_t first_live_hour;           /* of the rows in live files; INT64_MAX: none */
    int64_t day;                       /* of the archive being read, or RECORD_LIVE */
};

/* This many bad lines are reported one by one; those after them are only counted. */
enum { READ_FILE_WARNINGS_MAX = 5 };

/*
 * Reads the record of a monitor, plain or compressed or both, into the index, and commits its
 * length. Bad lines, and obstacles in place of a file, are reported and skipped. A walk_visit; the
 * context is a struct replay. Needs an open transaction.
 */
int read_file_record(void *context, const struct monitor_id *monitor, struct error *error);

/* Reads the event log of the day, or the live one, into table event, in the same way. An event that
 * is there already is left out. */
int read_file_event_log(struct replay *replay, struct event_table_adding *adding,
                        struct error *error);

/* Counts a bad line. Returns whether it is to be reported. */
bool read_file_may_warn(struct replay *replay);

/* Shows the progress now and then. Returns 0; or -1 after SIGINT or SIGTERM. */
int read_file_progress(struct replay *replay, struct error *error);

#endif
