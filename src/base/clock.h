#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The only clock. A moment is in milliseconds since the epoch, UTC, and is passed to every function
 * that needs it, so that render --at can pass an earlier one. There are no time zones; moment.h
 * reads moments as people write them.
 */
enum {
    MS_PER_SECOND = 1000,
    MS_PER_MINUTE = 60 * 1000,
    MS_PER_HOUR = 3600 * 1000,
    MS_PER_DAY = 86400 * 1000,
    US_PER_MS = 1000,
    MINUTES_PER_HOUR = 60,
    MINUTES_PER_DAY = 1440,
    HOURS_PER_DAY = 24,
    SECONDS_PER_MINUTE = 60,
};

/* Size of a written moment, with its NUL. */
enum { CLOCK_TEXT_MAX = 32 };

/* The wall clock, in milliseconds since the epoch. */
int64_t clock_now(void);

/* A clock that is never set, for durations: milliseconds since an arbitrary moment. */
int64_t clock_monotonic(void);
/* The same in microseconds. */
int64_t clock_monotonic_us(void);

/* As clock_monotonic_us, but it also counts the time for which the machine was suspended. */
int64_t clock_boot_us(void);

/* The CPU time that the calling thread has used, in microseconds. */
int64_t clock_thread_us(void);

/* a / b rounded down, for b > 0: also correct for minutes and days before 1970. Inline, because
 * most callers divide by a constant, which is then a multiplication. */
static inline int64_t clock_floor_div(int64_t a, int64_t b)
{
    assert(b > 0);
    return a / b - (a % b < 0);
}

/* The moment at which its minute began. Ticks come once a minute: a wait that is counted from here
 * has ended when the tick of its last minute looks, and not a second later. */
static inline int64_t clock_minute_of(int64_t ms)
{
    return clock_floor_div(ms, MS_PER_MINUTE) * MS_PER_MINUTE;
}

/* The duration between two moments as they are shown: in whole seconds, as milliseconds. */
static inline int64_t clock_shown_span(int64_t from_ms, int64_t to_ms)
{
    return (clock_floor_div(to_ms, MS_PER_SECOND) - clock_floor_div(from_ms, MS_PER_SECOND)) *
           MS_PER_SECOND;
}

/* Whether two moments are on the same day, in UTC. */
static inline bool clock_is_same_day(int64_t one_ms, int64_t other_ms)
{
    return clock_floor_div(one_ms, MS_PER_DAY) == clock_floor_div(other_ms, MS_PER_DAY);
}

/* Write "2026-11-23T09:30:00.123Z", and return its length. */
size_t clock_write_ms(int64_t ms, char text[CLOCK_TEXT_MAX]);
/* The same in seconds: "2026-11-23T09:30:00Z". */
size_t clock_write_seconds(int64_t ms, char text[CLOCK_TEXT_MAX]);
/* The same of a day, counted from the epoch: "2026-11-23". */
size_t clock_write_day(int64_t day, char text[CLOCK_TEXT_MAX]);

/*
 * Read exactly the format of clock_write_ms (the timestamp of a row) or of clock_write_day (the
 * folder of an archive). Return 0, or -1 if the text has another format or the date does not exist.
 */
int clock_read_ms(const char *text, size_t size, int64_t *ms);
int clock_read_day(const char *text, size_t size, int64_t *day);

#endif
