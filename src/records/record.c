/* One file of records: opened without following links, written at the vouched offset. */
#include "base/clock.h"
#include "base/file.h"
#include "records/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0640, FOLDER_MODE = 0750, STEP = 64 << 10 };

/* Ids are short, so that a path has room for all of them. */
static void name_record(struct record *record, const char *above, const char *site,
                        const char *domain)
{
    stpcpy(stpcpy(stpcpy(record->folder, above), "/"), site);
    stpcpy(stpcpy(record->name, domain), ".log");
}

void record_live(struct record *record, const char *site, const char *domain)
{
    name_record(record, "live", site, domain);
}

void record_archive(struct record *record, int64_t day, const char *site, const char *domain)
{
    char date[CLOCK_TEXT_MAX], above[2 * CLOCK_TEXT_MAX];

    clock_write_day(day, date);
    stpcpy(stpcpy(above, "archive/"), date);
    name_record(record, above, site, domain);
}

/* What stands in a record's place and is none: the system's own words would puzzle a person. */
static const struct {
    int os;
    const char *what;
} obstacles[] = {
    {ELOOP, "a symbolic link stands there, and none is followed"},
    {EINVAL, "what stands there is no regular file"},
    {ENXIO, "what stands there is no regular file"},
};

/* Sets the error of the last call on a file, so that a person knows which. */
static int fail(const struct journal *journal, const struct record *record, const char *suffix,
                struct error *error)
{
    const char *data_dir = journal->config->data_dir;

    error_errno(error, "%s/%s/%s%s", data_dir, record->folder, record->name, suffix);
    for (size_t i = 0; i < sizeof obstacles / sizeof obstacles[0]; i++) {
        if (error->os != obstacles[i].os)
            continue;
        error_set(error, EXIT_IO, "%s/%s/%s%s: %s", data_dir, record->folder, record->name, suffix,
                  obstacles[i].what);
        error->os = obstacles[i].os;
    }
    return -1;
}

/* Opens a folder below another that was opened last: this one, or what stands in its place. */
static int open_kept(struct kept_folder *kept, int above, const char *path, const char *below,
                     bool make)
{
    if (kept->fd >= 0 && strcmp(kept->path, path) == 0)
        return kept->fd;
    if (kept->fd >= 0)
        close(kept->fd);
    kept->fd = file_open_folder(above, below, make ? FOLDER_MODE : 0);
    strcpy(kept->path, path);
    return kept->fd;
}

/*
 * The record's folder. It and the one above are kept open until others are asked for, since files
 * are visited folder by folder.
 */
static int enter_folder(struct journal *journal, const struct record *record, bool make)
{
    const char *site = strrchr(record->folder, '/') + 1;
    char path[RECORD_PATH_MAX];
    int above;

    if (journal->folder.fd >= 0 && strcmp(journal->folder.path, record->folder) == 0)
        return journal->folder.fd;
    memcpy(path, record->folder, (size_t)(site - 1 - record->folder));
    path[site - 1 - record->folder] = '\0';
    above = open_kept(&journal->above, journal->data_fd, path, path, make);
    return above < 0 ? -1 : open_kept(&journal->folder, above, record->folder, site, make);
}

