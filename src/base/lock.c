/* Takes and releases the lock of a data_dir. */
#include "base/lock.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OWNER_MAX = 80,        /* the text in the lock's file, with its NUL */
    WAIT_SILENT_MS = 1000, /* waiting for longer is printed */
    WAIT_STEP_MS = 20,     /* between two attempts until then */
};

/* kind is LOCK_EX or LOCK_SH. */
static int lock_file(int fd, int kind, bool wait)
{
    int result;

    do
        result = flock(fd, kind | (wait ? 0 : LOCK_NB));
    while (result && errno == EINTR && wait && !interrupt_came());
    return result;
}

/* Sets why an open file could not be locked, or *busy, and closes it. Returns -1. */
static int report_failure(int fd, const char *path, bool *busy, struct error *error)
{
    if (errno == EINTR)
        error_set(error, EXIT_IO, "%s: interrupted while waiting for another uptick", path);
    else if (busy && errno == EWOULDBLOCK)
        *busy = true;
    else
        error_errno(error, "%s: cannot lock", path);
    close(fd);
    return -1;
}

/* Whether the path still leads to this file. */
static bool is_at(int fd, const char *path)
{
    struct stat opened, found;

    return fstat(fd, &opened) == 0 && lstat(path, &found) == 0 && opened.st_dev == found.st_dev &&
           opened.st_ino == found.st_ino;
}

/* Opens the lock's file; anything else of that name is an error. */
static int open_file(const char *path, int flags, struct error *error)
{
    struct stat status;
    int fd = file_open_regular(AT_FDCWD, path, flags, 0640, &status);

    if (fd >= 0)
        return fd;
    if (errno == EINVAL || errno == EISDIR || errno == ELOOP || errno == ENXIO)
        return error_set(error, EXIT_IO, "%s: not a regular file; remove it", path);
    return error_errno(error, "%s", path);
}

/* Replaces the content of the lock's file, unless the file has another name too: then it may be a
 * file of others. A full disk is no error. */
static void write_owner(int fd, const char *text)
{
    struct stat status;

    if (fstat(fd, &status) || status.st_nlink > 1 || ftruncate(fd, 0))
        return;
    if (*text && pwrite(fd, text, strlen(text), 0) < 0)
        return;
}

int lock_acquire(const char *data_dir, bool *busy, struct error *error)
{
    char path[PATH_MAX], owner[OWNER_MAX];
    int fd;

    snprintf(path, sizeof path, "%s/lock", data_dir);
    while ((fd = open_file(path, O_RDWR | O_CREAT, error)) >= 0 &&
           lock_file(fd, LOCK_EX, busy == NULL) == 0) {
        if (is_at(fd, path)) {
            snprintf(owner, sizeof owner, "%ld %lld %lld\n", (long)getpid(), (long long)clock_now(),
                     (long long)clock_monotonic());
            write_owner(fd, owner);
            return fd;
        }
        close(fd);
    }
    return fd < 0 ? -1 : report_failure(fd, path, busy, error);
}

static int lock_folder(const char *folder, int kind, bool *busy, struct error *error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return error_errno(error, "%s", folder);
    if (flock(fd, kind | LOCK_NB) == 0 || errno != EWOULDBLOCK ||
        lock_file(fd, kind, busy == NULL) == 0)
        return fd;
    return report_failure(fd, folder, busy, error);
}

int lock_acquire_folder(const char *folder, bool *busy, struct error *error)
{
    return lock_folder(folder, LOCK_EX, busy, error);
}

int lock_share_folder(const char *folder, bool *busy, struct error *error)
{
    return lock_folder(folder, LOCK_SH, busy, error);
}

int lock_wait(lock_take *take, const char *path, const char *doing, const struct log *log,
              struct error *error)
{
    for (int i = 0; i < WAIT_SILENT_MS / WAIT_STEP_MS; i++) {
        bool busy = false;
        int lock = take(path, &busy, error);

        if (!busy)
            return lock;
        poll(NULL, 0, WAIT_STEP_MS);
    }
    log_warn(log, "%s: %s; waiting until it has finished", path, doing);
    return take(path, NULL, error);
}

void lock_read_owner(const char *data_dir, struct lock_owner *owner)
{
    char path[PATH_MAX], text[OWNER_MAX] = "";
    long long wall_ms, monotonic_ms;
    struct error error;
    ssize_t n;
    int fd;

    *owner = (struct lock_owner){.process = 0};
    snprintf(path, sizeof path, "%s/lock", data_dir);
    fd = open_file(path, O_RDONLY, &error);
    if (fd < 0)
        return;
    n = pread(fd, text, sizeof text - 1, 0);
    close(fd);

    /* The file may have any content. Numbers of these sizes do not overflow. */
    if (n <= 0 ||
        sscanf(text, "%10ld %15lld %15lld", &owner->process, &wall_ms, &monotonic_ms) != 3)
        return;
    wall_ms = clock_now() - wall_ms;
    monotonic_ms = clock_monotonic() - monotonic_ms;
    owner->held_ms = wall_ms > monotonic_ms ? wall_ms : monotonic_ms;
}

void lock_release(int fd)
{
    if (fd < 0)
        return;
    write_owner(fd, "");
    close(fd);
}
