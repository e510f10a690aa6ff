/* model/alert: random histories of a monitor, of deliveries and of the clock. What a person
 * receives is compared with the outages that there were, which are known without reading events. */
#include "model/alert.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    MINUTES = 700, /* of a history */
    CALM = 200,    /* after it: nothing changes, all is delivered */
    EVENTS_MAX = 4 * MINUTES,
    LIMIT = ALERT_FLAPPING_MS
};

/* What may happen in a history. */
struct plan {
    int fails, ends; /* per mille in a minute */
    int ticks;       /* per mille of the minutes have a tick */
    int refuses;     /* the server of the target begins to refuse: per mille in a minute */
    int holds;       /* quiet hours, or an outage of the dependency, begin */
    int steps;       /* the clock is set */
    int restores;    /* the state is lost */
};

/* An outage that was confirmed. */
struct fact {
    int64_t began_ms, confirmed_ms, ended_ms; /* INT64_MIN: it lasts */
    int64_t series_ms;
    int ordinal;
    bool is_reported, is_excused;
};

struct run {
    const struct plan *plan;
    uint64_t random;
    /* The monitor. */
    struct event log[EVENTS_MAX];
    size_t n_events, n_decided;
    size_t sorted[EVENTS_MAX]; /* the events in the order of state.db */
    bool is_sorted;
    enum event_state state;
    int64_t began_ms, recovering_ms;
    struct fact facts[MINUTES];
    int n_facts;
    /* The clock, and what holds. */
    int64_t offset_ms, now_ms, before_ms;
    int quiet_left, dependency_left, refusing_left;
    int64_t quiet_ms, dependency_ms;
    bool was_held, is_stepped;
    /* The target. */
    struct alert_target target;
    struct alert_reported reported;
    int64_t look_ms, first;
    struct alert_part waiting;
    int64_t waiting_ms; /* when it was decided */
    /* The events about messages. */
    struct alert_reported restored;
    /* The person. */
    struct alert_part last;
    int64_t last_ms;
    int64_t down_ms;
    int n_messages, n_reminders, n_settled;
};

/* xorshift64*, as the seed of each run is its number. */
static int draw(struct run *run, int n)
{
    run->random ^= run->random >> 12;
    run->random ^= run->random << 25;
    run->random ^= run->random >> 27;
    return (int)((run->random * UINT64_C(2685821657736338717) >> 33) % (uint64_t)n);
}

static bool happens(struct run *run, int per_mille)
{
    return draw(run, 1000) < per_mille;
}

static int part_of(const struct event *event)
{
    return event->change == EVENT_OPENED ? 0 : event->change == EVENT_CLOSED ? 2 : 1;
}

/* state.db has the events of a condition together, in the order of their moments. */
static bool is_before(const struct event *one, const struct event *other)
{
    if (one->began_ms != other->began_ms)
        return one->began_ms < other->began_ms;
    if (part_of(one) != part_of(other))
        return part_of(one) < part_of(other);
    return one->at_ms < other->at_ms;
}

static void sort_newest_event(struct run *run)
{
    size_t newest = run->n_events - 1, at = newest;

    for (; at > 0 && is_before(&run->log[newest], &run->log[run->sorted[at - 1]]); at--)
        run->sorted[at] = run->sorted[at - 1];
    run->sorted[at] = newest;
}

static void add_event(struct run *run, enum event_change change, enum event_state state,
                      const char *detail)
{
    assert_true(run->n_events < EVENTS_MAX);
    run->log[run->n_events++] = (struct event){.at_ms = run->now_ms,
                                               .scope = "shop/www",
                                               .check = EVENT_HTTP,
                                               .began_ms = run->began_ms,
                                               .change = change,
                                               .state = state,
                                               .code = "",
                                               .detail = detail};
    run->state = state;
    sort_newest_event(run);
}

static struct fact *find_newest(struct run *run)
{
    return run->n_facts ? &run->facts[run->n_facts - 1] : NULL;
}

