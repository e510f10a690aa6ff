#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buffer.h"
#include "base/error.h"

#include <stddef.h>
#include <sys/types.h>

/*
 * Files, with the loops for EINTR and short reads and writes in one place. A path is relative to a
 * folder's descriptor (AT_FDCWD for the working folder); `shown` is how messages name the file.
 * No function here follows a symbolic link in the last part of its path, unless it says so.
 */

/*
 * Opens what a careless parent closed of the descriptors 0, 1 and 2, so that no record's file
 * becomes one of them. Returns 0, or -1 with errno.
 */
int file_open_standard(void);

/* Reads a whole file, links followed. Over the buffer's ceiling is an error. Returns 0 or -1. */
int file_read(const char *path, struct buffer *into, struct error *error);

/* Writes or reads all of size at this offset. Return 0 or -1 with errno; a short file is EIO. */
int file_write_at(int fd, const void *bytes, size_t size, off_t offset);
int file_read_at(int fd, void *bytes, size_t size, off_t offset);

/*
 * Opens the folder path below folder. Missing parts are made with this mode; where that is 0, they
 * stay missing (ENOENT). No part of path may be a symbolic link. Returns a descriptor, or -1 with
 * errno.
 */
int file_open_folder(int folder, const char *path, mode_t mode);

/* The same for the one folder that a user configured: links are followed. Returns 0 or -1. */
int file_make_folder(const char *path, mode_t mode, struct error *error);

/*
 * Opens a pipe by which one thread wakes another: neither end blocks, or outlives an exec. Returns
 * 0, or -1 with errno, and both ends are then -1.
 */
int file_open_pipe(int ends[2]);

#endif
