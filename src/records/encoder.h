#ifndef RECORDS_ENCODER_H
#define RECORDS_ENCODER_H

#include "config/config.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Compresses a stream of bytes into a file, with memory of a fixed size. It does not care what the
 * bytes mean.
 */
struct encoder;

/* Serves any number of files, one after another. NULL: out of memory. */
struct encoder *encoder_new(void);

/* NULL is allowed. */
void encoder_free(struct encoder *encoder);

/*
 * Starts a file of this format, gzip or zstd. fd is an empty file and stays the caller's. Returns
 * 0, or -1 with errno.
 */
int encoder_start(struct encoder *encoder, enum compression format, int fd);

/*
 * Compresses these bytes; with `last`, they end the file. Returns 0, or -1 with errno. After -1,
 * start again.
 */
int encoder_write(struct encoder *encoder, const void *bytes, size_t size, bool last);

/* The number of bytes compressed since the start, and their CRC-32. */
int64_t encoder_length(const struct encoder *encoder);
unsigned long encoder_crc(const struct encoder *encoder);

#endif