/* Opens a name in a folder if it is, or becomes, a regular file. */
static int open_regular(int folder, const char *name, int flags, int64_t *size)
{
    struct stat status;
    int fd, os;

    fd = openat(folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return -1;

    /* A file that cannot be looked at is not taken for an obstacle, which would be left out. */
    os = fstat(fd, &status) ? errno : S_ISREG(status.st_mode) ? 0 : EINVAL;
    if (os) {
        close(fd);
        errno = os;
        return -1;
    }
    *size = status.st_size;
    return fd;
}

int record_fail(const struct journal *journal, const struct record *record, struct error *error)
{
    return fail(journal, record, "", error);
}

bool record_is_obstacle(const struct error *error)
{
    for (size_t i = 0; i < sizeof obstacles / sizeof obstacles[0]; i++) {
        if (error->os == obstacles[i].os)
            return true;
    }
    return false;
}

int record_open(struct journal *journal, const struct record *record, int flags, int64_t *size,
                struct error *error)
{
    int folder = enter_folder(journal, record, flags & O_CREAT);
    int fd = folder < 0 ? -1 : open_regular(folder, record->name, flags, size);

    return fd < 0 ? fail(journal, record, "", error) : fd;
}

int record_whole_lines(int fd, int64_t size, int64_t *whole)
{
    char block[STEP];

    for (*whole = size; *whole > 0;) {
        size_t step = *whole < STEP ? (size_t)*whole : STEP;

        if (file_read_at(fd, block, step, *whole - (int64_t)step))
            return -1;
        for (; step > 0; step--, (*whole)--) {
            if (block[step - 1] == '\n')
                return 0;
        }
    }
    return 0;
}

/* Whether a file ends with the bytes [from, from + size) of another. */
static int ends_with(int aside, int64_t aside_size, int fd, int64_t from, int64_t size, bool *does)
{
    char here[STEP], there[STEP];

    *does = aside_size >= size;
    for (int64_t done = 0; done < size && *does;) {
        size_t step = size - done < STEP ? (size_t)(size - done) : STEP;

        if (file_read_at(fd, here, step, from + done) ||
            file_read_at(aside, there, step, aside_size - size + done))
            return -1;
        *does = memcmp(here, there, step) == 0;
        done += (int64_t)step;
    }
    return 0;
}

static int copy(int from, int64_t offset, int64_t size, int to, int64_t at)
{
    char block[STEP];

    for (int64_t done = 0; done < size;) {
        size_t step = size - done < STEP ? (size_t)(size - done) : STEP;

        if (file_read_at(from, block, step, offset + done) ||
            file_write_at(to, block, step, at + done))
            return -1;
        done += (int64_t)step;
    }
    return 0;
}

/* Opens FILE.quarantine. */
static int open_aside(struct journal *journal, const struct record *record, int64_t *size)
{
    char name[2 * RECORD_PATH_MAX];
    int folder = enter_folder(journal, record, true);

    snprintf(name, sizeof name, "%s.quarantine", record->name);
    return folder < 0 ? -1 : open_regular(folder, name, O_RDWR | O_CREAT, size);
}

int record_quarantine(struct journal *journal, const struct record *record, int fd, int64_t from,
                      int64_t size, struct error *error)
{
    int64_t aside_size;
    bool is_there;
    int aside = open_aside(journal, record, &aside_size);
    int result = -1;

    if (aside < 0)
        return fail(journal, record, ".quarantine", error);
    if (ends_with(aside, aside_size, fd, from, size - from, &is_there))
        goto out;
    if (!is_there && copy(fd, from, size - from, aside, aside_size))
        goto out;

    /* The bytes, and the name of a new file, are on disk before they are gone from here. */
    if (fsync(aside) || fsync(journal->folder.fd) || ftruncate(fd, from))
        goto out;
    journal_note(&journal->quarantined, record);
    result = 0;
out:
    if (result)
        fail(journal, record, ".quarantine", error);
    close(aside);
    return result;
}

int record_set_aside(struct journal *journal, const struct record *record, const char *bytes,
                     size_t size, struct error *error)
{
    int64_t aside_size;
    int aside = open_aside(journal, record, &aside_size);
    char *there = NULL;
    int result = -1;

    if (aside < 0)
        return fail(journal, record, ".quarantine", error);
    there = malloc(size + 1);
    if (!there || (aside_size >= (int64_t)size &&
                   file_read_at(aside, there, size, aside_size - (int64_t)size)))
        goto out;
    if ((aside_size < (int64_t)size || memcmp(there, bytes, size) != 0) &&
        file_write_at(aside, bytes, size, aside_size))
        goto out;
    if (fsync(aside) || fsync(journal->folder.fd))
        goto out;
    journal_note(&journal->quarantined, record);
    result = 0;
out:
    if (result)
        fail(journal, record, ".quarantine", error);
    free(there);
    close(aside);
    return result;
}

/*
 * Whether what lies behind the vouched length is what a killed tick left: a part of the very rows
 * that are to be written, perhaps with NUL bytes where a power cut kept the length alone.
 */
static int is_our_tail(int fd, int64_t vouched, int64_t size, const struct buffer *rows, bool *is)
{
    char block[STEP];

    *is = size - vouched <= (int64_t)rows->size;
    for (int64_t done = 0; done < size - vouched && *is;) {
        int64_t left = size - vouched - done;
        size_t step = left < STEP ? (size_t)left : STEP;

        if (file_read_at(fd, block, step, vouched + done))
            return -1;
        for (size_t i = 0; i < step && *is; i++)
            *is = block[i] == rows->data[(size_t)done + i] || block[i] == '\0';
        done += (int64_t)step;
    }
    return 0;
}

/* Whether a line ends before this offset; none need end before the first. */
static int ends_line(int fd, int64_t offset, bool *does)
{
    char last = '\n';

    if (offset > 0 && file_read_at(fd, &last, 1, offset - 1))
        return -1;
    *does = last == '\n';
    return 0;
}

int record_take_edited(struct journal *journal, const struct record *record, int fd, int64_t size,
                       int64_t *vouched, struct error *error)
{
    bool whole;

    if (ends_line(fd, *vouched, &whole) || (!whole && record_whole_lines(fd, size, vouched)))
        return fail(journal, record, "", error);
    if (!whole)
        journal_note(&journal->edited, record);
    return 0;
}

/* Brings a file to the length from which its rows go on. */
static int settle(struct journal *journal, const struct record *record, int fd, int64_t size,
                  int64_t *vouched, const struct buffer *rows, struct error *error)
{
    bool ours = false;

    if (size < *vouched) {
        /* Someone took recorded rows away. What is left is what there is to vouch for; the file may
         * be a new one, whose name is to be brought to disk as well. */
        journal_note(&journal->lost, record);
        journal->sync_each = false;
        if (record_whole_lines(fd, size, vouched))
            return fail(journal, record, "", error);
    } else if (record_take_edited(journal, record, fd, size, vouched, error)) {
        return -1;
    }
    if (size == *vouched)
        return 0;
    if (is_our_tail(fd, *vouched, size, rows, &ours))
        return fail(journal, record, "", error);
    return ours ? 0 : record_quarantine(journal, record, fd, *vouched, size, error);
}

int record_append(struct journal *journal, const struct record *record, int64_t *vouched,
                  const struct buffer *rows, struct error *error)
{
    int64_t size, length = *vouched;
    int fd = record_open(journal, record, O_RDWR | O_CREAT, &size, error);
    int result = -1;

    if (fd < 0)
        return -1;
    if (settle(journal, record, fd, size, &length, rows, error))
        goto out;
    if (file_write_at(fd, rows->data, rows->size, length) || (journal->sync_each && fsync(fd))) {
        fail(journal, record, "", error);
        goto out;
    }
    result = 0;
out:
    if (close(fd) && result == 0)
        result = fail(journal, record, "", error);
    if (result == 0)
        *vouched = length + (int64_t)rows->size;
    return result;
}

int record_remove(struct journal *journal, const struct record *record, int64_t vouched,
                  struct error *error)
{
    int64_t size;
    int fd = record_open(journal, record, O_RDWR, &size, error);
    int result = 0;

    if (fd < 0)
        return error->os == ENOENT ? 0 : -1;
    if (size > vouched)
        result = record_quarantine(journal, record, fd, vouched, size, error);
    close(fd);
    if (result == 0 && unlinkat(journal->folder.fd, record->name, 0))
        result = fail(journal, record, "", error);
    return result;
}

int record_replace(struct journal *journal, const struct record *from, const struct record *to,
                   struct error *error)
{
    int folder = enter_folder(journal, from, false);

    if (folder < 0 || renameat(folder, from->name, folder, to->name))
        return fail(journal, to, "", error);
    return 0;
}
