/* Reads, writes and prunes the day counts in data/days. */
#include "records/day_files.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "records/day_lines.h"
#include "records/read_file.h"
#include "records/walk.h"
#include "state/past_days.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char folder_name[] = "days", ending[] = ".csv";
enum { MONTH_LENGTH = 7, NAME_SIZE = 24, FLUSH_SIZE = 64 << 10 };

/* The first day of the month of this day, and of the month after it. */
static void find_month(int64_t day, int64_t *first_day, int64_t *next_day)
{
    char date[CLOCK_TEXT_MAX];

    clock_write_day(day, date);
    memcpy(date + MONTH_LENGTH, "-01", sizeof "-01");
    clock_read_day(date, strlen(date), first_day);

    /* Forty days after its first day is in the next month. */
    clock_write_day(*first_day + 40, date);
    memcpy(date + MONTH_LENGTH, "-01", sizeof "-01");
    clock_read_day(date, strlen(date), next_day);
}

/* The name of the file with this month's first day. */
static void name_month(int64_t first_day, char name[NAME_SIZE])
{
    char date[CLOCK_TEXT_MAX];

    clock_write_day(first_day, date);
    snprintf(name, NAME_SIZE, "%.*s%s", MONTH_LENGTH, date, ending);
}

/* Returns 0 if this is the name of a month's file, and sets the first day of the month. */
static int read_month(const char *name, int64_t *first_day)
{
    char date[MONTH_LENGTH + sizeof "-01"];

    if (strlen(name) != MONTH_LENGTH + strlen(ending) || strcmp(name + MONTH_LENGTH, ending) != 0)
        return -1;
    snprintf(date, sizeof date, "%.*s-01", MONTH_LENGTH, name);
    return clock_read_day(date, strlen(date), first_day);
}

static int set_error(const struct journal *journal, const char *name, struct error *error)
{
    return record_set_name_error(journal, folder_name, name, error);
}

static int add_month(void *context, int folder_fd, const char *name)
{
    int64_t first_day;

    (void)folder_fd;
    return read_month(name, &first_day) ? 0 : walk_list_add(context, first_day);
}

/*
 * Opens the folder and lists the months that have a file, ascending by their first day. If
 * something else has its name, there are no months, and the next write reports it. The caller
 * closes *folder_fd, if it is not -1, and frees months->items, both also after -1.
 */
