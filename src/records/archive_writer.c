#include "records/archive_writer.h"

#include "base/file.h"
#include "base/interrupt.h"
#include "records/compressed.h"
#include "records/decoder.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { STEP = 64 << 10 };

/* Packs what the old pack of a file gives. Returns 0, or -1 with errno. */
static int pack_old(struct journal *journal, struct pack *pack, const struct compressed *old,
                    int fd)
{
    struct decoder *decoder = journal->decoder;
    char block[STEP];
    ssize_t n;

    decoder_start(decoder, old->format, fd);
    while ((n = decoder_read(decoder, block, sizeof block)) > 0) {
        if (interrupt_came() || encoder_write(pack, block, (size_t)n, false)) {
            errno = interrupt_came() ? EINTR : errno;
            return -1;
        }
    }
    if (n == 0 && (decoder_damage(decoder) || decoder_length(decoder) != old->length)) {
        errno = EIO;
        n = -1;
    }
    return n < 0 ? -1 : 0;
}

static int pack_plain(struct pack *pack, int fd, int64_t length)
{
    char block[STEP];

    for (int64_t at = 0; at < length;) {
        size_t step = length - at < STEP ? (size_t)(length - at) : STEP;

        if (interrupt_came()) {
            errno = EINTR;
            return -1;
        }
        if (file_read_at(fd, block, step, at) || encoder_write(pack, block, step, false))
            return -1;
        at += (int64_t)step;
    }
    return encoder_write(pack, "", 0, true);
}

/* Reads back what was packed, which is to be as it was. */
static int verify(struct journal *journal, const struct pack *pack, enum compression format, int fd)
{
    struct decoder *decoder = journal->decoder;
    char block[STEP];
    ssize_t n;

    decoder_start(decoder, format, fd);
    while ((n = decoder_read(decoder, block, sizeof block)) > 0)
        continue;
    if (n < 0)
        return -1;
    if (!decoder_damage(decoder) && decoder_length(decoder) == encoder_length(pack) &&
        decoder_crc(decoder) == encoder_crc(pack))
        return 0;
    errno = EIO;
    return -1;
}

/* Writes a pack aside: of the old one (fd -1: none), and the plain file. */
static int write_aside(struct journal *journal, struct pack *pack, struct aside *aside,
                       int plain_fd, const struct compressed *old, int old_fd, struct error *error)
{
    int64_t size;
    int fd = record_open(journal, &aside->fresh, O_RDWR | O_CREAT | O_TRUNC, &size, error);
    int result = -1;

    if (fd < 0)
        return -1;
    if (!journal_unpack(journal, error))
        goto out;
    if (encoder_start(pack, old->format, fd) == 0 &&
        (old_fd < 0 || pack_old(journal, pack, old, old_fd) == 0) &&
        pack_plain(pack, plain_fd, aside->length) == 0 &&
        verify(journal, pack, old->format, fd) == 0)
        result = 0;
    else
        record_fail(journal, &aside->fresh, error);
    aside->packed_length = encoder_length(pack);
out:
    close(fd);
    if (result)
        unlinkat(journal->folder.fd, aside->fresh.name, 0);
    return result;
}

/* Brings the plain file to the length that is vouched for. */
static int trim(struct journal *journal, struct aside *aside, int fd, int64_t size,
                struct error *error)
{
    if (size > aside->length)
        return record_quarantine(journal, &aside->plain, fd, aside->length, size, error);
    if (size == aside->length)
        return 0;
    journal_note(&journal->lost, &aside->plain);
    return record_whole_lines(fd, size, &aside->length) ? record_fail(journal, &aside->plain, error)
                                                        : 0;
}

/*
 * Looks at the pack that there is already. It keeps its format, whatever the configuration says, so
 * that a record never has two packs. *fits: whether it can be made one with the plain file.
 */
static int look_at_old(struct journal *journal, const struct aside *aside, int plain_fd,
                       struct compressed *old, int *old_fd, bool *fits, struct error *error)
{
    *fits = true;
    *old_fd = compressed_open(journal, &aside->plain, old, error);
    if (*old_fd < 0) {
        old->format = journal->config->archive_compress;
        return error->os == ENOENT ? 0 : -1;
    }
    if (compressed_examine(journal, *old_fd, plain_fd, aside->length, old, error))
        return -1;
    if (old->damage && old->relation == COMPRESSED_HALF) {
        close(*old_fd);
        *old_fd = -1;
    } else if (old->damage) {
        journal_note(&journal->damaged, &old->record);
        *fits = false;
    }
    return 0;
}

int archive_writer_write(struct journal *journal, struct pack *pack, struct aside *aside,
                         int plain_fd, int64_t size, bool *written, struct error *error)
{
    struct compressed old;
    int old_fd = -1, result = -1;
    bool fits;

    *written = false;
    if (trim(journal, aside, plain_fd, size, error) ||
        look_at_old(journal, aside, plain_fd, &old, &old_fd, &fits, error))
        goto out;
    result = 0;
    if (!fits || aside->length == 0)
        goto out;
    compressed_name(&aside->plain, old.format, &aside->pack);
    result = write_aside(journal, pack, aside, plain_fd, &old, old_fd, error);
    *written = result == 0;
out:
    if (old_fd >= 0)
        close(old_fd);
    return result;
}
