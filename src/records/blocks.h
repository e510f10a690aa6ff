#ifndef RECORDS_BLOCKS_H
#define RECORDS_BLOCKS_H

#include "records/codec.h"

/*
 * Long parts of files, read, copied and compared block by block. Each function returns 0, or -1
 * with errno; a file that ends too early is EIO.
 */

/* A part of a file; or bytes in memory, if bytes is not NULL. */
struct blocks_part {
    int64_t size;
    const char *bytes;
    int fd;
    int64_t from; /* its offset in the file */
};

/* Takes one block. Anything but 0 ends the reading and is returned. */
typedef int blocks_take(void *context, const char *bytes, size_t size);

/* Calls take for each block of the part. */
int blocks_read(const struct blocks_part *part, blocks_take *take, void *context);

/*
 * Decompresses a file and calls take for each block, unless take is NULL. Damage is not an error:
 * codec_damage shows it.
 */
int blocks_decode(struct codec *codec, enum compression format, int fd, blocks_take *take,
                  void *context);

/* Copies the part into another file. */
int blocks_copy(const struct blocks_part *part, int to_fd, int64_t to);

/*
 * Sets *equal to whether a file has the bytes of the part at this offset; with allow_zeros, as in
 * blocks_match.
 */
int blocks_compare(const struct blocks_part *part, int fd, int64_t at, bool allow_zeros,
                   bool *equal);

/*
 * Sets *equal to whether a compressed file contains exactly `skip` bytes and then the first size
 * bytes of another file.
 */
int blocks_compare_decoded(struct codec *codec, enum compression format, int compressed_fd,
                           int64_t skip, int fd, int64_t size, bool *equal);

/*
 * Whether bytes of a file are the expected ones, or NUL bytes in their place: after a power
 * failure, a file may have its new length but no data.
 */
bool blocks_match(const char *bytes, const char *expected, size_t size);

#endif
