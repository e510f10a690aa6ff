#ifndef DASHBOARD_BARS_H
#define DASHBOARD_BARS_H

#include "dashboard/object.h"
#include "dashboard/snapshot.h"
#include "state/days.h"

/*
 * The last 90 days, a bar a day.
 */

enum { BARS_NAMED = 12 };

/* Filled anew for each site and each domain. */
struct bars {
    const struct day_minutes *days;
    int64_t now_ms, first_ms;
    int64_t today;              /* days since the epoch */
    char dates[DAYS_SHOWN][11]; /* of the days up to that one; written once for all */
    size_t named[BARS_NAMED];
    size_t n_named;
    struct object object, named_form;
};

/*
 * Adds to the form
 * - days: a list of {date, class, known, bad, percent, partial, measured}, oldest first, the last
 *   being today so far. bad: it has a bad minute. The class is that of a timeline: up (not one bad
 * minute), degraded (some, fewer than one in a hundred), down, unknown (nothing was measured);
 * - bad_days: the latest BARS_NAMED days that were not up, of which something is known: as days,
 *   and more; n_bad_earlier: how many there were before those; n_no_data: days of which nothing is
 *   known.
 * first_ms is the first check ever (days.h). NULL instead of days adds nothing.
 */
void bars_fill(struct bars *bars, const struct day_minutes *days, int64_t now_ms, int64_t first_ms,
               struct object *into);

#endif
