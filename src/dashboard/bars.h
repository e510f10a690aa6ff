#ifndef DASHBOARD_BARS_H
#define DASHBOARD_BARS_H

#include "dashboard/ceilings.h"
#include "dashboard/object.h"
#include "state/days.h"

/* The last 90 days of a site or a domain, one bar a day. */

/* All zero at first; then filled for one site or domain after the other. */
struct bars {
    const struct day_minutes *days;
    const struct messages *messages;
    int64_t now_ms, first_ms;
    int64_t today;                  /* days since the epoch */
    size_t first;                   /* index of the first day with data; DAYS_SHOWN: none */
    char dates[DAYS_SHOWN][11];     /* of the days until today; the same for all, so written once */
    size_t named[CEILING_BAD_DAYS]; /* indices of days, newest first */
    size_t n_named;
    struct object object, named_day;
};

/*
 * Adds to into
 * - days: a list of {date, class, before_data, has_data, bad, degraded, percent, partial,
 *   measured}, oldest first; the last is today so far. before_data: no day so far has data.
 * has_data: at least half of the day was measured; only then there is a percent. partial: some of
 * it was measured, but not all. measured is empty if nothing was. bad: it has a bad minute.
 * degraded: for how long it was DEGRADED, empty if it was not. class is one of those of a timeline:
 * up (no bad or DEGRADED minute), degraded (fewer than one bad minute in a hundred), down, unknown
 * (no bad or DEGRADED minute, and less than half measured);
 * - bad_days: the latest CEILING_BAD_DAYS days with a bad minute, like days and with more;
 * n_bad_days: their number; n_bad_earlier: the number of bad days before them;
 * - n_degraded_days and one_degraded_day: the number of days with a DEGRADED minute, and whether it
 *   is one;
 * - n_no_data and one_no_data: the number of days without data, and whether it is one.
 * first_ms is the first check ever (INT64_MAX: none). If days is NULL, nothing is added. bars, days
 * and into must live as long as the values are used.
 */
void bars_fill(struct bars *bars, const struct day_minutes *days, int64_t now_ms, int64_t first_ms,
               const struct messages *messages, struct object *into);

/* The status that the bar of one of DAYS_SHOWN days shows, as its class. */
enum status bars_status(const struct day_minutes *days, int day, int64_t now_ms, int64_t first_ms);

#endif
