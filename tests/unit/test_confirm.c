/* model/confirm.h and event.h: each cell of the table of states, and properties of long histories.
 */
#include "model/confirm.h"

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

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static const int64_t start_ms = INT64_C(1795426200000); /* 2026-11-23T09:30:00Z */

static struct check make_row(char kind, int64_t at_ms)
{
    static const struct {
        char kind;
        enum status status;
        int http_status;
        const char *failure;
    } kinds[] = {
        {'U', STATUS_UP, 200, ""},
        {'S', STATUS_UP, 200, "slow: 900 ms, expected at most 800"},
        {'D', STATUS_DOWN, 0, "connect: connection refused"},
        {'E', STATUS_DOWN, 503, "http_status: expected 200, got 503"},
        {'T', STATUS_TIMEOUT, 0, "timeout: 20 s passed connecting"},
        {'B', STATUS_BOT_DETECTED, 403, "bot: \"Checking\" found"},
        {'W', STATUS_DOWN, 503, "http_status: expected 200, got 503 (Retry-After 300 s)"},
    };
    struct check row = {.start_ms = at_ms, .latency_ms = -1};
    size_t i = 0;

    while (kinds[i].kind != kind)
        i++;
    row.status = kinds[i].status;
    if (kind == 'W')
        row.latency_ms = 250;
    row.http_status = kinds[i].http_status;
    strcpy(row.failure, kinds[i].failure);
    return row;
}

static struct condition no_condition(void)
{
    return (struct condition){.state = EVENT_UP, .changed_ms = INT64_MIN};
}

/* Writes "o0/0 c15/0 x60/0:recovered": what changed, when, when it began, and why it was closed. */
static void describe(const struct event *event, char *text)
{
    static const char changes[EVENT_CHANGES] = {[EVENT_OPENED] = 'o',
                                                [EVENT_CONFIRMED] = 'c',
                                                [EVENT_REASON_CHANGED] = 'r',
                                                [EVENT_RECOVERING] = 'g',
                                                [EVENT_CLOSED] = 'x'};

    sprintf(text + strlen(text), "%s%c%g/%g%s%s", *text ? " " : "", changes[event->change],
            (double)(event->at_ms - start_ms) / 1000, (double)(event->began_ms - start_ms) / 1000,
            event->change == EVENT_CLOSED ? ":" : "",
            event->change == EVENT_CLOSED ? event->detail : "");
}

/* Steps through rows such as "D0 U60.5", in seconds, of a monitor with this interval. */
static void step_rows_of(int interval, const char *rows, enum event_check kind,
                         const struct confirm *rules, struct condition *condition,
                         char events[1024])
{
    *condition = no_condition();
    *events = '\0';
    while (*rows) {
        char *end;
        double seconds = strtod(rows + 1, &end);
        struct check row =
            make_row(*rows, start_ms + (int64_t)(seconds * 1000 + (seconds < 0 ? -0.5 : 0.5)));
        struct event caused[CONFIRM_EVENTS_MAX];
        size_t n = confirm_step(condition, kind, &row, rules, reach_ms(interval), caused);

        assert_true(n <= CONFIRM_EVENTS_MAX);
        for (size_t i = 0; i < n; i++)
            describe(&caused[i], events);
        rows = end + strspn(end, " ");
    }
}

static void step_rows(const char *rows, enum event_check kind, const struct confirm *rules,
                      struct condition *condition, char events[1024])
{
    step_rows_of(60, rows, kind, rules, condition, events);
}

