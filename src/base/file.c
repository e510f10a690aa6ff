/* Reads, writes and creates files and folders. */
#define _GNU_SOURCE /* syncfs */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 64 << 10 };

int file_open_standard(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= 2);
    return fd < 0 ? -1 : close(fd);
}

/* Reads fd to its end. Returns 0, or -1 with errno (EFBIG: over the ceiling). */
static int read_to_end(int fd, struct buffer *into)
{
    for (;;) {
        size_t left = into->ceiling - into->size, step = left < READ_STEP ? left : READ_STEP;
        ssize_t n;

        if (step == 0 || buffer_reserve(into, step)) {
            errno = step == 0 ? EFBIG : ENOMEM;
            return -1;
        }
        n = read(fd, into->data + into->size, step);
        if (n == 0)
            break;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        into->size += (size_t)n;
    }
    into->data[into->size] = '\0';
    return 0;
}

int file_read(const char *path, struct buffer *into, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result;

    if (fd < 0)
        return error_errno(error, "%s", path);
    result = read_to_end(fd, into);
    if (result)
        error_errno(error, "%s", path);
    close(fd);
    return result;
}

/* Writes all bytes at this offset, or, as a pipe requires, at the current position if it is -1.
 * Returns 0, or -1 with errno. */
static int write_all(int fd, const char *bytes, size_t size, off_t offset)
{
    while (size > 0) {
        ssize_t n = offset < 0 ? write(fd, bytes, size) : pwrite(fd, bytes, size, offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        size -= (size_t)n;
        offset += offset < 0 ? 0 : n;
    }
    return 0;
}

int file_replace(const char *path, const void *bytes, size_t size, mode_t mode, struct error *error)
{
    char tmp[PATH_MAX];
    struct stat status;
    bool regular = lstat(path, &status) || S_ISREG(status.st_mode);
    const char *target = regular ? tmp : path;
    int fd = -1, result = 0;

    if (snprintf(tmp, sizeof tmp, "%s.%ld.tmp", path, (long)getpid()) >= (int)sizeof tmp)
        errno = ENAMETOOLONG;
    else
        fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC | (regular ? O_EXCL : O_TRUNC), mode);
    if (fd < 0)
        return error_errno(error, "%s", path);
    if (write_all(fd, bytes, size, -1))
        result = error_errno(error, "%s", target);
    if (close(fd) && result == 0)
        result = error_errno(error, "%s", target);
    if (result == 0 && regular && rename(tmp, path))
        result = error_errno(error, "%s", path);
    if (result && regular)
        unlink(tmp);
    return result;
}

bool file_has_one_name(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
}

/* Copies all bytes. Returns 0, or -1 with errno. */
static int copy_all(int from_fd, int to_fd)
{
    char block[64 << 10];
    ssize_t n;

    while ((n = read(from_fd, block, sizeof block)) > 0) {
        if (write_all(to_fd, block, (size_t)n, -1))
            return -1;
    }
    return n < 0 ? -1 : fsync(to_fd);
}

