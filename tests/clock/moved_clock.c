/*
 * moved_clock.so, for LD_PRELOAD: moves the wall clock by $MOVED_CLOCK milliseconds. The monotonic
 * clock and the times of files stay as they are.
 *
 * libfaketime does the same and more, but waits for itself for ever in a program built with
 * AddressSanitizer, which asks for the time when it starts. Here, calls before this library is set
 * up get the kernel's time.
 *
 * A program that asks a million times a second must not be slowed down: `make bench` uses this
 * clock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_SECOND = 1000000000 };

static int ask_kernel(clockid_t clock, struct timespec *now)
{
    return (int)syscall(SYS_clock_gettime, clock, now);
}

/* The C library's function, which need not enter the kernel, and the difference to its time. */
static int (*next_clock)(clockid_t, struct timespec *) = ask_kernel;
static struct timespec moved;

__attribute__((constructor)) static void set_up(void)
{
    const char *text = getenv("MOVED_CLOCK");
    long long ms = text ? strtoll(text, NULL, 10) : 0;
    void *next = dlsym(RTLD_NEXT, "clock_gettime");

    moved.tv_sec = (time_t)(ms / 1000);
    moved.tv_nsec = (long)(ms % 1000 * 1000000);
    if (next)
        *(void **)&next_clock = next;
}

static void move(struct timespec *now)
{
    long ns = now->tv_nsec + moved.tv_nsec;

    now->tv_sec += moved.tv_sec;
    if (ns < 0)
        now->tv_sec--;
    if (ns >= NS_PER_SECOND)
        now->tv_sec++;
    now->tv_nsec = (ns + NS_PER_SECOND) % NS_PER_SECOND;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = next_clock(clock, now);

    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        move(now);
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec moment;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &moment))
        return -1;
    *now = (struct timeval){moment.tv_sec, moment.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *into)
{
    struct timespec moment;

    if (clock_gettime(CLOCK_REALTIME, &moment))
        return -1;
    if (into)
        *into = moment.tv_sec;
    return moment.tv_sec;
}
