/* Decides what a target has to be sent about a subject. */
#include "model/alert.h"

#include "base/clock.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kinds that a target must want to be sent the begin or the end of an outage, or its flapping.
 * 0: this is never sent. */
struct kinds {
    unsigned begin, end, flapping;
};

static const struct kinds kinds_of[EVENT_CHECKS] = {
    [EVENT_HTTP] = {ALERT_DOWN, ALERT_UP, ALERT_FLAPPING},
    [EVENT_SLOW] = {ALERT_SLOW, ALERT_SLOW, 0},
    [EVENT_BOT] = {ALERT_BOT, ALERT_BOT, 0},
    [EVENT_CERTIFICATE] = {ALERT_CERTIFICATE, ALERT_CERTIFICATE, 0},
    [EVENT_LOCAL_NETWORK] = {0, ALERT_LOCAL_NETWORK, 0},
    [EVENT_ALERT] = {ALERT_UNDELIVERED, ALERT_UNDELIVERED, 0},
};

/* Which of these kinds a message is for. */
static const struct {
    const char *name;
    bool begins, ends, flaps;
} changes[ALERT_CHANGES] = {
    [ALERT_NONE] = {.name = "none"},
    [ALERT_BEGAN] = {"began", true, false, true},
    [ALERT_ENDED] = {"ended", false, true, false},
    [ALERT_WAS] = {"was", true, true, true},
    [ALERT_REMINDER] = {"reminder", true, false, false},
    [ALERT_SETTLED] = {"settled", true, true, true},
};

const char *alert_change_name(enum alert_change change)
{
    return changes[change].name;
}

/* A decision that is being made. */
struct decision {
    const struct alert_target *target;
    const struct alert_story *story;
    const struct alert_moment *moment;
    struct alert_reported *reported;
    struct alert_part part;
    int64_t look_ms;
};

static struct kinds find_kinds(const struct alert_target *target, const char *scope,
                               enum event_check check)
{
    if (check == EVENT_ALERT && strcmp(scope, EVENT_TICKS) == 0)
        return (struct kinds){ALERT_LATE_TICKS, ALERT_LATE_TICKS, 0};
    /* A target that does not work is not sent a message about that. */
    if (check == EVENT_ALERT && strcmp(scope, target->id) == 0)
        return (struct kinds){0, 0, 0};
    return kinds_of[check];
}

unsigned alert_wanted(const struct alert_target *target, const char *scope,
                      const struct alert_part *part)
{
    struct kinds kinds = find_kinds(target, scope, part->check);
    unsigned wanted = 0;

    if (part->state != EVENT_UP && !kinds.begin)
        return 0;
    if (changes[part->change].begins)
        wanted |= kinds.begin;
    if (changes[part->change].ends)
        wanted |= kinds.end;
    if (changes[part->change].flaps && part->is_flapping)
        wanted |= kinds.flapping;
    return wanted & target->on;
}

/* The moments of reports, which may be those of a damaged state.db. */
static int64_t repair_moment(int64_t ms, int64_t now_ms)
{
    if (ms < 0)
        return INT64_MIN;
    return ms < now_ms ? ms : now_ms;
}

static void repair_reports(struct alert_reported *reported, int64_t now_ms)
{
    int n = reported->n < 0 || reported->n == INT_MAX ? 0 : reported->n;

    if ((reported->state != EVENT_UP || reported->is_flapping) &&
        (!alert_story_is_moment(reported->outage_ms) ||
         !alert_story_is_moment(reported->series_ms)))
        *reported = ALERT_NO_REPORTS;
    reported->n = n;
    reported->last_ms = repair_moment(reported->last_ms, now_ms);
    reported->down_ms = repair_moment(reported->down_ms, now_ms);
    if (reported->down_ms == INT64_MIN && reported->state != EVENT_UP)
        reported->down_ms = now_ms;
}

/* The index of the first outage that is newer than the last report. The order is that of the log,
 * because the clock may have been set back between two outages. */
static size_t find_newer(const struct alert_story *story, int64_t outage_ms)
{
    size_t i = story->n_outages;

    while (i > 0 && story->outages[i - 1].began_ms != outage_ms)
        i--;
    return i;
}