static void each_cell_of_the_table_of_states_holds(void **state)
{
    static const struct {
        const char *what;
        enum event_check kind;
        int failures, successes;
        const char *rows, *events;
        enum event_state state;
    } cases[] = {
        {"UP, good", EVENT_HTTP, 3, 2, "U0 U60 S120", "", EVENT_UP},
        {"UP, neutral", EVENT_HTTP, 1, 1, "B0 B60", "", EVENT_UP},
        {"UP, bad", EVENT_HTTP, 3, 2, "U0 D60", "o60/60", EVENT_SUSPECT},
        {"UP, bad, failures 1", EVENT_HTTP, 1, 2, "U0 D60", "o60/60 c60/60", EVENT_DOWN},
        {"UP, gap", EVENT_HTTP, 3, 2, "U0 D999", "o999/999", EVENT_SUSPECT},
        {"SUSPECT, good", EVENT_HTTP, 3, 2, "D0 U5", "o0/0 x5/0:blip", EVENT_UP},
        {"SUSPECT, slow", EVENT_HTTP, 3, 2, "D0 D5 S10", "o0/0 x10/0:blip", EVENT_UP},
        {"SUSPECT, bad", EVENT_HTTP, 3, 2, "D0 D5", "o0/0", EVENT_SUSPECT},
        {"SUSPECT, bad, enough", EVENT_HTTP, 3, 2, "D0 T5 E15", "o0/0 c15/0", EVENT_DOWN},
        {"SUSPECT, neutral", EVENT_HTTP, 2, 2, "D0 B5 D10", "o0/0 c10/0", EVENT_DOWN},
        {"SUSPECT, no gap", EVENT_HTTP, 2, 2, "D0 D120", "o0/0 c120/0", EVENT_DOWN},
        {"SUSPECT, gap, bad", EVENT_HTTP, 2, 2, "D0 D120.001",
         "o0/0 x120.001/0:unseen o120.001/120.001", EVENT_SUSPECT},
        {"SUSPECT, gap, good", EVENT_HTTP, 2, 2, "D0 U120.001", "o0/0 x120.001/0:unseen", EVENT_UP},
        {"SUSPECT, gap, neutral", EVENT_HTTP, 2, 2, "D0 B121 D122", "o0/0 x121/0:unseen o122/122",
         EVENT_SUSPECT},
        {"SUSPECT, neutral, then no gap", EVENT_HTTP, 2, 2, "D0 B120 D240", "o0/0 c240/0",
         EVENT_DOWN},
        {"SUSPECT, clock set back", EVENT_HTTP, 2, 2, "D0 D-99999", "o0/0 c-99999/0", EVENT_DOWN},
        {"SUSPECT, clock set back, good", EVENT_HTTP, 2, 2, "D0 U-99999", "o0/0 x-99999/0:blip",
         EVENT_UP},
        {"SUSPECT, clock set back, then a gap", EVENT_HTTP, 3, 2, "D0 D-200 D-79.999",
         "o0/0 x-79.999/0:unseen o-79.999/-79.999", EVENT_SUSPECT},
        {"SUSPECT, clock set back, then no gap", EVENT_HTTP, 3, 2, "D0 D-200 D-80", "o0/0 c-80/0",
         EVENT_DOWN},
        {"DOWN, bad", EVENT_HTTP, 1, 2, "D0 D60 D120", "o0/0 c0/0", EVENT_DOWN},
        {"DOWN, neutral", EVENT_HTTP, 1, 2, "D0 B60", "o0/0 c0/0", EVENT_DOWN},
        {"DOWN, another code", EVENT_HTTP, 1, 2, "D0 E1", "o0/0 c0/0 r1/0", EVENT_DOWN},
        {"DOWN, good", EVENT_HTTP, 1, 2, "D0 U60", "o0/0 c0/0 g60/0", EVENT_RECOVERING_STATE},
        {"DOWN, good, successes 1", EVENT_HTTP, 1, 1, "D0 U60", "o0/0 c0/0 x60/0:recovered",
         EVENT_UP},
        {"DOWN, gap", EVENT_HTTP, 1, 2, "D0 D999", "o0/0 c0/0", EVENT_DOWN},
        {"DOWN, gap, good", EVENT_HTTP, 1, 2, "D0 U999 U1000", "o0/0 c0/0 g999/0 x1000/0:recovered",
         EVENT_UP},
        {"RECOVERING, good", EVENT_HTTP, 1, 3, "D0 U60 U65", "o0/0 c0/0 g60/0",
         EVENT_RECOVERING_STATE},
        {"RECOVERING, good, enough", EVENT_HTTP, 1, 3, "D0 U60 S65 U75",
         "o0/0 c0/0 g60/0 x75/0:recovered", EVENT_UP},
        {"RECOVERING, neutral", EVENT_HTTP, 1, 2, "D0 U60 B65 U75",
         "o0/0 c0/0 g60/0 x75/0:recovered", EVENT_UP},
        {"RECOVERING, bad", EVENT_HTTP, 1, 2, "D0 U60 D65", "o0/0 c0/0 g60/0 r65/0", EVENT_DOWN},
        {"RECOVERING, bad, good", EVENT_HTTP, 1, 2, "D0 U60 D65 U70 U75",
         "o0/0 c0/0 g60/0 r65/0 g70/0 x75/0:recovered", EVENT_UP},
        {"RECOVERING, no gap", EVENT_HTTP, 1, 2, "D0 U60 U180", "o0/0 c0/0 g60/0 x180/0:recovered",
         EVENT_UP},
        {"RECOVERING, gap, good", EVENT_HTTP, 1, 2, "D0 U60 U180.001 U181",
         "o0/0 c0/0 g60/0 g180.001/0 x181/0:recovered", EVENT_UP},
        {"RECOVERING, gap, neutral, good", EVENT_HTTP, 1, 2, "D0 U60 B181 U182 U183",
         "o0/0 c0/0 g60/0 g182/0 x183/0:recovered", EVENT_UP},
        {"RECOVERING, gap, bad", EVENT_HTTP, 1, 2, "D0 U60 D181", "o0/0 c0/0 g60/0 r181/0",
         EVENT_DOWN},
        {"RECOVERING, clock set back", EVENT_HTTP, 1, 2, "D0 U60 U-999",
         "o0/0 c0/0 g60/0 x-999/0:recovered", EVENT_UP},
        {"SUSPECT, the server asked to wait, no gap", EVENT_HTTP, 2, 2, "W0 D420.25",
         "o0/0 c420.25/0", EVENT_DOWN},
        {"SUSPECT, the server asked to wait, gap", EVENT_HTTP, 2, 2, "W0 D420.251",
         "o0/0 x420.251/0:unseen o420.251/420.251", EVENT_SUSPECT},
        {"SUSPECT, only the last check asked to wait", EVENT_HTTP, 3, 2, "W0 D300 D420.001",
         "o0/0 x420.001/0:unseen o420.001/420.001", EVENT_SUSPECT},
        {"SUSPECT, the server asked to wait, clock set back", EVENT_HTTP, 2, 2, "W0 D-999",
         "o0/0 c-999/0", EVENT_DOWN},
        {"slow checks, the server asked to wait", EVENT_SLOW, 2, 2, "S0 W60 S480", "o0/0 c480/0",
         EVENT_DOWN},
        {"UP again", EVENT_HTTP, 2, 1, "D0 D1 U2 D3 D4 U5",
         "o0/0 c1/0 x2/0:recovered o3/3 c4/3 x5/3:recovered", EVENT_UP},
        {"slow checks", EVENT_SLOW, 2, 2, "U0 S1 D2 T3 B4 S5 U6 U7",
         "o1/1 c5/1 g6/1 x7/1:recovered", EVENT_UP},
        {"failures are no slow checks", EVENT_SLOW, 1, 1, "D0 T1 B2", "", EVENT_UP},
        {"bot walls", EVENT_BOT, 2, 2, "U0 B1 D2 T3 B4 S5 U6", "o1/1 c4/1 g5/1 x6/1:recovered",
         EVENT_UP},
        {"slow checks are no bot walls", EVENT_BOT, 1, 1, "S0 D1 T2 U3", "", EVENT_UP},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct confirm rules = {.failures = cases[i].failures, .successes = cases[i].successes};
        struct condition condition;
        char events[1024];

        step_rows(cases[i].rows, cases[i].kind, &rules, &condition, events);
        if (strcmp(events, cases[i].events) != 0 || condition.state != cases[i].state)
            fail_msg("%s: %s: %s, state %s", cases[i].what, cases[i].rows, events,
                     event_state_name(condition.state));
    }
}

