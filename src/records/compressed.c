/* The compressed file of an archive: examined and written, with the plain file beside it. */
#include "records/compressed.h"

#include "base/interrupt.h"
#include "records/blocks.h"
#include "records/committed.h"
#include "state/ledger.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names the compressed file of this format that belongs to a plain file. */
static void name_compressed(const struct record *plain, enum compression format,
                            struct record *record)
{
    static const char *const suffixes[] = {[COMPRESSION_GZIP] = ".gz", [COMPRESSION_ZSTD] = ".zst"};

    assert(format == COMPRESSION_GZIP || format == COMPRESSION_ZSTD);
    strcpy(record->folder, plain->folder);
    stpcpy(stpcpy(record->name, plain->name), suffixes[format]);
}

int compressed_open(struct journal *journal, const struct record *plain,
                    struct compressed *compressed, struct error *error)
{
    struct stat status;
    struct record other;
    int64_t size;
    int fd;

    name_compressed(plain, COMPRESSION_ZSTD, &other);
    name_compressed(plain, COMPRESSION_GZIP, &compressed->record);
    compressed->format = COMPRESSION_GZIP;
    fd = record_open(journal, &compressed->record, O_RDONLY, &size, error);
    compressed->has_other =
        fd >= 0 && fstatat(journal->folder.fd, other.name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (fd >= 0 || error->os != ENOENT)
        return fd;
    compressed->format = COMPRESSION_ZSTD;
    compressed->record = other;
    return record_open(journal, &compressed->record, O_RDONLY, &size, error);
}

int compressed_examine(struct journal *journal, int fd, int plain_fd, int64_t plain_size,
                       struct compressed *compressed, struct error *error)
{
    enum compression format = compressed->format;
    int64_t skip, size;
    bool equal;

    compressed->relation = COMPRESSED_CONTINUED;
    if (blocks_decode(journal->codec, format, fd, NULL, NULL))
        return record_set_error(journal, &compressed->record, error);
    compressed->content = codec_decoded(journal->codec);
    compressed->damage = codec_damage(journal->codec);

    /* An intact file may end with all of the plain file. The intact bytes of a damaged one may be
     * the beginning of the plain file. */
    skip = compressed->damage ? 0 : compressed->content.length - plain_size;
    size = compressed->damage ? compressed->content.length : plain_size;
    if (plain_fd < 0 || skip < 0 || size > plain_size || (compressed->damage && size == 0))
        return 0;
    if (blocks_compare_decoded(journal->codec, format, fd, skip, plain_fd, size, &equal))
        return record_set_error(journal, &compressed->record, error);
    if (equal)
        compressed->relation = compressed->damage ? COMPRESSED_REPLACED : COMPRESSED_CONTAINED;
    return 0;
}

/* Whether the compressed file has the rows of the plain one: the ledger decides, else the bytes. */
static bool has_rows_of_plain(const struct compressed *compressed, int64_t old_length,
                              int64_t plain_length, bool plain_exists)
{
    if (plain_length > 0 && compressed->content.length == old_length)
        return false;
    if (plain_length > 0 && compressed->content.length == old_length + plain_length)
        return true;
    return compressed->relation == COMPRESSED_CONTAINED || !plain_exists;
}

/* Commits the lengths that were found; plain_size is -1 if there is no plain file. */
static int commit_lengths(struct journal *journal, const struct monitor_id *monitor, int64_t day,
                          const struct record *plain, int64_t plain_size,
                          const struct compressed *compressed, int64_t *length, struct error *error)
{
    struct storage *storage = journal->storage;
    bool plain_exists = plain_size >= 0;
    int64_t old_length;

    if (compressed->damage)
        return 0;
    if (ledger_get_archive(storage, day, -monitor->id, &old_length, error))
        return -1;
    if (has_rows_of_plain(compressed, old_length, *length, plain_exists)) {
        *length = 0;
        if (plain_exists && compressed->relation == COMPRESSED_CONTAINED &&
            committed_remove(journal, plain, plain_size, error))
            return -1;
    }
    if (ledger_set_archive(storage, day, monitor->id, *length, error))
        return -1;
    return ledger_set_archive(storage, day, -monitor->id, compressed->content.length, error);
}

int compressed_recover(struct journal *journal, const struct monitor_id *monitor, int64_t day,
                       int64_t *length, struct error *error)
{
    struct record plain;
    struct compressed compressed;
    int64_t size = -1;
    int fd, plain_fd, result = -1;

    assert(storage_in_transaction(journal->storage));
    record_name(&plain, day, monitor);
    fd = compressed_open(journal, &plain, &compressed, error);

    /* A folder or the like with the name of the compressed file prevents only compressing. */
    if (fd < 0)
        return record_is_absent(error) ? 0 : -1;
    plain_fd = record_open(journal, &plain, O_RDONLY, &size, error);
    if ((plain_fd >= 0 || error->os == ENOENT) &&
        compressed_examine(journal, fd, plain_fd, size, &compressed, error) == 0)
        result = commit_lengths(journal, monitor, day, &plain, size, &compressed, length, error);
    if (plain_fd >= 0)
        close(plain_fd);
    close(fd);
    return result;
}

/* Compressing a large file takes seconds, so a signal is noticed at each block. */
static int encode_block(void *context, const char *bytes, size_t size)
{
    if (interrupt_came()) {
        errno = EINTR;
        return -1;
    }
    return codec_encode(context, bytes, size, false);
}

/* Decompresses a file that must have this content. Returns 0, or -1 with errno. */
static int decode_content(struct codec *codec, enum compression format, int fd, blocks_take *take,
                          struct codec_content expected)
{
    struct codec_content content;

