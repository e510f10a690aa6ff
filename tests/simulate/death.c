/* Functions with the names of the C library's count the calls that change files, including those of
 * SQLite, and kill the process at one of them. */
#define _GNU_SOURCE
#include "death.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    atomic_long seen;
    long at;
    int half;
} death;

void death_set(long n, int half)
{
    death.seen = 0;
    death.at = n;
    death.half = half;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static int is_last(void)
{
    return atomic_fetch_add(&death.seen, 1) + 1 == death.at;
}

void death_point(void)
{
    if (is_last())
        die();
}

static ssize_t count_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    ssize_t done;

    if (!is_last())
        return syscall(SYS_pwrite64, fd, bytes, size, offset);
    done = syscall(SYS_pwrite64, fd, bytes, death.half ? size / 2 : size, offset);
    die();
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return count_pwrite(fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    return count_pwrite(fd, bytes, size, offset);
}

/* Makes and counts a call; dies after the last one. */
static long counted(long number, long a, long b, long c, long d)
{
    int last = is_last();
    long result = syscall(number, a, b, c, d);

    if (last)
        die();
    return result;
}

int fsync(int fd)
{
    return (int)counted(SYS_fsync, fd, 0, 0, 0);
}

int fdatasync(int fd)
{
    return (int)counted(SYS_fdatasync, fd, 0, 0, 0);
}

int ftruncate(int fd, off_t size)
{
    return (int)counted(SYS_ftruncate, fd, size, 0, 0);
}

int ftruncate64(int fd, off64_t size)
{
    return (int)counted(SYS_ftruncate, fd, size, 0, 0);
}

int unlink(const char *path)
{
    return (int)counted(SYS_unlink, (long)path, 0, 0, 0);
}

int unlinkat(int fd, const char *path, int flags)
{
    return (int)counted(SYS_unlinkat, fd, (long)path, flags, 0);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return (int)counted(SYS_renameat, from_fd, (long)from, to_fd, (long)to);
}

int mkdirat(int fd, const char *path, mode_t mode)
{
    return (int)counted(SYS_mkdirat, fd, (long)path, (long)mode, 0);
}
