/* The state machine that confirms outages, and the end of outages. */
#include "model/confirm.h"

#include "base/clock.h"
#include "model/code.h"
#include "model/reach.h"
#include "model/retry_after.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum observation { NEUTRAL, GOOD, BAD };

/* What a check with this state (check.h) is for each kind of condition. */
static const enum observation observations[CONFIRM_CHECKS][STATUS_COUNT] = {
    [EVENT_HTTP] =
        {[STATUS_UP] = GOOD, [STATUS_DEGRADED] = GOOD, [STATUS_DOWN] = BAD, [STATUS_TIMEOUT] = BAD},
    [EVENT_SLOW] = {[STATUS_UP] = GOOD, [STATUS_DEGRADED] = BAD},
    [EVENT_BOT] = {[STATUS_UP] = GOOD, [STATUS_DEGRADED] = GOOD, [STATUS_BOT_DETECTED] = BAD},
};

static enum observation observe(enum event_check check, const struct check *row)
{
    return observations[check][check_state_of(row->status, row->failure)];
}

/* A check that is being added. */
struct step {
    struct condition *condition;
    enum event_check check;
    const struct check *row;
    const struct confirm *rules;
    int64_t reach;
    const char *code; /* of the row; "" if it did not fail */
    struct event *events;
    size_t n;
};

/* Adds an event with the state that the condition has now. */
static void add_event(struct step *step, enum event_change change, const char *detail)
{
    struct condition *condition = step->condition;
    bool has_code = change != EVENT_CLOSED && change != EVENT_RECOVERING;

    if (has_code)
        snprintf(condition->code, sizeof condition->code, "%s", step->code);
    step->events[step->n++] = (struct event){.at_ms = step->row->start_ms,
                                             .scope = "",
                                             .check = step->check,
                                             .began_ms = condition->began_ms,
                                             .change = change,
                                             .state = condition->state,
                                             .code = has_code ? step->code : "",
                                             .detail = detail};
}

static void close_as(struct step *step, const char *reason)
{
    step->condition->state = EVENT_UP;
    add_event(step, EVENT_CLOSED, reason);
}

static void confirm_if_enough(struct step *step)
{
    struct condition *condition = step->condition;

    if (condition->count < step->rules->failures)
        return;
    condition->state = EVENT_DOWN;
    add_event(step, EVENT_CONFIRMED, step->row->failure);
}

static void open_condition(struct step *step)
{
    struct condition *condition = step->condition;

    condition->state = EVENT_SUSPECT;
    condition->began_ms = step->row->start_ms;
    condition->since_ms = 0;
    condition->count = 1;
    condition->changed_ms = INT64_MIN;
    add_event(step, EVENT_OPENED, step->row->failure);
    confirm_if_enough(step);
}

/*
 * Whether it is too soon for another change. Checks with an interval of a minute are not exactly a
 * minute apart, so each minute may have one. The clock may have been set back.
 */
static bool is_soon(const struct step *step)
{
    int64_t before = step->condition->changed_ms, now = step->row->start_ms;

    if (before == INT64_MIN)
        return false;
    if (clock_floor_div(before, MS_PER_MINUTE) == clock_floor_div(now, MS_PER_MINUTE))
        return true;
    return step->reach < reach_ms(MS_PER_MINUTE / MS_PER_SECOND) &&
           (now < before ? before - now : now - before) < MS_PER_MINUTE;
}

/*
 * A bad check of a confirmed condition. A change is written at most once a minute, so that a server
 * which alternates does not fill the log. Until then, the state is that of the last event, so that
 * the log alone shows it.
 */
static void fail_again(struct step *step)
{
    struct condition *condition = step->condition;

    if (condition->state == EVENT_RECOVERING_STATE)
        condition->count = 0;
    else if (strcmp(condition->code, step->code) == 0)
        return;
    if (is_soon(step))
        return;
    condition->state = EVENT_DOWN;
    condition->changed_ms = step->row->start_ms;
    add_event(step, EVENT_REASON_CHANGED, step->row->failure);
}

/* Counts one more check. The number may be that of a damaged state.db. */
static void count_one(struct condition *condition)
{
    condition->count += condition->count < INT_MAX;
}

/* A good check of a confirmed condition. If the log already has one that seemed to be the end, this
 * one must replace it, even if the condition is closed at once. */
static void recover(struct step *step)
{
    struct condition *condition = step->condition;
    bool was_recovering = condition->state == EVENT_RECOVERING_STATE;
    bool is_first = !was_recovering || condition->count == 0;

    condition->state = EVENT_RECOVERING_STATE;
    if (is_first) {
        condition->count = 0;
        condition->since_ms = step->row->start_ms;
    }
    count_one(condition);
    if (is_first && (was_recovering || condition->count < step->rules->successes))
        add_event(step, EVENT_RECOVERING, "");
    if (condition->count >= step->rules->successes)
        close_as(step, EVENT_RECOVERED);
}

static void add_bad(struct step *step)
{
    switch (step->condition->state) {
    case EVENT_UP:
        open_condition(step);
        break;
    case EVENT_SUSPECT:
        count_one(step->condition);
        confirm_if_enough(step);
        break;
    default:
        fail_again(step);
    }
}

static void add_good(struct step *step)
{
    switch (step->condition->state) {
    case EVENT_UP:
        break;
    case EVENT_SUSPECT:
        close_as(step, EVENT_BLIP);
        break;
    default:
        recover(step);
    }
}

/* What was not decided before a gap is not decided by it. */
static void end_at_gap(struct step *step)
{
    struct condition *condition = step->condition;

    if (condition->state == EVENT_SUSPECT)
        close_as(step, EVENT_UNSEEN);
    else if (condition->state == EVENT_RECOVERING_STATE)
        condition->count = 0;
}

static bool is_after_gap(const struct condition *condition, int64_t start_ms, int64_t reach)
{
    return condition->state != EVENT_UP && start_ms > condition->last_ms &&
           !reach_covers(condition->last_ms, reach, start_ms);
}

int64_t confirm_counts_from(const struct check *row)
{
    int64_t until_ms = retry_after_until(row->start_ms + row->latency_ms, row->failure);

    return until_ms > row->start_ms ? until_ms : row->start_ms;
}

size_t confirm_step(struct condition *condition, enum event_check check, const struct check *row,
                    const struct confirm *rules, int64_t reach,
                    struct event events[CONFIRM_EVENTS_MAX])
{
    enum observation observation = observe(check, row);
    const char *code = code_of(row->status, row->http_status, row->failure);
    struct step step = {condition, check, row, rules, reach, code ? code : "", events, 0};

    if (is_after_gap(condition, row->start_ms, reach))
        end_at_gap(&step);
    if (observation == BAD)
        add_bad(&step);
    else if (observation == GOOD)
        add_good(&step);
    condition->last_ms = confirm_counts_from(row);
    return step.n;
}

bool confirm_is_idle(enum event_check check, const struct check *row)
{
    return observe(check, row) != BAD;
}

bool confirm_is_undecided(const struct condition *condition)
{
    return condition->state == EVENT_SUSPECT || condition->state == EVENT_RECOVERING_STATE;
}

bool confirm_is_changed(const struct condition *before, const struct condition *after)
{
    if (confirm_is_undecided(before) || confirm_is_undecided(after))
        return true;
    return before->state != after->state || before->began_ms != after->began_ms ||
           before->changed_ms != after->changed_ms;
}