/* Copies the open file to a new one of this name. Returns 0, or -1 with errno and no new file. */
static int copy_to(int folder_fd, int from_fd, const char *copy, mode_t mode)
{
    int fd, result;

    if (unlinkat(folder_fd, copy, 0) && errno != ENOENT)
        return -1;
    fd = openat(folder_fd, copy, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return -1;
    result = copy_all(from_fd, fd);
    if (close(fd) || result) {
        unlinkat(folder_fd, copy, 0);
        return -1;
    }
    return 0;
}

/* As file_open_regular, but follows links unless a flag forbids it. */
static int open_regular(int folder_fd, const char *name, int flags, mode_t mode,
                        struct stat *status)
{
    int fd = openat(folder_fd, name, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode);
    struct stat found;
    int os;

    if (fd < 0)
        return -1;
    os = fstat(fd, &found) ? errno : S_ISREG(found.st_mode) ? 0 : EINVAL;
    if (os == 0 && status)
        *status = found;
    if (os == 0)
        return fd;
    close(fd);
    errno = os;
    return -1;
}

int file_open_regular(int folder_fd, const char *name, int flags, mode_t mode, struct stat *status)
{
    return open_regular(folder_fd, name, flags | O_NOFOLLOW, mode, status);
}

int file_read_regular(const char *path, struct buffer *into, struct stat *status)
{
    int fd = open_regular(AT_FDCWD, path, O_RDONLY, 0, status), result, os;

    if (fd < 0)
        return -1;
    result = read_to_end(fd, into);
    os = errno;
    close(fd);
    errno = os;
    return result;
}

int file_unshare(int folder_fd, const char *name, mode_t mode)
{
    struct stat status;
    int fd = file_open_regular(folder_fd, name, O_RDONLY, 0, &status), result = -1;
    char copy[NAME_MAX + 1];

    if (fd < 0)
        return -1;
    if (status.st_nlink == 1)
        result = 0;
    else if (snprintf(copy, sizeof copy, "%s.copy", name) >= (int)sizeof copy)
        errno = ENAMETOOLONG;
    else if (copy_to(folder_fd, fd, copy, mode) == 0)
        result = renameat(folder_fd, copy, folder_fd, name) || fsync(folder_fd) ? -1 : 0;
    close(fd);
    return result;
}

int file_open_unshared(int folder_fd, const char *name, int flags, mode_t mode, struct stat *status)
{
    bool is_read_only = (flags & O_ACCMODE) == O_RDONLY;
    int fd = file_open_regular(folder_fd, name, flags, mode, status);

    if (fd < 0 || is_read_only || status->st_nlink == 1)
        return fd;
    close(fd);
    if (file_unshare(folder_fd, name, mode))
        return -1;
    fd = file_open_regular(folder_fd, name, flags, mode, status);
    if (fd < 0 || status->st_nlink == 1)
        return fd;
    close(fd);
    errno = EMLINK;
    return -1;
}

int file_write_at(int fd, const void *bytes, size_t size, off_t offset)
{
    return write_all(fd, bytes, size, offset);
}

int file_read_at(int fd, void *bytes, size_t size, off_t offset)
{
    char *into = bytes;

    while (size > 0) {
        ssize_t n = pread(fd, into, size, offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n ? errno : EIO;
            return -1;
        }
        into += n;
        size -= (size_t)n;
        offset += n;
    }
    return 0;
}

/* Opens one folder in another. Creates it if it is missing and mode is not 0. */
static int open_or_make(int parent, const char *name, mode_t mode)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(parent, name, flags);

    if (fd >= 0 || errno != ENOENT || mode == 0)
        return fd;
    if (mkdirat(parent, name, mode) && errno != EEXIST)
        return -1;
    return openat(parent, name, flags);
}

int file_open_folder(int folder, const char *path, mode_t mode)
{
    char part[NAME_MAX + 1];
    int fd = -1;

    for (;;) {
        size_t length = strcspn(path, "/");
        int below;

        if (length == 0 || length > NAME_MAX) {
            errno = ENAMETOOLONG;
            below = -1;
        } else {
            snprintf(part, sizeof part, "%.*s", (int)length, path);
            below = open_or_make(fd < 0 ? folder : fd, part, mode);
        }
        if (fd >= 0)
            close(fd);
        if (below < 0 || path[length] == '\0')
            return below;
        fd = below;
        path += length + 1;
    }
}

/*
 * Creates a folder and flushes its name to disk: all records in it depend on that. Failing to read
 * or sync the parent is not an error.
 */
static int make_durably(const char *path, mode_t mode)
{
    char above[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int fd;

    if (mkdir(path, mode))
        return -1;
    snprintf(above, sizeof above, "%.*s", slash > path ? (int)(slash - path) : 1,
             slash ? path : ".");
    fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    return 0;
}

/* Returns 0, or -1 with errno if the folder neither exists nor can be created. */
static int make_or_find(const char *path, mode_t mode)
{
    int cause;

    if (make_durably(path, mode) == 0 || errno == EEXIST || errno == EISDIR)
        return 0;
    cause = errno;
    if (access(path, X_OK) == 0)
        return 0;
    errno = cause;
    return -1;
}

int file_make_folder(const char *path, mode_t mode, struct error *error)
{
    char parent[PATH_MAX];
    size_t length = strlen(path);

    if (length >= sizeof parent) {
        errno = ENAMETOOLONG;
        return error_errno(error, "%s", path);
    }

    /* Each folder on the path, from the top; most of them exist already. */
    for (size_t i = 1; i <= length; i++) {
        if (i < length && path[i] != '/')
            continue;
        snprintf(parent, sizeof parent, "%.*s", (int)i, path);
        if (make_or_find(parent, i < length ? 0755 : mode))
            return error_errno(error, "%s", parent);
    }
    return 0;
}

int file_open_pipe(int ends[2])
{
    if (pipe(ends)) {
        ends[0] = ends[1] = -1;
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    return 0;
}

int file_sync_all(int fd)
{
#ifdef __linux__
    return syncfs(fd);
#else
    (void)fd;
    sync();
    return 0;
#endif
}