static bool is_down(struct run *run)
{
    const struct fact *newest = find_newest(run);

    return newest && newest->ended_ms == INT64_MIN;
}

static void confirm_outage(struct run *run)
{
    const struct fact *before = find_newest(run);
    struct fact *fact = &run->facts[run->n_facts];
    int limit = before && before->ordinal > 2 ? 30 : 15;

    *fact = (struct fact){run->began_ms, run->now_ms, INT64_MIN, run->began_ms, 1, false, false};
    if (before && llabs(before->ended_ms - run->began_ms) <= limit * MS_PER_MINUTE) {
        fact->series_ms = before->series_ms;
        fact->ordinal = before->ordinal + 1;
    }
    run->n_facts++;
    add_event(run, EVENT_CONFIRMED, EVENT_DOWN, "got 500");
}

static void end_outage(struct run *run, int64_t ended_ms, const char *reason)
{
    struct fact *fact = find_newest(run);

    fact->ended_ms = ended_ms > fact->began_ms ? ended_ms : fact->began_ms;
    add_event(run, EVENT_CLOSED, EVENT_UP, reason);
}

static void step_monitor(struct run *run)
{
    switch (run->state) {
    case EVENT_UP:
        if (!happens(run, run->plan->fails))
            break;
        run->began_ms = run->now_ms;
        add_event(run, EVENT_OPENED, EVENT_SUSPECT, "got 500");
        if (draw(run, 2))
            confirm_outage(run);
        break;
    case EVENT_SUSPECT:
        if (draw(run, 3))
            confirm_outage(run);
        else
            add_event(run, EVENT_CLOSED, EVENT_UP, draw(run, 2) ? EVENT_BLIP : EVENT_UNSEEN);
        break;
    case EVENT_DOWN:
        run->recovering_ms = run->now_ms;
        if (happens(run, run->plan->ends / 20 + 1))
            end_outage(run, run->now_ms, EVENT_REMOVED);
        else if (happens(run, run->plan->ends))
            add_event(run, EVENT_RECOVERING, EVENT_RECOVERING_STATE, "");
        else if (happens(run, 30))
            add_event(run, EVENT_REASON_CHANGED, EVENT_DOWN, "got 501");
        break;
    default:
        if (draw(run, 4))
            end_outage(run, run->recovering_ms, EVENT_RECOVERED);
        else
            add_event(run, EVENT_REASON_CHANGED, EVENT_DOWN, "got 500");
    }
}

/* Something that may begin, and lasts for some minutes. */
static void step_duration(struct run *run, int per_mille, int *left, int64_t *from_ms)
{
    if (*left > 0)
        --*left;
    else if (happens(run, per_mille)) {
        *left = 1 + draw(run, 120);
        *from_ms = run->now_ms;
    }
}

static void step_world(struct run *run, int minute)
{
    static const int64_t steps[] = {1, 20, 180, 1440, 4000, 500000, 5000000};
    int64_t ignored;

    if (happens(run, run->plan->steps)) {
        run->offset_ms += steps[draw(run, 7)] * MS_PER_MINUTE * (draw(run, 2) ? 1 : -1);
        run->is_stepped = true;
    }
    run->now_ms = INT64_C(1795426200000) + run->offset_ms + (int64_t)minute * (MS_PER_MINUTE + 1);
    step_duration(run, run->plan->refuses, &run->refusing_left, &ignored);
    step_duration(run, run->plan->holds, &run->quiet_left, &run->quiet_ms);
    step_duration(run, run->plan->holds, &run->dependency_left, &run->dependency_ms);
}

/* The number of outages from the first one that the message is about; they must be the ones that
 * the person does not have yet. */
static void check_missed(struct run *run, const struct alert_part *part)
{
    int first = run->n_facts - part->n_missed;

    assert_true(part->n_missed <= run->n_facts);
    if (part->n_missed)
        assert_int_equal(part->first_missed_ms, run->facts[first].began_ms);
    for (int i = 0; i < first; i++)
        assert_true(run->facts[i].is_reported || run->facts[i].is_excused ||
                    part->n_missed == ALERT_OUTAGES_KEPT);
    for (int i = first; i < run->n_facts; i++)
        assert_false(run->facts[i].is_reported);
}