static void a_change_is_written_at_most_once_a_minute(void **state)
{
    static const struct {
        int interval;
        const char *rows, *events;
    } cases[] = {
        {60, "D0 E1 D2 E3", "r1/0"},
        {60, "D0 E1 D59.999 D60", "r1/0 r60/0"},
        {60, "D0 E1 D61 E62 D121", "r1/0 r61/0"},
        {60, "D0 E1 D61 E62 E121", "r1/0 r61/0 r121/0"},
        /* Ticks do not start exactly a minute apart. */
        {60, "D0 E0.9 D60.8 E120.7 D180.6", "r0.9/0 r60.8/0 r120.7/0 r180.6/0"},
        {30, "D0 E0.9 D60.8 E61", "r0.9/0"},
        {30, "D0 E0.9 D60.8 D60.9", "r0.9/0 r60.9/0"},
        {60, "D0 D1 D2 D99 D180", ""},
        {60, "D0 E1 B2 E70", "r1/0"},
        /* A code that was not written in time is written later. */
        {60, "D0 E1 T2 T30 T61", "r1/0 r61/0"},
        {60, "D0 U1 D2 U3 D4 U5 D6", "g1/0 r2/0 g3/0 g5/0"},
        {60, "D0 U1 D2 U3 D4 D62", "g1/0 r2/0 g3/0 r62/0"},
        {60, "D0 U1 D2 U3 D4 U5 U6", "g1/0 r2/0 g3/0 g5/0 x6/0:recovered"},
        /* A clock that was set back within the minute, and to one before. */
        {60, "D0 E31 D1", "r31/0"},
        {60, "D0 E31 D-0.001", "r31/0 r-0.001/0"},
        {60, "D0 E1 D-999 E-998 E-939", "r1/0 r-999/0 r-939/0"},
        /* The next outage may have one at once. */
        {60, "D0 E1 U2 U3 D4 E5", "r1/0 g2/0 x3/0:recovered o4/4 c4/4 r5/4"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct confirm rules = {.failures = 1, .successes = 2};
        struct condition condition;
        char events[1024], expected[256];

        step_rows_of(cases[i].interval, cases[i].rows, EVENT_HTTP, &rules, &condition, events);
        snprintf(expected, sizeof expected, "o0/0 c0/0%s%s", *cases[i].events ? " " : "",
                 cases[i].events);
        if (strcmp(events, expected) != 0)
            fail_msg("%s: %s", cases[i].rows, events);
    }
}

/* Also with both at 60. */
static void exactly_the_number_of_checks_in_a_row_counts(void **state)
{
    static const int numbers[] = {1, 2, 3, 59, 60};

    (void)state;
    for (size_t i = 0; i < LENGTH(numbers); i++) {
        struct confirm rules = {.failures = numbers[i], .successes = numbers[i]};
        struct condition condition = no_condition();
        struct event events[CONFIRM_EVENTS_MAX];

        for (int n = 1; n <= 2 * numbers[i]; n++) {
            bool is_bad = n <= numbers[i];
            struct check row = make_row(is_bad ? 'D' : 'U', start_ms + n);
            size_t n_events = confirm_step(&condition, EVENT_HTTP, &row, &rules, 999, events);
            int nth = is_bad ? n : n - numbers[i];
            enum event_change last = is_bad ? EVENT_CONFIRMED : EVENT_CLOSED;

            assert_int_equal(n_events > 0 && events[n_events - 1].change == last,
                             nth == numbers[i]);
            assert_int_equal(n_events,
                             (nth == 1) + (nth == numbers[i]) - (!is_bad && numbers[i] == 1));
        }
        assert_int_equal(condition.state, EVENT_UP);
    }
}

static void an_event_has_the_texts_of_its_check(void **state)
{
    struct confirm rules = {.failures = 2, .successes = 2};
    static const struct {
        char row;
        enum event_change change;
        enum event_state state;
        const char *code, *detail;
    } cases[] = {
        {'D', EVENT_OPENED, EVENT_SUSPECT, "connect.refused", "connect: connection refused"},
        {'T', EVENT_CONFIRMED, EVENT_DOWN, "timeout.connect", "timeout: 20 s passed connecting"},
        {'D', EVENT_REASON_CHANGED, EVENT_DOWN, "connect.refused", "connect: connection refused"},
        {'U', EVENT_RECOVERING, EVENT_RECOVERING_STATE, "", ""},
        {'S', EVENT_CLOSED, EVENT_UP, "", "recovered"},
    };
    struct condition condition = no_condition();

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct check row = make_row(cases[i].row, start_ms + (int64_t)i);
        struct event events[CONFIRM_EVENTS_MAX];

        assert_int_equal(confirm_step(&condition, EVENT_HTTP, &row, &rules, 999, events), 1);
        assert_int_equal(events[0].at_ms, row.start_ms);
        assert_int_equal(events[0].began_ms, start_ms);
        assert_int_equal(events[0].check, EVENT_HTTP);
        assert_string_equal(events[0].scope, "");
        assert_int_equal(events[0].change, cases[i].change);
        assert_int_equal(events[0].state, cases[i].state);
        assert_string_equal(events[0].code, cases[i].code);
        assert_string_equal(events[0].detail, cases[i].detail);
        assert_int_equal(condition.last_ms, row.start_ms);
        assert_int_equal(confirm_is_undecided(&condition),
                         cases[i].state == EVENT_SUSPECT ||
                             cases[i].state == EVENT_RECOVERING_STATE);
        if (*cases[i].code)
            assert_string_equal(condition.code, cases[i].code);
    }
}

