#include "check/phase_clock.h"

#include "base/clock.h"

void phase_clock_start(struct phase_clock *timing, int64_t begun_us)
{
    *timing = (struct phase_clock){.part = PART_LOOKUP, .since_us = begun_us};
}

static void leave(struct phase_clock *timing)
{
    int64_t now = clock_monotonic_us();

    timing->spent_us[timing->part] += now - timing->since_us;
    timing->since_us = now;
}

void phase_clock_enter(struct phase_clock *timing, enum part part)
{
    if (part == timing->part)
        return;
    leave(timing);
    timing->passed[timing->part] = true;
    timing->part = part;
}

int64_t phase_clock_so_far_us(const struct phase_clock *timing)
{
    int64_t total = clock_monotonic_us() - timing->since_us;

    for (int i = 0; i < PARTS; i++)
        total += timing->spent_us[i];
    return total;
}

int64_t phase_clock_end(struct phase_clock *timing)
{
    int64_t total = 0;

    leave(timing);
    for (int i = 0; i < PARTS; i++)
        total += timing->spent_us[i];
    return total / US_PER_MS;
}

struct phases phase_clock_phases(const struct phase_clock *timing, bool completed)
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