    if (blocks_decode(codec, format, fd, take, codec))
        return -1;
    content = codec_decoded(codec);
    if (!codec_damage(codec) && content.length == expected.length && content.crc == expected.crc)
        return 0;
    errno = EIO;
    return -1;
}

/* Writes the file and verifies it; old_fd is -1 if there is no older compressed file. */
static int write_tmp(struct journal *journal, struct archive *archive, int plain_fd,
                     const struct compressed *old, int old_fd, struct error *error)
{
    struct codec *codec = journal->codec;
    struct blocks_part rows = {.size = archive->length, .fd = plain_fd};
    int64_t size;
    int fd = record_open(journal, &archive->tmp, O_RDWR | O_CREAT | O_TRUNC, &size, error);
    int result = 0;

    if (fd < 0)
        return -1;
    if (codec_start_encoding(codec, old->format, fd) ||
        (old_fd >= 0 && decode_content(codec, old->format, old_fd, encode_block, old->content)) ||
        blocks_read(&rows, encode_block, codec) || codec_encode(codec, "", 0, true) ||
        decode_content(codec, old->format, fd, NULL, codec_encoded(codec)))
        result = record_set_error(journal, &archive->tmp, error);
    archive->encoded_length = codec_encoded(codec).length;
    close(fd);
    if (result)
        unlinkat(journal->folder.fd, archive->tmp.name, 0);
    return result;
}

/*
 * Opens and examines the older compressed file. It keeps its format, whatever the configuration is
 * now, so that a record never has two. *fd is -1 if there is none to continue. If old->damage is
 * set afterwards, it must not be replaced.
 */
static int examine_old(struct journal *journal, const struct archive *archive, int plain_fd,
                       struct compressed *old, int *fd, struct error *error)
{
    old->damage = NULL;
    *fd = compressed_open(journal, &archive->plain, old, error);
    if (*fd < 0) {
        old->format = journal->config->archive_compress;
        return error->os == ENOENT ? 0 : -1;
    }
    if (compressed_examine(journal, *fd, plain_fd, archive->length, old, error))
        return -1;
    if (old->relation == COMPRESSED_REPLACED) {
        old->damage = NULL;
        close(*fd);
        *fd = -1;
    }
    if (old->damage)
        call_add_finding(journal, FINDING_DAMAGED, &old->record);
    return 0;
}

int compressed_write(struct journal *journal, struct archive *archive, int plain_fd, int64_t size,
                     struct error *error)
{
    struct compressed old;
    int old_fd = -1, result = -1;

    if (committed_trim(journal, &archive->plain, plain_fd, size, archive->length, error) == 0 &&
        examine_old(journal, archive, plain_fd, &old, &old_fd, error) == 0)
        result = !old.damage && archive->length > 0;
    if (result > 0) {
        name_compressed(&archive->plain, old.format, &archive->compressed);
        archive->replaces = old_fd >= 0;
        if (write_tmp(journal, archive, plain_fd, &old, old_fd, error))
            result = -1;
    }
    if (old_fd >= 0)
        close(old_fd);
    return result;
}
