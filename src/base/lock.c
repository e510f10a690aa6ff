/* Takes and releases the lock of a data_dir. */
#include "base/lock.h"

#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static int lock_file(int fd, bool wait)
{
    int result;

    do
        result = flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB));
    while (result && errno == EINTR && wait && !interrupt_came());
    return result;
}

/* Locks an open file. Returns it, or closes it and returns -1. */
static int finish(int fd, const char *path, bool *busy, struct error *error)
{
    if (lock_file(fd, busy == NULL) == 0)
        return fd;
    if (errno == EINTR)
        error_set(error, EXIT_IO, "%s: interrupted while waiting for another uptick", path);
    else if (busy && errno == EWOULDBLOCK)
        *busy = true;
    else
        error_errno(error, "%s: cannot lock", path);
    close(fd);
    return -1;
}

int lock_acquire(const char *data_dir, bool *busy, struct error *error)
{
    char path[PATH_MAX];
    int fd;

    snprintf(path, sizeof path, "%s/lock", data_dir);
    fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
    return fd < 0 ? error_errno(error, "%s", path) : finish(fd, path, busy, error);
}

int lock_acquire_folder(const char *folder, bool *busy, struct error *error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return error_errno(error, "%s", folder);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return fd;
    return finish(fd, folder, busy, error);
}

void lock_release(int fd)
{
    if (fd >= 0)
        close(fd);
}
