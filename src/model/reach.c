/* How long a check counts. */
#include "model/reach.h"

#include "base/clock.h"

#include <assert.h>

enum { INTERVALS = 2 };

int64_t reach_ms(int interval_seconds)
{
    return INTERVALS * (int64_t)interval_seconds * MS_PER_SECOND;
}

int64_t reach_hours(int interval_seconds)
{
    return reach_ms(interval_seconds) / MS_PER_HOUR + 1;
}

bool reach_covers(int64_t start_ms, int64_t reach, int64_t at_ms)
{
    return reach == REACH_UNLIMITED || at_ms - start_ms <= reach;
}

int64_t reach_stale_minute(int64_t start_ms, int64_t reach)
{
    assert(reach != REACH_UNLIMITED);
    return clock_floor_div(start_ms + reach, MS_PER_MINUTE);
}
