/* How long a check counts. */
#include "model/reach.h"

#include "base/clock.h"

enum { INTERVALS = 2 };

int64_t reach_ms(int interval_seconds)
{
    return INTERVALS * (int64_t)interval_seconds * MS_PER_SECOND;
}

bool reach_covers(int64_t start_ms, int64_t reach, int64_t at_ms)
{
    return reach == REACH_UNLIMITED || at_ms - start_ms <= reach;
}
