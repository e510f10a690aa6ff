/* Keeps a file of records and its committed length consistent; quarantines other bytes. */
#define _GNU_SOURCE /* memrchr */
#include "records/committed.h"

#include "base/file.h"
#include "records/blocks.h"
#include "records/line.h"
#include "records/reader.h"
#include "state/ledger.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longer than any row. */
enum { LAST_LINE_MAX = 4096 };

/* After a failure: cuts off what was added to a file of this size. */
static void undo_append(struct journal *journal, const struct record *record, int fd, int64_t size)
{
    struct stat now;

    if (fstat(fd, &now) == 0 && now.st_size > size && ftruncate(fd, size) == 0)
        now.st_size = size;
    if (size == 0)
        unlinkat(journal->folder.fd, record->name, 0);
}

/* Adds a part of the file to its quarantine. The end of the file is then cut off. */
static int quarantine_part(struct journal *journal, const struct record *record,
                           const struct blocks_part *part, struct error *error)
{
    struct record quarantine = *record;
    int64_t size;
    bool is_there = false;
    int fd, result = 0;

    strcat(quarantine.name, ".quarantine");
    fd = record_open(journal, &quarantine, O_RDWR | O_CREAT, &size, error);
    if (fd < 0)
        return -1;

    /* The folder is synced because the name of the file may be new. */
    if ((size >= part->size && blocks_compare(part, fd, size - part->size, false, &is_there)) ||
        (!is_there && blocks_copy(part, fd, size)) || fsync(fd) || fsync(journal->folder.fd) ||
        (!part->bytes && ftruncate(part->fd, part->from)))
        result = record_set_error(journal, &quarantine, error);
    else
        call_add_finding(journal, FINDING_QUARANTINED, record);

    /* Half a copy must not stay: the next tick would add another one. */
    if (result && !is_there)
        undo_append(journal, &quarantine, fd, size);
    close(fd);
    return result;
}

int committed_quarantine_tail(struct journal *journal, const struct record *record, int fd,
                              int64_t from, int64_t size, struct error *error)
{
    struct blocks_part tail = {.size = size - from, .fd = fd, .from = from};

    assert(tail.size > 0);
    return quarantine_part(journal, record, &tail, error);
}

int committed_quarantine_lines(struct journal *journal, const struct record *record,
                               const struct buffer *lines, struct error *error)
{
    struct blocks_part part = {.size = (int64_t)lines->size, .bytes = lines->data};

    return quarantine_part(journal, record, &part, error);
}

int committed_is_line_end(int fd, int64_t offset, bool *is)
{
    char last = '\n';

    if (offset > 0 && file_read_at(fd, &last, 1, offset - 1))
        return -1;
    *is = last == '\n';
    return 0;
}

/* Sets *has to whether the bytes of the file from this offset have a row of its monitor. */
static int has_row(struct journal *journal, const struct record *record, int fd, int64_t from,
                   bool *has, struct error *error)
{
    enum csv_result result = CSV_BAD;
    struct line_source source;
    struct monitor_id monitor;
    struct reader reader;
    struct line line;
    const char *why;
    int failed;

    *has = false;
    record_monitor(record, &monitor);
    line_begin(&source, &monitor);
    failed = reader_init(&reader);
    if (!failed)
        reader_start(&reader, fd, from, INT64_MAX);
    while (!failed && !*has && result != CSV_END && result != CSV_TORN) {
        failed = reader_next_line(&reader, &source, &line, &result, &why);
        *has = !failed && result == CSV_ROW;
    }
    reader_free(&reader);
    return failed ? record_set_error(journal, record, error) : 0;
}

/*
 * Reads the last line of a file that does not end with a line end. Returns whether it is a line of
 * the record, apart from its line end. If it cannot be read, it is not.
 */
static bool read_last_line(const struct record *record, int fd, int64_t size, struct line *line)
{
    size_t n = size < LAST_LINE_MAX ? (size_t)size : LAST_LINE_MAX, used;
    char bytes[LAST_LINE_MAX + 1], *at;
    struct line_source source;
    struct monitor_id monitor;
    const char *why;

    if (n == 0 || file_read_at(fd, bytes, n, size - (int64_t)n) || bytes[n - 1] == '\n')
        return false;
    bytes[n] = '\n';
    at = memrchr(bytes, '\n', n);
    if (!at && (int64_t)n < size)
        return false;
    at = at ? at + 1 : bytes;
    n = (size_t)(bytes + n + 1 - at);
    record_monitor(record, &monitor);
    line_begin(&source, &monitor);
    return line_read(&source, at, n, line, &used, &why) == CSV_ROW && used == n;
}

/* Whether a check of this monitor can be slow. Then half of its row can look like a whole one. */
static bool can_be_slow(const struct config *config, const struct monitor_id *monitor)
{
    for (size_t i = 0; i < config->n_domains; i++) {
        const struct domain *domain = &config->domains[i];

        if (strcmp(domain->id, monitor->domain) == 0 &&
            strcmp(config->sites[domain->site].id, monitor->site) == 0)
            return domain->expect.slow_ms > 0;
    }
    return false;
}

int committed_end_row(struct journal *journal, const struct record *record, int fd, int64_t *size,
                      struct error *error)
{
    struct monitor_id monitor;
    struct line line;

    record_monitor(record, &monitor);
    if (ledger_is_event_log(&monitor) || !read_last_line(record, fd, *size, &line) ||
        line.check.status != STATUS_UP || line.check.failure[0] ||
        can_be_slow(journal->config, &monitor))
        return 0;
    if (file_write_at(fd, "\n", 1, *size))
        return record_set_error(journal, record, error);
    ++*size;
    return 0;
}

