#ifndef RECORDS_COMPRESSED_H
#define RECORDS_COMPRESSED_H

#include "records/internal.h"
#include "state/monitors.h"

/*
 * A monitor's file of an archived day may be plain, packed, or a pack and then the plain file that
 * continues it. Which rows a plain file beside a pack has for itself is told here.
 */

/* How a plain file stands to the pack beside it. */
enum compressed_relation {
    COMPRESSED_CONTINUED, /* its rows follow those of the pack */
    COMPRESSED_HELD,      /* it is the pack's end: a packing was killed before it was removed */
    COMPRESSED_HALF, /* the pack is damaged, and what is whole of it is the plain file's front */
};

struct compressed {
    struct record record; /* of the pack */
    enum compression format;
    bool has_other; /* one of another format stands beside it, and is left out */

    /* By compressed_examine. */
    int64_t length;     /* of the bytes that it gives */
    const char *damage; /* NULL: it is whole */
    enum compressed_relation relation;
};

/* The name of the pack that a plain file becomes. */
void compressed_name(const struct record *plain, enum compression format, struct record *pack);

/* Opens the pack beside a plain file. Returns a descriptor, or -1: with error->os ENOENT there is
 * none. */
int compressed_open(struct journal *journal, const struct record *plain, struct compressed *packed,
                    struct error *error);

/*
 * Reads the whole pack, and compares the plain file with it, which has this size; plain_fd -1:
 * there is none. journal_unpack goes on from wherever after that.
 */
int compressed_examine(struct journal *journal, int fd, int plain_fd, int64_t plain_size,
                       struct compressed *packed, struct error *error);

/*
 * Finishes what a killed packing left of a monitor's day: where the plain file is in the pack, it
 * is vouched for with 0 bytes, and removed. *length is what the ledger vouches for of the plain
 * file, before and after. Within a transaction; data_dir is claimed.
 */
int compressed_settle(struct journal *journal, const struct monitor_id *monitor, int64_t day,
                      int64_t *length, struct error *error);

#endif
