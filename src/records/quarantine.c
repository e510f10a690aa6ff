/* Bytes that are not results -> FILE.quarantine. */
#include "records/quarantine.h"

#include "base/file.h"
#include "records/blocks.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int open_quarantine(struct journal *journal, const struct record *record,
                           struct record *quarantine, int64_t *size, struct error *error)
{
    *quarantine = *record;
    strcat(quarantine->name, ".quarantine");
    return record_open(journal, quarantine, O_RDWR | O_CREAT, size, error);
}

/* Brings the added bytes to disk, and the name of the file, which may be new. */
static int sync_quarantine(struct journal *journal, int fd)
{
    return fsync(fd) || fsync(journal->folder.fd) ? -1 : 0;
}

int quarantine_move(struct journal *journal, const struct record *record, int fd, int64_t from,
                    int64_t size, struct error *error)
{
    int64_t moved = size - from, old_size;
    struct record quarantine;
    bool is_there = false;
    int result = 0, to = open_quarantine(journal, record, &quarantine, &old_size, error);

    assert(moved > 0);
    if (to < 0)
        return -1;
    if ((old_size >= moved && blocks_compare(fd, from, moved, to, old_size - moved, &is_there)) ||
        (!is_there && blocks_copy(fd, from, moved, to, old_size)) || sync_quarantine(journal, to) ||
        ftruncate(fd, from))
        result = record_set_error(journal, &quarantine, error);
    else
        call_add_finding(journal, FINDING_QUARANTINED, record->folder, record->name);
    close(to);
    return result;
}

int quarantine_add(struct journal *journal, const struct record *record, const char *bytes,
                   size_t size, struct error *error)
{
    struct record quarantine;
    int64_t old_size;
    bool is_there = false;
    int result = 0, fd = open_quarantine(journal, record, &quarantine, &old_size, error);

    if (fd < 0)
        return -1;
    if ((old_size >= (int64_t)size &&
         blocks_match(fd, old_size - (int64_t)size, bytes, size, false, &is_there)) ||
        (!is_there && file_write_at(fd, bytes, size, old_size)) || sync_quarantine(journal, fd))
        result = record_set_error(journal, &quarantine, error);
    else
        call_add_finding(journal, FINDING_QUARANTINED, record->folder, record->name);
    close(fd);
    return result;
}
