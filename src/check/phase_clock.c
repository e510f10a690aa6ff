/* Measures how long an exchange spends in each of its phases. */
#include "check/phase_clock.h"

#include "base/clock.h"

#include <assert.h>

_Static_assert((int)EXCHANGE_WAIT == (int)PHASE_FIRST_BYTE && (int)PHASE_TOTAL == PHASES - 1,
               "the recorded phases but the total are the first ones of an exchange");

void phase_clock_start(struct phase_clock *clock, int64_t begun_us)
{
    *clock = (struct phase_clock){.phase = EXCHANGE_LOOKUP, .since_us = begun_us};
}

static void end_phase(struct phase_clock *clock)
{
    int64_t now = clock_monotonic_us();

    clock->spent_us[clock->phase] +=
        (clock->stopped_us ? clock->stopped_us : now) - clock->since_us;
    clock->since_us = now;
    clock->stopped_us = 0;
}

void phase_clock_stop(struct phase_clock *clock)
{
    clock->stopped_us = clock_monotonic_us();
}

void phase_clock_enter(struct phase_clock *clock, enum exchange_phase phase)
{
    assert(phase < EXCHANGE_PHASES);
    if (phase == clock->phase)
        return;
    end_phase(clock);
    clock->passed[clock->phase] = true;
    clock->phase = phase;
}

static int64_t spent_us(const struct phase_clock *clock)
{
    int64_t sum = 0;

    for (int i = 0; i < EXCHANGE_PHASES; i++)
        sum += clock->spent_us[i];
    return sum;
}

int64_t phase_clock_end(struct phase_clock *clock)
{
    end_phase(clock);
    return spent_us(clock) / US_PER_MS;
}

int64_t phase_clock_lookup(const struct phase_clock *clock)
{
    return clock->spent_us[EXCHANGE_LOOKUP] / US_PER_MS;
}

struct phases phase_clock_phases(const struct phase_clock *clock, bool completed)
{
    struct phases phases = PHASES_NONE;
    int64_t sum = 0;

    for (int i = 0; i < PHASE_TOTAL; i++) {
        sum += clock->spent_us[i];
        if (clock->passed[i])
            phases.us[i] = sum;
    }
    if (completed)
        phases.us[PHASE_TOTAL] = spent_us(clock);
    return phases;
}
