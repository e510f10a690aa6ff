#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/*
 * The one clock. A moment is in milliseconds since the epoch, UTC, and is handed to whoever needs
 * it: render --at is this clock moved. Nothing here knows a time zone.
 */
enum {
    MS_PER_SECOND = 1000,
    MS_PER_MINUTE = 60 * 1000,
    MS_PER_HOUR = 3600 * 1000,
    MS_PER_DAY = 86400 * 1000,
    US_PER_MS = 1000,
    MINUTES_PER_HOUR = 60,
    MINUTES_PER_DAY = 1440,
    SECONDS_PER_MINUTE = 60,
};

/* The room that a written moment needs, its NUL included. */
enum { CLOCK_TEXT_MAX = 32 };

/* The wall clock now. */
int64_t clock_now(void);

/* A clock that no one sets, for durations; its zero means nothing. */
int64_t clock_monotonic(void);
/* The same in microseconds. */
int64_t clock_monotonic_us(void);

/* a / b rounded down for any a, and b > 0: minutes and days before 1970 too. */
int64_t clock_floor_div(int64_t a, int64_t b);

/* "2026-11-23T09:30:00.123Z" */
void clock_write_ms(int64_t ms, char text[CLOCK_TEXT_MAX]);
/* "2026-11-23T09:30:00Z" */
void clock_write_seconds(int64_t ms, char text[CLOCK_TEXT_MAX]);
/* "2026-11-23", of a day counted from the epoch */
void clock_write_day(int64_t day, char text[CLOCK_TEXT_MAX]);

/*
 * Reads exactly what clock_write_ms writes (a row's timestamp), or what clock_write_day writes
 * (an archive's folder). Returns 0, or -1 where the text is anything else or no such date exists.
 */
int clock_read_ms(const char *text, size_t size, int64_t *ms);
int clock_read_day(const char *text, size_t size, int64_t *day);

/*
 * Reads what a person writes: a date, or a date and a time, with T or a space between them;
 * minutes, seconds and a fraction may follow, Z may end it; or @ and seconds since the epoch.
 * Always UTC.
 */
int clock_read_person(const char *text, int64_t *ms);

#endif
