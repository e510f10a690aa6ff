/* A pack and the plain file beside it. */
#include "records/compressed.h"

#include "base/file.h"
#include "records/decoder.h"
#include "state/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP = 64 << 10 };

static const char *const suffixes[] = {[COMPRESSION_GZIP] = ".gz", [COMPRESSION_ZSTD] = ".zst"};

static int fail(const struct journal *journal, const struct record *record, struct error *error)
{
    return error_errno(error, "%s/%s/%s", journal->config->data_dir, record->folder, record->name);
}

void compressed_name(const struct record *plain, enum compression format, struct record *pack)
{
    strcpy(pack->folder, plain->folder);
    stpcpy(stpcpy(pack->name, plain->name), suffixes[format]);
}

int compressed_open(struct journal *journal, const struct record *plain, struct compressed *packed,
                    struct error *error)
{
    struct stat status;
    struct record other;
    int64_t size;
    int fd;

    packed->has_other = false;
    packed->format = COMPRESSION_GZIP;
    compressed_name(plain, COMPRESSION_GZIP, &packed->record);
    compressed_name(plain, COMPRESSION_ZSTD, &other);
    fd = record_open(journal, &packed->record, O_RDONLY, &size, error);
    if (fd >= 0) {
        packed->has_other =
            fstatat(journal->folder.fd, other.name, &status, AT_SYMLINK_NOFOLLOW) == 0;
        return fd;
    }
    if (error->os != ENOENT)
        return -1;
    packed->format = COMPRESSION_ZSTD;
    packed->record = other;
    return record_open(journal, &packed->record, O_RDONLY, &size, error);
}

/* Reads the pack to its end. */
static int measure(struct decoder *decoder, int fd, struct compressed *packed)
{
    char block[STEP];
    ssize_t n;

    decoder_start(decoder, packed->format, fd);
    while ((n = decoder_read(decoder, block, sizeof block)) > 0)
        continue;
    packed->length = decoder_length(decoder);
    packed->damage = decoder_damage(decoder);
    return n < 0 ? -1 : 0;
}

/* Whether the pack's bytes from this offset on are the plain file's first ones, so many of them. */
static int compare(struct decoder *decoder, int fd, enum compression format, int64_t from,
                   int plain_fd, int64_t size, bool *same)
{
    char here[STEP], there[STEP];
    int64_t at = 0;
    ssize_t n;

    *same = true;
    decoder_start(decoder, format, fd);
    while (*same && at < from + size && (n = decoder_read(decoder, here, sizeof here)) != 0) {
        int64_t skip = from > at ? from - at : 0;

        if (n < 0)
            return -1;
        if (skip < n) {
            if (file_read_at(plain_fd, there, (size_t)(n - skip), at + skip - from))
                return -1;
            *same = memcmp(here + skip, there, (size_t)(n - skip)) == 0;
        }
        at += n;
    }
    *same = *same && at == from + size;
    return 0;
}

int compressed_examine(struct journal *journal, int fd, int plain_fd, int64_t plain_size,
                       struct compressed *packed, struct error *error)
{
    struct decoder *decoder = journal_unpack(journal, error);
    int64_t from, size;
    bool same;

    packed->relation = COMPRESSED_CONTINUED;
    if (!decoder)
        return -1;
    if (measure(decoder, fd, packed))
        return fail(journal, &packed->record, error);

    /* A whole pack may end with the file; what is left of a damaged one may be the file's front. */
    from = packed->damage ? 0 : packed->length - plain_size;
    size = packed->damage ? packed->length : plain_size;
    if (plain_fd < 0 || from < 0 || size > plain_size || (packed->damage && size == 0))
        return 0;
    if (compare(decoder, fd, packed->format, from, plain_fd, size, &same))
        return fail(journal, &packed->record, error);
    if (same)
        packed->relation = packed->damage ? COMPRESSED_HALF : COMPRESSED_HELD;
    return 0;
}

/*
 * Whether the pack has the plain file's rows. The ledger knows, by the pack's length before and
 * after; where it was made from a record that somebody changed since, the bytes tell.
 */
static bool holds(const struct compressed *packed, int64_t encoder_length, int64_t plain_length,
                  bool has_plain)
{
    if (plain_length > 0 && packed->length == encoder_length)
        return false;
    if (plain_length > 0 && packed->length == encoder_length + plain_length)
        return true;
    return packed->relation == COMPRESSED_HELD || !has_plain;
}

/* Vouches for what was found, and removes the plain file where it is the pack's end. */
static int settle(struct journal *journal, const struct monitor_id *monitor, int64_t day,
                  const struct record *plain, int64_t plain_size, const struct compressed *packed,
                  int64_t *length, struct error *error)
{
    struct storage *storage = journal->storage;
    bool has_plain = plain_size >= 0;
    int64_t encoder_length;

    if (packed->damage)
        return 0;
    if (ledger_get_archive(storage, day, -monitor->id, &encoder_length, error))
        return -1;
    if (holds(packed, encoder_length, *length, has_plain)) {
        *length = 0;
        if (has_plain && packed->relation == COMPRESSED_HELD &&
            record_remove(journal, plain, plain_size, error))
            return -1;
    }
    if (ledger_set_archive(storage, day, monitor->id, *length, error))
        return -1;
    return ledger_set_archive(storage, day, -monitor->id, packed->length, error);
}

int compressed_settle(struct journal *journal, const struct monitor_id *monitor, int64_t day,
                      int64_t *length, struct error *error)
{
    struct record plain;
    struct compressed packed;
    int64_t size = -1;
    int fd, plain_fd, result = -1;

    record_archive(&plain, day, monitor->site, monitor->domain);
    fd = compressed_open(journal, &plain, &packed, error);

    /* What stands in a pack's place and is none is in nobody's way but the packing's. */
    if (fd < 0)
        return error->os == ENOENT || record_is_obstacle(error) ? 0 : -1;
    plain_fd = record_open(journal, &plain, O_RDONLY, &size, error);
    if (plain_fd < 0 && error->os != ENOENT)
        goto out;
    if (plain_fd < 0)
        size = -1;
    if (compressed_examine(journal, fd, plain_fd, size, &packed, error) == 0)
        result = settle(journal, monitor, day, &plain, size, &packed, length, error);
out:
    if (plain_fd >= 0)
        close(plain_fd);
    close(fd);
    return result;
}
