#ifndef DASHBOARD_UPTIME_VALUES_H
#define DASHBOARD_UPTIME_VALUES_H

#include "dashboard/object.h"

struct snapshot;
struct uptime;

/* The uptimes of a site or a domain over all spans. snapshot and messages are set once by the
 * owner; then filled for one after the other. */
struct uptime_values {
    const struct snapshot *snapshot;
    const struct messages *messages;
    const struct uptime *uptimes; /* SPANS of them */
    bool is_watched;              /* it was checked */
    int64_t first_ms;             /* for the first time */
    struct object object, watched_since;
};

/*
 * Adds uptimes: a list of {span, has_data, percent, low, partial, measured, is_watched,
 * watched_since}. watched_since is false except in the last one that is not shown. low: it
 * is shown and below uptime_target. first_ms is the first check ever (INT64_MAX: none). values,
 * uptimes and into must live as long as they are used.
 */
void uptime_values_add(struct uptime_values *values, const struct uptime *uptimes, int64_t first_ms,
                       struct object *into);

#endif
