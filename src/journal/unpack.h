#ifndef JOURNAL_UNPACK_H
#define JOURNAL_UNPACK_H

#include "config/config.h"

#include <stdint.h>
#include <sys/types.h>

/*
 * The bytes of a compressed file, as a stream: neither a long file nor one made to swell takes more
 * memory. Knows no CSV.
 */
struct unpack;

/* One for any number of files, one after another. NULL: out of memory. NULL is fine to free. */
struct unpack *unpack_new(void);
void unpack_free(struct unpack *unpack);

/* Reads fd, which stays the caller's, from its front. */
void unpack_start(struct unpack *unpack, enum compression format, int fd);

/*
 * As read(2), with room for less than 4 GiB: how many bytes there were, 0 at the end, or -1 with
 * errno. Where the file is damaged, what is whole before that is given, and then comes the end.
 */
ssize_t unpack_read(struct unpack *unpack, void *into, size_t room);

/* What is wrong with the file, as far as it was read (a constant); NULL: nothing. */
const char *unpack_damage(const struct unpack *unpack);

/* How many bytes were given so far, and their CRC-32. */
int64_t unpack_length(const struct unpack *unpack);
unsigned long unpack_crc(const struct unpack *unpack);

#endif
