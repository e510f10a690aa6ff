#ifndef RECORDS_TICKS_H
#define RECORDS_TICKS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * data_dir/ticks: which ticks ran in the last 24 hours, and how long they took. It is a ring of
 * 1,440 lines, one for each minute of the day: a tick writes the line of the minute in which it
 * began, "2026-11-23T09:31:00.123Z,2830,10000,0" and spaces, over that of the day before.
 *
 * The file is separate from state.db, so a tick with nothing due needs no transaction, and a
 * rebuild, which cannot compute ticks from the CSV, does not lose it. It is never synced: a power
 * failure costs one line. A line that cannot be read, is in the place of another minute, is in
 * the future or is 400 days old counts as no tick, and so does every line of a file of another
 * size.
 */
enum {
    TICKS_LINE = 64,                /* bytes with the line end; divides the block size of a disk */
    TICKS_SIZE = 1440 * TICKS_LINE, /* of the file */
};

struct ticks_record {
    int64_t start_ms;
    int64_t duration_ms;
    int64_t checks_done; /* checks whose result is staged */
    int64_t left_over;   /* checks that were due and could not be started in time */
};

/* The ring as of one moment. */
struct ticks {
    bool recorded;            /* a tick is recorded; if not, the rest is zero */
    struct ticks_record last; /* the latest one that had begun by then */
    int counted;              /* minutes of the last 24 hours in which a tick began */
    int expected;             /* minutes of the last 24 hours, or since the first recorded tick */
};

/* Whether more than one in a hundred of the expected ticks is missing. */
bool ticks_missing(const struct ticks *ticks);

/*
 * Reads a ring of these bytes, which may be any, as of now_ms. The 24 hours end with the minute of
 * now_ms; or, if that has no tick yet, with the minute before, because its tick may still come.
 */
void ticks_summary(const char *ring, size_t size, int64_t now_ms, struct ticks *ticks);

/*
 * The same for the file in data_dir; if it cannot be read, no tick is known. `present` is the
 * running tick, which is not in the file yet; NULL: there is none.
 */
void ticks_read(const char *data_dir, int64_t now_ms, const struct ticks_record *present,
                struct ticks *ticks);

/*
 * Writes the record of a tick that ends. The caller holds the lock. A file of another size is
 * replaced by an empty ring first; something that is not a regular file is an error and stays.
 * Returns 0 or -1.
 */
int ticks_write(const char *data_dir, const struct ticks_record *record, struct error *error);

#endif
