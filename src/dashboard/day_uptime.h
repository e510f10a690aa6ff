#ifndef DASHBOARD_DAY_UPTIME_H
#define DASHBOARD_DAY_UPTIME_H

#include "dashboard/snapshot.h"
#include "state/days.h"

/*
 * The uptime on one of DAYS_SHOWN days, of which the last is today so far: today's is of its
 * minutes so far, and minutes before the first check ever do not belong to any.
 */
struct uptime days_uptime(const struct day_minutes *days, int day, int64_t now_ms,
                          int64_t first_ms);

#endif
