#ifndef DASHBOARD_TIME_AXIS_H
#define DASHBOARD_TIME_AXIS_H

#include "dashboard/object.h"

/* The axis of a span of time, with labels at round clock times or dates. */
enum { TIME_AXIS_LABELS = 12 };

struct time_axis {
    const struct messages *messages;
    int64_t from_ms, to_ms, at_ms;
    int64_t labels[TIME_AXIS_LABELS]; /* moments, ascending */
    size_t n_labels;
    bool has_clock; /* the labels are clock times */
    struct object label;
};

/*
 * Adds to into, for the span from from_ms until to_ms on a page that shows at_ms:
 * - labels: a list of {x, at, is_clock, hidden, late}, oldest first. x is the place in percent of
 *   the width; at a moment for people (object_when). is_clock: its label is the clock time, not the
 *   date. hidden: it is so near the end that the label there would cover it; late: the same on a
 *   narrow screen;
 * - has_clock: whether the end is a clock time, not today.
 * axis and messages must live as long as the values are used.
 */
void time_axis_add(struct time_axis *axis, int64_t from_ms, int64_t to_ms, int64_t at_ms,
                   const struct messages *messages, struct object *into);

#endif