static int find_months(const struct journal *journal, int *folder_fd, struct walk_list *months,
                       struct error *error)
{
    *months = (struct walk_list){.items = NULL};
    *folder_fd =
        openat(journal->data_fd, folder_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*folder_fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return 0;
    if (*folder_fd < 0 || walk_names(*folder_fd, ".", add_month, months))
        return error_errno(error, "%s/%s", journal->config->data_dir, folder_name);
    walk_list_sort(months);
    return 0;
}

static void close_months(int folder_fd, struct walk_list *months)
{
    if (folder_fd >= 0)
        close(folder_fd);
    free(months->items);
}

/* The files being written. */
struct day_writing {
    struct journal *journal;
    int64_t first, last; /* the days to write */
    int folder_fd;
    int fd;                    /* of the month's new file; -1: none */
    int old_fd;                /* of the file that it replaces; -1: none */
    int64_t month, next_month; /* their first days */
    char name[NAME_SIZE], tmp[NAME_SIZE + sizeof ".new"];
    int64_t size;
    struct buffer lines;
    bool stopped; /* by a signal */
};

static int write_lines(struct day_writing *writing)
{
    if (writing->lines.failed) {
        errno = ENOMEM;
        return -1;
    }
    if (file_write_at(writing->fd, writing->lines.data, writing->lines.size, writing->size))
        return -1;
    writing->size += (int64_t)writing->lines.size;
    buffer_reset(&writing->lines);
    return 0;
}

/* Whether a line of the old file is copied before the new lines, or after them. A line that is no
 * row of this month is always copied: somebody may want to correct it. */
static bool is_copied(const struct day_writing *writing, const struct day_line *line, bool after)
{
    struct day_row row;

    if (day_lines_read(line, &row) || row.day < writing->month || row.day >= writing->next_month)
        return !after;
    return after ? row.day > writing->last : row.day < writing->first;
}

/* Copies lines of the old file that are not of the days to write. Returns 0, or -1 with errno. */
static int copy_lines(struct day_writing *writing, bool after)
{
    struct day_lines lines;
    struct day_line line;
    bool copies = false;
    int n = 1, result;

    if (writing->old_fd < 0)
        return 0;
    result = day_lines_begin(&lines, writing->old_fd);
    while (result == 0 && (n = day_lines_next(&lines, &line)) > 0) {
        if (!line.continues)
            copies = is_copied(writing, &line, after);
        if (!copies)
            continue;
        buffer_append(&writing->lines, line.bytes, line.size);
        if (line.is_torn)
            buffer_putc(&writing->lines, '\n');
        if (writing->lines.size >= FLUSH_SIZE)
            result = write_lines(writing);
    }
    day_lines_end(&lines);
    return n < 0 ? -1 : result;
}

static void close_old(struct day_writing *writing)
{
    if (writing->old_fd >= 0)
        close(writing->old_fd);
    writing->old_fd = -1;
}

/* Starts the file of a month with the lines of its old file. Returns 0, or -1 with errno. */
static int begin_month(struct day_writing *writing, int64_t day)
{
    find_month(day, &writing->month, &writing->next_month);
    name_month(writing->month, writing->name);
    snprintf(writing->tmp, sizeof writing->tmp, "%s.new", writing->name);
    writing->size = 0;
    buffer_reset(&writing->lines);

    /* Never written to: what a killed tick left, or a link that somebody has put there. */
    unlinkat(writing->folder_fd, writing->tmp, 0);
    writing->fd = openat(writing->folder_fd, writing->tmp,
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, RECORD_FILE_MODE);
    if (writing->fd < 0)
        return -1;
    writing->old_fd = file_open_regular(writing->folder_fd, writing->name, O_RDONLY, 0, NULL);
    if (writing->old_fd < 0 && errno != ENOENT)
        return -1;
    return copy_lines(writing, false);
}

/* Replaces the file of the month. Returns 0, or -1 with errno. */
static int end_month(struct day_writing *writing)
{
    int fd = writing->fd;

    if (fd < 0)
        return 0;
    if (copy_lines(writing, true) || write_lines(writing) || fsync(fd))
        return -1;
    close_old(writing);
    writing->fd = -1;
    return close(fd) ||
                   renameat(writing->folder_fd, writing->tmp, writing->folder_fd, writing->name)
               ? -1
               : 0;
}

/* A days_each_row. */
static int put_row(void *context, const struct day_row *row, struct error *error)
{
    struct day_writing *writing = context;

    if ((writing->fd < 0 || row->day >= writing->next_month) &&
        (end_month(writing) || begin_month(writing, row->day)))
        return set_error(writing->journal, writing->name, error);
    day_lines_put(&writing->lines, row);
    if (writing->lines.size >= FLUSH_SIZE && write_lines(writing))
        return set_error(writing->journal, writing->name, error);
    writing->stopped = interrupt_came();
    return writing->stopped;
}

/* Writes the days to the files. *stopped becomes whether a signal ended that. */
static int write_days(struct day_writing *writing, struct error *error)
{
    struct journal *journal = writing->journal;
    int result;

    writing->folder_fd = file_open_folder(journal->data_fd, folder_name, RECORD_FOLDER_MODE);
    if (writing->folder_fd < 0)
        return error_errno(error, "%s/%s", journal->config->data_dir, folder_name);
    result = days_each(journal->storage, writing->first, writing->last, put_row, writing, error);

    /* The folder itself may be new. */
    if (result == 0 && (end_month(writing) || fsync(writing->folder_fd) || fsync(journal->data_fd)))
        result = set_error(journal, writing->name, error);
    close_old(writing);
    if (writing->fd >= 0)
        close(writing->fd);
    if (result && *writing->tmp)
        unlinkat(writing->folder_fd, writing->tmp, 0);
    buffer_free(&writing->lines);
    close(writing->folder_fd);
    return result;
}

int day_files_write(struct journal *journal, struct error *error)
{
    struct storage *storage = journal->storage;
    struct day_writing writing = {.journal = journal,
                                  .folder_fd = -1,
                                  .fd = -1,
                                  .old_fd = -1,
                                  .lines = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS)};
    int64_t counted, written;
    bool exist;
    int result;

    if (storage_get_setting(storage, SETTING_COUNTED_DAY, &counted, error) ||
        storage_get_setting(storage, SETTING_WRITTEN_DAY, &written, error))
        return -1;
    if (counted == 0 || written >= counted)
        return 0;
    /* If somebody removed the files, write the counts of all days again. */
    if (day_files_exist(journal, &exist, error))
        return -1;
    writing.first = exist && written > 0 ? written + 1 : 0;
    writing.last = counted < DAYS_LAST ? counted : DAYS_LAST;
    result = write_days(&writing, error);
    if (writing.stopped)
        return 0;
    return result ? -1 : storage_set_setting(storage, SETTING_WRITTEN_DAY, counted, error);
}