/* What a person has of a message when it is decided. */
static void check_part(struct run *run, const struct alert_part *part)
{
    const struct fact *newest = find_newest(run);
    bool was_down = run->last.state != EVENT_UP;

    assert_non_null(newest);
    assert_int_equal(part->state, is_down(run) ? EVENT_DOWN : EVENT_UP);
    assert_int_equal(part->outage.began_ms, newest->began_ms);
    assert_int_equal(part->outage.ended_ms == INT64_MIN, newest->ended_ms == INT64_MIN);
    check_missed(run, part);
    if (!run->is_stepped || !run->is_sorted) {
        assert_int_equal(part->outage.ended_ms, newest->ended_ms);
        assert_int_equal(part->outage.confirmed_ms, newest->confirmed_ms);
        assert_int_equal(part->outage.ordinal, newest->ordinal);
        assert_int_equal(part->series_ms, was_down ? run->last.series_ms : newest->series_ms);
    }
    switch (part->change) {
    case ALERT_BEGAN:
        assert_true(is_down(run) && part->n_missed > 0);
        break;
    case ALERT_ENDED:
        assert_true(!is_down(run) && was_down);
        break;
    case ALERT_WAS:
        assert_true(!is_down(run) && !was_down && part->n_missed > 0);
        break;
    case ALERT_REMINDER:
        assert_true(is_down(run) && was_down && part->n_missed == 0);
        break;
    default:
        assert_int_equal(part->change, ALERT_SETTLED);
        assert_true(run->last.is_flapping);
    }
}

/* Reminders are due after 1 h, 4 h, and then every 4 h; if there is one interval, every hour. */
static bool was_due(const struct run *run)
{
    for (int hours = 1; hours <= 24; hours++) {
        int64_t due_ms = run->down_ms + (int64_t)hours * MS_PER_HOUR;

        if (run->target.n_reminders == 2 && hours != 1 && hours % 4)
            continue;
        if (run->last_ms < due_ms && due_ms <= run->now_ms)
            return true;
    }
    return false;
}

/* The moments, unless the clock was set. */
static void check_times(struct run *run, const struct alert_part *part)
{
    const struct fact *newest = find_newest(run);
    bool was_flapping = run->last.is_flapping && run->last.change != ALERT_SETTLED;
    int64_t changed_ms = newest->ended_ms == INT64_MIN ? newest->confirmed_ms : newest->ended_ms;

    if (run->is_stepped)
        return;
    if (part->is_flapping && was_flapping)
        assert_true(run->now_ms - run->last_ms >= LIMIT);
    if (part->n_missed)
        assert_int_equal(part->is_flapping, newest->ordinal >= 3);
    if (part->change == ALERT_SETTLED)
        assert_true(was_flapping && run->now_ms - changed_ms >= LIMIT);
    if (part->change == ALERT_REMINDER)
        assert_true(was_due(run));
}

/* There was no message: something must have been the reason, if there is news. */
static void check_silence(struct run *run)
{
    const struct fact *newest = find_newest(run);
    bool is_held = run->quiet_left || run->dependency_left, was_flapping;

    if (!newest || is_held || newest->is_excused)
        return;
    was_flapping = run->last.is_flapping && run->last.change != ALERT_SETTLED;
    if (was_flapping && newest->ordinal >= 3 &&
        (run->is_stepped || run->now_ms - run->last_ms < LIMIT))
        return;
    assert_true(newest->is_reported);
    assert_int_equal(run->last.state, is_down(run) ? EVENT_DOWN : EVENT_UP);
}

static void assert_same_part(const struct alert_part *one, const struct alert_part *other)
{
    assert_int_equal(one->change, other->change);
    if (one->change == ALERT_NONE)
        return;
    assert_int_equal(one->state, other->state);
    assert_int_equal(one->series_ms, other->series_ms);
    assert_int_equal(one->outage.began_ms, other->outage.began_ms);
    assert_int_equal(one->n_missed, other->n_missed);
    assert_int_equal(one->first_missed_ms, other->first_missed_ms);
    assert_int_equal(one->is_flapping, other->is_flapping);
}

