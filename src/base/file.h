#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Files. The loops for EINTR and for short reads and writes are only here. No function follows a
 * symbolic link in the last component of its path, unless its comment allows it.
 */

/*
 * Opens those of the descriptors 0, 1 and 2 that the parent process closed, so that no file of the
 * records gets such a number. Returns 0, or -1 with errno.
 */
int file_open_standard(void);

/* Appends a whole file to the buffer. Follows links. A file larger than the buffer's ceiling is an
 * error. Returns 0 or -1. */
int file_read(const char *path, struct buffer *into, struct error *error);

/*
 * Appends a whole file that must be regular: a fifo or a device is EINVAL and does not block.
 * Follows links. A file larger than the buffer's ceiling is EFBIG. Fills in its status. Returns 0,
 * or -1 with errno.
 */
int file_read_regular(const char *path, struct buffer *into, struct stat *status);

/*
 * Replaces path by a file of these bytes, completely or not at all: writes PATH.PID.tmp and renames
 * it. If path exists and is not a regular file (a pipe, a link), the bytes are written to it
 * instead. Returns 0 or -1.
 */
int file_replace(const char *path, const void *bytes, size_t size, mode_t mode,
                 struct error *error);

/* Whether an open file is a regular file with no other name: writing to a hard link would change a
 * file elsewhere. */
bool file_has_one_name(int fd);

/*
 * Opens a file of this folder (a descriptor or AT_FDCWD) that must be regular: a fifo of that name
 * must not block, and the error of anything else is EINVAL. Fills in its status, unless status is
 * NULL. mode is that of a new file. Returns a descriptor, or -1 with errno.
 */
int file_open_regular(int folder_fd, const char *name, int flags, mode_t mode, struct stat *status);

/*
 * Gives a regular file of this folder a copy of its own if it has other names, so that writing to
 * it changes no file elsewhere: writes NAME.copy, brings it to disk and renames it. Its mode
 * becomes `mode`. Returns 0, or -1 with errno.
 */
int file_unshare(int folder_fd, const char *name, mode_t mode);

/* Like file_open_regular, but calls file_unshare before it opens a file for writing that has other
 * names. A file that gets another name meanwhile is EMLINK. */
int file_open_unshared(int folder_fd, const char *name, int flags, mode_t mode,
                       struct stat *status);

/* Write or read all bytes at this offset. Return 0, or -1 with errno; EIO if the file is too short
 * to read them all. */
int file_write_at(int fd, const void *bytes, size_t size, off_t offset);
int file_read_at(int fd, void *bytes, size_t size, off_t offset);

/*
 * Opens the folder `path` below `folder`, a descriptor or AT_FDCWD. Creates missing components with
 * this mode; if mode is 0, a missing one is ENOENT. No component may be a symbolic link. Returns a
 * descriptor, or -1 with errno.
 */
int file_open_folder(int folder, const char *path, mode_t mode);

/* Creates a configured folder, with this mode, and its parents, if they do not exist. Follows
 * links. Returns 0 or -1. */
int file_make_folder(const char *path, mode_t mode, struct error *error);

/*
 * Opens a pipe with which one thread wakes another: non-blocking and close-on-exec. Returns 0, or
 * -1 with errno, both ends -1.
 */
int file_open_pipe(int ends[2]);

/*
 * Flushes to disk all that was written to the file system of this descriptor; on systems without
 * syncfs, to all file systems. Returns 0, or -1 with errno.
 */
int file_sync_all(int fd);

#endif