/* The good check that would be the end, as the pages may show it. */
static void since_is_the_first_good_check_that_was_counted(void **state)
{
    static const struct {
        const char *rows;
        int since;
    } cases[] = {
        {"D0 D1", 0},        {"D0 U2", 2},       {"D0 U2 U3", 2},          {"D0 U2 D3 U4 U5", 4},
        {"D0 U2 U200", 200}, {"D0 U2 B3 U4", 2}, {"D0 U2 D3 U4 D5 U6", 6}, {"D0 U2 U3 U4 D5", 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct confirm rules = {.failures = 1, .successes = 3};
        int64_t since = cases[i].since ? start_ms + cases[i].since * MS_PER_SECOND : 0;
        struct condition condition;
        char events[1024];

        step_rows(cases[i].rows, EVENT_HTTP, &rules, &condition, events);
        if (condition.since_ms != since)
            fail_msg("%s: %lld", cases[i].rows, (long long)(condition.since_ms - start_ms));
    }
}

/* The rules can change while a condition is open. */
static void changed_rules_count_from_the_next_check_on(void **state)
{
    static const struct {
        const char *before;
        int successes, failures; /* after these rows; before, both are 5 */
        char next;
        const char *events;
    } cases[] = {
        {"D0 D1 D2", 5, 2, 'D', "o0/0 c9/0"},
        {"D0 D1 D2", 5, 4, 'D', "o0/0 c9/0"},
        {"D0 D1 D2", 5, 5, 'D', "o0/0"},
        {"D0 D1 D2 D3 D4 U5 U6 U7", 2, 5, 'U', "o0/0 c4/0 g5/0 x9/0:recovered"},
        /* The end that the log has is always the last good check after which none was bad. */
        {"D0 D1 D2 D3 D4 U5 D6", 1, 5, 'U', "o0/0 c4/0 g5/0 r6/0 x9/0:recovered"},
        {"D0 D1 D2 D3 D4 U5 D6 U7 D8", 1, 5, 'U', "o0/0 c4/0 g5/0 r6/0 g7/0 g9/0 x9/0:recovered"},
        {"D0 D1 D2 D3 D4 U5 B8.5", 1, 5, 'U', "o0/0 c4/0 g5/0 x9/0:recovered"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct confirm rules = {.failures = 5, .successes = 5};
        struct check row = make_row(cases[i].next, start_ms + 9000);
        struct event caused[CONFIRM_EVENTS_MAX];
        struct condition condition;
        char events[1024];
        size_t n;

        step_rows(cases[i].before, EVENT_HTTP, &rules, &condition, events);
        rules = (struct confirm){.failures = cases[i].failures, .successes = cases[i].successes};
        n = confirm_step(&condition, EVENT_HTTP, &row, &rules, reach_ms(60), caused);
        for (size_t j = 0; j < n; j++)
            describe(&caused[j], events);
        if (strcmp(events, cases[i].events) != 0)
            fail_msg("case %zu: %s", i, events);
    }
}

/* As a damaged state.db could have it. */
static void a_count_of_any_size_is_safe(void **state)
{
    static const enum event_state states[] = {EVENT_SUSPECT, EVENT_DOWN, EVENT_RECOVERING_STATE,
                                              EVENT_WARN, EVENT_CRITICAL};
    static const char kinds[] = "USDETB";

    (void)state;
    for (size_t i = 0; i < LENGTH(states) * (sizeof kinds - 1); i++) {
        struct confirm rules = {.failures = 60, .successes = 60};
        struct check row = make_row(kinds[i / LENGTH(states)], start_ms);
        struct condition condition = {.state = states[i % LENGTH(states)], .count = INT32_MAX};
        struct event events[CONFIRM_EVENTS_MAX];

        assert_true(confirm_step(&condition, EVENT_HTTP, &row, &rules, INT64_MAX, events) <=
                    CONFIRM_EVENTS_MAX);
        assert_true(condition.count >= 0);
    }
}

/* What a check that confirm_is_idle names does without a condition. */
static void an_idle_check_changes_nothing(void **state)
{
    static const char kinds[] = "USDETB";
    static const char *const idle[CONFIRM_CHECKS] = {
        [EVENT_HTTP] = "USB", [EVENT_SLOW] = "UDETB", [EVENT_BOT] = "USDET"};

    (void)state;
    for (size_t i = 0; i < CONFIRM_CHECKS * (sizeof kinds - 1); i++) {
        enum event_check check = (enum event_check)(i % CONFIRM_CHECKS);
        char kind = kinds[i / CONFIRM_CHECKS];
        struct check row = make_row(kind, start_ms);
        struct confirm rules = {.failures = 1, .successes = 1};
        struct condition condition = no_condition();
        struct event events[CONFIRM_EVENTS_MAX];
        size_t n = confirm_step(&condition, check, &row, &rules, 999, events);

        assert_int_equal(confirm_is_idle(check, &row), strchr(idle[check], kind) != NULL);
        assert_int_equal(n > 0, !confirm_is_idle(check, &row));
    }
}

/* A history, and what an oracle finds in it. */
enum { ROWS_MAX = 400 };

enum fate { FATE_OPEN, FATE_OUTAGE, FATE_BLIP, FATE_UNSEEN };

struct span {
    int64_t began_ms, ended_ms; /* ended_ms: of FATE_OUTAGE only */
    bool confirmed;
    enum fate fate;
};

struct history {
    enum event_check kind;
    struct confirm rules;
    int64_t reach;
    bool is_set_back; /* at least once */
    struct check rows[ROWS_MAX];
    char kinds[ROWS_MAX];
    size_t n;
};

static unsigned next_random(uint64_t *seed, unsigned below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*seed >> 33) % below;
}

static bool is_used(const struct history *history, int64_t at_ms)
{
    for (size_t i = 0; i < history->n; i++) {
        if (history->rows[i].start_ms == at_ms)
            return true;
    }
    return false;
}

/* Times on both sides of a gap and of a minute, and a clock that is set back now and then. */
static int64_t next_start(struct history *history, uint64_t *seed, int64_t at_ms, bool sets_back)
{
    int64_t interval = history->reach / 2;
    const int64_t steps[] = {1,
                             5000,
                             10000,
                             interval,
                             interval,
                             interval - 1,
                             history->reach,
                             history->reach + 1,
                             interval,
                             3 * interval,
                             MS_PER_MINUTE,
                             MS_PER_MINUTE - 1,
                             15000,
                             interval + 137,
                             history->reach / 3};
    int64_t start = at_ms + steps[next_random(seed, LENGTH(steps))];

    if (sets_back && next_random(seed, 12) == 0) {
        start = at_ms - (int64_t)next_random(seed, 3) * MS_PER_MINUTE - next_random(seed, 99999);
        history->is_set_back = true;
    }
    while (is_used(history, start))
        start++;
    return start;
}

/* Runs of one kind of check, of a length around that of the rules. */
static void make_history(struct history *history, uint64_t seed)
{
    static const int lengths[] = {1, 1, 2, 2, 3, 3, 4, 5, 60};
    static const int intervals[] = {10, 60, 300};
    static const char weights[] = "UUUUSSDDDETBW";
    bool sets_back = next_random(&seed, 3) == 0;
    int64_t at_ms = start_ms;
    unsigned left = 0;
    char kind = 'U';

    memset(history, 0, sizeof *history);
    history->kind = (enum event_check)(next_random(&seed, 6) % 4 % CONFIRM_CHECKS);
    history->rules.failures = lengths[next_random(&seed, LENGTH(lengths))];
    history->rules.successes = lengths[next_random(&seed, LENGTH(lengths))];
    history->reach = reach_ms(intervals[next_random(&seed, LENGTH(intervals))]);
    for (size_t n = 20 + next_random(&seed, ROWS_MAX - 20); history->n < n; history->n++) {
        if (left-- == 0) {
            int around = next_random(&seed, 2) ? history->rules.failures : history->rules.successes;

            kind = weights[next_random(&seed, sizeof weights - 1)];
            left = next_random(&seed, (unsigned)around + 2);
        }
        at_ms = next_start(history, &seed, at_ms, sets_back);
        history->kinds[history->n] = kind;
        history->rows[history->n] = make_row(kind, at_ms);
    }
}

/* Good, bad and neutral checks by letters, as the header of confirm.h has them. */
static int find_meaning(const struct history *history, size_t row)
{
    static const char *const good[CONFIRM_CHECKS] = {"US", "U", "US"};
    static const char *const bad[CONFIRM_CHECKS] = {"DETW", "S", "B"};

    if (strchr(good[history->kind], history->kinds[row]))
        return 1;
    return strchr(bad[history->kind], history->kinds[row]) ? -1 : 0;
}

/* The checks that are not neutral, and whether a gap is before each. */
struct seen {
    int64_t at_ms[ROWS_MAX + 1];
    int meaning[ROWS_MAX + 1];
    bool gap[ROWS_MAX + 1]; /* the last one: after all of them */
    size_t n;
};

static void look(const struct history *history, struct seen *seen)
{
    memset(seen, 0, sizeof *seen);
    for (size_t i = 0; i < history->n; i++) {
        int64_t wait = i && history->kinds[i - 1] == 'W' ? 300250 : 0;
        int64_t passed = i ? history->rows[i].start_ms - history->rows[i - 1].start_ms : 0;

        seen->gap[seen->n] = seen->gap[seen->n] || passed - wait > history->reach;
        seen->meaning[seen->n] = find_meaning(history, i);
        seen->at_ms[seen->n] = history->rows[i].start_ms;
        seen->n += seen->meaning[seen->n] != 0;
    }
}

/* How many checks in a row mean the same as this one, up to a gap. */
static size_t run_length(const struct seen *seen, size_t from)
{
    size_t at = from + 1;

    while (at < seen->n && seen->meaning[at] == seen->meaning[from] && !seen->gap[at])
        at++;
    return at - from;
}

/* Finds where an outage ends: the first of enough good checks in a row. seen->n: nowhere. */
static size_t find_end(const struct seen *seen, size_t from, size_t successes)
{
    while (from < seen->n) {
        size_t length = run_length(seen, from);

        if (seen->meaning[from] > 0 && length >= successes)
            return from;
        from += length;
    }
    return seen->n;
}

/*
 * The oracle. It has no states: it looks for runs that are long enough, in the whole history. A bad
 * run that is too short is a blip if a good check follows it, and unseen if a gap does.
 */
static size_t find_spans(const struct history *history, struct span *spans)
{
    size_t n = 0, at = 0, failures = (size_t)history->rules.failures;
    struct seen seen;

    look(history, &seen);
    while (at < seen.n) {
        size_t length = run_length(&seen, at), end;
        struct span *span = &spans[n];

        if (seen.meaning[at] > 0) {
            at += length;
            continue;
        }
        *span = (struct span){.began_ms = seen.at_ms[at], .confirmed = length >= failures};
        end = at + length;
        if (span->confirmed) {
            end = find_end(&seen, at + failures, (size_t)history->rules.successes);
            span->fate = end < seen.n ? FATE_OUTAGE : FATE_OPEN;
            span->ended_ms = end < seen.n ? seen.at_ms[end] : 0;
        } else {
            span->fate = seen.gap[end] ? FATE_UNSEEN : end < seen.n ? FATE_BLIP : FATE_OPEN;
        }
        n++;
        at = end;
    }
    return n;
}

/* Reads a log, event by event, and asserts that each is allowed after the one before it. */
struct log_reader {
    const struct history *history;
    struct span spans[ROWS_MAX];
    size_t n;
    bool is_open;
    enum event_state state;
    int64_t recovering_ms; /* of the open condition; 0: none */
    int64_t changed_ms;    /* the same of the last reason_changed */
};

static bool is_row(const struct history *history, int64_t at_ms, int meaning)
{
    for (size_t i = 0; i < history->n; i++) {
        if (history->rows[i].start_ms == at_ms)
            return find_meaning(history, i) == meaning;
    }
    return false;
}

static void read_opened(struct log_reader *reader, const struct event *event)
{
    assert_false(reader->is_open);
    for (size_t i = 0; i < reader->n; i++)
        assert_true(reader->spans[i].began_ms != event->began_ms);
    assert_int_equal(event->at_ms, event->began_ms);
    assert_true(is_row(reader->history, event->began_ms, -1));
    assert_int_equal(event->state, EVENT_SUSPECT);
    reader->spans[reader->n++] = (struct span){.began_ms = event->began_ms};
    reader->is_open = true;
    reader->recovering_ms = reader->changed_ms = 0;
}

static void read_closed(struct log_reader *reader, const struct event *event)
{
    struct span *span = &reader->spans[reader->n - 1];

    assert_int_equal(event->state, EVENT_UP);
    span->fate = strcmp(event->detail, EVENT_RECOVERED) == 0 ? FATE_OUTAGE
                 : strcmp(event->detail, EVENT_BLIP) == 0    ? FATE_BLIP
                                                             : FATE_UNSEEN;
    assert_int_equal(span->fate == FATE_OUTAGE, span->confirmed);
    if (span->fate == FATE_UNSEEN)
        assert_string_equal(event->detail, EVENT_UNSEEN);
    if (span->fate == FATE_OUTAGE) {
        span->ended_ms = reader->recovering_ms ? reader->recovering_ms : event->at_ms;
        assert_true(is_row(reader->history, span->ended_ms, 1));
        assert_true(reader->history->is_set_back || span->ended_ms > span->began_ms);
    }
    reader->is_open = false;
}

static bool is_minute_apart(const struct log_reader *reader, int64_t at_ms)
{
    if (reader->history->reach < reach_ms(60))
        return llabs(at_ms - reader->changed_ms) >= MS_PER_MINUTE;
    return clock_floor_div(at_ms, MS_PER_MINUTE) !=
           clock_floor_div(reader->changed_ms, MS_PER_MINUTE);
}

static void read_event(struct log_reader *reader, const struct event *event)
{
    struct span *span;

    assert_int_equal(event->check, reader->history->kind);
    if (event->change == EVENT_OPENED) {
        read_opened(reader, event);
        reader->state = event->state;
        return;
    }
    assert_true(reader->is_open);
    span = &reader->spans[reader->n - 1];
    assert_int_equal(event->began_ms, span->began_ms);
    if (event->change == EVENT_CONFIRMED) {
        assert_int_equal(reader->state, EVENT_SUSPECT);
        assert_int_equal(event->state, EVENT_DOWN);
        span->confirmed = true;
    } else if (event->change == EVENT_REASON_CHANGED) {
        assert_true(span->confirmed && event->state == EVENT_DOWN);
        assert_true(!reader->changed_ms || is_minute_apart(reader, event->at_ms));
        reader->changed_ms = event->at_ms;
    } else if (event->change == EVENT_RECOVERING) {
        assert_true(span->confirmed && event->state == EVENT_RECOVERING_STATE);
        reader->recovering_ms = event->at_ms;
    } else {
        read_closed(reader, event);
    }
    reader->state = event->state;
}

/* Steps through a history. Between two checks, a tick may end: the next one knows what is stored.
 */
static void read_history(const struct history *history, bool forgets, struct log_reader *reader)
{
    struct condition condition = no_condition(), stored = condition;

    memset(reader, 0, sizeof *reader);
    reader->history = history;
    for (size_t i = 0; i < history->n; i++) {
        struct condition before = condition;
        struct event events[CONFIRM_EVENTS_MAX];
        size_t n = confirm_step(&condition, history->kind, &history->rows[i], &history->rules,
                                history->reach, events);

        for (size_t j = 0; j < n; j++) {
            assert_int_equal(events[j].at_ms, history->rows[i].start_ms);
            read_event(reader, &events[j]);
        }

        /* The log alone shows the state. */
        assert_int_equal(condition.state, reader->n ? reader->state : EVENT_UP);
        if (confirm_is_changed(&before, &condition))
            stored = condition.state == EVENT_UP ? no_condition() : condition;
        if (forgets)
            condition = stored;
    }
}

static void assert_spans(uint64_t seed, const struct log_reader *reader, const struct span *spans,
                         size_t n)
{
    if (reader->n != n)
        fail_msg("seed %llu: %zu conditions, expected %zu", (unsigned long long)seed, reader->n, n);
    for (size_t i = 0; i < n; i++) {
        const struct span *is = &reader->spans[i], *must = &spans[i];

        if (is->began_ms != must->began_ms || is->fate != must->fate ||
            is->ended_ms != must->ended_ms || is->confirmed != must->confirmed)
            fail_msg("seed %llu: condition %zu of %zu", (unsigned long long)seed, i, n);
    }
}

/* The confirmed timeline is the raw one without the runs that are too short. */
static void the_log_of_any_history_is_what_an_oracle_finds(void **state)
{
    static struct log_reader reader;
    static struct history history;
    static struct span spans[ROWS_MAX];
    size_t n_of[FATE_UNSEEN + 1] = {0};

    (void)state;
    for (uint64_t seed = 1; seed <= 6000; seed++) {
        size_t n;

        make_history(&history, seed * UINT64_C(0x9e3779b97f4a7c15));
        n = find_spans(&history, spans);
        read_history(&history, seed % 2, &reader);
        assert_spans(seed, &reader, spans, n);
        for (size_t i = 0; i < n; i++)
            n_of[spans[i].fate]++;
    }
    for (size_t i = 0; i < LENGTH(n_of); i++)
        assert_true(n_of[i] > 1000);
}

static void each_name_of_an_event_is_read_again(void **state)
{
    static const char *const wrong[] = {"", "h", "HTTP", "http ", "opene", "openedx", "UPP"};

    (void)state;
    for (int i = 0; i < EVENT_CHECKS; i++) {
        const char *name = event_check_name((enum event_check)i);
        enum event_check check;

        assert_int_equal(event_read_check(name, strlen(name), &check), 0);
        assert_int_equal(check, i);
    }
    for (int i = 0; i < EVENT_CHANGES; i++) {
        const char *name = event_change_name((enum event_change)i);
        enum event_change change;

        assert_int_equal(event_read_change(name, strlen(name), &change), 0);
        assert_int_equal(change, i);
    }
    for (int i = 0; i < EVENT_STATES; i++) {
        const char *name = event_state_name((enum event_state)i);
        enum event_state found;

        assert_int_equal(event_read_state(name, strlen(name), &found), 0);
        assert_int_equal(found, i);
    }
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        enum event_check check = EVENT_BOT;
        enum event_change change = EVENT_CLOSED;
        enum event_state found = EVENT_DOWN;

        assert_int_equal(event_read_check(wrong[i], strlen(wrong[i]), &check), -1);
        assert_int_equal(event_read_change(wrong[i], strlen(wrong[i]), &change), -1);
        assert_int_equal(event_read_state(wrong[i], strlen(wrong[i]), &found), -1);
        assert_int_equal(check, EVENT_HTTP);
        assert_int_equal(change, EVENT_OPENED);
        assert_int_equal(found, EVENT_UP);
    }
}