static struct alert_moment find_moment(const struct run *run)
{
    struct alert_moment moment = {.now_ms = run->now_ms,
                                  .first = run->first,
                                  .held_from_ms = INT64_MAX,
                                  .is_quiet = run->quiet_left > 0,
                                  .dependency_is_down = run->dependency_left > 0};

    if (moment.is_quiet)
        moment.held_from_ms = run->quiet_ms;
    if (moment.dependency_is_down && run->dependency_ms < moment.held_from_ms)
        moment.held_from_ms = run->dependency_ms;
    return moment;
}

/* What may be dropped by a decision that is made now. */
static void excuse_held(struct run *run, const struct alert_moment *moment)
{
    for (int i = 0; i < run->n_facts; i++) {
        struct fact *fact = &run->facts[i];

        if ((moment->is_quiet || moment->dependency_is_down) && fact->ended_ms != INT64_MIN &&
            fact->began_ms >= moment->held_from_ms && !fact->is_reported)
            fact->is_excused = true;
        if (run->is_stepped && (moment->is_quiet || moment->dependency_is_down) &&
            fact->ended_ms != INT64_MIN && !fact->is_reported)
            fact->is_excused = true;
    }
}

/* Decides, and decides again, which must change nothing. */
static struct alert_part decide(struct run *run)
{
    struct alert_moment moment = find_moment(run);
    struct alert_story *story = malloc(sizeof *story);
    struct alert_reported again;
    struct alert_part part, second;
    int64_t look_ms;

    assert_non_null(story);
    alert_story_begin(story, "shop/www", EVENT_HTTP);
    for (size_t i = 0; i < run->n_events; i++) {
        size_t event = run->is_sorted ? run->sorted[i] : i;

        alert_story_add(story, &run->log[event], (int64_t)event + 1);
    }
    alert_story_end(story);
    assert_int_equal(alert_story_is_down(story), is_down(run));
    excuse_held(run, &moment);
    part = alert_decide(&run->target, story, &moment, &run->reported, &run->look_ms);
    again = run->reported;
    second = alert_decide(&run->target, story, &moment, &again, &look_ms);
    assert_same_part(&part, &second);
    assert_int_equal(run->look_ms, look_ms);
    assert_true(run->look_ms > run->now_ms);
    assert_true(run->look_ms == INT64_MAX || run->look_ms <= run->now_ms + 4 * MS_PER_HOUR);
    assert_int_equal(again.outage_ms, run->reported.outage_ms);
    free(story);
    return part;
}

/* The event about a message, and what a rebuild would make of it. */
static void log_message(struct run *run, enum event_change change)
{
    char detail[ALERT_DETAIL_MAX];
    struct event event = {.at_ms = run->now_ms,
                          .scope = "shop/www",
                          .check = EVENT_HTTP,
                          .began_ms = run->waiting.outage.began_ms,
                          .change = change,
                          .state = run->waiting.state,
                          .code = "",
                          .detail = detail};
    struct alert_part part;
    size_t target_size;

    alert_write_detail("ops", &run->waiting, detail);
    assert_int_equal(alert_read_detail(&event, &target_size, &part), 0);
    alert_restore(&run->restored, &event, &part);
}

static void receive(struct run *run)
{
    const struct alert_part *part = &run->waiting;
    bool is_new_down =
        part->state != EVENT_UP && (part->n_missed > 0 || run->last.state == EVENT_UP);

    for (int i = run->n_facts - part->n_missed; i < run->n_facts; i++)
        run->facts[i].is_reported = true;
    /* More than these cannot be counted. */
    for (int i = 0; part->n_missed == ALERT_OUTAGES_KEPT && i < run->n_facts; i++)
        run->facts[i].is_reported = true;
    if (is_new_down)
        run->down_ms = run->now_ms;
    assert_true(part->n > run->last.n);
    run->n_messages++;
    run->n_reminders += part->change == ALERT_REMINDER;
    run->n_settled += part->change == ALERT_SETTLED;
    run->last = *part;
    run->last_ms = run->now_ms;
}

