#ifndef RECORDS_BLOCKS_H
#define RECORDS_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct decoder;

/*
 * Long parts of files, read, copied and compared block by block. Each function returns 0, or -1
 * with errno; a file that ends too early is EIO.
 */

/* Takes one block. Anything but 0 ends the reading and is returned. */
typedef int blocks_take(void *context, const char *bytes, size_t size);

/* Gives size bytes of a file, from this offset on, to take. */
int blocks_read(int fd, int64_t from, int64_t size, blocks_take *take, void *context);

/*
 * Gives all bytes that a started decoder has to take, or only decodes them if take is NULL. If the
 * file is damaged, that is not an error: decoder_damage shows it.
 */
int blocks_decode(struct decoder *decoder, blocks_take *take, void *context);

/* Copies size bytes of one file into another. */
int blocks_copy(int from_fd, int64_t from, int64_t size, int to_fd, int64_t to);

/* Sets *equal to whether two files have the same size bytes at these offsets. */
int blocks_compare(int fd, int64_t at, int64_t size, int other_fd, int64_t other_at, bool *equal);

/*
 * Sets *equal to whether a started decoder gives exactly `skip` bytes and then the first size bytes
 * of a file.
 */
int blocks_compare_decoded(struct decoder *decoder, int64_t skip, int fd, int64_t size,
                           bool *equal);

/*
 * Sets *equal to whether the file has these bytes at this offset. With allow_zeros, a NUL byte in
 * the file equals any byte: after a power failure, a file may have its new length but no data.
 */
int blocks_match(int fd, int64_t at, const char *bytes, size_t size, bool allow_zeros, bool *equal);

#endif
