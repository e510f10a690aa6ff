#ifndef MODEL_CONFIRM_H
#define MODEL_CONFIRM_H

#include "config/config.h"
#include "model/check.h"
#include "model/event.h"

#include <stdbool.h>

/*
 * Decides when failed checks are an outage, and when it is over. Pure: the result depends only on
 * the checks of a monitor, in the order of their rows, and on the rules.
 *
 * Each monitor has a condition for each of three kinds of check (event.h). A check is good, bad or
 * neutral for each:
 *
 *                    http      slow      bot
 *     UP             good      good      good
 *     UP, slow       good      bad       good
 *     DOWN, TIMEOUT  bad       neutral   neutral
 *     BOT_DETECTED   neutral   neutral   bad
 *
 * The states, and what a check does in them:
 *
 *     UP          bad: SUSPECT, and the condition begins with this check
 *     SUSPECT     good: UP, a blip. bad: one more; DOWN after rules->failures of them
 *     DOWN        good: RECOVERING, good since this check
 *     RECOVERING  good: one more; UP after rules->successes of them, and the condition has ended
 *                 when the first of these began. bad: DOWN; but RECOVERING begins to count again
 *                 if it is too soon for another EVENT_REASON_CHANGED: in the same minute as the
 *                 last one, or, with an interval of less than a minute, less than a minute later
 *
 * So the state is always that of the last event. A neutral check changes nothing.
 *
 * A gap is a time in which no check counted (reach.h). If the server asked to wait (retry_after.h),
 * the check counts from the end of the wait on. After a gap, SUSPECT becomes UP, DOWN stays, and
 * RECOVERING begins to count again. A check that started before the one in the row before it has no
 * gap: the clock was set back.
 */
struct condition {
    enum event_state state;    /* EVENT_UP: there is none; then only last_ms matters */
    int64_t began_ms;          /* start of the first bad check */
    int64_t since_ms;          /* RECOVERING: start of the first good check that was counted */
    int count;                 /* bad checks in a row (SUSPECT), good ones (RECOVERING; may be 0) */
    int64_t last_ms;           /* confirm_counts_from() of the last check */
    int64_t changed_ms;        /* at_ms of the last EVENT_REASON_CHANGED; INT64_MIN: none */
    char code[EVENT_CODE_MAX]; /* of the failure, as the last event with a code has it */
};

/* The conditions that checks of a monitor can show: EVENT_HTTP, EVENT_SLOW and EVENT_BOT. */
enum { CONFIRM_CHECKS = EVENT_BOT + 1 };

/* At most this many events have the same cause. */
enum { CONFIRM_EVENTS_MAX = 3 };

/* From when on a check counts: its start, or the end of the wait that its server asked for. */
int64_t confirm_counts_from(const struct check *row);

/*
 * Adds the next check of a monitor. reach is that of its domain. Writes the events that the check
 * causes, in their order, without a scope; their texts belong to the row, or are constants. Returns
 * their number.
 */
size_t confirm_step(struct condition *condition, enum event_check check, const struct check *row,
                    const struct confirm *rules, int64_t reach,
                    struct event events[CONFIRM_EVENTS_MAX]);

/* Whether a check would change nothing, so that confirm_step need not be called: there is no
 * condition, and the check is not bad. */
bool confirm_is_idle(enum event_check check, const struct check *row);

/* Whether a check has changed the condition so that it must be stored. last_ms matters only while
 * it is not decided: a monitor that stays DOWN then costs no write. */
bool confirm_is_changed(const struct condition *before, const struct condition *after);

/* Whether the next check is wanted before its slot: the condition is not decided. */
bool confirm_is_undecided(const struct condition *condition);

#endif
