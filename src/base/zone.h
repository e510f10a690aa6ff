#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Time zones of the system's database, read by glibc. They are read while the process has only one
 * thread: the zone is an environment variable.
 */

/* The folder of the database: TZDIR, or /usr/share/zoneinfo. */
const char *zone_folder(void);

/* Whether the database has a zone of this name, such as Europe/Berlin. Names that lead out of the
 * folder, and zones that count leap seconds (right/...), are none. */
bool zone_exists(const char *name);

/* What zone_enter replaced. */
struct zone_before {
    char *variable; /* NULL: it was not set */
};

/* Makes a zone, which must exist, that of this process; NULL: UTC. Returns 0, or -1 if out of
 * memory: then nothing is changed. zone_leave restores the zone before. */
int zone_enter(const char *name, struct zone_before *before);
void zone_leave(struct zone_before *before);

/* The day of this moment in the zone that was entered, from 1970-01-01. */
int64_t zone_day(int64_t at_ms);

/*
 * When the clocks of the zone that was entered show this minute of this day. If the clocks are set
 * back, they may show it twice: `last` chooses. If they are set forward over it: when that happens.
 */
int64_t zone_moment(int64_t day, int minute, bool last);

#endif
