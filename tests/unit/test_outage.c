/* interruption.h: turns in, interruptions out. */
#include "model/outage.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { MOST = 6, NEVER = INT32_MIN };

/* 2026-11-23T09:30:00Z, and minutes from there. */
static int64_t minute(int number)
{
    return number == NEVER ? INT64_MIN : INT64_C(1795426200000) + (int64_t)number * MS_PER_MINUTE;
}

static void a_check_is_a_turn_where_its_kind_changes_or_a_gap_lies_before_it(void **state)
{
    static const struct {
        enum status before, status;
        int64_t passed_ms; /* since the one before */
        bool is;
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
                                 minute(0), 120000) != cases[i].is)
            fail_msg("case %zu", i);
    }
    assert_false(
        outage_is_transition(STATUS_DOWN, minute(999999), STATUS_DOWN, minute(0), INT64_MAX));
    assert_false(outage_is_transition(STATUS_DOWN, minute(0), STATUS_DOWN, INT64_MIN, 120000));
}

/* Minutes; the interval is one, and the minute of now is 0, half of which has passed. */
static void turns_tell_from_when_to_when_it_was_not_well(void **state)
{
    static const struct {
        struct {
            int start, before;
            enum status status;
        } transitions[MOST];
        int n, latest;
        struct {
            int from, to;
            enum outage_end end;
            enum status status;
        } found[MOST];
    } cases[] = {
        {{{0}}, 0, NEVER, {{0}}},
        {{{-500, NEVER, STATUS_UP}}, 1, 0, {{0}}},
        /* It goes on, as long as the latest check speaks for the bucket of now. */
        {{{-9, -10, STATUS_DOWN}}, 1, 0, {{-9, 0, OUTAGE_GOES_ON, STATUS_DOWN}}},
        {{{-9, NEVER, STATUS_DOWN}}, 1, -1, {{-9, -1, OUTAGE_GOES_ON, STATUS_DOWN}}},
        {{{-9, -10, STATUS_DOWN}}, 1, -2, {{-9, -2, OUTAGE_UNSEEN, STATUS_DOWN}}},
        {{{-9, -10, STATUS_DOWN}}, 1, NEVER, {{-9, -9, OUTAGE_UNSEEN, STATUS_DOWN}}},
        {{{0, -1, STATUS_BOT_DETECTED}}, 1, 0, {{0, 0, OUTAGE_GOES_ON, STATUS_BOT_DETECTED}}},
        /* It ends by a check that was well, or otherwise. */
        {{{-9, -10, STATUS_DOWN}, {-5, -6, STATUS_UP}},
         2,
         0,
         {{-9, -5, OUTAGE_ENDED, STATUS_DOWN}}},
        {{{-9, -10, STATUS_TIMEOUT}, {-5, -7, STATUS_BOT_DETECTED}, {-3, -4, STATUS_UP}},
         3,
         0,
         {{-9, -5, OUTAGE_ENDED, STATUS_TIMEOUT}, {-5, -3, OUTAGE_ENDED, STATUS_BOT_DETECTED}}},
        /* Nothing was measured after it, and then it was well, or not. */
        {{{-9, -10, STATUS_DOWN}, {-5, -8, STATUS_UP}},
         2,
         0,
         {{-9, -8, OUTAGE_UNSEEN, STATUS_DOWN}}},
        {{{-9, -10, STATUS_DOWN}, {-5, -8, STATUS_TIMEOUT}, {-4, -5, STATUS_UP}},
         3,
         0,
         {{-9, -8, OUTAGE_UNSEEN, STATUS_DOWN}, {-5, -4, OUTAGE_ENDED, STATUS_TIMEOUT}}},
        /* The gap was one under a shorter interval. */
        {{{-9, -10, STATUS_DOWN}, {-5, -7, STATUS_DOWN}, {-4, -5, STATUS_UP}},
         3,
         0,
         {{-9, -4, OUTAGE_ENDED, STATUS_DOWN}}},
        {{{-9, -10, STATUS_DOWN}, {-5, -7, STATUS_DOWN}},
         2,
         0,
         {{-9, 0, OUTAGE_GOES_ON, STATUS_DOWN}}},
        /* Those that ended before the span are left out. */
        {{{-400, -401, STATUS_DOWN}, {-101, -102, STATUS_UP}}, 2, 0, {{0}}},
        {{{-400, -401, STATUS_DOWN}, {-100, -101, STATUS_UP}},
         2,
         0,
         {{-400, -100, OUTAGE_ENDED, STATUS_DOWN}}},
        {{{-400, -401, STATUS_DOWN}}, 1, -101, {{0}}},
        {{{-400, -401, STATUS_DOWN}}, 1, 0, {{-400, 0, OUTAGE_GOES_ON, STATUS_DOWN}}},
        /* What lies ahead of the clock is not told. */
        {{{-9, -10, STATUS_DOWN}, {1, 0, STATUS_UP}}, 2, 0, {{-9, 0, OUTAGE_GOES_ON, STATUS_DOWN}}},
        {{{-9, -10, STATUS_UP}, {1, 0, STATUS_DOWN}, {3, 2, STATUS_UP}}, 3, 0, {{0}}},
        {{{5, NEVER, STATUS_DOWN}}, 1, NEVER, {{0}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct outage_scope scope = {120000, minute(cases[i].latest), minute(-100),
                                           minute(0) + 30000};
        struct outage found[MOST];
        struct transition transitions[MOST];
        char failures[MOST][16];
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
                fail_msg("case %zu, interruption %zu", i, j);
            assert_string_equal(found[j].failure, failure);
        }
        if (n >= MOST || cases[i].found[n].status != STATUS_UNKNOWN ||
            (n > 0 && cases[i].found[n - 1].status == STATUS_UNKNOWN))
            fail_msg("case %zu: %zu interruptions", i, n);
    }
}

static void a_check_of_this_very_moment_does_not_lie_ahead(void **state)
{
    static const struct transition down = {INT64_C(1795426200000), INT64_MIN, STATUS_DOWN, 0, "x"};
    struct outage_scope scope = {120000, minute(0), minute(-100), minute(0)};
    struct outage found;

    (void)state;
    assert_int_equal(outage_find(&down, 1, &scope, &found), 1);
    scope.now_ms--;
    assert_int_equal(outage_find(&down, 1, &scope, &found), 0);
}

/* A history of six-minute intervals ends in the minute of now. */
static void a_long_interval_reaches_as_far_as_its_buckets(void **state)
{
    static const struct transition down = {INT64_C(1795426200000) - 3600000, INT64_MIN, STATUS_DOWN,
                                           0, "x"};

    (void)state;
    for (int64_t age_ms = 0; age_ms < 16 * MS_PER_MINUTE; age_ms += 1000) {
        const struct outage_scope scope = {720000, minute(0) - age_ms, minute(-100),
                                           minute(0) + 30000};
        struct outage found;

        assert_int_equal(outage_find(&down, 1, &scope, &found), 1);
        assert_int_equal(found.end,
                         age_ms + MS_PER_MINUTE > 720000 ? OUTAGE_UNSEEN : OUTAGE_GOES_ON);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_is_a_turn_where_its_kind_changes_or_a_gap_lies_before_it),
        cmocka_unit_test(turns_tell_from_when_to_when_it_was_not_well),
        cmocka_unit_test(a_check_of_this_very_moment_does_not_lie_ahead),
        cmocka_unit_test(a_long_interval_reaches_as_far_as_its_buckets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
