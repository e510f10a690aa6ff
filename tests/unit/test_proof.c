/* Goal of these tests: which archives are old is judged by the records, not by the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "records/proof.h"

/* Days in runs: `n` of them, from `first` on, every `step` days. */
struct run {
    int first, n, step;
};

struct history {
    const char *what;
    struct run runs[4];
    int today, keep;
    int64_t last_day, first_kept; /* NONE: INT64_MIN */
};

#define NONE INT64_MIN
enum { TODAY = 20000, YEARS_AHEAD = TODAY + 3650 };

static const struct history histories[] = {
    {"no archive", {{0, 0, 0}}, TODAY, 30, NONE, NONE},
    {"a first day", {{TODAY, 1, 1}}, TODAY, 30, NONE, NONE},
    {"three days", {{TODAY - 2, 3, 1}}, TODAY, 30, TODAY, NONE},
    {"as many days as are kept, and today", {{TODAY - 30, 31, 1}}, TODAY, 30, TODAY, NONE},
    {"one more", {{TODAY - 31, 32, 1}}, TODAY, 30, TODAY, TODAY - 30},
    {"a year that is kept for ever", {{TODAY - 365, 366, 1}}, TODAY, 0, TODAY, NONE},
    {"one day is kept", {{TODAY - 5, 6, 1}}, TODAY, 1, TODAY, TODAY - 1},
    {"the first tick of a day", {{TODAY - 31, 31, 1}}, TODAY, 30, TODAY - 1, NONE},

    /* A clock that is ahead. */
    {"a first wrong tick", {{TODAY - 30, 31, 1}}, YEARS_AHEAD, 30, TODAY, NONE},
    {"a wrong day", {{TODAY - 30, 31, 1}, {YEARS_AHEAD, 1, 1}}, YEARS_AHEAD, 30, TODAY - 1, NONE},
    {"two wrong days",
     {{TODAY - 30, 31, 1}, {YEARS_AHEAD, 2, 1}},
     YEARS_AHEAD + 1,
     30,
     TODAY,
     NONE},
    {"two wrong days, months apart",
     {{TODAY - 30, 31, 1}, {TODAY + 40, 1, 1}, {YEARS_AHEAD, 1, 1}},
     YEARS_AHEAD,
     30,
     TODAY,
     NONE},
    {"three wrong days delete no more than three",
     {{TODAY - 30, 31, 1}, {YEARS_AHEAD, 3, 1}},
     YEARS_AHEAD + 2,
     30,
     YEARS_AHEAD + 2,
     TODAY - 27},
    {"a tick a day ahead", {{TODAY - 30, 31, 1}}, TODAY + 1, 30, TODAY, NONE},
    {"the clock is right again",
     {{TODAY - 30, 31, 1}, {YEARS_AHEAD, 20, 1}},
     TODAY,
     30,
     TODAY,
     NONE},

    /* A clock that is far behind. */
    {"a tick in 1970", {{TODAY - 31, 32, 1}}, 0, 30, NONE, NONE},
    {"days in 1970, then right", {{0, 3, 1}, {TODAY, 1, 1}}, TODAY, 30, 1, NONE},
    {"a row of 1970 is old", {{0, 1, 1}, {TODAY - 30, 31, 1}}, TODAY, 30, TODAY, TODAY - 30},

    /* A machine that was off, and one that runs seldom. */
    {"a day after months", {{TODAY - 130, 31, 1}, {TODAY, 1, 1}}, TODAY, 30, TODAY - 101, NONE},
    {"three days after months",
     {{TODAY - 130, 31, 1}, {TODAY - 2, 3, 1}},
     TODAY,
     30,
     TODAY,
     TODAY - 127},
    {"one day a week", {{TODAY - 70 * 7, 71, 7}}, TODAY, 30, TODAY - 14, TODAY - 32 * 7},
    {"a gap two days ago", {{TODAY - 40, 39, 1}, {TODAY, 1, 1}}, TODAY, 30, TODAY - 3, TODAY - 33},
};

static struct proof judge(const struct history *history)
{
    struct proof proof;
    int64_t days[1024];
    size_t n = 0;

    for (const struct run *run = history->runs; run->n; run++) {
        for (int day = 0; day < run->n; day++)
            days[n++] = run->first + day * run->step;
    }
    proof_find(days, n, history->today, history->keep, &proof);
    return proof;
}

static void a_day_is_old_when_enough_later_days_are_recorded(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof histories / sizeof histories[0]; i++) {
        const struct history *history = &histories[i];
        struct proof proof = judge(history);

        if (proof.last_day != history->last_day || proof.first_kept != history->first_kept)
            fail_msg("%s: last day %lld, first kept %lld", history->what, (long long)proof.last_day,
                     (long long)proof.first_kept);
    }
}

/* Event logs: a day is left only by its folder, so a day without an event leaves none. */
static const struct history logs[] = {
    {"no archive", {{0, 0, 0}}, TODAY, 30, NONE, NONE},
    {"every day for 400 days", {{TODAY - 400, 401, 1}}, TODAY, 30, TODAY, TODAY - 400},
    {"every day for longer", {{TODAY - 500, 501, 1}}, TODAY, 30, TODAY, TODAY - 400},
    {"kept for longer than events", {{TODAY - 600, 601, 1}}, TODAY, 500, TODAY, TODAY - 500},
    {"kept for ever", {{TODAY - 600, 601, 1}}, TODAY, 0, TODAY, NONE},
    {"few days with events before the archives",
     {{TODAY - 600, 20, 10}, {TODAY - 30, 31, 1}},
     TODAY,
     30,
     TODAY,
     TODAY - 400},
    {"a year without ticks",
     {{TODAY - 500, 100, 1}, {TODAY - 31, 32, 1}},
     TODAY,
     30,
     TODAY,
     TODAY - 400},
    {"three days after a year without ticks",
     {{TODAY - 600, 100, 1}, {TODAY - 2, 3, 1}},
     TODAY,
     30,
     TODAY,
     NONE},
    {"three wrong days",
     {{TODAY - 400, 401, 1}, {YEARS_AHEAD, 3, 1}},
     YEARS_AHEAD + 2,
     30,
     YEARS_AHEAD + 2,
     TODAY - 397},
    {"one day a week", {{TODAY - 500 * 7, 501, 7}}, TODAY, 90, TODAY - 14, TODAY - 402 * 7},
};

static void an_event_log_is_old_after_400_days(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
        struct proof proof = judge(&logs[i]);

        if (proof.last_day != logs[i].last_day || proof.first_log != logs[i].first_kept)
            fail_msg("%s: %lld %lld", logs[i].what, (long long)proof.last_day,
                     (long long)proof.first_log);
        assert_true(proof.first_log <= proof.first_kept);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_old_when_enough_later_days_are_recorded),
        cmocka_unit_test(an_event_log_is_old_after_400_days),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
