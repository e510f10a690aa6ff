#ifndef DASHBOARD_VIEW_H
#define DASHBOARD_VIEW_H

#include "dashboard/messages.h"
#include "dashboard/object.h"
#include "dashboard/snapshot.h"

/*
 * The small parts that many things on a page have in common, as values for the templates.
 */

/* A moment: {iso, text, date, clock}: "2026-11-23T09:31:02Z", "2026-11-23 09:31", "2026-11-23",
 * "09:31"; with seconds in text where they are asked for. */
void view_moment(struct object *into, int64_t ms, bool seconds);

/* Adds the hour and minute of a moment, "09:31". */
void view_clock(struct object *object, const char *name, int64_t ms);

/* A status: {word, class}. */
void view_status(struct object *into, enum status status, const struct messages *words);

/* Adds a text like "2 h 10 min", of the two largest units, rounded down. */
void view_duration(struct object *object, const char *name, int64_t ms,
                   const struct messages *words);

/* The same for the time between two moments, as they are shown: by the second. */
void view_span(struct object *object, const char *name, int64_t from_ms, int64_t to_ms,
               const struct messages *words);

/* Adds a count; of 0 it is an empty text, so that a template can ask whether there are any. */
void view_count(struct object *object, const char *name, size_t n);

/*
 * What ticks tell: {time (a moment), same_day, checks, one_check, duration, left_over (none: not
 * there), counted, expected, lack}. same_day: its day is that of at_ms.
 */
struct view_ticks {
    struct object object, time;
};
void view_ticks(struct view_ticks *into, const struct ticks *ticks, int64_t at_ms);

/* Uptimes: a list of {span, known, percent, partial, measured}. */
struct view_uptimes {
    const struct uptime *uptime; /* SPANS of them */
    const struct messages *words;
    struct object object;
};
struct value view_uptimes(struct view_uptimes *list, const struct uptime *uptime,
                          const struct messages *words);

/*
 * The axis of a timeline: a list of {now, whole_hours, hours, minutes}: how long each of its labels
 * is ago. It has as many parts as divide the hours well.
 */
struct view_axis {
    int minutes; /* of the timeline */
    size_t n_parts;
    struct object object;
};
struct value view_axis(struct view_axis *axis, int hours);

#endif
