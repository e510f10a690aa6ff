#ifndef BASE_MOMENT_H
#define BASE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* A moment as people write it, for example after --at. All days are those of UTC. */
struct moment {
    int64_t at_ms;
    bool whole_day; /* only a day was given: at_ms is its last millisecond, or now on that of now */
};

/* What moment_read reads, for the message about another text. */
#define MOMENT_FORMATS                                                                             \
    "expected a time such as 02:30, -1h30m, yesterday, 'monday 09:00', 2026-11-24 or "             \
    "2026-11-24T02:30Z"

/*
 * Reads a moment:
 * - "-2h", "-1h30m", "-1w": so long before now. The units are w, d, h, m and s, the largest first.
 * - "today", "yesterday", "monday", "mon", "2026-11-24": a whole day. A weekday is the last one
 *   before today.
 * - a day, 'T' or a space, and a time.
 * - "02:30", "2:30:10", "02:30:10.5": the latest such moment that is not in the future.
 * - "now"; or '@' and seconds since the epoch.
 * A time is UTC, or has an offset: "Z", " UTC", "+02:00", "-0500". Letters may be small or capital.
 * Returns 0, or -1 if the text is different, or the date or time does not exist. The moment may
 * be in the future; a day that has not begun is its first millisecond then.
 */
int moment_read(const char *text, int64_t now_ms, struct moment *moment);

#endif
