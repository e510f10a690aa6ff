#ifndef STORAGE_DIGEST_H
#define STORAGE_DIGEST_H

#include "storage/marks.h"
#include "storage/storage.h"

/*
 * Rows of one monitor on their way into the index, in the order in which they stand in the CSV. The
 * tick and the rebuild both go this way, so that the index is a function of the CSV.
 */
struct digest {
    struct storage *storage;
    int64_t monitor;
    struct monitor_state state; /* as it will be saved; served_ms is the caller's to move on */
    int64_t now_ms;             /* a row that lies ahead of it is the last only where no other is */
    int64_t hour;               /* of the marks; INT64_MIN: none yet */
    struct marks marks;
};

/* Where a tick hands in what it has just recorded, nothing lies ahead: now_ms is INT64_MAX. */
int digest_begin(struct digest *digest, struct storage *storage, int64_t monitor, int64_t now_ms,
                 struct error *error);
int digest_add(struct digest *digest, const struct check *check, struct error *error);
/* Saves what was added. */
int digest_end(struct digest *digest, struct error *error);

#endif
