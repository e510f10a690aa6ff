/* Keeps replaced pages and hands them out to be overwritten. */
#define _GNU_SOURCE /* for renameat2 and leases; only Linux has them */
#include "dashboard/page_pool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NUMBER_MAX = 24, FOLDER_MODE = 0700, PERMISSIONS = 07777 };

static void number_name(char into[NUMBER_MAX], size_t number)
{
    snprintf(into, NUMBER_MAX, "%zu", number);
}

#ifdef __linux__

/* Whether nobody else has the file open: only then does the kernel grant a write lease. It ends
 * when the descriptor is closed. */
static bool is_unused(int fd)
{
    return fcntl(fd, F_SETLEASE, F_WRLCK) == 0;
}

static int exchange(int folder, const char *name, int other_folder, const char *other)
{
    return renameat2(folder, name, other_folder, other, RENAME_EXCHANGE);
}

#else

static bool is_unused(int fd)
{
    (void)fd;
    return false;
}

static int exchange(int folder, const char *name, int other_folder, const char *other)
{
    (void)folder, (void)name, (void)other_folder, (void)other;
    return -1;
}

#endif

int page_pool_open(const char *path)
{
    if (mkdir(path, FOLDER_MODE) == 0 || access(path, W_OK) == 0) {
        /* If somebody opens a page during its short lease, the kernel sends us this signal. */
        signal(SIGIO, SIG_IGN);
        return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    return -1;
}

bool page_pool_reaches(int pool, int folder, const char *tmp)
{
    return renameat(pool, "0", folder, tmp) == 0 && renameat(folder, tmp, pool, "0") == 0;
}

static bool is_reusable(int fd, mode_t mode, off_t *size)
{
    struct stat status;

    if (fstat(fd, &status) || !S_ISREG(status.st_mode) || status.st_nlink != 1 ||
        (status.st_mode & PERMISSIONS) != mode || status.st_uid != geteuid())
        return false;
    *size = status.st_size;
    return is_unused(fd);
}

int page_pool_take(int pool, size_t number, mode_t mode, off_t *size)
{
    char page[NUMBER_MAX];
    int fd;

    if (pool < 0)
        return -1;
    number_name(page, number);
    fd = openat(pool, page, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && is_reusable(fd, mode, size))
        return fd;
    if (fd >= 0)
        close(fd);
    unlinkat(pool, page, 0);
    return -1;
}

int page_pool_publish(int pool, size_t number, int folder, const char *name, bool replaces)
{
    char page[NUMBER_MAX];

    number_name(page, number);
    if (replaces && exchange(pool, page, folder, name) == 0)
        return 0;
    return renameat(pool, page, folder, name);
}

int page_pool_swap(int pool, size_t number, int folder, const char *tmp, const char *name)
{
    char page[NUMBER_MAX];

    if (pool < 0 || exchange(folder, tmp, folder, name))
        return -1;
    number_name(page, number);

    /* tmp is now the old page. */
    if (renameat(folder, tmp, pool, page))
        unlinkat(folder, tmp, 0);
    return 0;
}

void page_pool_trim(int pool, size_t number)
{
    char page[NUMBER_MAX];

    if (pool < 0)
        return;
    do
        number_name(page, number++);
    while (unlinkat(pool, page, 0) == 0);
}
