#ifndef DASHBOARD_SPAN_CHOICE_H
#define DASHBOARD_SPAN_CHOICE_H

#include "dashboard/time_axis.h"

struct snapshot;

/* The spans between which the reader of the index page chooses. */
enum { SPAN_CHOICES = 3 };

struct span_choice {
    const struct snapshot *snapshot;
    const struct messages *messages;
    struct object object;
    struct time_axis axis;
};

/*
 * Adds spans to into: a list of {id, label, chosen, now}, and what time_axis_add adds. id is "4h",
 * whatever the hours of the timelines, "24h" or "90d"; chosen: it is shown at first. If the
 * timelines have 24 hours, there is no span "24h". choice, snapshot and messages must live as long
 * as the values are used.
 */
void span_choice_add(struct span_choice *choice, const struct snapshot *snapshot,
                     const struct messages *messages, struct object *into);

#endif
