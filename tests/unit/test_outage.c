/* outage.h: which checks are transitions, and the outages of transitions. */
#include "model/outage.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { MAX = 6, NEVER = INT32_MIN };

/* 2026-11-23T09:30:00Z, and minutes from there. */
static int64_t minute(int number)
{
    return number == NEVER ? INT64_MIN : INT64_C(1795426200000) + (int64_t)number * MS_PER_MINUTE;
}

static void a_check_is_a_transition_after_a_change_or_a_gap(void **state)
{
    static const struct {
        enum status before, status;
        int64_t passed_ms; /* since the check before */
        bool is_transition;
    } cases[] = {
        {STATUS_UNKNOWN, STATUS_UP, 0, true},
        {STATUS_UNKNOWN, STATUS_DOWN, 0, true},
        {STATUS_UP, STATUS_UP, 60000, false},
        {STATUS_UP, STATUS_UP, 99999999, false},
        {STATUS_UP, STATUS_DOWN, 60000, true},
        {STATUS_UP, STATUS_TIMEOUT, 60000, true},
        {STATUS_UP, STATUS_BOT_DETECTED, 60000, true},
        {STATUS_DOWN, STATUS_DOWN, 120000, false},
        {STATUS_DOWN, STATUS_DOWN, 120001, true},
        {STATUS_DOWN, STATUS_TIMEOUT, 120000, false},
        {STATUS_TIMEOUT, STATUS_DOWN, 120001, true},
        {STATUS_DOWN, STATUS_BOT_DETECTED, 60000, true},
        {STATUS_DOWN, STATUS_UP, 60000, true},
        {STATUS_BOT_DETECTED, STATUS_BOT_DETECTED, 120000, false},
        {STATUS_BOT_DETECTED, STATUS_BOT_DETECTED, 120001, true},
        {STATUS_BOT_DETECTED, STATUS_TIMEOUT, 60000, true},
        {STATUS_BOT_DETECTED, STATUS_UP, 60000, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (outage_is_transition(cases[i].status, minute(0) + cases[i].passed_ms, cases[i].before,
                                 minute(0), 120000) != cases[i].is_transition)
            fail_msg("case %zu", i);
    }
    assert_false(
        outage_is_transition(STATUS_DOWN, minute(999999), STATUS_DOWN, minute(0), INT64_MAX));
    assert_false(outage_is_transition(STATUS_DOWN, minute(0), STATUS_DOWN, INT64_MIN, 120000));
}

/* In minutes. The interval is one minute, and now is in the middle of minute 0. */
static void outages_are_computed_from_transitions(void **state)
{
    static const struct {
        struct {
            int start, before;
            enum status status;
        } transitions[MAX];
        int n, latest;
        struct {
            int from, to;
            enum outage_end end;
            enum status status;
        } found[MAX];
    } cases[] = {
        {{{0}}, 0, NEVER, {{0}}},
        {{{-500, NEVER, STATUS_UP}}, 1, 0, {{0}}},
        /* It is ongoing as long as the latest check counts now, half a minute after minute 0. */
        {{{-9, -10, STATUS_DOWN}}, 1, 0, {{-9, 0, OUTAGE_ONGOING, STATUS_DOWN}}},
        {{{-9, NEVER, STATUS_DOWN}}, 1, -1, {{-9, -1, OUTAGE_ONGOING, STATUS_DOWN}}},
        {{{-9, -10, STATUS_DOWN}}, 1, -2, {{-9, -2, OUTAGE_UNSEEN, STATUS_DOWN}}},
        {{{-9, -10, STATUS_DOWN}}, 1, NEVER, {{-9, -9, OUTAGE_UNSEEN, STATUS_DOWN}}},
        {{{0, -1, STATUS_BOT_DETECTED}}, 1, 0, {{0, 0, OUTAGE_ONGOING, STATUS_BOT_DETECTED}}},
        /* It ends with a check that is UP, or of another kind. */
        {{{-9, -10, STATUS_DOWN}, {-5, -6, STATUS_UP}},
         2,
         0,
         {{-9, -5, OUTAGE_ENDED, STATUS_DOWN}}},
        {{{-9, -10, STATUS_TIMEOUT}, {-5, -7, STATUS_BOT_DETECTED}, {-3, -4, STATUS_UP}},
         3,
         0,
         {{-9, -5, OUTAGE_ENDED, STATUS_TIMEOUT}, {-5, -3, OUTAGE_ENDED, STATUS_BOT_DETECTED}}},
        /* A gap follows, and then a check that is UP, or not. */
        {{{-9, -10, STATUS_DOWN}, {-5, -8, STATUS_UP}},
         2,
         0,
         {{-9, -8, OUTAGE_UNSEEN, STATUS_DOWN}}},
        {{{-9, -10, STATUS_DOWN}, {-5, -8, STATUS_TIMEOUT}, {-4, -5, STATUS_UP}},
         3,
         0,
         {{-9, -8, OUTAGE_UNSEEN, STATUS_DOWN}, {-5, -4, OUTAGE_ENDED, STATUS_TIMEOUT}}},
        /* It was a gap with a shorter interval, and is none any more. */
        {{{-9, -10, STATUS_DOWN}, {-5, -7, STATUS_DOWN}, {-4, -5, STATUS_UP}},
         3,
         0,
         {{-9, -4, OUTAGE_ENDED, STATUS_DOWN}}},
        {{{-9, -10, STATUS_DOWN}, {-5, -7, STATUS_DOWN}},
         2,
         0,
         {{-9, 0, OUTAGE_ONGOING, STATUS_DOWN}}},
        /* Outages that ended before the span are left out. */
        {{{-400, -401, STATUS_DOWN}, {-101, -102, STATUS_UP}}, 2, 0, {{0}}},
        {{{-400, -401, STATUS_DOWN}, {-100, -101, STATUS_UP}},
         2,
         0,
         {{-400, -100, OUTAGE_ENDED, STATUS_DOWN}}},
        {{{-400, -401, STATUS_DOWN}}, 1, -101, {{0}}},
        {{{-400, -401, STATUS_DOWN}}, 1, 0, {{-400, 0, OUTAGE_ONGOING, STATUS_DOWN}}},
        /* Transitions in the future are ignored. */
        {{{-9, -10, STATUS_DOWN}, {1, 0, STATUS_UP}}, 2, 0, {{-9, 0, OUTAGE_ONGOING, STATUS_DOWN}}},
        {{{-9, -10, STATUS_UP}, {1, 0, STATUS_DOWN}, {3, 2, STATUS_UP}}, 3, 0, {{0}}},
        {{{5, NEVER, STATUS_DOWN}}, 1, NEVER, {{0}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct outage_scope scope = {120000, minute(cases[i].latest), minute(-100),
                                           minute(0) + 30000};
        struct outage found[MAX];
        struct transition transitions[MAX];
        char failures[MAX][16];
        size_t n;

        for (int j = 0; j < cases[i].n; j++) {
            snprintf(failures[j], sizeof failures[j], "at %d", cases[i].transitions[j].start);
            transitions[j] = (struct transition){
                minute(cases[i].transitions[j].start), minute(cases[i].transitions[j].before),
                cases[i].transitions[j].status, 500 - cases[i].transitions[j].start, failures[j]};
        }
        n = outage_find(transitions, (size_t)cases[i].n, &scope, found);
        for (size_t j = 0; j < n; j++) {
            char failure[16];

            snprintf(failure, sizeof failure, "at %d", cases[i].found[j].from);
            if (found[j].from_ms != minute(cases[i].found[j].from) ||
                found[j].to_ms != minute(cases[i].found[j].to) ||
                found[j].end != cases[i].found[j].end ||
                found[j].status != cases[i].found[j].status ||
                found[j].http_status != 500 - cases[i].found[j].from)
                fail_msg("case %zu, outage %zu", i, j);
            assert_string_equal(found[j].failure, failure);
        }
        if (n >= MAX || cases[i].found[n].status != STATUS_UNKNOWN ||
            (n > 0 && cases[i].found[n - 1].status == STATUS_UNKNOWN))
            fail_msg("case %zu: %zu outages", i, n);
    }
}

static void a_check_at_the_current_moment_is_not_in_the_future(void **state)
{
    static const struct transition down = {INT64_C(1795426200000), INT64_MIN, STATUS_DOWN, 0, "x"};
    struct outage_scope scope = {120000, minute(0), minute(-100), minute(0)};
    struct outage found;

    (void)state;
    assert_int_equal(outage_find(&down, 1, &scope, &found), 1);
    scope.now_ms--;
    assert_int_equal(outage_find(&down, 1, &scope, &found), 0);
}

/* The interval is six minutes, so a check counts for twelve. */
static void an_outage_goes_on_as_long_as_its_last_check_counts(void **state)
{
    static const struct transition down = {INT64_C(1795426200000) - 3600000, INT64_MIN, STATUS_DOWN,
                                           0, "x"};

    (void)state;
    for (int64_t age_ms = 0; age_ms < 16 * MS_PER_MINUTE; age_ms += 500) {
        const struct outage_scope scope = {720000, minute(0) - age_ms, minute(-100),
                                           minute(0) + 30000};
        struct outage found;

        assert_int_equal(outage_find(&down, 1, &scope, &found), 1);
        assert_int_equal(found.end,
                         age_ms + MS_PER_MINUTE / 2 > 720000 ? OUTAGE_UNSEEN : OUTAGE_ONGOING);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_is_a_transition_after_a_change_or_a_gap),
        cmocka_unit_test(outages_are_computed_from_transitions),
        cmocka_unit_test(a_check_at_the_current_moment_is_not_in_the_future),
        cmocka_unit_test(an_outage_goes_on_as_long_as_its_last_check_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
