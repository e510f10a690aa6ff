#ifndef STORAGE_DIGEST_H
#define STORAGE_DIGEST_H

#include "storage/recent.h"
#include "storage/storage.h"
#include "storage/turns.h"

#include <sqlite3.h>

/* What is known of a monitor before its rows are added: the texts of its checks are not needed. */
struct known {
    int64_t first_ms; /* INT64_MAX: never checked */
    int64_t served_ms;
    int64_t last_ms, failed_ms;
    enum status last_status, failed_status; /* UNKNOWN: none */
    int64_t latest_ms;                      /* of the latest in time */
    enum status latest_status;              /* UNKNOWN: none */
};

/*
 * Rows of one monitor on their way into the index, in the order in which they stand in the CSV. The
 * tick and the rebuild both go this way, so that the index is a function of the CSV.
 */
struct digest {
    struct recent *recent; /* where its marks go; to be saved behind it */
    int64_t monitor;
    int64_t now_ms; /* a row that lies ahead of it is the last only where no other is */

    /* As it will be saved; served_ms is the caller's to move on. Of checks that were known before,
     * start_ms and status alone. */
    int64_t first_ms, served_ms;
    struct check last, last_failure;
    bool has_last, has_failure; /* they came with the rows */
    bool has_phases;            /* those of the last are known */
    struct phases phases;
    struct turns turns;
};

/* Where a tick hands in what it has just recorded, nothing lies ahead: now_ms is INT64_MAX. */
void digest_begin(struct digest *digest, struct recent *recent, int64_t monitor,
                  const struct known *known, int64_t now_ms);
/* phases: NULL: not known. */
int digest_add(struct digest *digest, const struct check *check, const struct phases *phases,
               struct error *error);
/* Saves what the monitor's row has of it. */
int digest_end(struct digest *digest, struct error *error);

/* What the state knows of a monitor. */
int digest_load(struct known *known, struct storage *storage, int64_t monitor, struct error *error);

/* Reads the eight columns of struct known, from this one on, in the order of sql/state_get.sql. */
int digest_read_known(struct known *known, struct storage *storage, sqlite3_stmt *row, int first,
                      struct error *error);

#endif
