/*
 * moved_clock.so, for LD_PRELOAD: the wall clock, moved by $MOVED_CLOCK milliseconds. The monotonic
 * clock and the times of files stay as they are.
 *
 * libfaketime does the same and more, but waits for itself for ever where a program was built with
 * AddressSanitizer, whose start asks for the time. So nothing here is set up beforehand: each call
 * asks the kernel, and the environment.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_SECOND = 1000000000 };

static void move(struct timespec *now)
{
    const char *text = getenv("MOVED_CLOCK");
    long long ms = text ? strtoll(text, NULL, 10) : 0;
    long long ns = now->tv_nsec + ms % 1000 * 1000000;

    now->tv_sec += (time_t)(ms / 1000);
    if (ns < 0)
        now->tv_sec--;
    if (ns >= NS_PER_SECOND)
        now->tv_sec++;
    now->tv_nsec = (long)((ns + NS_PER_SECOND) % NS_PER_SECOND);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);

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
