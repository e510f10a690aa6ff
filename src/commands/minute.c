/* The minute that a tick covers: how it begins, when it is over, and its record. */
#include "commands/minute.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "model/scheduler.h"

enum { LATE_MS = 2 * MS_PER_SECOND /* a check that is late by this much at the end hangs */ };

/* The time since a moment of the monotonic clock. */
static int64_t passed_ms(int64_t since_us)
{
    return (clock_monotonic_us() - since_us) / US_PER_MS;
}

static struct minute begin_minute(int64_t tick_began_us, int64_t now_us)
{
    int64_t now_ms = clock_now(), age_ms = (now_us - tick_began_us) / US_PER_MS;

    return (struct minute){.began_ms = now_ms,
                           .began_us = now_us,
                           .tick_began_us = tick_began_us,
                           .is_last = scheduler_is_last_minute(age_ms, now_ms)};
}

struct minute minute_of_tick(void)
{
    int64_t now_us = clock_monotonic_us();

    return begin_minute(now_us, now_us);
}

struct minute minute_take_over(const struct minute *before)
{
    return begin_minute(before->tick_began_us, clock_monotonic_us());
}

bool minute_is_over(const struct minute *minute)
{
    int64_t now_ms = clock_now();

    return !interrupt_came() &&
           scheduler_minute_is_over(minute->began_ms, now_ms, passed_ms(minute->began_us)) &&
           scheduler_may_take_over(passed_ms(minute->tick_began_us), now_ms);
}

bool minute_is_overdue(const struct minute *minute)
{
    if (minute->is_last)
        return passed_ms(minute->began_us) >= scheduler_time_left(minute->began_ms) + LATE_MS;
    return passed_ms(minute->tick_began_us) >= SCHEDULER_TICK_MAX_MS;
}

struct ticks_record minute_record(const struct minute *minute)
{
    return (struct ticks_record){.start_ms = minute->began_ms,
                                 .duration_ms = passed_ms(minute->began_us),
                                 .checks_done = (int64_t)minute->done,
                                 .left_over = (int64_t)minute->left_over};
}
