/* Keeps results that state.db could not take, in a file of their own. */
#include "records/unstaged.h"

#include "base/file.h"
#include "model/scheduler.h"
#include "records/csv.h"
#include "records/doubles.h"
#include "state/monitor_conditions.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0640 };

static const char rows_name[] = "unstaged.csv", bad_name[] = "unstaged.csv.quarantine";

static int set_error(const struct journal *journal, const char *name, struct error *error)
{
    if (errno == EINVAL || errno == ELOOP)
        return error_set(error, EXIT_IO, "%s/%s: not a regular file with one name; remove it",
                         journal->config->data_dir, name);
    return error_errno(error, "%s/%s", journal->config->data_dir, name);
}

/* Opens a file in data_dir that must be regular and have no other name. Returns its descriptor and
 * size, or -1 with errno. */
static int open_file(const struct journal *journal, const char *name, int flags, off_t *size)
{
    struct stat status;
    int fd = file_open_regular(journal->data_fd, name, flags, FILE_MODE, &status);

    if (fd < 0 || status.st_nlink == 1) {
        *size = fd < 0 ? 0 : status.st_size;
        return fd;
    }
    close(fd);
    errno = EINVAL;
    return -1;
}

/* Appends the bytes and brings them, and the name of the file, to disk. */
static int append(const struct journal *journal, const char *name, const struct buffer *bytes,
                  struct error *error)
{
    off_t size = 0;
    int fd = open_file(journal, name, O_RDWR | O_CREAT, &size), result = -1;
    char last = '\n';

    if (fd < 0)
        return set_error(journal, name, error);

    /* A run that was killed here may have left half a row. */
    if (size > 0 && file_read_at(fd, &last, 1, size - 1) == 0 && last != '\n')
        size += file_write_at(fd, "\n", 1, size) == 0;
    if (file_write_at(fd, bytes->data, bytes->size, size) || fsync(fd) || fsync(journal->data_fd))
        set_error(journal, name, error);
    else
        result = 0;
    close(fd);
    return result;
}

static int set_no_memory(const struct journal *journal, struct error *error)
{
    return error_set(error, EXIT_IO, "%s/%s: out of memory", journal->config->data_dir, rows_name);
}

int unstaged_write(const struct journal *journal, const struct staged_result *results, size_t n,
                   struct error *error)
{
    const struct config *config = journal->config;
    struct buffer rows = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS);
    int result = 0;

    for (size_t i = 0; i < n && result == 0; i++) {
        const struct domain *domain = &config->domains[results[i].domain];

        if (csv_write(&rows, config->sites[domain->site].id, domain->id, &results[i].check))
            result = set_no_memory(journal, error);
    }
    if (result == 0 && rows.size)
        result = append(journal, rows_name, &rows, error);
    buffer_free(&rows);
    return result;
}

/* The rows of the file. */
struct row_list {
    const struct buffer *bytes;
    struct buffer is_new; /* for each row one byte: 1 if it was not staged before */
    struct buffer bad;    /* lines that are not rows */
};

/* What is done with a row, which is number i. */
typedef int visit_row(struct journal *journal, struct row_list *list, size_t i,
                      const struct row *row, struct error *error);

/* Visits the rows in their order. What is after the last line end was never written completely. */
static int each_row(struct journal *journal, struct row_list *list, visit_row *visit,
                    struct error *error)
{
    const struct buffer *bytes = list->bytes;
    enum csv_result found;
    struct row row;
    size_t at = 0, used, n = 0;
    const char *why;
    int result = 0;

    buffer_reset(&list->bad);
    while (result == 0 &&
           (found = csv_read(bytes->data + at, bytes->size - at, &row, &used, &why)) != CSV_END) {
        if (found == CSV_TORN)
            break;
        if (found == CSV_ROW)
            result = visit(journal, list, n++, &row, error);
        else if (buffer_append(&list->bad, bytes->data + at, used))
            result = set_no_memory(journal, error);
        at += used;
    }
    return result;
}

