#ifndef MODEL_FOLLOW_H
#define MODEL_FOLLOW_H

#include "model/confirm.h"

/*
 * Steps through the checks of a monitor again, with the event log at hand. The log decides the
 * states of a condition, the checks its counts, so a changed configuration changes nothing that is
 * in the log. What the log lacks is derived. Pure.
 */

/* An event of the log. */
struct logged_event {
    struct event event;
    int64_t number;  /* ascending in the order of the log */
    bool is_applied; /* to its condition */
};

/* What the log has for a check. */
struct follow_log {
    const struct logged_event *events; /* those that the check caused */
    size_t n;
    bool has_more;      /* if n is 0: the log has later events of this condition, or its end */
    bool is_begun;      /* if has_more: it had events of it for earlier checks, or for this one */
    bool has_confirmed; /* if has_more: it has EVENT_CONFIRMED of it */
};

/* Changes a condition as an event of the log shows it, without the check that caused it. The end of
 * another condition than this one changes nothing. */
void follow_apply(struct condition *condition, const struct event *event);

/*
 * Adds a check as confirm_step does, but as the log has it. Only if the log has neither events for
 * the check nor later ones, the check causes events by the rules of today; they are missing in the
 * log. So are those before the first one that the log has of a condition, because no condition is
 * without EVENT_OPENED: its beginning was lost. Returns their number.
 */
size_t follow_step(struct condition *condition, enum event_check check, const struct check *row,
                   const struct confirm *rules, int64_t reach, const struct follow_log *log,
                   struct event events[CONFIRM_EVENTS_MAX]);

#endif