/* Counts the outages that the target was not sent, but should. */
static void count_missed(struct decision *decision)
{
    const struct alert_story *story = decision->story;
    struct alert_part *part = &decision->part;
    size_t i = find_newer(story, decision->reported->outage_ms);

    /* One that was reported as over, but goes on. */
    if (i > 0 && i == story->n_outages && part->state != EVENT_UP &&
        decision->reported->state == EVENT_UP)
        i--;
    for (; i < story->n_outages; i++) {
        const struct alert_outage *outage = &story->outages[i];

        if (outage->ended_ms != INT64_MIN && outage->number <= decision->moment->first)
            continue;
        if (part->n_missed == 0)
            part->first_missed_ms = outage->began_ms;
        part->n_missed++;
    }
}

/* The present state of the subject. */
static void begin_part(struct decision *decision)
{
    const struct alert_outage *newest = alert_story_newest(decision->story);
    const struct alert_reported *reported = decision->reported;
    struct alert_part *part = &decision->part;

    *part = (struct alert_part){.check = decision->story->check,
                                .n = reported->n + 1,
                                .first_missed_ms = INT64_MIN,
                                .outage = {.began_ms = reported->outage_ms,
                                           .confirmed_ms = reported->outage_ms,
                                           .ended_ms = decision->moment->now_ms,
                                           .series_ms = reported->series_ms,
                                           .ordinal = 1,
                                           .state = reported->state,
                                           .end = EVENT_UNSEEN}};
    if (newest)
        part->outage = *newest;
    if (alert_story_is_down(decision->story))
        part->state = newest->state;
    part->series_ms = reported->state == EVENT_UP ? part->outage.series_ms : reported->series_ms;
    count_missed(decision);
    part->is_flapping =
        part->n_missed ? part->outage.ordinal >= ALERT_FLAPPING_FROM : reported->is_flapping;
}

/* Sets when to decide again, if that is to come. Returns whether the moment was reached. */
static bool check_moment(struct decision *decision, int64_t at_ms)
{
    if (at_ms <= decision->moment->now_ms)
        return true;
    if (at_ms < decision->look_ms)
        decision->look_ms = at_ms;
    return false;
}

/* Whether nothing has changed for so long that the last message about flapping is due. A change
 * ahead of now shows that the clock was set back; then the last message counts. */
static bool is_settled(struct decision *decision)
{
    int64_t since_ms = decision->reported->last_ms, changed_ms = decision->story->changed_ms;

    if (!decision->reported->is_flapping || !decision->part.is_flapping)
        return false;
    if (changed_ms > since_ms && changed_ms <= decision->moment->now_ms)
        since_ms = changed_ms;
    return check_moment(decision, since_ms + ALERT_FLAPPING_MS);
}

/* How long after the begin the first reminder is due that is later than `after_ms`. */
static int64_t find_interval(const struct alert_target *target, int64_t after_ms)
{
    int64_t last_ms = target->remind_ms[target->n_reminders - 1];

    for (size_t i = 0; i < target->n_reminders; i++) {
        if (target->remind_ms[i] > after_ms)
            return target->remind_ms[i];
    }
    return (after_ms / last_ms + 1) * last_ms;
}

/* Whether a reminder is due. One message is enough for all that were due since the last one. */
static bool is_reminder_due(struct decision *decision)
{
    const struct alert_reported *reported = decision->reported;
    int64_t after_ms = 0;

    if (decision->target->n_reminders == 0 || decision->part.outage.is_acknowledged)
        return false;
    if (reported->last_ms > reported->down_ms)
        after_ms = reported->last_ms - reported->down_ms;
    return check_moment(decision, reported->down_ms + find_interval(decision->target, after_ms));
}

/* What there is to report, if nothing holds it. */
static enum alert_change find_change(struct decision *decision)
{
    const struct alert_part *part = &decision->part;
    enum event_state before = decision->reported->state, after = part->state;

    if (is_settled(decision))
        return ALERT_SETTLED;
    if (after == EVENT_UP && before == EVENT_UP)
        return part->n_missed ? ALERT_WAS : ALERT_NONE;
    if (after == EVENT_UP)
        return ALERT_ENDED;
    if (part->n_missed || before != after)
        return ALERT_BEGAN;
    return !part->is_flapping && is_reminder_due(decision) ? ALERT_REMINDER : ALERT_NONE;
}

