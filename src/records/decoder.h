#ifndef RECORDS_DECODER_H
#define RECORDS_DECODER_H

#include "config/config.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * The bytes of a compressed file, as a stream: neither a long file nor one made to swell takes more
 * memory. Knows no CSV.
 */
struct decoder;

/* One for any number of files, one after another. NULL: out of memory. NULL is fine to free. */
struct decoder *decoder_new(void);
void decoder_free(struct decoder *decoder);

/* Reads fd, which stays the caller's, from its front. */
void decoder_start(struct decoder *decoder, enum compression format, int fd);

/*
 * As read(2), with room for less than 4 GiB: how many bytes there were, 0 at the end, or -1 with
 * errno. Where the file is damaged, what is whole before that is given, and then comes the end.
 */
ssize_t decoder_read(struct decoder *decoder, void *into, size_t room);

/* What is wrong with the file, as far as it was read (a constant); NULL: nothing. */
const char *decoder_damage(const struct decoder *decoder);

/* How many bytes were given so far, and their CRC-32. */
int64_t decoder_length(const struct decoder *decoder);
unsigned long decoder_crc(const struct decoder *decoder);

#endif
