#include "runner/timing.h"

#include <time.h>

enum { US_PER_SECOND = 1000000, US_PER_MS = 1000, NS_PER_US = 1000 };

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / NS_PER_US;
}

void timing_start(struct timing *timing)
{
    *timing = (struct timing){.part = PART_LOOKUP, .since_us = now_us()};
}

static void leave(struct timing *timing)
{
    int64_t now = now_us();

    timing->spent_us[timing->part] += now - timing->since_us;
    timing->since_us = now;
}

void timing_enter(struct timing *timing, enum part part)
{
    if (part == timing->part)
        return;
    leave(timing);
    timing->passed[timing->part] = true;
    timing->part = part;
}

int64_t timing_end(struct timing *timing)
{
    int64_t total = 0;

    leave(timing);
    for (int i = 0; i < PARTS; i++)
        total += timing->spent_us[i];
    return total / US_PER_MS;
}

struct phases timing_phases(const struct timing *timing, bool completed)
{
    int64_t until[PARTS];
    int64_t sum = 0;

    for (int i = 0; i < PARTS; i++) {
        sum += timing->spent_us[i];
        until[i] = timing->passed[i] ? sum : -1;
    }
    return (struct phases){.lookup = until[PART_LOOKUP],
                           .connect = until[PART_CONNECT],
                           .tls = until[PART_TLS],
                           .first_byte = until[PART_WAIT],
                           .total = completed ? sum : -1};
}
