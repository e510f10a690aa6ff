#include "dashboard/day_uptime.h"

#include "base/clock.h"
#include "state/days.h"

struct uptime days_uptime(const struct day_minutes *days, int day, int64_t now_ms, int64_t first_ms)
{
    int64_t now = clock_floor_div(now_ms, MS_PER_MINUTE);
    int64_t today = clock_floor_div(now, MINUTES_PER_DAY);
    int64_t from = (today - DAYS_SHOWN + 1 + day) * MINUTES_PER_DAY;
    int64_t end = day == DAYS_SHOWN - 1 ? now + 1 : from + MINUTES_PER_DAY;
    int64_t first = clock_floor_div(first_ms, MS_PER_MINUTE);
    struct tally tally = {{0}};

    tally.minutes[STATUS_UP] = days[day].good;
    tally.minutes[STATUS_DOWN] = days[day].bad;
    return aggregator_uptime(&tally, end - (first > from ? first : from));
}
