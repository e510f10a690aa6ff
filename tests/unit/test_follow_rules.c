/* model/follow.h: the log decides the states of a condition, the checks its counts. */
#include "model/follow.h"

#include "base/clock.h"
#include "model/reach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Seconds after 2026-11-23T09:30:00Z; NEVER: a number that no moment has. */
enum { NEVER = -1 };

static int64_t at(int second)
{
    return INT64_C(1795426200000) + (int64_t)second * MS_PER_SECOND;
}

static int second_of(int64_t ms)
{
    return ms < at(0) ? NEVER : (int)((ms - at(0)) / MS_PER_SECOND);
}

static struct condition condition_of(enum event_state state, int count)
{
    return (struct condition){.state = state,
                              .began_ms = at(1),
                              .since_ms = at(2),
                              .count = count,
                              .last_ms = at(9),
                              .changed_ms = at(3),
                              .code = "status.5xx"};
}

static struct logged_event logged(enum event_change change, enum event_state state, int began,
                                  int at_second, const char *code)
{
    return (struct logged_event){.event = {.at_ms = at(at_second),
                                           .scope = "shop/www",
                                           .check = EVENT_HTTP,
                                           .began_ms = at(began),
                                           .change = change,
                                           .state = state,
                                           .code = code,
                                           .detail = ""}};
}

/* All of a condition as a text: its state and count, when it began, was good and changed, its last
 * check, and its code. */
static const char *text_of(const struct condition *condition)
{
    static char text[128];

    snprintf(text, sizeof text, "%s %d, %d %d %d, %d %s", event_state_name(condition->state),
             condition->count, second_of(condition->began_ms), second_of(condition->since_ms),
             second_of(condition->changed_ms), second_of(condition->last_ms), condition->code);
    return text;
}

