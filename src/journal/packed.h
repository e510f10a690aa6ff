#ifndef JOURNAL_PACKED_H
#define JOURNAL_PACKED_H

#include "journal/internal.h"

/*
 * A monitor's file of an archived day may be plain, packed, or a pack and then the plain file that
 * continues it. Which rows a plain file beside a pack has for itself is told here.
 */

/* How a plain file stands to the pack beside it. */
enum packed_relation {
    PACKED_CONTINUED, /* its rows follow those of the pack */
    PACKED_HELD,      /* it is the pack's end: a packing was killed before it was removed */
    PACKED_HALF,      /* the pack is damaged, and what is whole of it is the plain file's front */
};

struct packed {
    struct record record; /* of the pack */
    enum compression format;
    bool has_other; /* one of another format stands beside it, and is left out */

    /* By packed_examine. */
    int64_t length;     /* of the bytes that it gives */
    const char *damage; /* NULL: it is whole */
    enum packed_relation relation;
};

/* The name of the pack that a plain file becomes. */
void packed_name(const struct record *plain, enum compression format, struct record *pack);

/* Opens the pack beside a plain file. Returns a descriptor, or -1: with error->os ENOENT there is
 * none. */
int packed_open(struct journal *journal, const struct record *plain, struct packed *packed,
                struct error *error);

/*
 * Reads the whole pack, and compares the plain file with it, which has this size; plain_fd -1:
 * there is none. journal_unpack goes on from wherever after that.
 */
int packed_examine(struct journal *journal, int fd, int plain_fd, int64_t plain_size,
                   struct packed *packed, struct error *error);

/*
 * Finishes what a killed packing left of a monitor's day: where the plain file is in the pack, it
 * is vouched for with 0 bytes, and removed. *length is what the ledger vouches for of the plain
 * file, before and after. Within a transaction; data_dir is claimed.
 */
int packed_settle(struct journal *journal, const struct ledger_monitor *monitor, int64_t day,
                  int64_t *length, struct error *error);

#endif
