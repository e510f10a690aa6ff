#ifndef DASHBOARD_DAY_VALUES_H
#define DASHBOARD_DAY_VALUES_H

#include "dashboard/ceilings.h"
#include "dashboard/object.h"
#include "dashboard/strips.h"
#include "state/days.h"

struct domain_view;
struct snapshot;

/* The last 90 days of a site or a domain, one bar a day. snapshot and messages are set once by the
 * owner; then filled for one after the other. */
struct day_values {
    const struct snapshot *snapshot;
    const struct messages *messages;
    const struct day_minutes *days;
    const struct domain_view *domains; /* whose outages the bad days lead to */
    size_t n_domains;
    int64_t first_ms;
    size_t bad[DAYS_SHOWN]; /* days with a bad or DEGRADED minute, oldest first */
    size_t n_bad;
    size_t n_named; /* the latest of them, which are named */
    struct strips strips;
    struct object object;
};

/*
 * Adds to into
 * - has_days: days is not NULL;
 * - days: as strips_add makes it; a day without data is UNKNOWN, one with fewer than one bad minute
 *   in a hundred, or with a degraded one, DEGRADED, one with more of them DOWN;
 * - bad_days: a list of {x, when, has_data, percent, partial, measured, degraded, event_id, more},
 *   the days with a bad or DEGRADED minute, oldest first. x is their place in the picture.
 *   has_data: at least half of the day was measured; percent is shown only then. event_id is that
 *   of the first outage of the day that the page lists, empty if there is none;
 * - named_days, n_named_days: the latest CEILING_BAD_DAYS of them; n_bad_earlier: the number of the
 *   others;
 * - n_bad_days and one_bad_day: the number of days with a bad minute, and whether it is one;
 * - n_degraded_days and one_degraded_day: the number of days with a degraded minute, and whether it
 *   is one; n_no_data and one_no_data: the same of days without data.
 * The outages are those of the n domains. first_ms is the first check ever (INT64_MAX: none). If
 * days is NULL, only has_days is added: false. values, days and into must live as long as they are
 * used.
 */
void day_values_add(struct day_values *values, const struct day_minutes *days, int64_t first_ms,
                    const struct domain_view *domains, size_t n, struct object *into);

/*
 * The status that the bar of each day shows. UP: no bad or DEGRADED minute. DEGRADED: fewer than
 * one bad minute in a hundred, or a DEGRADED one. UNKNOWN: less than half of the day was measured,
 * without a bad or DEGRADED minute.
 */
void day_values_states(const struct day_minutes *days, int64_t at_ms, int64_t first_ms,
                       uint8_t states[DAYS_SHOWN]);

#endif