/* One attempt. A message is given up after some time. */
static void attempt(struct run *run)
{
    enum { GIVE_UP_MS = 90 * MS_PER_MINUTE };
    int64_t age_ms = run->now_ms - run->waiting_ms;

    if (run->waiting.change == ALERT_NONE)
        return;
    if (!run->refusing_left) {
        receive(run);
        alert_deliver(&run->reported, &run->waiting, run->now_ms);
        log_message(run, EVENT_SENT);
    } else if (age_ms > GIVE_UP_MS || age_ms < 0) {
        for (int i = 0; i < run->n_facts; i++)
            run->facts[i].is_excused = true;
        alert_give_up(&run->reported, &run->waiting, run->now_ms);
        log_message(run, EVENT_EXPIRED);
    } else {
        return;
    }
    run->waiting.change = ALERT_NONE;
    run->look_ms = run->now_ms;
}

/* Whether a subject is decided in this tick. */
static bool is_due(const struct run *run)
{
    bool is_held = run->quiet_left || run->dependency_left;

    return run->n_events > run->n_decided || run->look_ms <= run->now_ms ||
           run->now_ms < run->before_ms || is_held != run->was_held;
}

static void make_tick(struct run *run)
{
    struct alert_part part;

    if (is_due(run)) {
        part = decide(run);
        run->n_decided = run->n_events;
        run->was_held = run->quiet_left || run->dependency_left;
        run->before_ms = run->now_ms;
        run->waiting.change = ALERT_NONE;
        if (part.change != ALERT_NONE) {
            check_part(run, &part);
            check_times(run, &part);
            run->waiting = part;
            run->waiting_ms = run->now_ms;
        } else {
            check_silence(run);
        }
    }
    run->before_ms = run->now_ms;
    attempt(run);
}

/* The state is lost: the reports come from the log. What was over by the last message may be lost
 * with it. */
static void lose_state(struct run *run)
{
    assert_int_equal(run->restored.state, run->reported.state);
    assert_int_equal(run->restored.given_up_ms, run->reported.given_up_ms);
    assert_int_equal(run->restored.is_flapping, run->reported.is_flapping);
    if (run->restored.state != EVENT_UP) {
        assert_int_equal(run->restored.series_ms, run->reported.series_ms);
        assert_int_equal(run->restored.outage_ms, run->reported.outage_ms);
    }
    assert_true(run->restored.n <= run->reported.n);
    if (!run->is_stepped)
        assert_int_equal(run->restored.last_ms, run->reported.last_ms);
    run->restored.n = run->reported.n; /* the numbers of withdrawn messages are not in the log */
    run->reported = run->restored;
    run->waiting.change = ALERT_NONE;
    run->look_ms = run->now_ms;
    run->first = (int64_t)run->n_events;
    for (int i = 0; i < run->n_facts; i++)
        run->facts[i].is_excused |= run->facts[i].ended_ms != INT64_MIN;
}

/* After the history, the person has the present state, and each outage. */
static void check_end(struct run *run)
{
    const struct fact *newest = find_newest(run);
    bool was_given_up = newest && run->reported.given_up_ms == newest->began_ms;

    assert_int_equal(run->waiting.change, ALERT_NONE);
    if (!newest)
        assert_int_equal(run->n_messages, 0);
    if (!newest || was_given_up)
        return;
    assert_false(run->reported.is_flapping);
    assert_int_equal(run->last.state, is_down(run) ? EVENT_DOWN : EVENT_UP);
    if (is_down(run))
        assert_int_equal(run->last.outage.began_ms, newest->began_ms);
    for (int i = 0; i < run->n_facts; i++)
        assert_true(run->facts[i].is_reported || run->facts[i].is_excused);
}

