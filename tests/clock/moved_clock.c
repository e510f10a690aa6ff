/*
 * moved_clock.so, for LD_PRELOAD: moves the wall clock by $MOVED_CLOCK milliseconds. The monotonic
 * clock and the times of files stay as they are. $MOVED_CLOCK_FILE names a file of two numbers of 8
 * bytes, milliseconds by which the wall clock and the monotonic clock are moved too. A test may
 * change them while a program runs. $FIXED_CLOCK is a moment in milliseconds since the epoch at
 * which the wall clock stands still, for pages that have to be the same byte for byte. $MOVED_ALARM
 * is the time of any alarm(2), in milliseconds.
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
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_SECOND = 1000000000 };

/* By how much both clocks are moved, in milliseconds; shared with a test. */
static const volatile int64_t none[2], *offsets = none;
enum { WALL, MONOTONIC };

static int ask_kernel(clockid_t clock, struct timespec *now)
{
    return (int)syscall(SYS_clock_gettime, clock, now);
}

/* The C library's function, which need not enter the kernel, and the difference to its time. */
static int (*next_clock)(clockid_t, struct timespec *) = ask_kernel;
static struct timespec moved;
static const char *fixed;

static void map_offsets(const char *path)
{
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *mapped = fd >= 0 ? mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (mapped != MAP_FAILED)
        offsets = mapped;
    if (fd >= 0)
        close(fd);
}

__attribute__((constructor)) static void set_up(void)
{
    const char *text = getenv("MOVED_CLOCK");
    long long ms = text ? strtoll(text, NULL, 10) : 0;
    void *next = dlsym(RTLD_NEXT, "clock_gettime");

    moved.tv_sec = (time_t)(ms / 1000);
    moved.tv_nsec = (long)(ms % 1000 * 1000000);
    if (next)
        *(void **)&next_clock = next;
    fixed = getenv("FIXED_CLOCK");
    map_offsets(getenv("MOVED_CLOCK_FILE"));
}

static void add(struct timespec *now, time_t seconds, long ns)
{
    ns += now->tv_nsec;
    now->tv_sec += seconds;
    if (ns < 0)
        now->tv_sec--;
    if (ns >= NS_PER_SECOND)
        now->tv_sec++;
    now->tv_nsec = (ns + NS_PER_SECOND) % NS_PER_SECOND;
}

static void add_ms(struct timespec *now, int64_t ms)
{
    add(now, (time_t)(ms / 1000), (long)(ms % 1000 * 1000000));
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = next_clock(clock, now);

    if (result)
        return result;
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
        if (fixed) {
            *now = (struct timespec){0};
            add_ms(now, strtoll(fixed, NULL, 10));
            return 0;
        }
        add(now, moved.tv_sec, moved.tv_nsec);
        add_ms(now, offsets[WALL]);
    } else if (clock == CLOCK_MONOTONIC) {
        add_ms(now, offsets[MONOTONIC]);
    }
    return 0;
}

unsigned alarm(unsigned seconds)
{
    const char *text = getenv("MOVED_ALARM");
    long ms = text ? strtol(text, NULL, 10) : (long)seconds * 1000;
    struct itimerval timer = {.it_value = {ms / 1000, ms % 1000 * 1000}};

    setitimer(ITIMER_REAL, &timer, NULL);
    return 0;
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
