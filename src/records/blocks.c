/* Reads, copies and compares long parts of files, block by block. */
#include "records/blocks.h"

#include "base/file.h"
#include "records/decoder.h"

#include <string.h>

enum { BLOCK_SIZE = 64 << 10 };

int blocks_read(int fd, int64_t from, int64_t size, blocks_take *take, void *context)
{
    char block[BLOCK_SIZE];
    int result = 0;

    for (int64_t done = 0; done < size && result == 0;) {
        size_t n = size - done < BLOCK_SIZE ? (size_t)(size - done) : BLOCK_SIZE;

        if (file_read_at(fd, block, n, from + done))
            return -1;
        result = take(context, block, n);
        done += (int64_t)n;
    }
    return result;
}

int blocks_decode(struct decoder *decoder, blocks_take *take, void *context)
{
    char block[BLOCK_SIZE];
    ssize_t n;

    while ((n = decoder_read(decoder, block, sizeof block)) > 0) {
        int result = take ? take(context, block, (size_t)n) : 0;

        if (result)
            return result;
    }
    return n < 0 ? -1 : 0;
}

/* Where the next block is to be written. */
struct destination {
    int fd;
    int64_t at;
};

static int write_block(void *context, const char *bytes, size_t size)
{
    struct destination *destination = context;

    if (file_write_at(destination->fd, bytes, size, destination->at))
        return -1;
    destination->at += (int64_t)size;
    return 0;
}

int blocks_copy(int from_fd, int64_t from, int64_t size, int to_fd, int64_t to)
{
    return blocks_read(from_fd, from, size, write_block, &(struct destination){to_fd, to});
}

/* The file that blocks are compared with. */
struct comparison {
    int fd;
    int64_t at, skip; /* skip: bytes of the blocks before those to compare */
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
    return memcmp(bytes, other, size) != 0;
}

int blocks_compare(int fd, int64_t at, int64_t size, int other_fd, int64_t other_at, bool *equal)
{
    struct comparison comparison = {.fd = other_fd, .at = other_at};
    int result = blocks_read(fd, at, size, compare_block, &comparison);

    *equal = result == 0;
    return result < 0 ? -1 : 0;
}

int blocks_compare_decoded(struct decoder *decoder, int64_t skip, int fd, int64_t size, bool *equal)
{
    struct comparison comparison = {.fd = fd, .skip = skip};
    int result = blocks_decode(decoder, compare_block, &comparison);

    *equal = result == 0 && comparison.skip == 0 && comparison.at == size;
    return result < 0 ? -1 : 0;
}

/* Bytes in memory that blocks are compared with. */
struct expected {
    const char *at;
    bool allow_zeros;
};

static int match_block(void *context, const char *bytes, size_t size)
{
    struct expected *expected = context;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != expected->at[i] && (bytes[i] != '\0' || !expected->allow_zeros))
            return 1;
    }
    expected->at += size;
    return 0;
}

int blocks_match(int fd, int64_t at, const char *bytes, size_t size, bool allow_zeros, bool *equal)
{
    struct expected expected = {bytes, allow_zeros};
    int result = blocks_read(fd, at, (int64_t)size, match_block, &expected);

    *equal = result == 0;
    return result < 0 ? -1 : 0;
}