/* Stages a row, unless it is staged already. */
static int stage_row(struct journal *journal, struct row_list *list, size_t i,
                     const struct row *row, struct error *error)
{
    struct storage *storage = journal->storage;
    struct staged_result result = {.check = row->check, .due_after_ms = row->check.start_ms + 1};
    int64_t monitor;
    size_t domain;
    bool is_new;

    (void)i;
    if (monitors_find(storage, row->site, row->domain, &monitor, error))
        return -1;
    if (monitors_is_configured(storage, monitor, &domain))
        result.due_after_ms =
            scheduler_due_after(&journal->config->domains[domain], row->check.start_ms);
    if (staged_add_once(storage, monitor, &result, &is_new, error))
        return -1;
    return buffer_putc(&list->is_new, is_new) ? set_no_memory(journal, error) : 0;
}

/* Adds a check to the conditions of its domain, if it was staged just now. */
static int add_check(struct journal *journal, struct row_list *list, size_t i,
                     const struct row *row, struct error *error)
{
    struct storage *storage = journal->storage;
    int64_t monitor;
    size_t domain;
    bool has = false;

    if (!list->is_new.data[i])
        return 0;
    if (monitors_lookup(storage, row->site, row->domain, &monitor, error) ||
        staged_has(storage, monitor, row->check.start_ms, &has, error))
        return -1;
    return has && monitors_is_configured(storage, monitor, &domain)
               ? monitor_conditions_add_check(storage, domain, &row->check, error)
               : 0;
}

/* A row that a killed tick has staged, or recorded too, has caused its events already. */
static int stage_rows(struct journal *journal, struct row_list *list, struct error *error)
{
    if (each_row(journal, list, stage_row, error) || doubles_unstage(journal, error))
        return -1;
    return each_row(journal, list, add_check, error);
}

static int read_rows(const struct journal *journal, struct buffer *rows, struct error *error)
{
    off_t size;
    int fd = open_file(journal, rows_name, O_RDONLY, &size), result = 0;

    if (fd < 0)
        return errno == ENOENT ? 0 : set_error(journal, rows_name, error);
    if (buffer_reserve(rows, (size_t)size))
        result = set_no_memory(journal, error);
    else if (file_read_at(fd, rows->data, (size_t)size, 0))
        result = set_error(journal, rows_name, error);
    else
        rows->size = (size_t)size;
    close(fd);
    return result;
}

/* The file is gone from the disk too before a rotation moves its rows, or they would be staged
 * again. */
static int delete_file(const struct journal *journal, struct error *error)
{
    if ((unlinkat(journal->data_fd, rows_name, 0) && errno != ENOENT) || fsync(journal->data_fd))
        return set_error(journal, rows_name, error);
    return 0;
}

static int stage_and_delete(struct journal *journal, const struct buffer *rows, struct error *error)
{
    struct row_list list = {.bytes = rows,
                            .is_new = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS),
                            .bad = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS)};
    int result = -1;

    if (storage_begin(journal->storage, error) == 0)
        result = storage_end(journal->storage, stage_rows(journal, &list, error), error);
    if (result == 0 && list.bad.size) {
        result = append(journal, bad_name, &list.bad, error);
        log_warn(journal->log, "%s/%s: contained bytes that are not results; moved to %s/%s",
                 journal->config->data_dir, rows_name, journal->config->data_dir, bad_name);
    }
    buffer_free(&list.is_new);
    buffer_free(&list.bad);
    return result ? -1 : delete_file(journal, error);
}

int unstaged_stage(struct journal *journal, struct error *error)
{
    struct buffer rows = BUFFER_WITH_CEILING(BUFFER_MAX_ROWS);
    struct stat status;
    int result;

    if (fstatat(journal->data_fd, rows_name, &status, AT_SYMLINK_NOFOLLOW) && errno == ENOENT)
        return 0;
    result = read_rows(journal, &rows, error);
    if (result == 0)
        result = stage_and_delete(journal, &rows, error);
    buffer_free(&rows);
    return result;
}