/* Whether a message with the same news expired. */
static bool was_given_up(const struct decision *decision)
{
    const struct alert_part *part = &decision->part;

    return (part->change == ALERT_BEGAN || part->change == ALERT_ENDED ||
            part->change == ALERT_WAS) &&
           part->outage.began_ms == decision->reported->given_up_ms &&
           part->state == decision->reported->given_up;
}

/* Finds the outage after the reported one whose begin the target may know, although it is not
 * reported. Returns its index; the number of those that are over: there is none. */
static size_t find_tried(const struct decision *decision)
{
    const struct alert_story *story = decision->story;
    size_t n = story->n_outages - alert_story_is_down(story);
    size_t i = find_newer(story, decision->reported->outage_ms);

    while (i < n && story->outages[i].began_ms != decision->reported->tried_ms)
        i++;
    return i < n ? i : n;
}

/* The outages that are over need no report. */
static void drop_ended(struct decision *decision)
{
    const struct alert_story *story = decision->story;
    struct alert_reported *reported = decision->reported;
    size_t end = find_tried(decision);

    if (reported->state == EVENT_UP && end > find_newer(story, reported->outage_ms))
        reported->outage_ms = story->outages[end - 1].began_ms;
}

/* Whether the target knows that the subject was not UP, or may know it: then another monitor does
 * not hold the end back. */
static bool may_end(const struct decision *decision)
{
    const struct alert_story *story = decision->story;

    if (decision->part.state != EVENT_UP)
        return false;
    return decision->part.change != ALERT_WAS ||
           find_tried(decision) < story->n_outages - alert_story_is_down(story);
}

/* Whether quiet hours or another monitor hold the message. What began and ended meanwhile needs no
 * report. */
static bool is_held(struct decision *decision, unsigned wanted)
{
    const struct alert_part *part = &decision->part;
    const struct alert_moment *moment = decision->moment;

    if (!(moment->is_quiet && !(wanted & decision->target->quiet.except)) &&
        !(moment->dependency_is_down && !may_end(decision)))
        return false;
    if (part->first_missed_ms >= moment->held_from_ms)
        drop_ended(decision);
    return true;
}

/* Whether it is too soon for another message while the subject is flapping. */
static bool is_too_soon(struct decision *decision)
{
    const struct alert_reported *reported = decision->reported;

    return reported->is_flapping && decision->part.is_flapping &&
           !check_moment(decision, reported->last_ms + ALERT_FLAPPING_MS);
}

static bool is_to_be_sent(struct decision *decision)
{
    unsigned wanted = alert_wanted(decision->target, decision->story->scope, &decision->part);

    if (decision->part.change == ALERT_NONE || was_given_up(decision))
        return false;
    if (!wanted && decision->part.change == ALERT_ENDED)
        decision->reported->state = EVENT_UP;
    if (!wanted && decision->part.change == ALERT_WAS)
        drop_ended(decision);
    if (!wanted)
        return false;
    return !is_held(decision, wanted) && !is_too_soon(decision);
}

/* Decides by the reports as they are now. Returns whether they have changed, but there is no
 * message: what needs no report may have hidden something else. */
static bool decide_once(struct decision *decision)
{
    const struct alert_reported *reported = decision->reported;
    enum event_state state = reported->state;
    int64_t outage_ms = reported->outage_ms;

    begin_part(decision);
    decision->part.change = find_change(decision);
    if (is_to_be_sent(decision)) {
        decision->look_ms = INT64_MAX;
        return false;
    }
    decision->part.change = ALERT_NONE;
    return reported->state != state || reported->outage_ms != outage_ms;
}

/* From now on the target may know that the outage began, even if its answer is lost. */
static void set_tried(struct alert_reported *reported, const struct alert_part *part)
{
    if (part->state != EVENT_UP)
        reported->tried_ms = part->outage.began_ms;
}

struct alert_part alert_decide(const struct alert_target *target, const struct alert_story *story,
                               const struct alert_moment *moment, struct alert_reported *reported,
                               int64_t *look_ms)
{
    struct decision decision = {.target = target,
                                .story = story,
                                .moment = moment,
                                .reported = reported,
                                .look_ms = INT64_MAX};

    repair_reports(reported, moment->now_ms);
    while (decide_once(&decision)) {
    }
    if (decision.part.change != ALERT_NONE) {
        reported->n = decision.part.n;
        set_tried(reported, &decision.part);
    }
    *look_ms = decision.look_ms;
    return decision.part;
}

