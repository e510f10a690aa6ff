#ifndef CONFIG_QUIET_H
#define CONFIG_QUIET_H

#include "config/keys.h"

#include <stdbool.h>

struct quiet_hours;

/* Quiet hours: a part of each day in which a target is sent less. */

extern const struct kind quiet_rules; /* struct quiet_hours */
extern const struct kind quiet_time;  /* int, in minutes of the day */
extern const struct kind quiet_zone;  /* const char *; NULL: UTC */

/* The spans of some days, ascending, as moments in UTC: from the first, up to before the second.
 * Spans may meet. */
struct quiet_spans {
    struct {
        int64_t from_ms, to_ms;
    } list[6];
    int n;
};

/*
 * Computes the spans of the quiet hours that begin from the day before yesterday to three days
 * after today. Quiet hours begin and end when the clocks of their zone show it. If clocks are set
 * back, they begin at the first and end at the last of two equal times. If clocks are set forward
 * over a time, the moment of that change counts. Call it while the process has only one thread.
 * Returns 0, or -1 if out of memory.
 */
int quiet_spans_make(const struct quiet_hours *hours, int64_t now_ms, struct quiet_spans *spans);

/* Whether a moment is in one of the spans: since when; and until when, if those that meet are one.
 * Otherwise, both become INT64_MAX. */
bool quiet_is_now(const struct quiet_spans *spans, int64_t now_ms, int64_t *from_ms,
                  int64_t *until_ms);

#endif
