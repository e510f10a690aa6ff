#include "renderer/days.h"

#include "base/clock.h"

/* The minute of a domain's first check ever, as far as that is known. */
static int64_t first_minute(const struct snapshot *snapshot, const struct domain_view *view)
{
    if (!snapshot->states)
        return INT64_MIN;
    return clock_floor_div(snapshot->states[view - snapshot->domains].first_ms, MS_PER_MINUTE);
}

struct uptime days_uptime(const struct snapshot *snapshot, const struct domain_view *view, int day)
{
    const struct day_minutes *minutes = &view->days[day];
    int64_t now = clock_floor_div(snapshot->at_ms, MS_PER_MINUTE);
    int64_t today = clock_floor_div(now, MINUTES_PER_DAY);
    int64_t from = (today - DAYS_SHOWN + 1 + day) * MINUTES_PER_DAY;
    int64_t end = day == DAYS_SHOWN - 1 ? now + 1 : from + MINUTES_PER_DAY;
    int64_t first = first_minute(snapshot, view);
    struct tally tally = {{0}};

    tally.minutes[STATUS_UP] = minutes->good;
    tally.minutes[STATUS_DOWN] = minutes->bad;
    return aggregator_uptime(&tally, end - (first > from ? first : from));
}
