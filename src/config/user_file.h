#ifndef CONFIG_USER_FILE_H
#define CONFIG_USER_FILE_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdint.h>
#include <sys/stat.h>

/* Files that the configuration is made of: uptick.yaml, those that it includes, and secrets. */

/*
 * Reads a regular file of at most max bytes into an empty buffer, whose ceiling it sets. Follows
 * links, and never waits for a fifo or a device. Fills in its status. Returns 0, or -1; the error's
 * text is then the reason alone, without the path, and its os is ENOENT if there is no such file.
 */
int user_file_read(const char *path, size_t max, struct buffer *into, struct stat *status,
                   struct error *error);

/* Shows whether a file was changed. Eight bytes at once, since a large file has megabytes. */
int64_t user_file_hash(const char *bytes, size_t size);

#endif