static void make_run(struct run *run, const struct plan *plan, unsigned seed)
{
    static const struct plan calm = {0, 0, 1000, 0, 0, 0, 0};

    *run = (struct run){.plan = plan,
                        .random = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15),
                        .look_ms = INT64_MAX,
                        .before_ms = INT64_MIN,
                        .target = {.id = "ops", .on = ALERT_DOWN | ALERT_UP},
                        .reported = ALERT_NO_REPORTS,
                        .restored = ALERT_NO_REPORTS};
    run->is_sorted = seed % 2;
    run->target.remind_ms[0] = MS_PER_HOUR;
    run->target.remind_ms[1] = 4 * MS_PER_HOUR;
    run->target.n_reminders = seed % 3;
    for (int minute = 0; minute < MINUTES + CALM; minute++) {
        if (minute == MINUTES) {
            run->plan = &calm;
            run->refusing_left = run->quiet_left = run->dependency_left = 0;
        }
        step_world(run, minute);
        if (minute < MINUTES)
            step_monitor(run);
        if (happens(run, run->plan->restores))
            lose_state(run);
        if (happens(run, run->plan->ticks))
            make_tick(run);
    }
    check_end(run);
}

static void make_runs(const struct plan *plans, size_t n_plans, unsigned seeds)
{
    struct run *run = malloc(sizeof *run);
    int n_messages = 0, n_settled = 0, n_reminders = 0;

    assert_non_null(run);
    for (size_t i = 0; i < n_plans; i++) {
        for (unsigned seed = 0; seed < seeds; seed++) {
            if (getenv("SEEDS"))
                print_message("plan %zu, seed %u\n", i, seed);
            make_run(run, &plans[i], seed);
            n_messages += run->n_messages;
            n_settled += run->n_settled;
            n_reminders += run->n_reminders;
        }
    }
    assert_true(n_messages > 1000 && n_settled > 10 && n_reminders > 10);
    free(run);
}

static void a_person_has_each_outage_once_and_the_present_state(void **state)
{
    static const struct plan plans[] = {
        {20, 100, 1000, 0, 0, 0, 0}, {200, 300, 1000, 0, 0, 0, 0}, {5, 5, 1000, 0, 0, 0, 0},
        {100, 200, 200, 0, 0, 0, 0}, {100, 200, 30, 0, 0, 0, 0},
    };

    (void)state;
    make_runs(plans, sizeof plans / sizeof plans[0], 60);
}

static void failed_deliveries_and_held_messages_lose_nothing_else(void **state)
{
    static const struct plan plans[] = {
        {50, 100, 950, 20, 0, 0, 0},  {200, 300, 950, 20, 0, 0, 0},  {50, 100, 950, 0, 20, 0, 0},
        {200, 300, 950, 0, 20, 0, 0}, {100, 200, 900, 10, 10, 0, 0}, {10, 20, 900, 5, 5, 0, 0},
    };

    (void)state;
    make_runs(plans, sizeof plans / sizeof plans[0], 60);
}

static void a_clock_that_is_set_neither_loses_nor_doubles(void **state)
{
    static const struct plan plans[] = {
        {100, 200, 950, 0, 0, 10, 0},
        {200, 300, 950, 10, 5, 20, 0},
        {10, 20, 900, 5, 5, 5, 0},
    };

    (void)state;
    make_runs(plans, sizeof plans / sizeof plans[0], 60);
}

static void a_lost_state_is_restored_from_the_log(void **state)
{
    static const struct plan plans[] = {
        {100, 200, 950, 0, 0, 0, 10},
        {200, 300, 950, 10, 5, 0, 20},
        {10, 20, 900, 5, 5, 2, 10},
    };

    (void)state;
    make_runs(plans, sizeof plans / sizeof plans[0], 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_has_each_outage_once_and_the_present_state),
        cmocka_unit_test(failed_deliveries_and_held_messages_lose_nothing_else),
        cmocka_unit_test(a_clock_that_is_set_neither_loses_nor_doubles),
        cmocka_unit_test(a_lost_state_is_restored_from_the_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
