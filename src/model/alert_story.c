/* Reads the events of a subject: which outages there were, and which of them are a series. */
#include "model/alert_story.h"

#include <stdio.h>
#include <string.h>

/* Kinds of conditions that count as confirmed when they are opened. */
static const bool needs_no_confirmation[EVENT_CHECKS] = {
    [EVENT_CERTIFICATE] = true, [EVENT_LOCAL_NETWORK] = true, [EVENT_ALERT] = true};

/* The state of an outage after an event with this one. EVENT_UP: the event does not show it. */
static const enum event_state outage_states[EVENT_STATES] = {
    [EVENT_DOWN] = EVENT_DOWN,
    [EVENT_RECOVERING_STATE] = EVENT_DOWN,
    [EVENT_WARN] = EVENT_WARN,
    [EVENT_CRITICAL] = EVENT_CRITICAL,
};

void alert_story_begin(struct alert_story *story, const char *scope, enum event_check check)
{
    *story = (struct alert_story){.scope = scope, .check = check, .changed_ms = INT64_MIN};
}

const struct alert_outage *alert_story_newest(const struct alert_story *story)
{
    return story->n_outages ? &story->outages[story->n_outages - 1] : NULL;
}

bool alert_story_is_down(const struct alert_story *story)
{
    const struct alert_outage *newest = alert_story_newest(story);

    return newest && newest->ended_ms == INT64_MIN;
}

bool alert_story_is_moment(int64_t ms)
{
    return ms > INT64_MIN / 2 && ms < INT64_MAX / 2;
}

static int64_t find_distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* Finds the series of an outage that follows the newest one. */
static void join_series(struct alert_outage *outage, const struct alert_outage *before)
{
    int64_t limit =
        before && before->ordinal >= ALERT_FLAPPING_FROM ? ALERT_FLAPPING_MS : ALERT_SERIES_MS;

    outage->series_ms = outage->began_ms;
    outage->ordinal = 1;
    if (before && find_distance(before->ended_ms, outage->began_ms) <= limit) {
        outage->series_ms = before->series_ms;
        outage->ordinal = before->ordinal + 1;
    }
}

/* Adds the condition that was read to the outages, if it is one. */
static void keep_outage(struct alert_story *story)
{
    struct alert_outage *outages = story->outages;

    story->reading.is_open = false;
    if (!story->reading.is_confirmed)
        return;
    join_series(&story->reading.outage, alert_story_newest(story));
    if (story->n_outages == ALERT_OUTAGES_KEPT) {
        story->n_outages--;
        memmove(&outages[0], &outages[1], story->n_outages * sizeof outages[0]);
    }
    outages[story->n_outages++] = story->reading.outage;
}

/* Ends the condition that is being read. */
static void end_condition(struct alert_story *story, int64_t ended_ms, const char *reason)
{
    struct alert_outage *outage = &story->reading.outage;

    outage->ended_ms = ended_ms > outage->began_ms ? ended_ms : outage->began_ms;
    snprintf(outage->end, sizeof outage->end, "%s", reason);
    keep_outage(story);
}

static void open_condition(struct alert_story *story, int64_t began_ms)
{
    story->reading.is_open = true;
    story->reading.is_confirmed = false;
    story->reading.outage = (struct alert_outage){
        .began_ms = began_ms, .ended_ms = INT64_MIN, .state = EVENT_DOWN, .code = ""};
}

/* The log goes on about the newest outage after its close: so it lasts. */
static void reopen_newest(struct alert_story *story)
{
    story->reading.outage = story->outages[--story->n_outages];
    story->reading.outage.ended_ms = INT64_MIN;
    story->reading.outage.end[0] = '\0';
    story->reading.is_open = story->reading.is_confirmed = true;
}

/* Makes the condition of an event the one that is being read. If another one is open, the log lacks
 * its end. */
static void choose_condition(struct alert_story *story, int64_t began_ms)
{
    const struct alert_outage *newest;

    if (story->reading.is_open && story->reading.outage.began_ms == began_ms)
        return;
    if (story->reading.is_open)
        end_condition(story, story->reading.newest_ms, EVENT_UNSEEN);
    newest = alert_story_newest(story);
    if (newest && newest->began_ms == began_ms)
        reopen_newest(story);
    else
        open_condition(story, began_ms);
}

static void close_condition(struct alert_story *story, const struct event *event, int64_t number)
{
    bool is_unseen = strcmp(event->detail, EVENT_UNSEEN) == 0;
    int64_t ended_ms = event->at_ms;

    if (!story->reading.is_open || story->reading.outage.began_ms != event->began_ms)
        return;
    if (is_unseen)
        ended_ms = story->reading.newest_ms;
    else if (story->reading.recovering_ms != INT64_MIN)
        ended_ms = story->reading.recovering_ms;
    story->reading.outage.number = number;
    end_condition(story, ended_ms, *event->detail ? event->detail : EVENT_RECOVERED);
}

/* Sets what an event shows of the condition that is being read. */
static void update_condition(struct alert_story *story, const struct event *event, int64_t number)
{
    struct alert_outage *outage = &story->reading.outage;
    enum event_state state = outage_states[event->state];
    bool confirms = event->change == EVENT_CONFIRMED || state != EVENT_UP ||
                    needs_no_confirmation[event->check];

    if (confirms && !story->reading.is_confirmed) {
        story->reading.is_confirmed = true;
        outage->confirmed_ms = event->at_ms;
    }
    if (state != EVENT_UP)
        outage->state = state;
    outage->number = number;
    story->reading.newest_ms = event->at_ms;
    story->reading.recovering_ms = INT64_MIN;
    if (event->change == EVENT_RECOVERING) {
        story->reading.recovering_ms = event->at_ms;
        return;
    }
    snprintf(outage->code, sizeof outage->code, "%s", event->code);
    snprintf(outage->detail, sizeof outage->detail, "%s", event->detail);
}

static void acknowledge_outage(struct alert_story *story, int64_t began_ms)
{
    if (story->reading.is_open && story->reading.outage.began_ms == began_ms)
        story->reading.outage.is_acknowledged = true;
}

void alert_story_add(struct alert_story *story, const struct event *event, int64_t number)
{
    if (event->change == EVENT_ACKNOWLEDGED)
        acknowledge_outage(story, event->began_ms);
    if (event->change > EVENT_CLOSED || !alert_story_is_moment(event->at_ms) ||
        !alert_story_is_moment(event->began_ms))
        return;
    if (event->change != EVENT_CLOSED)
        choose_condition(story, event->began_ms);
    if (event->change == EVENT_CLOSED)
        close_condition(story, event, number);
    else
        update_condition(story, event, number);
}

void alert_story_end(struct alert_story *story)
{
    const struct alert_outage *newest;

    story->is_undecided = story->reading.is_open && !story->reading.is_confirmed;
    if (story->reading.is_open)
        keep_outage(story);
    newest = alert_story_newest(story);
    if (newest)
        story->changed_ms = newest->ended_ms == INT64_MIN ? newest->confirmed_ms : newest->ended_ms;
}
