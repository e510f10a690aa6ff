/* Follows the event log through the checks of a monitor, and derives what the log lacks. */
#include "model/follow.h"

#include "model/reach.h"
#include "model/retry_after.h"

#include <limits.h>
#include <stdio.h>

static bool has_code(const struct event *event)
{
    return event->change != EVENT_CLOSED && event->change != EVENT_RECOVERING;
}

static void copy_code(struct condition *condition, const struct event *event)
{
    snprintf(condition->code, sizeof condition->code, "%s", event->code);
}

/* The numbers that only the check knows are those of the first check of their kind. */
static void apply_change(struct condition *condition, const struct event *event)
{
    switch (event->change) {
    case EVENT_OPENED:
        condition->count = 1;
        break;
    case EVENT_REASON_CHANGED:
        condition->changed_ms = event->at_ms;
        break;
    case EVENT_RECOVERING:
        condition->since_ms = event->at_ms;
        condition->count = 1;
        break;
    default:
        break;
    }
}

/* As confirm_counts_from; but how long the check took is not known. */
static int64_t counts_from(const struct event *event)
{
    int64_t until_ms = retry_after_until(event->at_ms, event->detail);

    return until_ms > event->at_ms ? until_ms : event->at_ms;
}

void follow_apply(struct condition *condition, const struct event *event)
{
    bool is_other = condition->state == EVENT_UP || condition->began_ms != event->began_ms;

    if ((is_other && event->change == EVENT_CLOSED) || event_is_of_message(event->change))
        return;
    if (is_other)
        *condition = (struct condition){.began_ms = event->began_ms, .changed_ms = INT64_MIN};
    condition->state = event->state;
    condition->last_ms = counts_from(event);
    if ((int)event->check < CONFIRM_CHECKS)
        apply_change(condition, event);
    if (has_code(event))
        copy_code(condition, event);
}

/* Whether the check causes what the log has. */
static bool is_as_logged(const struct event *events, size_t n, const struct follow_log *log)
{
    if (n != log->n)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct event *logged = &log->events[i].event;

        if (events[i].began_ms != logged->began_ms || events[i].change != logged->change ||
            events[i].state != logged->state)
            return false;
    }
    return true;
}

static void apply_log(struct condition *condition, const struct condition *stepped, bool is_same,
                      const struct follow_log *log)
{
    int64_t last_ms = stepped->last_ms;

    if (is_same)
        *condition = *stepped;
    for (size_t i = 0; i < log->n; i++) {
        const struct event *event = &log->events[i].event;

        if (!is_same)
            follow_apply(condition, event);
        else if (has_code(event))
            copy_code(condition, event);
    }
    condition->last_ms = last_ms;
}

/*
 * Adds a check for which the log has no event, although by the rules of today there would be one:
 * other rules were in force. The check counts, but decides nothing.
 */
static void count_only(struct condition *condition, enum event_check check, const struct check *row)
{
    static const struct confirm undecided = {.failures = INT_MAX, .successes = INT_MAX};
    struct condition counted = *condition;
    struct event ignored[CONFIRM_EVENTS_MAX];
    size_t n = confirm_step(&counted, check, row, &undecided, REACH_UNLIMITED, ignored);

    if (n == 0 || condition->state == EVENT_UP)
        *condition = counted;
    condition->last_ms = counted.last_ms;
}

/* Whether the log has lost these events: it has only later ones of the condition. That is not over,
 * and is confirmed only once. */
static bool are_lost(const struct event *events, size_t n, const struct follow_log *log)
{
    for (size_t i = 0; i < n; i++) {
        if (events[i].change == EVENT_CLOSED ||
            (events[i].change == EVENT_CONFIRMED && log->has_confirmed))
            return false;
    }
    return !log->is_begun;
}

size_t follow_step(struct condition *condition, enum event_check check, const struct check *row,
                   const struct confirm *rules, int64_t reach, const struct follow_log *log,
                   struct event events[CONFIRM_EVENTS_MAX])
{
    struct condition stepped = *condition;
    size_t n = confirm_step(&stepped, check, row, rules, reach, events);

    if (log->n) {
        apply_log(condition, &stepped, is_as_logged(events, n, log), log);
        return 0;
    }
    if (n && log->has_more && !are_lost(events, n, log)) {
        count_only(condition, check, row);
        return 0;
    }
    *condition = stepped;
    return n;
}