static void an_event_alone_changes_what_it_shows(void **state)
{
    static const struct {
        enum event_state before;
        enum event_check check;
        enum event_change change;
        enum event_state after;
        int began;
        const char *code, *text;
    } rows[] = {
        /* Its own condition. */
        {EVENT_SUSPECT, EVENT_HTTP, EVENT_CONFIRMED, EVENT_DOWN, 1, "tls.name",
         "DOWN 5, 1 2 3, 20 tls.name"},
        {EVENT_DOWN, EVENT_SLOW, EVENT_REASON_CHANGED, EVENT_DOWN, 1, "tls.name",
         "DOWN 5, 1 2 20, 20 tls.name"},
        {EVENT_DOWN, EVENT_BOT, EVENT_RECOVERING, EVENT_RECOVERING_STATE, 1, "",
         "RECOVERING 1, 1 20 3, 20 status.5xx"},
        {EVENT_RECOVERING_STATE, EVENT_HTTP, EVENT_CLOSED, EVENT_UP, 1, "",
         "UP 5, 1 2 3, 20 status.5xx"},
        {EVENT_SUSPECT, EVENT_HTTP, EVENT_OPENED, EVENT_SUSPECT, 1, "tls.name",
         "SUSPECT 1, 1 2 3, 20 tls.name"},
        /* Another one begins, or is in the log from a later event on. */
        {EVENT_UP, EVENT_HTTP, EVENT_OPENED, EVENT_SUSPECT, 1, "tls.name",
         "SUSPECT 1, 1 -1 -1, 20 tls.name"},
        {EVENT_DOWN, EVENT_HTTP, EVENT_OPENED, EVENT_SUSPECT, 20, "tls.name",
         "SUSPECT 1, 20 -1 -1, 20 tls.name"},
        {EVENT_DOWN, EVENT_HTTP, EVENT_CONFIRMED, EVENT_DOWN, 15, "tls.name",
         "DOWN 0, 15 -1 -1, 20 tls.name"},
        {EVENT_DOWN, EVENT_HTTP, EVENT_REASON_CHANGED, EVENT_DOWN, 15, "tls.name",
         "DOWN 0, 15 -1 20, 20 tls.name"},
        {EVENT_DOWN, EVENT_HTTP, EVENT_RECOVERING, EVENT_RECOVERING_STATE, 15, "",
         "RECOVERING 1, 15 20 -1, 20 "},
        /* Another one ends. */
        {EVENT_UP, EVENT_HTTP, EVENT_CLOSED, EVENT_UP, 1, "", "UP 5, 1 2 3, 9 status.5xx"},
        {EVENT_DOWN, EVENT_HTTP, EVENT_CLOSED, EVENT_UP, 15, "", "DOWN 5, 1 2 3, 9 status.5xx"},
        /* Conditions that no check of a monitor shows have no counts. */
        {EVENT_UP, EVENT_CERTIFICATE, EVENT_OPENED, EVENT_WARN, 20, "", "WARN 0, 20 -1 -1, 20 "},
        {EVENT_UP, EVENT_CERTIFICATE, EVENT_REASON_CHANGED, EVENT_CRITICAL, 15, "",
         "CRITICAL 0, 15 -1 -1, 20 "},
        {EVENT_UP, EVENT_LOCAL_NETWORK, EVENT_OPENED, EVENT_DOWN, 20, "", "DOWN 0, 20 -1 -1, 20 "},
        /* What was sent about it changes nothing. */
        {EVENT_DOWN, EVENT_HTTP, EVENT_SENT, EVENT_UP, 1, "", "DOWN 5, 1 2 3, 9 status.5xx"},
        {EVENT_UP, EVENT_HTTP, EVENT_FAILED, EVENT_DOWN, 20, "x", "UP 5, 1 2 3, 9 status.5xx"},
        {EVENT_DOWN, EVENT_HTTP, EVENT_EXPIRED, EVENT_UP, 1, "", "DOWN 5, 1 2 3, 9 status.5xx"},
        {EVENT_UP, EVENT_HTTP, EVENT_ACKNOWLEDGED, EVENT_DOWN, 1, "", "UP 5, 1 2 3, 9 status.5xx"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct condition condition = condition_of(rows[i].before, 5);
        struct logged_event event =
            logged(rows[i].change, rows[i].after, rows[i].began, 20, rows[i].code);

        event.event.check = rows[i].check;
        follow_apply(&condition, &event.event);
        if (strcmp(text_of(&condition), rows[i].text) != 0)
            fail_msg("row %zu: %s", i, text_of(&condition));
    }
}

/* A check at second 20, followed with these events of the log. The log has just their size, so that
 * a sanitizer finds a step beyond it. Returns the number of events that the check causes. */
static size_t follow(struct condition *condition, enum status status, const struct confirm *rules,
                     const struct logged_event *events, size_t n, bool has_more)
{
    struct check row = {.start_ms = at(20), .status = status, .latency_ms = -1};
    struct logged_event *exact = malloc(n * sizeof *exact + !n);
    struct follow_log log = {
        .events = exact, .n = n, .has_more = has_more, .is_begun = true, .has_confirmed = true};
    struct event caused[CONFIRM_EVENTS_MAX];
    size_t n_caused;

    assert_non_null(exact);
    if (n > 0)
        memcpy(exact, events, n * sizeof *exact);
    if (status != STATUS_UP)
        strcpy(row.failure, status == STATUS_TIMEOUT ? "timeout: lookup" : "tls: handshake failed");
    n_caused = follow_step(condition, EVENT_HTTP, &row, rules, INT64_MAX, &log, caused);
    free(exact);
    return n_caused;
}

static void what_the_log_has_for_a_check_counts(void **state)
{
    const struct confirm one = {.failures = 1, .successes = 1};
    const struct confirm two = {.failures = 2, .successes = 2};
    const struct {
        enum event_state before;
        enum status status;
        const struct confirm *rules;
        struct logged_event log[2];
        size_t n;
        const char *text;
    } rows[] = {
        /* The rules of today cause the same. Only the code is that of the log. */
        {EVENT_SUSPECT,
         STATUS_DOWN,
         &two,
         {logged(EVENT_CONFIRMED, EVENT_DOWN, 1, 20, "old.code")},
         1,
         "DOWN 6, 1 2 3, 20 old.code"},
        {EVENT_UP,
         STATUS_DOWN,
         &one,
         {logged(EVENT_OPENED, EVENT_SUSPECT, 20, 20, "a"),
          logged(EVENT_CONFIRMED, EVENT_DOWN, 20, 20, "b")},
         2,
         "DOWN 1, 20 -1 -1, 20 b"},
        {EVENT_DOWN,
         STATUS_UP,
         &one,
         {logged(EVENT_CLOSED, EVENT_UP, 1, 20, "")},
         1,
         "UP 1, 1 20 3, 20 status.5xx"},
        /* They cause more, less, or something else. */
        {EVENT_UP,
         STATUS_DOWN,
         &one,
         {logged(EVENT_OPENED, EVENT_SUSPECT, 20, 20, "a")},
         1,
         "SUSPECT 1, 20 -1 -1, 20 a"},
        {EVENT_UP,
         STATUS_DOWN,
         &two,
         {logged(EVENT_OPENED, EVENT_SUSPECT, 20, 20, "a"),
          logged(EVENT_CONFIRMED, EVENT_DOWN, 20, 20, "b")},
         2,
         "DOWN 1, 20 -1 -1, 20 b"},
        {EVENT_UP,
         STATUS_UP,
         &two,
         {logged(EVENT_OPENED, EVENT_SUSPECT, 20, 20, "a"),
          logged(EVENT_CONFIRMED, EVENT_DOWN, 20, 20, "b")},
         2,
         "DOWN 1, 20 -1 -1, 20 b"},
        {EVENT_SUSPECT,
         STATUS_DOWN,
         &two,
         {logged(EVENT_CONFIRMED, EVENT_DOWN, 15, 20, "a")},
         1,
         "DOWN 0, 15 -1 -1, 20 a"},
        {EVENT_SUSPECT,
         STATUS_DOWN,
         &two,
         {logged(EVENT_REASON_CHANGED, EVENT_DOWN, 1, 20, "a")},
         1,
         "DOWN 5, 1 2 20, 20 a"},
        {EVENT_SUSPECT,
         STATUS_DOWN,
         &two,
         {logged(EVENT_CONFIRMED, EVENT_CRITICAL, 1, 20, "a")},
         1,
         "CRITICAL 5, 1 2 3, 20 a"},
        {EVENT_UP,
         STATUS_DOWN,
         &one,
         {logged(EVENT_OPENED, EVENT_SUSPECT, 20, 20, "a"),
          logged(EVENT_REASON_CHANGED, EVENT_DOWN, 20, 20, "b")},
         2,
         "DOWN 1, 20 -1 20, 20 b"},
        {EVENT_UP,
         STATUS_DOWN,
         &one,
         {logged(EVENT_OPENED, EVENT_SUSPECT, 20, 20, "a"),
          logged(EVENT_CONFIRMED, EVENT_DOWN, 15, 20, "b")},
         2,
         "DOWN 0, 15 -1 -1, 20 b"},
        {EVENT_UP,
         STATUS_DOWN,
         &one,
         {logged(EVENT_OPENED, EVENT_SUSPECT, 20, 20, "a"),
          logged(EVENT_CONFIRMED, EVENT_SUSPECT, 20, 20, "b")},
         2,
         "SUSPECT 1, 20 -1 -1, 20 b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int has_more = 0; has_more < 2; has_more++) {
            struct condition condition = condition_of(rows[i].before, 5);

            assert_int_equal(
                follow(&condition, rows[i].status, rows[i].rules, rows[i].log, rows[i].n, has_more),
                0);
            if (strcmp(text_of(&condition), rows[i].text) != 0)
                fail_msg("row %zu: %s", i, text_of(&condition));
        }
    }
}

/* By the rules of today, each of these checks causes an event. The log has none, but a later one:
 * until then, nothing is decided. */
static void a_check_without_events_only_counts_if_the_log_goes_on(void **state)
{
    static const struct {
        enum event_state before;
        int count;
        enum status status;
        const char *text;
        size_t n; /* of the events, if the log has ended */
        const char *ended;
    } rows[] = {
        {EVENT_UP, 5, STATUS_DOWN, "SUSPECT 1, 20 -1 -1, 20 tls.handshake", 1,
         "SUSPECT 1, 20 -1 -1, 20 tls.handshake"},
        {EVENT_SUSPECT, 1, STATUS_DOWN, "SUSPECT 2, 1 2 3, 20 status.5xx", 1,
         "DOWN 2, 1 2 3, 20 tls.handshake"},
        {EVENT_SUSPECT, 1, STATUS_UP, "SUSPECT 1, 1 2 3, 20 status.5xx", 1,
         "UP 1, 1 2 3, 20 status.5xx"},
        {EVENT_DOWN, 5, STATUS_UP, "DOWN 5, 1 2 3, 20 status.5xx", 1,
         "RECOVERING 1, 1 20 3, 20 status.5xx"},
        {EVENT_RECOVERING_STATE, 1, STATUS_UP, "RECOVERING 2, 1 2 3, 20 status.5xx", 1,
         "UP 2, 1 2 3, 20 status.5xx"},
        {EVENT_RECOVERING_STATE, 0, STATUS_UP, "RECOVERING 0, 1 2 3, 20 status.5xx", 1,
         "RECOVERING 1, 1 20 3, 20 status.5xx"},
        /* No event in any case. */
        {EVENT_DOWN, 5, STATUS_BOT_DETECTED, "DOWN 5, 1 2 3, 20 status.5xx", 0,
         "DOWN 5, 1 2 3, 20 status.5xx"},
        {EVENT_RECOVERING_STATE, 1, STATUS_DOWN, "RECOVERING 0, 1 2 3, 20 status.5xx", 0,
         "RECOVERING 0, 1 2 3, 20 status.5xx"},
    };
    const struct confirm rules = {.failures = 2, .successes = 2};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct condition condition = condition_of(rows[i].before, rows[i].count);

        assert_int_equal(follow(&condition, rows[i].status, &rules, NULL, 0, true), 0);
        if (strcmp(text_of(&condition), rows[i].text) != 0)
            fail_msg("row %zu, with more: %s", i, text_of(&condition));
        condition = condition_of(rows[i].before, rows[i].count);
        assert_int_equal(follow(&condition, rows[i].status, &rules, NULL, 0, false), rows[i].n);
        if (strcmp(text_of(&condition), rows[i].ended) != 0)
            fail_msg("row %zu, at the end: %s", i, text_of(&condition));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_alone_changes_what_it_shows),
        cmocka_unit_test(what_the_log_has_for_a_check_counts),
        cmocka_unit_test(a_check_without_events_only_counts_if_the_log_goes_on),
    };

    return cmocka_run_group_tests_name("follow_rules", tests, NULL, NULL);
}
