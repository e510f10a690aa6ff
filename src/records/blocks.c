/* Reads, copies and compares long parts of files, block by block. */
#include "records/blocks.h"

#include "base/file.h"

#include <string.h>

enum { BLOCK_SIZE = 64 << 10 };

int blocks_read(const struct blocks_part *part, blocks_take *take, void *context)
{
    char block[BLOCK_SIZE];
    int result = 0;

    for (int64_t done = 0; done < part->size && result == 0;) {
        size_t n = part->size - done < BLOCK_SIZE ? (size_t)(part->size - done) : BLOCK_SIZE;

        if (!part->bytes && file_read_at(part->fd, block, n, part->from + done))
            return -1;
        result = take(context, part->bytes ? part->bytes + done : block, n);
        done += (int64_t)n;
    }
    return result;
}

int blocks_decode(struct codec *codec, enum compression format, int fd, blocks_take *take,
                  void *context)
{
    char block[BLOCK_SIZE];
    ssize_t n;

    codec_start_decoding(codec, format, fd);
    while ((n = codec_decode(codec, block, sizeof block)) > 0) {
        int result = take ? take(context, block, (size_t)n) : 0;

        if (result)
            return result;
    }
    return n < 0 ? -1 : 0;
}

static int write_block(void *context, const char *bytes, size_t size)
{
    struct blocks_part *to = context;

    if (file_write_at(to->fd, bytes, size, to->from))
        return -1;
    to->from += (int64_t)size;
    return 0;
}

int blocks_copy(const struct blocks_part *part, int to_fd, int64_t to)
{
    return blocks_read(part, write_block, &(struct blocks_part){.fd = to_fd, .from = to});
}

bool blocks_match(const char *bytes, const char *expected, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != expected[i] && bytes[i] != '\0')
            return false;
    }
    return true;
}

/* The file that blocks are compared with. */
struct comparison {
    int fd;
    int64_t at, skip; /* skip: bytes of the blocks before those to compare */
    bool allow_zeros;
};

static int compare_block(void *context, const char *bytes, size_t size)
{
    struct comparison *comparison = context;
    size_t skip = comparison->skip < (int64_t)size ? (size_t)comparison->skip : size;
    char other[BLOCK_SIZE];

    comparison->skip -= (int64_t)skip;
    bytes += skip;
    size -= skip;
    if (file_read_at(comparison->fd, other, size, comparison->at))
        return -1;
    comparison->at += (int64_t)size;
    return !(comparison->allow_zeros ? blocks_match(other, bytes, size)
                                     : memcmp(other, bytes, size) == 0);
}

int blocks_compare(const struct blocks_part *part, int fd, int64_t at, bool allow_zeros,
                   bool *equal)
{
    struct comparison comparison = {.fd = fd, .at = at, .allow_zeros = allow_zeros};
    int result = blocks_read(part, compare_block, &comparison);

    *equal = result == 0;
    return result < 0 ? -1 : 0;
}

int blocks_compare_decoded(struct codec *codec, enum compression format, int compressed_fd,
                           int64_t skip, int fd, int64_t size, bool *equal)
{
    struct comparison comparison = {.fd = fd, .skip = skip};
    int result = blocks_decode(codec, format, compressed_fd, compare_block, &comparison);

    *equal = result == 0 && comparison.skip == 0 && comparison.at == size;
    return result < 0 ? -1 : 0;
}