/* The files being read. */
struct day_reading {
    struct replay *replay;
    struct past_days *past;
    int64_t first, last; /* other days are not needed */
    int folder_fd;
    char name[NAME_SIZE];
    int64_t month, next_month, line;
};

/* Reports a line, unless too many were reported. */
static void skip_line(struct day_reading *reading, const char *why)
{
    const struct journal *journal = reading->replay->journal;

    if (read_file_may_warn(reading->replay))
        log_warn(journal->log, "%s/%s/%s:%lld: skipped: %s", journal->config->data_dir, folder_name,
                 reading->name, (long long)reading->line, why);
}

static int read_line(struct day_reading *reading, const struct day_line *line, struct error *error)
{
    struct day_row row;
    const char *why = day_lines_read(line, &row);

    if (line->continues)
        return 0;
    reading->line++;
    if (!why && (row.day < reading->month || row.day >= reading->next_month))
        why = "day of another month";
    if (why)
        skip_line(reading, why);
    if (why || row.day < reading->first || row.day > reading->last)
        return 0;
    return past_days_add(reading->past, &row, error);
}

static int read_lines(struct day_reading *reading, int fd, struct error *error)
{
    const struct journal *journal = reading->replay->journal;
    struct day_lines lines;
    struct day_line line;
    int n = day_lines_begin(&lines, fd), result = 0;

    reading->line = 0;
    while (result == 0 && n == 0 && (n = day_lines_next(&lines, &line)) > 0) {
        n = 0;
        result = read_line(reading, &line, error);
        if (reading->line % FLUSH_SIZE == 0 && result == 0)
            result = read_file_progress(reading->replay, error);
    }
    if (n < 0)
        result = set_error(journal, reading->name, error);
    day_lines_end(&lines);
    return result;
}

static int read_month_file(struct day_reading *reading, int64_t month, struct error *error)
{
    const struct journal *journal = reading->replay->journal;
    int fd, result;

    name_month(month, reading->name);
    find_month(month, &reading->month, &reading->next_month);
    fd = file_open_regular(reading->folder_fd, reading->name, O_RDONLY, 0, NULL);
    if (fd < 0 && (errno == EINVAL || errno == ELOOP || errno == ENXIO)) {
        log_warn(journal->log, "%s/%s/%s: not a regular file; skipped", journal->config->data_dir,
                 folder_name, reading->name);
        return 0;
    }
    if (fd < 0)
        return errno == ENOENT ? 0 : set_error(journal, reading->name, error);
    result = read_lines(reading, fd, error);
    close(fd);
    return result;
}

/* Reads all files, in one transaction. */
static int read_months(struct day_reading *reading, const struct walk_list *months,
                       struct error *error)
{
    struct storage *storage = reading->replay->journal->storage;
    int result = 0;

    if (storage_begin(storage, error))
        return -1;
    for (size_t i = 0; i < months->n && result == 0; i++)
        result = read_month_file(reading, months->items[i], error);
    if (result == 0)
        result = past_days_end(reading->past, error);
    return storage_end(storage, result, error);
}

int day_files_read(struct replay *replay, int64_t first_day, struct error *error)
{
    struct day_reading reading = {.replay = replay, .first = first_day, .last = DAYS_LAST};
    struct walk_list months;
    int result = find_months(replay->journal, &reading.folder_fd, &months, error);

    if (!replay->is_rebuild)
        reading.last = clock_floor_div(replay->until_ms, MS_PER_DAY) - 1;
    if (result == 0 && months.n > 0) {
        reading.past = past_days_new(replay->journal->storage, error);
        result = reading.past ? read_months(&reading, &months, error) : -1;
        past_days_free(reading.past);
    }
    close_months(reading.folder_fd, &months);
    return result;
}

int day_files_exist(const struct journal *journal, bool *exist, struct error *error)
{
    struct walk_list months;
    int folder_fd, result = find_months(journal, &folder_fd, &months, error);

    *exist = months.n > 0;
    close_months(folder_fd, &months);
    return result;
}

int day_files_prune(const struct journal *journal, int64_t first_day, struct error *error)
{
    struct walk_list months;
    int folder_fd, result = find_months(journal, &folder_fd, &months, error);

    for (size_t i = 0; i < months.n && result == 0; i++) {
        int64_t month, next_month;
        char name[NAME_SIZE];

        find_month(months.items[i], &month, &next_month);
        if (next_month > first_day)
            break;
        name_month(month, name);
        if (walk_delete(NULL, folder_fd, name))
            result = set_error(journal, name, error);
    }
    close_months(folder_fd, &months);
    return result;
}
