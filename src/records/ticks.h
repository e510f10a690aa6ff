#ifndef RECORDS_TICKS_H
#define RECORDS_TICKS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What ticks leave of themselves, so that a machine too slow for its monitors is seen: the file
 * data_dir/ticks, a ring of a line for each minute of the day. A tick writes the line of the minute
 * in which it began, "2026-11-23T09:31:00.123Z,2830,10000,0" and spaces up to the line's end, over
 * that of the day before. The file neither grows nor needs pruning, and outlives state.db.
 *
 * It is never brought to disk, since losing a line costs no more than a count: a tick with nothing
 * due pays one write for it. A line that cannot be read, stands at another minute's place or lies
 * ahead of the clock is no tick, and neither is any line of a file of another size.
 */
enum {
    TICKS_LINE = 64, /* bytes, the newline among them: none lies across two blocks of a disk */
    TICKS_SIZE = 1440 * TICKS_LINE, /* of the file */
};

struct ticks_record {
    int64_t start_ms;
    int64_t duration_ms;
    int64_t checks_done; /* and staged */
    int64_t left_over;   /* checks that were due and could not be started in time */
};

/* What the ring tells at one moment. */
struct ticks {
    bool known;               /* a tick is recorded; else nothing below holds */
    struct ticks_record last; /* the latest that began by then */
    int counted;              /* minutes of the last 24 hours in which a tick began */
    int expected;             /* as many as there are, or as passed since the first one on record */
};

/* Whether more than one in a hundred of the expected ticks is missing. */
bool ticks_missing(const struct ticks *ticks);

/*
 * Tells what a ring of these bytes says at now_ms. The 24 hours end with the minute of now; where
 * that has no tick yet, with the one before, so that a tick which is about to come is not missed.
 * Any bytes will do.
 */
void ticks_summary(const char *ring, size_t size, int64_t now_ms, struct ticks *ticks);

/*
 * The same of the file in data_dir; where there is none that can be read, nothing is known.
 * present, where it is not NULL, is the running tick as it stands, which is not in the file yet.
 */
void ticks_read(const char *data_dir, int64_t now_ms, const struct ticks_record *present,
                struct ticks *ticks);

/*
 * Writes the record of a tick that ends; for the holder of the lock. A file of another size is
 * started anew, and what is no regular file is left alone. Returns 0 or -1.
 */
int ticks_write(const char *data_dir, const struct ticks_record *record, struct error *error);

#endif