/* Like committed_end_row for the last committed row, which may be any row. */
static int end_committed(struct journal *journal, const struct record *record, int fd,
                         int64_t *size, int64_t committed, struct error *error)
{
    struct line line;

    if (*size != committed - 1 || !read_last_line(record, fd, *size, &line))
        return 0;
    if (file_write_at(fd, "\n", 1, *size))
        return record_set_error(journal, record, error);
    ++*size;
    return 0;
}

int committed_set_behind(struct journal *journal, const struct record *record, struct error *error)
{
    journal->is_behind = true;
    return error_set(error, EXIT_IO, "%s/state.db: does not match %s/%s; the next tick rebuilds it",
                     journal->config->data_dir, record->folder, record->name);
}

/* Sets *matches to whether the file has its committed bytes, and makes *size its size then. */
static int has_committed(struct journal *journal, const struct record *record, int fd,
                         int64_t *size, int64_t committed, bool *matches, struct error *error)
{
    *matches = false;
    if (fd >= 0 && end_committed(journal, record, fd, size, committed, error))
        return -1;
    if (*size >= committed && committed_is_line_end(fd, committed, matches))
        return record_set_error(journal, record, error);
    return 0;
}

int committed_matches(struct journal *journal, const struct record *record, int fd, int64_t size,
                      int64_t committed, bool *matches, struct error *error)
{
    bool has = false;

    assert(fd >= 0 || size == 0);
    if (has_committed(journal, record, fd, &size, committed, matches, error))
        return -1;
    if (*matches && size > committed && has_row(journal, record, fd, committed, &has, error))
        return -1;
    *matches = *matches && !has;
    return 0;
}

int committed_trim(struct journal *journal, const struct record *record, int fd, int64_t size,
                   int64_t committed, struct error *error)
{
    bool matches;

    if (committed_matches(journal, record, fd, size, committed, &matches, error))
        return -1;
    if (!matches)
        return committed_set_behind(journal, record, error);
    return size > committed ? committed_quarantine_tail(journal, record, fd, committed, size, error)
                            : 0;
}

/*
 * Prepares a file for rows to be written at its committed length. What a killed tick left after it
 * is a part of the same rows, perhaps with zeros in place of bytes that a power failure lost.
 */
static int clear_tail(struct journal *journal, const struct record *record, int fd, int64_t size,
                      int64_t committed, const struct buffer *rows, struct error *error)
{
    struct blocks_part tail = {.bytes = rows->data};
    bool matches, is_ours = false;

    if (has_committed(journal, record, fd, &size, committed, &matches, error))
        return -1;
    if (!matches)
        return committed_set_behind(journal, record, error);
    tail.size = size - committed;
    if (tail.size <= (int64_t)rows->size && blocks_compare(&tail, fd, committed, true, &is_ours))
        return record_set_error(journal, record, error);
    return is_ours ? 0 : committed_trim(journal, record, fd, size, committed, error);
}

int committed_append(struct journal *journal, const struct record *record, int64_t *committed,
                     const struct buffer *rows, struct error *error)
{
    int64_t size;
    int fd = record_open(journal, record, O_RDWR | O_CREAT, &size, error);
    int result;

    if (fd < 0)
        return -1;
    result = clear_tail(journal, record, fd, size, *committed, rows, error);
    if (result == 0 && (file_write_at(fd, rows->data, rows->size, *committed) ||
                        (journal->sync_each && fsync(fd)))) {
        result = record_set_error(journal, record, error);
        undo_append(journal, record, fd, *committed);
    }
    if (close(fd) && result == 0)
        result = record_set_error(journal, record, error);
    if (result == 0)
        *committed += (int64_t)rows->size;
    return result;
}

bool committed_append_plain(const struct journal *journal, int folder_fd, const char *domain,
                            int64_t committed, const struct buffer *rows)
{
    char name[CALL_PATH_MAX];
    struct stat status;
    bool matches = false, written;
    int fd;

    record_name_file(name, domain);
    fd = record_open_quietly(folder_fd, name, O_RDWR, &status);
    if (fd < 0)
        return false;
    written = status.st_dev == journal->device && status.st_size == committed &&
              committed_is_line_end(fd, committed, &matches) == 0 && matches &&
              file_write_at(fd, rows->data, rows->size, committed) == 0;
    return close(fd) == 0 && written;
}

/* Takes all bytes from a file, by its deletion or not. */
static int take_bytes(struct journal *journal, const struct record *record, int64_t committed,
                      bool deletes, struct error *error)
{
    int64_t size;
    int fd = record_open(journal, record, O_RDWR, &size, error);
    int result = 0;

    if (fd < 0)
        return error->os == ENOENT ? 0 : -1;
    if (size > committed)
        result = committed_trim(journal, record, fd, size, committed, error);
    if (result == 0 && !(deletes && unlinkat(journal->folder.fd, record->name, 0) == 0) &&
        size > 0 && ftruncate(fd, 0))
        result = record_set_error(journal, record, error);
    close(fd);
    return result;
}

int committed_remove(struct journal *journal, const struct record *record, int64_t committed,
                     struct error *error)
{
    return take_bytes(journal, record, committed, true, error);
}

int committed_empty(struct journal *journal, const struct record *record, int64_t committed,
                    struct error *error)
{
    return take_bytes(journal, record, committed, false, error);
}
