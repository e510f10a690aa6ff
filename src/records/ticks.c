#include "records/ticks.h"

#include "base/clock.h"
#include "base/file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TIMESTAMP = 24, /* "2026-11-23T09:31:00.123Z" */
    DIGITS = 10,    /* of a number, at most */
};

static const int64_t highest = 9999999999; /* what DIGITS can say */

static int64_t minute_of(int64_t ms)
{
    return clock_floor_div(ms, MS_PER_MINUTE);
}

/* Where the line of this minute begins. */
static size_t offset_of(int64_t minute)
{
    int64_t day = clock_floor_div(minute, MINUTES_PER_DAY);

    return (size_t)(minute - day * MINUTES_PER_DAY) * TICKS_LINE;
}

static void write_line(char line[TICKS_LINE], const struct ticks_record *record)
{
    const int64_t numbers[] = {record->duration_ms, record->checks_done, record->left_over};
    char text[CLOCK_TEXT_MAX + 3 * (DIGITS + 1)];
    int n;

    clock_write_ms(record->start_ms, text);
    n = (int)strlen(text);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int64_t number = numbers[i] < highest ? numbers[i] : highest;

        n += snprintf(text + n, sizeof text - (size_t)n, ",%lld", (long long)number);
    }
    memset(line, ' ', TICKS_LINE - 1);
    memcpy(line, text, n < TICKS_LINE ? (size_t)n : TICKS_LINE - 1);
    line[TICKS_LINE - 1] = '\n';
}

/* A comma and one to DIGITS digits; moves *at behind them. A line's newline stops it. */
static bool read_number(const char **at, int64_t *number)
{
    int digits = 0;

    *number = 0;
    if (*(*at)++ != ',')
        return false;
    for (; **at >= '0' && **at <= '9' && digits < DIGITS; (*at)++, digits++)
        *number = *number * 10 + (**at - '0');
    return digits > 0;
}

/* False where the line is not what write_line writes. */
static bool read_line(const char line[TICKS_LINE], struct ticks_record *record)
{
    const char *at = line + TIMESTAMP, *end = line + TICKS_LINE - 1;

    if (*end != '\n' || clock_read_ms(line, TIMESTAMP, &record->start_ms) ||
        !read_number(&at, &record->duration_ms) || !read_number(&at, &record->checks_done) ||
        !read_number(&at, &record->left_over))
        return false;
    while (at < end && *at == ' ')
        at++;
    return at == end;
}

/* The record at this place of the ring, where there is one and it began by now. */
static bool read_place(const char *ring, size_t offset, int64_t now_ms, struct ticks_record *record)
{
    return read_line(ring + offset, record) && offset_of(minute_of(record->start_ms)) == offset &&
           record->start_ms <= now_ms;
}

/* The last of the minutes that count. */
static int64_t last_minute(const char *ring, int64_t now_ms)
{
    struct ticks_record record;
    int64_t now = minute_of(now_ms);
    bool ticked =
        read_place(ring, offset_of(now), now_ms, &record) && minute_of(record.start_ms) == now;

    return ticked ? now : now - 1;
}

void ticks_summary(const char *ring, size_t size, int64_t now_ms, struct ticks *ticks)
{
    struct ticks_record record;
    int64_t first_ms = INT64_MAX, last, passed;

    *ticks = (struct ticks){.known = false};
    if (size != TICKS_SIZE)
        return;
    last = last_minute(ring, now_ms);
    for (size_t offset = 0; offset < TICKS_SIZE; offset += TICKS_LINE) {
        if (!read_place(ring, offset, now_ms, &record))
            continue;
        if (!ticks->known || record.start_ms > ticks->last.start_ms)
            ticks->last = record;
        ticks->known = true;
        if (record.start_ms < first_ms)
            first_ms = record.start_ms;
        ticks->counted += minute_of(record.start_ms) > last - MINUTES_PER_DAY;
    }
    if (!ticks->known)
        return;
    passed = last - minute_of(first_ms) + 1;
    ticks->expected = passed < MINUTES_PER_DAY ? (int)passed : MINUTES_PER_DAY;
}

bool ticks_missing(const struct ticks *ticks)
{
    return ticks->counted * 100 < ticks->expected * 99;
}

static void make_path(char path[PATH_MAX], const char *data_dir)
{
    snprintf(path, PATH_MAX, "%s/ticks", data_dir);
}

static void make_blank(char ring[TICKS_SIZE])
{
    memset(ring, ' ', TICKS_SIZE);
    for (size_t end = TICKS_LINE; end <= TICKS_SIZE; end += TICKS_LINE)
        ring[end - 1] = '\n';
}

/* Opens what is a regular file and nothing else; a pipe in its place must not hold a tick up. */
static int open_file(const char *path, int flags, off_t *size, struct error *error)
{
    int fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
    struct stat status;

    if (fd < 0)
        return error_errno(error, "%s", path);
    if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
        close(fd);
        return error_set(error, EXIT_IO, "%s: not a regular file", path);
    }
    *size = status.st_size;
    return fd;
}

/* Fills the ring from the file, where that is one. */
static void load(const char *data_dir, char ring[TICKS_SIZE])
{
    char path[PATH_MAX];
    struct error error;
    off_t size;
    int fd;

    make_path(path, data_dir);
    fd = open_file(path, O_RDONLY, &size, &error);
    if (fd < 0 || size != TICKS_SIZE || file_read_at(fd, ring, TICKS_SIZE, 0))
        make_blank(ring);
    if (fd >= 0)
        close(fd);
}

void ticks_read(const char *data_dir, int64_t now_ms, const struct ticks_record *present,
                struct ticks *ticks)
{
    char *ring = malloc(TICKS_SIZE);

    *ticks = (struct ticks){.known = false};
    if (!ring)
        return;
    load(data_dir, ring);
    if (present)
        write_line(ring + offset_of(minute_of(present->start_ms)), present);
    ticks_summary(ring, TICKS_SIZE, now_ms, ticks);
    free(ring);
}

/* Makes the file a ring without a tick. Returns 0, or -1 with errno. */
static int start_anew(int fd)
{
    char *ring = malloc(TICKS_SIZE);
    int result;

    if (!ring)
        return -1;
    make_blank(ring);
    result = ftruncate(fd, 0) || file_write_at(fd, ring, TICKS_SIZE, 0) ? -1 : 0;
    free(ring);
    return result;
}

int ticks_write(const char *data_dir, const struct ticks_record *record, struct error *error)
{
    char path[PATH_MAX], line[TICKS_LINE];
    off_t offset = (off_t)offset_of(minute_of(record->start_ms)), size;
    int fd, result = 0;

    make_path(path, data_dir);
    write_line(line, record);
    fd = open_file(path, O_WRONLY | O_CREAT, &size, error);
    if (fd < 0)
        return -1;
    if ((size != TICKS_SIZE && start_anew(fd)) || file_write_at(fd, line, TICKS_LINE, offset))
        result = error_errno(error, "%s", path);
    if (close(fd) && result == 0)
        result = error_errno(error, "%s", path);
    return result;
}