/* These are in files of users. */
static void the_names_in_the_log_stay_the_same(void **state)
{
    static const char *const checks[] = {"http", "slow", "bot", "certificate", "local_network"};
    static const char *const changes[] = {"opened", "confirmed", "reason_changed", "recovering",
                                          "closed"};
    static const char *const states[] = {"UP", "SUSPECT", "DOWN", "RECOVERING", "WARN", "CRITICAL"};
    char id[EVENT_ID_MAX], scope[EVENT_SCOPE_MAX], long_id[EVENT_ID_MAX];

    (void)state;
    for (size_t i = 0; i < LENGTH(checks); i++)
        assert_string_equal(event_check_name((enum event_check)i), checks[i]);
    for (size_t i = 0; i < LENGTH(changes); i++)
        assert_string_equal(event_change_name((enum event_change)i), changes[i]);
    for (size_t i = 0; i < LENGTH(states); i++)
        assert_string_equal(event_state_name((enum event_state)i), states[i]);
    assert_string_equal(event_write_id("shop/www", EVENT_HTTP, start_ms + 123, id),
                        "shop/www/http@2026-11-23T09:30:00.123Z");
    memset(scope, 's', sizeof scope - 1);
    scope[sizeof scope - 1] = '\0';
    snprintf(long_id, sizeof long_id, "%s/local_network@2026-11-23T09:30:00.000Z", scope);
    assert_string_equal(event_write_id(scope, EVENT_LOCAL_NETWORK, start_ms, id), long_id);
}

