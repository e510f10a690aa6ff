/* Keeps a file of records and its committed length consistent; quarantines other bytes. */
#include "records/committed.h"

#include "base/file.h"
#include "records/blocks.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_SIZE = 64 << 10 };

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

/* Sets *end to the end of the last complete line. Returns 0, or -1 with errno. */
static int find_last_line_end(int fd, int64_t size, int64_t *end)
{
    char block[BLOCK_SIZE];

    for (*end = size; *end > 0;) {
        size_t n = *end < BLOCK_SIZE ? (size_t)*end : BLOCK_SIZE;

        if (file_read_at(fd, block, n, *end - (int64_t)n))
            return -1;
        for (; n > 0; n--, (*end)--) {
            if (block[n - 1] == '\n')
                return 0;
        }
    }
    return 0;
}

/* Whether a line ends at this offset; offset 0 counts as a line end. */
static int is_line_end(int fd, int64_t offset, bool *is)
{
    char last = '\n';

    if (offset > 0 && file_read_at(fd, &last, 1, offset - 1))
        return -1;
    *is = last == '\n';
    return 0;
}

int committed_adjust(struct journal *journal, const struct record *record, int fd, int64_t size,
                     int64_t *committed, struct error *error)
{
    bool is_lost = size < *committed, is_intact = false;

    assert(fd >= 0 || size == 0);
    if (!is_lost && is_line_end(fd, *committed, &is_intact))
        return record_set_error(journal, record, error);
    if (is_intact)
        return 0;
    call_add_finding(journal, is_lost ? FINDING_LOST : FINDING_EDITED, record);

    /* A shorter file may be a new one, whose name must reach the disk too. */
    if (is_lost)
        journal->sync_each = false;
    return find_last_line_end(fd, size, committed) ? record_set_error(journal, record, error) : 0;
}

/*
 * Prepares a file for rows to be written at its committed length. What a killed tick left after it
 * is a part of the same rows, perhaps with zeros in place of bytes that a power failure lost.
 */
static int clear_tail(struct journal *journal, const struct record *record, int fd, int64_t size,
                      int64_t *committed, const struct buffer *rows, struct error *error)
{
    bool is_ours = false;
    struct blocks_part tail;

    if (committed_adjust(journal, record, fd, size, committed, error))
        return -1;
    tail = (struct blocks_part){.size = size - *committed, .bytes = rows->data};
    if (tail.size == 0)
        return 0;
    if (tail.size <= (int64_t)rows->size && blocks_compare(&tail, fd, *committed, true, &is_ours))
        return record_set_error(journal, record, error);
    return is_ours ? 0 : committed_quarantine_tail(journal, record, fd, *committed, size, error);
}

int committed_append(struct journal *journal, const struct record *record, int64_t *committed,
                     const struct buffer *rows, struct error *error)
{
    int64_t size, length = *committed;
    int fd = record_open(journal, record, O_RDWR | O_CREAT, &size, error);
    int result;

    if (fd < 0)
        return -1;
    result = clear_tail(journal, record, fd, size, &length, rows, error);
    if (result == 0 &&
        (file_write_at(fd, rows->data, rows->size, length) || (journal->sync_each && fsync(fd))))
        result = record_set_error(journal, record, error);
    if (close(fd) && result == 0)
        result = record_set_error(journal, record, error);
    if (result == 0)
        *committed = length + (int64_t)rows->size;
    return result;
}

int committed_remove(struct journal *journal, const struct record *record, int64_t committed,
                     struct error *error)
{
    int64_t size;
    int fd = record_open(journal, record, O_RDWR, &size, error);
    int result = 0;

    if (fd < 0)
        return error->os == ENOENT ? 0 : -1;
    if (size > committed)
        result = committed_quarantine_tail(journal, record, fd, committed, size, error);
    close(fd);
    if (result == 0 && unlinkat(journal->folder.fd, record->name, 0))
        result = record_set_error(journal, record, error);
    return result;
}
