#ifndef CONFIG_USER_FILE_H
#define CONFIG_USER_FILE_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdint.h>
#include <sys/stat.h>

/* Files that the configuration is made of: uptick.yaml, those that it includes, and secrets. */

/*
 * Reads a regular file of at most max bytes into an empty buffer, whose ceiling it sets. Follows
 * links, and never waits for a fifo or a device. Fills in *status. Returns 0, or -1: then
 * error->text is the reason without the path, and if there is no such file, error->os is ENOENT.
 */
int user_file_read(const char *path, size_t max, struct buffer *into, struct stat *status,
                   struct error *error);

/* A checksum that shows whether a file was changed. It takes eight bytes at once, because a large
 * file has megabytes. */
int64_t user_file_hash(const char *bytes, size_t size);

#endif