static void set_number(struct alert_reported *reported, const struct alert_part *part)
{
    if (reported->n < part->n)
        reported->n = part->n;
}

void alert_deliver(struct alert_reported *reported, const struct alert_part *part, int64_t now_ms)
{
    bool is_same = reported->state != EVENT_UP && reported->outage_ms == part->outage.began_ms;
    int64_t minute_ms = clock_minute_of(now_ms);

    if (part->state != EVENT_UP && (part->change == ALERT_BEGAN || !is_same))
        reported->down_ms = minute_ms;
    reported->state = part->state;
    reported->series_ms = part->series_ms;
    reported->outage_ms = part->outage.began_ms;
    reported->last_ms = minute_ms;
    reported->is_flapping = part->is_flapping && part->change != ALERT_SETTLED;
    reported->tried_ms = INT64_MIN;
    reported->given_up_ms = INT64_MIN;
    set_number(reported, part);
}

void alert_give_up(struct alert_reported *reported, const struct alert_part *part, int64_t now_ms)
{
    set_number(reported, part);
    if (part->change == ALERT_REMINDER) {
        reported->last_ms = clock_minute_of(now_ms);
        return;
    }
    reported->given_up_ms = part->outage.began_ms;
    reported->given_up = part->state;
    if (part->change == ALERT_SETTLED)
        reported->is_flapping = false;
}

const char *alert_write_detail(const char *target, const struct alert_part *part,
                               char text[ALERT_DETAIL_MAX])
{
    char series[CLOCK_TEXT_MAX] = "";
    bool is_same = part->series_ms == part->outage.began_ms;

    if (!is_same)
        clock_write_ms(part->series_ms, series);
    snprintf(text, ALERT_DETAIL_MAX, "%s %d %s%s%s%s", target, part->n, changes[part->change].name,
             part->is_flapping ? " flapping" : "", is_same ? "" : " ", series);
    return text;
}

/* Takes the next word of a text. Returns its size; 0: there is none. */
static size_t take_word(const char **text, const char **word)
{
    size_t size;

    *word = *text + strspn(*text, " ");
    size = strcspn(*word, " ");
    *text = *word + size;
    return size;
}

static bool is_word(const char *word, size_t size, const char *expected)
{
    return strlen(expected) == size && memcmp(word, expected, size) == 0;
}

static int read_number(const char *word, size_t size, int *n)
{
    enum { DIGITS_MAX = 9 };

    if (size == 0 || size > DIGITS_MAX || strspn(word, "0123456789") < size)
        return -1;
    *n = (int)strtol(word, NULL, 10);
    return 0;
}

static int read_change(const char *word, size_t size, enum alert_change *change)
{
    for (int i = ALERT_BEGAN; i < ALERT_CHANGES; i++) {
        if (is_word(word, size, changes[i].name)) {
            *change = (enum alert_change)i;
            return 0;
        }
    }
    return -1;
}

int alert_read_detail(const struct event *event, size_t *target_size, struct alert_part *part)
{
    const char *text = event->detail, *word;
    int64_t series_ms;
    size_t size;

    if (event->state == EVENT_SUSPECT || event->state == EVENT_RECOVERING_STATE)
        return -1;
    *part = (struct alert_part){.check = event->check,
                                .state = event->state,
                                .series_ms = event->began_ms,
                                .outage = {.began_ms = event->began_ms}};
    *target_size = take_word(&text, &word);
    if (word != event->detail)
        return -1;
    size = take_word(&text, &word);
    if (read_number(word, size, &part->n))
        return -1;
    size = take_word(&text, &word);
    if (read_change(word, size, &part->change))
        return -1;
    size = take_word(&text, &word);
    part->is_flapping = is_word(word, size, "flapping");
    if (part->is_flapping)
        size = take_word(&text, &word);
    if (size && clock_read_ms(word, size, &series_ms) == 0)
        part->series_ms = series_ms;
    return 0;
}

void alert_restore(struct alert_reported *reported, const struct event *event,
                   const struct alert_part *part)
{
    if (event->change == EVENT_SENT)
        alert_deliver(reported, part, event->at_ms);
    else if (event->change == EVENT_EXPIRED)
        alert_give_up(reported, part, event->at_ms);
    set_number(reported, part);
    if (event->change == EVENT_FAILED)
        set_tried(reported, part);
}
