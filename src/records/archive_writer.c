/* Writes the compressed file of an archive and verifies it. */
#include "records/archive_writer.h"

#include "base/interrupt.h"
#include "config/config.h"
#include "records/blocks.h"
#include "records/committed.h"
#include "records/compressed.h"
#include "records/decoder.h"
#include "records/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Compressing a large file takes seconds, so a signal is noticed at each block. */
static int encode_block(void *context, const char *bytes, size_t size)
{
    if (interrupt_came()) {
        errno = EINTR;
        return -1;
    }
    return encoder_write(context, bytes, size, false);
}

/* Compresses the bytes of the older compressed file again. Returns 0, or -1 with errno. */
static int encode_old(struct journal *journal, struct encoder *encoder,
                      const struct compressed *old, int old_fd)
{
    struct decoder *decoder = journal->decoder;

    decoder_start(decoder, old->format, old_fd);
    if (blocks_decode(decoder, encode_block, encoder))
        return -1;
    if (!decoder_damage(decoder) && decoder_length(decoder) == old->length)
        return 0;
    errno = EIO; /* it was intact when it was examined */
    return -1;
}

/* Reads the compressed file back and compares its bytes by their CRC. */
static int verify_tmp(struct journal *journal, const struct encoder *encoder,
                      enum compression format, int fd)
{
    struct decoder *decoder = journal->decoder;

    decoder_start(decoder, format, fd);
    if (blocks_decode(decoder, NULL, NULL))
        return -1;
    if (!decoder_damage(decoder) && decoder_length(decoder) == encoder_length(encoder) &&
        decoder_crc(decoder) == encoder_crc(encoder))
        return 0;
    errno = EIO;
    return -1;
}

/* Writes the file; old_fd is -1 if there is no older compressed file. */
static int write_tmp(struct journal *journal, struct encoder *encoder, struct archive *archive,
                     int plain_fd, const struct compressed *old, int old_fd, struct error *error)
{
    int64_t size;
    int fd = record_open(journal, &archive->tmp, O_RDWR | O_CREAT | O_TRUNC, &size, error);
    int result = -1;

    if (fd < 0)
        return -1;
    if (!call_decoder(journal, error))
        goto out;
    if (encoder_start(encoder, old->format, fd) == 0 &&
        (old_fd < 0 || encode_old(journal, encoder, old, old_fd) == 0) &&
        blocks_read(plain_fd, 0, archive->length, encode_block, encoder) == 0 &&
        encoder_write(encoder, "", 0, true) == 0 &&
        verify_tmp(journal, encoder, old->format, fd) == 0)
        result = 0;
    else
        record_set_error(journal, &archive->tmp, error);
    archive->encoded_length = encoder_length(encoder);
out:
    close(fd);
    if (result)
        unlinkat(journal->folder.fd, archive->tmp.name, 0);
    return result;
}

/* Brings the plain file to its committed length, or corrects that if the file is shorter. */
static int trim_plain(struct journal *journal, struct archive *archive, int fd, int64_t size,
                      struct error *error)
{
    if (size > archive->length)
        return quarantine_move(journal, &archive->plain, fd, archive->length, size, error);
    if (size == archive->length)
        return 0;
    return committed_adjust(journal, &archive->plain, fd, size, &archive->length, error);
}

/*
 * Opens and examines the older compressed file. It keeps its format, whatever the configuration is
 * now, so that a record never has two. *usable becomes false if it is damaged and is not the
 * beginning of the plain file; *old_fd is -1 if there is none to continue.
 */
static int examine_old(struct journal *journal, const struct archive *archive, int plain_fd,
                       struct compressed *old, int *old_fd, bool *usable, struct error *error)
{
    *usable = true;
    *old_fd = compressed_open(journal, &archive->plain, old, error);
    if (*old_fd < 0) {
        old->format = journal->config->archive_compress;
        return error->os == ENOENT ? 0 : -1;
    }
    if (compressed_examine(journal, *old_fd, plain_fd, archive->length, old, error))
        return -1;
    if (old->damage && old->relation == COMPRESSED_REPLACED) {
        close(*old_fd);
        *old_fd = -1;
    } else if (old->damage) {
        call_add_finding(journal, FINDING_DAMAGED, old->record.folder, old->record.name);
        *usable = false;
    }
    return 0;
}

int archive_writer_write(struct journal *journal, struct encoder *encoder, struct archive *archive,
                         int plain_fd, int64_t size, bool *written, struct error *error)
{
    struct compressed old;
    int old_fd = -1, result = -1;
    bool usable;

    *written = false;
    if (trim_plain(journal, archive, plain_fd, size, error) ||
        examine_old(journal, archive, plain_fd, &old, &old_fd, &usable, error))
        goto out;
    result = 0;
    if (!usable || archive->length == 0)
        goto out;
    compressed_name(&archive->plain, old.format, &archive->compressed);
    result = write_tmp(journal, encoder, archive, plain_fd, &old, old_fd, error);
    *written = result == 0;
out:
    if (old_fd >= 0)
        close(old_fd);
    return result;
}
