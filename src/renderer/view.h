#ifndef RENDERER_VIEW_H
#define RENDERER_VIEW_H

#include "renderer/form.h"
#include "snapshot.h"

/*
 * The parts that a site and a domain have in common, as values for the templates.
 */

/* A moment: {iso, text, clock}: "2026-11-23T09:31:02Z", "2026-11-23 09:31", "09:31"; with seconds
 * in text where they are asked for. */
void view_moment(struct form *into, int64_t ms, bool seconds);

/* A status: {word, class}. */
void view_status(struct form *into, enum status status);

/*
 * What ticks tell: {time (a moment), same_day, checks, one_check, duration, left_over (none: not
 * there), counted, expected, lack}. same_day: its day is that of at_ms.
 */
struct view_ticks {
    struct form form, time;
};
void view_ticks(struct view_ticks *into, const struct ticks *ticks, int64_t at_ms);

/* Uptimes: a list of {span, known, percent, partial, measured}. */
struct view_uptimes {
    const struct uptime *uptime; /* SPANS of them */
    struct form form;
};
struct value view_uptimes(struct view_uptimes *list, const struct uptime *uptime);

/* How many minutes of a timeline had which status: a list of {minutes, word, more}. */
struct view_tally {
    struct tally tally;
    enum status present[STATUS_COUNT];
    size_t n;
    struct form form;
};
struct value view_tally(struct view_tally *list, const uint8_t *cells, size_t n_cells);

/* The items of a timeline, which is a VALUE_ROW: the class of each status. */
void view_classes(struct value classes[STATUS_COUNT]);

#endif
