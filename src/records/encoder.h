#ifndef RECORDS_ENCODER_H
#define RECORDS_ENCODER_H

#include "config/config.h"

#include <stdbool.h>
#include <stdint.h>

/* A stream of bytes → a compressed file, in memory of a fixed size. Knows no CSV. */
struct pack;

/* One for any number of files, one after another. NULL: out of memory. NULL is fine to free. */
struct pack *encoder_new(void);
void encoder_free(struct pack *pack);

/* Packs into fd, which stays the caller's and is empty. Returns 0, or -1 with errno. */
int encoder_start(struct pack *pack, enum compression format, int fd);

/* Packs these bytes; with last, they end the file. Returns 0, or -1 with errno. */
int encoder_write(struct pack *pack, const void *bytes, size_t size, bool last);

/* How many bytes were packed so far, and their CRC-32. */
int64_t encoder_length(const struct pack *pack);
unsigned long encoder_crc(const struct pack *pack);

#endif
