/* renameat2 and leases are Linux's own. */
#define _GNU_SOURCE
#include "dashboard/page_pool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_ROOM = 24, FOLDER_MODE = 0700, PERMISSIONS = 07777 };

static void number_name(char into[NAME_ROOM], size_t number)
{
    snprintf(into, NAME_ROOM, "%zu", number);
}

#ifdef __linux__

/* Whether nobody else has the file open: only then does the kernel lease it to be written. */
static bool is_unread(int fd)
{
    return fcntl(fd, F_SETLEASE, F_WRLCK) == 0 && fcntl(fd, F_SETLEASE, F_UNLCK) == 0;
}

static int exchange(int folder, const char *one, const char *other)
{
    return renameat2(folder, one, folder, other, RENAME_EXCHANGE);
}

#else

static bool is_unread(int fd)
{
    (void)fd;
    return false;
}

static int exchange(int folder, const char *one, const char *other)
{
    (void)folder, (void)one, (void)other;
    return -1;
}

#endif

int page_pool_open(const char *path)
{
    if (mkdir(path, FOLDER_MODE) == 0 || access(path, W_OK) == 0) {
        /* Who opens a spare in the instant of its lease has this signal sent to us. */
        signal(SIGIO, SIG_IGN);
        return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    return -1;
}

static bool is_ours(int fd, mode_t mode, off_t *size)
{
    struct stat status;

    if (fstat(fd, &status) || !S_ISREG(status.st_mode) || status.st_nlink != 1 ||
        (status.st_mode & PERMISSIONS) != mode || status.st_uid != geteuid())
        return false;
    *size = status.st_size;
    return is_unread(fd);
}

int page_pool_take(int spares, size_t number, int folder, const char *name, mode_t mode,
                   off_t *size)
{
    char spare[NAME_ROOM];
    int fd;

    if (spares < 0)
        return -1;
    number_name(spare, number);
    fd = openat(spares, spare, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && is_ours(fd, mode, size) && renameat(spares, spare, folder, name) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    unlinkat(spares, spare, 0);
    return -1;
}

int page_pool_swap(int spares, size_t number, int folder, const char *aside, const char *name)
{
    char spare[NAME_ROOM];

    if (spares < 0 || exchange(folder, aside, name))
        return -1;
    number_name(spare, number);
    if (renameat(folder, aside, spares, spare))
        unlinkat(folder, aside, 0);
    return 0;
}

void page_pool_trim(int spares, size_t number)
{
    char spare[NAME_ROOM];

    if (spares < 0)
        return;
    do
        number_name(spare, number++);
    while (unlinkat(spares, spare, 0) == 0);
}
