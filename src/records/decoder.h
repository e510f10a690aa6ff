#ifndef RECORDS_DECODER_H
#define RECORDS_DECODER_H

#include "config/config.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * Decompresses a file into a stream of bytes, with memory of a fixed size, even if the file was
 * made to expand enormously. It does not care what the bytes mean.
 */
struct decoder;

/* Serves any number of files, one after another. NULL: out of memory. */
struct decoder *decoder_new(void);

/* NULL is allowed. */
void decoder_free(struct decoder *decoder);

/*
 * Starts a file of this format, gzip or zstd, at its beginning. fd stays the caller's and must stay
 * open while it is read.
 */
void decoder_start(struct decoder *decoder, enum compression format, int fd);

/*
 * Like read(2), for 1 byte up to less than 4 GiB: returns the number of bytes, 0 at the end, or -1
 * with errno. If the file is damaged, the intact bytes before the damage are given, then the end.
 */
ssize_t decoder_read(struct decoder *decoder, void *into, size_t size);

/* What is wrong with the part of the file that was read so far (a constant text); NULL: nothing. */
const char *decoder_damage(const struct decoder *decoder);

/* The number of bytes given since the start, and their CRC-32. */
int64_t decoder_length(const struct decoder *decoder);
unsigned long decoder_crc(const struct decoder *decoder);

#endif
