#ifndef MODEL_REACH_H
#define MODEL_REACH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A check counts for 2 x the interval of its domain, from its start on. After that, the domain is
 * UNKNOWN until the next check. This is the only place that has the rule.
 */

/* The reach of a monitor that is not configured: it has no interval, so no gap is seen. */
#define REACH_UNLIMITED INT64_MAX

/* How long a check counts, in milliseconds. */
int64_t reach_ms(int interval_seconds);

/* The same in whole hours, rounded up. */
int64_t reach_hours(int interval_seconds);

/* Whether a check that started at start_ms still counts at at_ms, which is not earlier. */
bool reach_covers(int64_t start_ms, int64_t reach, int64_t at_ms);

/* The first minute, counted since the epoch, at whose end the check does not count any more. */
int64_t reach_stale_minute(int64_t start_ms, int64_t reach);

#endif
