/* Compares durations with their limits, without the time that this machine has added to them. */
#include "check/lateness.h"

#include "base/clock.h"

/* The limits of the duration. Those of expectations do not count the name lookups. */
enum { LIMITS = 3 };

static void get_limits(const struct transfer *transfer, int64_t limits_ms[LIMITS])
{
    const struct domain *domain = transfer->domain;
    int64_t lookup_ms = phase_clock_lookup(&transfer->clock);
    int max_ms = domain->expect.max_latency_ms, slow_ms = domain->expect.slow_ms;

    limits_ms[0] = domain->timeout_ms;
    limits_ms[1] = max_ms > 0 ? max_ms + lookup_ms : INT64_MAX;
    limits_ms[2] = slow_ms > 0 ? slow_ms + lookup_ms : INT64_MAX;
}

int64_t lateness_limit_ms(const struct transfer *transfer)
{
    int64_t limits_ms[LIMITS], first_ms = INT64_MAX;

    get_limits(transfer, limits_ms);
    for (int i = 0; i < LIMITS; i++) {
        if (limits_ms[i] < first_ms)
            first_ms = limits_ms[i];
    }
    return first_ms;
}

int64_t lateness_excuse(const struct transfer *transfer)
{
    int64_t limits_ms[LIMITS], duration_ms = transfer->duration_ms;

    get_limits(transfer, limits_ms);
    for (int i = 0; i < LIMITS && transfer->late_us <= AWAY_US; i++) {
        int64_t over_ms = transfer->duration_ms - limits_ms[i];

        if (over_ms > 0 && over_ms <= transfer->late_sum_us / US_PER_MS &&
            limits_ms[i] < duration_ms)
            duration_ms = limits_ms[i];
    }
    return duration_ms;
}
