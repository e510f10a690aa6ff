/* The compressed file of an archive, and the plain file beside it. */
#include "records/compressed.h"

#include "records/blocks.h"
#include "records/committed.h"
#include "records/decoder.h"
#include "state/ledger.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const suffixes[] = {[COMPRESSION_GZIP] = ".gz", [COMPRESSION_ZSTD] = ".zst"};

void compressed_name(const struct record *plain, enum compression format, struct record *record)
{
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

    compressed->has_other = false;
    compressed->format = COMPRESSION_GZIP;
    compressed_name(plain, COMPRESSION_GZIP, &compressed->record);
    compressed_name(plain, COMPRESSION_ZSTD, &other);
    fd = record_open(journal, &compressed->record, O_RDONLY, &size, error);
    if (fd >= 0) {
        compressed->has_other =
            fstatat(journal->folder.fd, other.name, &status, AT_SYMLINK_NOFOLLOW) == 0;
        return fd;
    }
    if (error->os != ENOENT)
        return -1;
    compressed->format = COMPRESSION_ZSTD;
    compressed->record = other;
    return record_open(journal, &compressed->record, O_RDONLY, &size, error);
}

int compressed_examine(struct journal *journal, int fd, int plain_fd, int64_t plain_size,
                       struct compressed *compressed, struct error *error)
{
    struct decoder *decoder = call_decoder(journal, error);
    int64_t skip, size;
    bool equal;

    compressed->relation = COMPRESSED_CONTINUED;
    if (!decoder)
        return -1;
    decoder_start(decoder, compressed->format, fd);
    if (blocks_decode(decoder, NULL, NULL))
        return record_set_error(journal, &compressed->record, error);
    compressed->length = decoder_length(decoder);
    compressed->damage = decoder_damage(decoder);

    /* An intact file may end with all of the plain file. The intact bytes of a damaged one may be
     * the beginning of the plain file. */
    skip = compressed->damage ? 0 : compressed->length - plain_size;
    size = compressed->damage ? compressed->length : plain_size;
    if (plain_fd < 0 || skip < 0 || size > plain_size || (compressed->damage && size == 0))
        return 0;
    decoder_start(decoder, compressed->format, fd);
    if (blocks_compare_decoded(decoder, skip, plain_fd, size, &equal))
        return record_set_error(journal, &compressed->record, error);
    if (equal)
        compressed->relation = compressed->damage ? COMPRESSED_REPLACED : COMPRESSED_CONTAINED;
    return 0;
}

/* Whether the compressed file has the plain one's rows: by the ledger's lengths, else by bytes. */
static bool has_rows_of_plain(const struct compressed *compressed, int64_t old_length,
                              int64_t plain_length, bool plain_exists)
{
    if (plain_length > 0 && compressed->length == old_length)
        return false;
    if (plain_length > 0 && compressed->length == old_length + plain_length)
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
    return ledger_set_archive(storage, day, -monitor->id, compressed->length, error);
}

int compressed_recover(struct journal *journal, const struct monitor_id *monitor, int64_t day,
                       int64_t *length, struct error *error)
{
    struct record plain;
    struct compressed compressed;
    int64_t size = -1;
    int fd, plain_fd, result = -1;

    assert(storage_in_transaction(journal->storage));
    record_archive(&plain, day, monitor);
    fd = compressed_open(journal, &plain, &compressed, error);

    /* A folder or the like with the name of the compressed file hinders only compressing. */
    if (fd < 0)
        return record_is_absent(error) ? 0 : -1;
    plain_fd = record_open(journal, &plain, O_RDONLY, &size, error);
    if (plain_fd < 0 && error->os != ENOENT)
        goto out;
    if (compressed_examine(journal, fd, plain_fd, size, &compressed, error) == 0)
        result = commit_lengths(journal, monitor, day, &plain, size, &compressed, length, error);
out:
    if (plain_fd >= 0)
        close(plain_fd);
    close(fd);
    return result;
}
