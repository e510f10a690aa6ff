#ifndef DYING_H
#define DYING_H

/*
 * Kills the process at its Nth call that changes a file. Functions with the names of the C
 * library's count these calls, including those of SQLite. Only one file of a program includes this
 * header, after it has defined _GNU_SOURCE.
 */

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    atomic_long seen;
    long at;    /* the last call; 0: it never dies */
    bool half;  /* if that is a write, it is done by half */
    int *calls; /* counts them too, in memory that the parent can read; NULL: nothing does */
} dying;

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Counts a call. Returns whether it is the last one. */
static bool is_last_call(void)
{
    long n = atomic_fetch_add(&dying.seen, 1) + 1;

    if (dying.calls)
        ++*dying.calls;
    return n == dying.at;
}

static ssize_t count_pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    ssize_t done;

    if (!is_last_call())
        return syscall(SYS_pwrite64, fd, bytes, size, offset);
    done = syscall(SYS_pwrite64, fd, bytes, dying.half ? size / 2 : size, offset);
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
static long count_call(long number, long a, long b, long c, long d)
{
    bool last = is_last_call();
    long result = syscall(number, a, b, c, d);

    if (last)
        die();
    return result;
}

int fsync(int fd)
{
    return (int)count_call(SYS_fsync, fd, 0, 0, 0);
}

int fdatasync(int fd)
{
    return (int)count_call(SYS_fdatasync, fd, 0, 0, 0);
}

int ftruncate(int fd, off_t size)
{
    return (int)count_call(SYS_ftruncate, fd, size, 0, 0);
}

int ftruncate64(int fd, off64_t size)
{
    return (int)count_call(SYS_ftruncate, fd, size, 0, 0);
}

int unlink(const char *path)
{
    return (int)count_call(SYS_unlink, (long)path, 0, 0, 0);
}

int unlinkat(int fd, const char *path, int flags)
{
    return (int)count_call(SYS_unlinkat, fd, (long)path, flags, 0);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return (int)count_call(SYS_renameat, from_fd, (long)from, to_fd, (long)to);
}

int mkdirat(int fd, const char *path, mode_t mode)
{
    return (int)count_call(SYS_mkdirat, fd, (long)path, (long)mode, 0);
}

#endif
