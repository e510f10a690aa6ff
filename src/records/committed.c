/* Keeps a file of records and its committed length consistent. */
#include "records/committed.h"

#include "base/file.h"
#include "records/blocks.h"
#include "records/quarantine.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { BLOCK_SIZE = 64 << 10 };

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
    call_add_finding(journal, is_lost ? FINDING_LOST : FINDING_EDITED, record->folder,
                     record->name);

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
    int64_t tail;

    if (committed_adjust(journal, record, fd, size, committed, error))
        return -1;
    tail = size - *committed;
    if (tail == 0)
        return 0;
    if (tail <= (int64_t)rows->size &&
        blocks_match(fd, *committed, rows->data, (size_t)tail, true, &is_ours))
        return record_set_error(journal, record, error);
    return is_ours ? 0 : quarantine_move(journal, record, fd, *committed, size, error);
}

int committed_append(struct journal *journal, const struct record *record, int64_t *committed,
                     const struct buffer *rows, struct error *error)
{
    int64_t size, length = *committed;
    int fd = record_open(journal, record, O_RDWR | O_CREAT, &size, error);
    int result = -1;

    if (fd < 0)
        return -1;
    if (clear_tail(journal, record, fd, size, &length, rows, error))
        goto out;
    if (file_write_at(fd, rows->data, rows->size, length) || (journal->sync_each && fsync(fd))) {
        record_set_error(journal, record, error);
        goto out;
    }
    result = 0;
out:
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
        result = quarantine_move(journal, record, fd, committed, size, error);
    close(fd);
    if (result == 0 && unlinkat(journal->folder.fd, record->name, 0))
        result = record_set_error(journal, record, error);
    return result;
}