static void an_event_that_uptick_would_not_record_is_not_valid(void **state)
{
    static char scope[EVENT_SCOPE_MAX + 1], detail[FAILURE_MAX + 1];
    static const char longest_code[] = "0123456789.abcdef_ABCDEF-0123456";
    static const struct {
        struct event event;
        bool is_valid;
    } cases[] = {
        {{.scope = "shop/www", .code = "connect.refused", .detail = "x", .state = EVENT_DOWN},
         true},
        {{.scope = "shop/www", .code = "", .detail = "", .state = EVENT_SUSPECT}, true},
        {{.scope = "shop/www", .code = "", .detail = "", .state = EVENT_UP}, false},
        {{.scope = "a/b", .code = "", .detail = "", .change = EVENT_CLOSED}, true},
        {{.scope = "a/b", .code = "", .detail = "", .change = EVENT_CLOSED, .state = EVENT_DOWN},
         false},
        {{.scope = "shop", .code = "", .detail = "", .state = EVENT_DOWN}, false},
        {{.scope = "shop/", .code = "", .detail = "", .state = EVENT_DOWN}, false},
        {{.scope = "/www", .code = "", .detail = "", .state = EVENT_DOWN}, false},
        {{.scope = "a/b/c", .code = "", .detail = "", .state = EVENT_DOWN}, false},
        {{.scope = "", .code = "", .detail = "", .state = EVENT_DOWN}, false},
        {{.scope = "a/b", .code = "a b", .detail = "", .state = EVENT_DOWN}, false},
        {{.scope = "a/b", .code = longest_code + 1, .detail = "", .state = EVENT_DOWN}, true},
        {{.scope = "a/b", .code = longest_code, .detail = "", .state = EVENT_DOWN}, false},
        {{.scope = "a/b", .code = "", .detail = detail + 1, .state = EVENT_DOWN}, true},
        {{.scope = "a/b", .code = "", .detail = detail, .state = EVENT_DOWN}, false},
        {{.scope = "h.example:443",
          .check = EVENT_CERTIFICATE,
          .code = "",
          .detail = "",
          .state = EVENT_WARN},
         true},
        {{.scope = "[2001:db8::1]:443",
          .check = EVENT_CERTIFICATE,
          .code = "",
          .detail = "",
          .state = EVENT_WARN},
         true},
        {{.scope = "a/b",
          .check = EVENT_CERTIFICATE,
          .code = "",
          .detail = "",
          .state = EVENT_WARN},
         false},
        {{.scope = "", .check = EVENT_CERTIFICATE, .code = "", .detail = "", .state = EVENT_WARN},
         false},
        {{.scope = scope + 1,
          .check = EVENT_CERTIFICATE,
          .code = "",
          .detail = "",
          .state = EVENT_WARN},
         true},
        {{.scope = scope,
          .check = EVENT_CERTIFICATE,
          .code = "",
          .detail = "",
          .state = EVENT_WARN},
         false},
        {{.scope = "ipv4-public",
          .check = EVENT_LOCAL_NETWORK,
          .code = "",
          .detail = "",
          .state = EVENT_DOWN},
         true},
        {{.scope = "a/b",
          .check = EVENT_LOCAL_NETWORK,
          .code = "",
          .detail = "",
          .state = EVENT_DOWN},
         false},
    };

    (void)state;
    assert_int_equal(strlen(longest_code), EVENT_CODE_MAX);
    memset(scope, 's', sizeof scope - 1);
    memset(detail, 'd', sizeof detail - 1);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        if (event_is_valid(&cases[i].event) != cases[i].is_valid)
            fail_msg("case %zu: %s", i, cases[i].event.scope);
    }
}

