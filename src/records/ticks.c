/* The ring of the last day's ticks, in data_dir/ticks. */
#include "records/ticks.h"

#include "base/clock.h"
#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TIMESTAMP = 24, /* the length of "2026-11-23T09:31:00.123Z" */
    DIGITS_MAX = 10,
    OLDEST_DAYS = 400,
};

static_assert(TICKS_SIZE == MINUTES_PER_DAY * TICKS_LINE, "one line for each minute of a day");

static const int64_t number_max = 9999999999; /* of DIGITS_MAX digits */

static int64_t minute_of(int64_t ms)
{
    return clock_floor_div(ms, MS_PER_MINUTE);
}

/* The offset of the line of this minute. */
static size_t offset_of(int64_t minute)
{
    int64_t day = clock_floor_div(minute, MINUTES_PER_DAY);

    return (size_t)(minute - day * MINUTES_PER_DAY) * TICKS_LINE;
}

static void write_line(char line[TICKS_LINE], const struct ticks_record *record)
{
    const int64_t numbers[] = {record->duration_ms, record->checks_done, record->left_over};
    char text[CLOCK_TEXT_MAX + 3 * (DIGITS_MAX + 1)];
    int n;

    clock_write_ms(record->start_ms, text);
    n = (int)strlen(text);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int64_t number = numbers[i] < number_max ? numbers[i] : number_max;

        n += snprintf(text + n, sizeof text - (size_t)n, ",%lld", (long long)number);
    }
    memset(line, ' ', TICKS_LINE - 1);
    memcpy(line, text, n < TICKS_LINE ? (size_t)n : TICKS_LINE - 1);
    line[TICKS_LINE - 1] = '\n';
}

/* Reads a comma and a number, and moves *at after them. The line end of the line stops it. */
static bool read_number(const char **at, int64_t *number)
{
    int digits = 0;

    *number = 0;
    if (*(*at)++ != ',')
        return false;
    for (; **at >= '0' && **at <= '9' && digits < DIGITS_MAX; (*at)++, digits++)
        *number = *number * 10 + (**at - '0');
    return digits > 0;
}

/* Returns false if write_line did not write this line. */
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

/* Reads the record at this offset. Returns false if there is none, or one in the future, or one of
 * a clock that was not set. */
static bool read_record(const char *ring, size_t offset, int64_t now_ms,
                        struct ticks_record *record)
{
    return read_line(ring + offset, record) && offset_of(minute_of(record->start_ms)) == offset &&
           record->start_ms <= now_ms &&
           now_ms - record->start_ms <= (int64_t)OLDEST_DAYS * MS_PER_DAY;
}

/* The last of the minutes that are counted. */
static int64_t last_minute(const char *ring, int64_t now_ms)
{
    struct ticks_record record;
    int64_t now = minute_of(now_ms);
    bool ticked =
        read_record(ring, offset_of(now), now_ms, &record) && minute_of(record.start_ms) == now;

    return ticked ? now : now - 1;
}

void ticks_summary(const char *ring, size_t size, int64_t now_ms, struct ticks *ticks)
{
    struct ticks_record record;
    int64_t first_ms = INT64_MAX, last, passed;

    *ticks = (struct ticks){.recorded = false};
    if (size != TICKS_SIZE)
        return;
    last = last_minute(ring, now_ms);
    for (size_t offset = 0; offset < TICKS_SIZE; offset += TICKS_LINE) {
        if (!read_record(ring, offset, now_ms, &record))
            continue;
        if (!ticks->recorded || record.start_ms > ticks->last.start_ms)
            ticks->last = record;
        ticks->recorded = true;
        if (record.start_ms < first_ms)
            first_ms = record.start_ms;
        ticks->counted += minute_of(record.start_ms) > last - MINUTES_PER_DAY;
    }
    if (!ticks->recorded)
        return;
    passed = last - minute_of(first_ms) + 1;
    ticks->expected = passed < MINUTES_PER_DAY ? (int)passed : MINUTES_PER_DAY;
}

bool ticks_missing(const struct ticks *ticks)
{
    return ticks->counted * 100 < ticks->expected * 99;
}

static void clear_ring(char ring[TICKS_SIZE])
{
    memset(ring, ' ', TICKS_SIZE);
    for (size_t end = TICKS_LINE; end <= TICKS_SIZE; end += TICKS_LINE)
        ring[end - 1] = '\n';
}

/* Opens the file. If it has other names, as in a backup, it gets a copy of its own before it is
 * written. */
static int open_file(const char *data_dir, int flags, off_t *size, struct error *error)
{
    int folder_fd = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
    struct stat status;

    if (folder_fd >= 0)
        fd = file_open_unshared(folder_fd, "ticks", flags, 0640, &status);
    if (fd >= 0)
        *size = status.st_size;
    else if (folder_fd >= 0 && errno == EINVAL)
        error_set(error, EXIT_IO, "%s/ticks: not a regular file", data_dir);
    else
        error_errno(error, "%s/ticks", data_dir);
    if (folder_fd >= 0)
        close(folder_fd);
    return fd;
}

/* Reads the file; if that is not possible, the ring is empty. */
static void load_ring(const char *data_dir, char ring[TICKS_SIZE])
{
    struct error error;
    off_t size;
    int fd = open_file(data_dir, O_RDONLY, &size, &error);

    if (fd < 0 || size != TICKS_SIZE || file_read_at(fd, ring, TICKS_SIZE, 0))
        clear_ring(ring);
    if (fd >= 0)
        close(fd);
}

void ticks_read(const char *data_dir, int64_t now_ms, const struct ticks_record *present,
                struct ticks *ticks)
{
    char *ring = malloc(TICKS_SIZE);

    *ticks = (struct ticks){.recorded = false};
    if (!ring)
        return;
    load_ring(data_dir, ring);
    if (present)
        write_line(ring + offset_of(minute_of(present->start_ms)), present);
    ticks_summary(ring, TICKS_SIZE, now_ms, ticks);
    free(ring);
}

/* Replaces the file by an empty ring. Returns 0, or -1 with errno. */
static int reset_file(int fd)
{
    char *ring = malloc(TICKS_SIZE);
    int result;

    if (!ring)
        return -1;
    clear_ring(ring);
    result = ftruncate(fd, 0) || file_write_at(fd, ring, TICKS_SIZE, 0) ? -1 : 0;
    free(ring);
    return result;
}

int ticks_write(const char *data_dir, const struct ticks_record *record, struct error *error)
{
    char line[TICKS_LINE];
    off_t offset = (off_t)offset_of(minute_of(record->start_ms)), size;
    int fd = open_file(data_dir, O_WRONLY | O_CREAT, &size, error), result = 0;

    if (fd < 0)
        return -1;
    write_line(line, record);
    if ((size != TICKS_SIZE && reset_file(fd)) || file_write_at(fd, line, TICKS_LINE, offset))
        result = error_errno(error, "%s/ticks", data_dir);
    if (close(fd) && result == 0)
        result = error_errno(error, "%s/ticks", data_dir);
    return result;
}
