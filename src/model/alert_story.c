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
    *story = (struct alert_story){
        .scope = scope, .check = check, .changed_ms = INT64_MIN, .newest = INT64_MIN};
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

/* Finds the series of an outage. before NULL: it is the first one. */
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

/* Adds an outage in the order of the log. If there are too many, the oldest one is dropped. */
static void insert_outage(struct alert_story *story, const struct alert_outage *outage)
{
    struct alert_outage *outages = story->outages;
    size_t at;

    if (story->n_outages == ALERT_OUTAGES_KEPT) {
        if (outage->opened < outages[0].opened)
            return;
        story->n_outages--;
        memmove(&outages[0], &outages[1], story->n_outages * sizeof outages[0]);
    }
    for (at = story->n_outages; at > 0 && outages[at - 1].opened > outage->opened; at--)
        outages[at] = outages[at - 1];
    outages[at] = *outage;
    story->n_outages++;
    for (; at < story->n_outages; at++)
        join_series(&outages[at], at > 0 ? &outages[at - 1] : NULL);
}

static void end_condition(struct alert_story *story, int64_t ended_ms, const char *reason)
{
    struct alert_outage *outage = &story->reading.outage;

    story->reading.is_open = false;
    outage->ended_ms = ended_ms > outage->began_ms ? ended_ms : outage->began_ms;
    snprintf(outage->end, sizeof outage->end, "%s", reason);
}

/* Ends the reading of a condition. If it is not closed, its last event may be its end: that is
 * decided when all are read. */
static void keep_condition(struct alert_story *story)
{
    const struct alert_outage *outage = &story->reading.outage;

    if (!story->reading.is_any)
        return;
    story->reading.is_any = false;
    if (outage->opened > story->newest)
        story->newest = outage->opened;
    if (story->reading.is_open)
        end_condition(story, story->reading.newest_ms, "");
    if (story->reading.is_confirmed)
        insert_outage(story, outage);
}

static void begin_condition(struct alert_story *story, int64_t began_ms, int64_t number)
{
    story->reading.is_any = true;
    story->reading.is_confirmed = false;
    story->reading.outage =
        (struct alert_outage){.began_ms = began_ms, .opened = number, .state = EVENT_DOWN};
}

/* Goes on with a condition that was kept. Returns false if it was not. */
static bool resume_condition(struct alert_story *story, int64_t began_ms)
{
    struct alert_outage *outages = story->outages;

    for (size_t i = 0; i < story->n_outages; i++) {
        if (outages[i].began_ms != began_ms)
            continue;
        story->reading.outage = outages[i];
        story->reading.newest_ms = outages[i].ended_ms;
        story->reading.recovering_ms = INT64_MIN;
        story->reading.is_any = story->reading.is_confirmed = true;
        story->reading.is_open = !*outages[i].end;
        story->n_outages--;
        memmove(&outages[i], &outages[i + 1], (story->n_outages - i) * sizeof outages[0]);
        return true;
    }
    return false;
}

/* Makes the condition of an event the one that is being read. Returns false if it has no event yet.
 */
static bool choose_condition(struct alert_story *story, int64_t began_ms)
{
    if (story->reading.is_any && story->reading.outage.began_ms == began_ms)
        return true;
    keep_condition(story);
    return resume_condition(story, began_ms);
}

static void close_condition(struct alert_story *story, const struct event *event)
{
    bool is_unseen = strcmp(event->detail, EVENT_UNSEEN) == 0;
    int64_t ended_ms = event->at_ms;

    if (is_unseen)
        ended_ms = story->reading.newest_ms;
    else if (story->reading.recovering_ms != INT64_MIN)
        ended_ms = story->reading.recovering_ms;
    end_condition(story, ended_ms, *event->detail ? event->detail : EVENT_RECOVERED);
}

/* Sets what an event shows of the condition that is being read. If that was closed, it goes on. */
static void update_condition(struct alert_story *story, const struct event *event)
{
    struct alert_outage *outage = &story->reading.outage;
    enum event_state state = outage_states[event->state];
    bool confirms = event->change == EVENT_CONFIRMED || state != EVENT_UP ||
                    needs_no_confirmation[event->check];

    /* An event that was recorded after the clock was set back may come before the confirmation. */
    if (confirms && (!story->reading.is_confirmed || event->change == EVENT_CONFIRMED)) {
        story->reading.is_confirmed = true;
        outage->confirmed_ms = event->at_ms;
    }
    if (state != EVENT_UP)
        outage->state = state;
    story->reading.is_open = true;
    story->reading.newest_ms = event->at_ms;
    story->reading.recovering_ms = INT64_MIN;
    if (event->change == EVENT_RECOVERING) {
        story->reading.recovering_ms = event->at_ms;
        return;
    }
    snprintf(outage->code, sizeof outage->code, "%s", event->code);
    snprintf(outage->detail, sizeof outage->detail, "%s", event->detail);
}

/* Adds an event of the condition that is being read. */
static void add_to_condition(struct alert_story *story, const struct event *event, int64_t number)
{
    struct alert_outage *outage = &story->reading.outage;
    bool is_open = story->reading.is_open;

    if (is_open && event->change == EVENT_ACKNOWLEDGED)
        outage->is_acknowledged = true;
    if (event->change == EVENT_ACKNOWLEDGED || (event->change == EVENT_CLOSED && !is_open))
        return;
    /* One before the begin was recorded after the clock was set back. A rebuild reads it first,
     * with the log of its day. */
    if (number < outage->opened && event->at_ms >= outage->began_ms)
        outage->opened = number;
    if (number > outage->number)
        outage->number = number;
    if (event->change == EVENT_CLOSED)
        close_condition(story, event);
    else
        update_condition(story, event);
}

void alert_story_add(struct alert_story *story, const struct event *event, int64_t number)
{
    bool shows = event->change < EVENT_CLOSED;

    if ((event->change > EVENT_CLOSED && event->change != EVENT_ACKNOWLEDGED) ||
        !alert_story_is_moment(event->at_ms) || !alert_story_is_moment(event->began_ms))
        return;
    if (!choose_condition(story, event->began_ms)) {
        if (!shows)
            return;
        begin_condition(story, event->began_ms, number);
    }
    add_to_condition(story, event, number);
}

void alert_story_end(struct alert_story *story)
{
    struct alert_outage *newest;

    keep_condition(story);
    if (story->n_outages == 0)
        return;
    newest = &story->outages[story->n_outages - 1];
    for (struct alert_outage *outage = story->outages; outage <= newest; outage++) {
        if (*outage->end)
            continue;
        if (outage == newest && outage->opened == story->newest)
            outage->ended_ms = INT64_MIN;
        else
            snprintf(outage->end, sizeof outage->end, "%s", EVENT_UNSEEN);
    }
    story->changed_ms = newest->ended_ms == INT64_MIN ? newest->confirmed_ms : newest->ended_ms;
}