static void an_id_is_read_as_it_was_written(void **state)
{
    static const char *const wrong[] = {
        "shop/www/http@2026-11-23T09:30:00.123",   "shop/www/http@",
        "shop/www/http2026-11-23T09:30:00.123Z",   "shop/www/https@2026-11-23T09:30:00.123Z",
        "shop/www/htt@2026-11-23T09:30:00.123Z",   "shop/www.http@2026-11-23T09:30:00.123Z",
        "shop/wwww/http@2026-11-23T09:30:00.123Z", "shop/xyz/http@2026-11-23T09:30:00.123Z",
        "shop/www/http@2026-11-23T09:30:00.123Zx"};
    char id[EVENT_ID_MAX];
    enum event_check check;
    int64_t began_ms;

    (void)state;
    for (int i = 0; i < EVENT_CHECKS; i++) {
        event_write_id("shop/www", (enum event_check)i, start_ms + i, id);
        assert_int_equal(event_read_id(id, "shop/www", &check, &began_ms), 0);
        assert_int_equal(check, i);
        assert_int_equal(began_ms, start_ms + i);
    }
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        if (event_read_id(wrong[i], "shop/www", &check, &began_ms) != -1)
            fail_msg("%s", wrong[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cell_of_the_table_of_states_holds),
        cmocka_unit_test(a_change_is_written_at_most_once_a_minute),
        cmocka_unit_test(exactly_the_number_of_checks_in_a_row_counts),
        cmocka_unit_test(an_event_has_the_texts_of_its_check),
        cmocka_unit_test(since_is_the_first_good_check_that_was_counted),
        cmocka_unit_test(changed_rules_count_from_the_next_check_on),
        cmocka_unit_test(a_count_of_any_size_is_safe),
        cmocka_unit_test(an_idle_check_changes_nothing),
        cmocka_unit_test(the_log_of_any_history_is_what_an_oracle_finds),
        cmocka_unit_test(each_name_of_an_event_is_read_again),
        cmocka_unit_test(an_event_that_uptick_would_not_record_is_not_valid),
        cmocka_unit_test(an_id_is_read_as_it_was_written),
        cmocka_unit_test(the_names_in_the_log_stay_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
