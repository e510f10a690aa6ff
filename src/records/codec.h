#ifndef RECORDS_CODEC_H
#define RECORDS_CODEC_H

#include "config/config.h"

#include <sys/types.h>

/*
 * Compresses bytes into a file, and decompresses a file, with memory of a fixed size, even if the
 * file was made to expand enormously. One codec serves any number of files, one after another, and
 * may compress a file while it decompresses another.
 */
struct codec;

/* The bytes that were compressed or decompressed since the start of the file. */
struct codec_content {
    int64_t length;
    unsigned long crc; /* CRC-32 */
};

/* Returns NULL if out of memory. */
struct codec *codec_new(void);

/* NULL is allowed. */
void codec_free(struct codec *codec);

/*
 * Starts to compress into fd, an empty file, which stays the caller's. format is gzip or zstd.
 * Returns 0, or -1 with errno.
 */
int codec_start_encoding(struct codec *codec, enum compression format, int fd);

/*
 * Compresses these bytes; with `last`, they end the file. Returns 0, or -1 with errno. After -1,
 * start again.
 */
int codec_encode(struct codec *codec, const void *bytes, size_t size, bool last);
struct codec_content codec_encoded(const struct codec *codec);

/*
 * Starts to decompress a file of this format from its beginning. fd stays the caller's and must
 * stay open while it is read.
 */
void codec_start_decoding(struct codec *codec, enum compression format, int fd);

/*
 * Like read(2), for 1 byte up to less than 4 GiB: returns the number of bytes, 0 at the end, or -1
 * with errno. If the file is damaged, the intact bytes before the damage are given, then the end.
 */
ssize_t codec_decode(struct codec *codec, void *into, size_t size);
struct codec_content codec_decoded(const struct codec *codec);

/* Names the damage in the part of the file that was read so far (a constant text); NULL: none. */
const char *codec_damage(const struct codec *codec);

#endif
