#ifndef RECORDS_COMPRESS_H
#define RECORDS_COMPRESS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct journal;

/*
 * Compresses archives of finished days as configured, for max_ms at most, but at least one file. A
 * signal ends it early; the next call continues. A file that cannot be compressed stays as it is,
 * and one error (-1) reports all of them. *n counts the compressed files. While render --at reads
 * the records, nothing is compressed; a later call does it.
 *
 * An archive is compressed into a temporary file, read back, synced and renamed. Then one
 * transaction stores its length before compression, under the negated id of the monitor, and
 * removes the committed length of the plain file, which is then deleted. Compressed files keep
 * their format when archive_compress changes, also when late rows are added to them.
 */
int compress_run(struct journal *journal, int64_t now_ms, int64_t max_ms, size_t *n,
                 struct error *error);

#endif
