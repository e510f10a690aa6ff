/* aggregator.h: buckets of domains and sites, tallies and uptimes; day_runs.h. */
#include "base/clock.h"
#include "model/aggregator.h"
#include "model/day_runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MINUTES = 12 };
static const int64_t from = 29923770; /* 2026-11-23T09:30 */

/* A check, by its milliseconds after the start of the first bucket. */
struct example {
    int64_t at_ms;
    enum status status;
};

static void draw_at(const struct example *examples, size_t n, int interval, int64_t now_ms,
                    char letters[MINUTES + 1])
{
    uint8_t cells[MINUTES];
    struct track track;

    memset(cells, 0xee, sizeof cells);
    aggregator_begin(&track, interval, from, MINUTES, now_ms, cells);
    for (size_t i = 0; i < n; i++)
        aggregator_add(&track, from * MS_PER_MINUTE + examples[i].at_ms, examples[i].status);
    aggregator_end(&track);
    for (int i = 0; i < MINUTES; i++)
        letters[i] = status_letter(cells[i]);
    letters[MINUTES] = '\0';
}

/* All buckets are over. */
static void draw(const struct example *examples, size_t n, int interval, char letters[MINUTES + 1])
{
    draw_at(examples, n, interval, (from + MINUTES) * MS_PER_MINUTE, letters);
}

static void a_check_counts_for_two_intervals_and_no_longer(void **state)
{
    static const struct {
        int interval;
        struct example examples[3];
        size_t n;
        const char *letters;
    } cases[] = {
        {60, {{0, STATUS_UP}}, 0, "------------"},
        {60, {{0, STATUS_UP}}, 1, "UU----------"}, /* 120 s before the end of the second bucket */
        {60, {{1, STATUS_UP}}, 1, "UU----------"},
        {60, {{-1, STATUS_UP}}, 1, "U-----------"}, /* 120.001 s before the second end */
        {60, {{59999, STATUS_UP}}, 1, "UU----------"},
        {60, {{-60000, STATUS_UP}}, 1, "U-----------"}, /* exactly 120 s before the first end */
        {60, {{-60001, STATUS_UP}}, 1, "------------"},
        {60, {{60000, STATUS_UP}}, 1, "-UU---------"},
        {120, {{30000, STATUS_DOWN}}, 1, "DDDD--------"},
        {10, {{40000, STATUS_UP}}, 1, "U-----------"}, /* exactly 20 s before the end */
        {10, {{39999, STATUS_UP}}, 1, "------------"},
        {10, {{59999, STATUS_UP}}, 1, "U-----------"},
        {300, {{0, STATUS_UP}, {61000, STATUS_DOWN}, {119000, STATUS_TIMEOUT}}, 3, "UTTTTTTTTTT-"},
        {60, {{0, STATUS_BOT_DETECTED}, {600000, STATUS_UP}}, 2, "BB--------UU"},
        {604800, {{-1209539999, STATUS_UP}}, 1, "U-----------"},
        {604800, {{-1209540000, STATUS_UP}}, 1, "U-----------"},
        {604800, {{-1209540001, STATUS_UP}}, 1, "------------"},
        {60, {{MINUTES * 60000, STATUS_UP}}, 1, "------------"}, /* after the last bucket */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char letters[MINUTES + 1];

        draw(cases[i].examples, cases[i].n, cases[i].interval, letters);
        assert_string_equal(letters, cases[i].letters);
    }
}

/* The newest bucket ends now. */
static void a_check_one_second_old_is_never_unknown(void **state)
{
    enum { LAST = (MINUTES - 1) * 60000 };
    static const struct {
        int interval;
        struct example examples[2];
        size_t n;
        int now;
        char newest;
    } cases[] = {
        {10, {{LAST, STATUS_UP}}, 1, LAST, 'U'}, /* at this very moment */
        {10, {{LAST, STATUS_UP}}, 1, LAST + 1000, 'U'},
        {10, {{LAST + 5000, STATUS_UP}}, 1, LAST + 6000, 'U'},
        {10, {{LAST + 5000, STATUS_UP}}, 1, LAST + 25000, 'U'},
        {10, {{LAST + 5000, STATUS_UP}}, 1, LAST + 25001, '-'},
        {10, {{LAST - 1000, STATUS_DOWN}}, 1, LAST, 'D'}, /* of the minute before */
        {10, {{LAST - 1000, STATUS_DOWN}}, 1, LAST + 19000, 'D'},
        {10, {{LAST - 1000, STATUS_DOWN}}, 1, LAST + 19001, '-'},
        {60, {{LAST - 61000, STATUS_UP}}, 1, LAST + 59000, 'U'},
        {60, {{LAST - 61000, STATUS_UP}}, 1, LAST + 59001, '-'},
        {10, {{LAST + 1000, STATUS_UP}, {LAST + 9000, STATUS_DOWN}}, 2, LAST + 9000, 'D'},
        /* Checks ahead of now do not hide those before. */
        {10, {{LAST + 1000, STATUS_UP}, {LAST + 9000, STATUS_DOWN}}, 2, LAST + 8999, 'U'},
        {10, {{LAST + 9000, STATUS_DOWN}}, 1, LAST + 8999, '-'},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char letters[MINUTES + 1];

        draw_at(cases[i].examples, cases[i].n, cases[i].interval,
                from * MS_PER_MINUTE + cases[i].now, letters);
        if (letters[MINUTES - 1] != cases[i].newest)
            fail_msg("case %zu: %s", i, letters);
    }
}

/* The rule for a bucket of a domain, written as simply as possible. */
static enum status bucket_by_the_words(const struct example *examples, size_t n, int interval,
                                       int minute, int64_t now_ms)
{
    int64_t end = (minute + 1) * INT64_C(60000);
    const struct example *latest = NULL;

    if (end > now_ms)
        end = now_ms;
    for (size_t i = 0; i < n; i++) {
        if ((examples[i].at_ms < end || examples[i].at_ms == now_ms) &&
            (!latest || examples[i].at_ms >= latest->at_ms))
            latest = &examples[i];
    }
    return latest && end - latest->at_ms <= interval * INT64_C(2000) ? latest->status
                                                                     : STATUS_UNKNOWN;
}

static void buckets_of_random_checks_follow_the_rule(void **state)
{
    static const enum status drawn[] = {STATUS_UP, STATUS_DOWN, STATUS_TIMEOUT,
                                        STATUS_BOT_DETECTED};
    unsigned seed = 20261123;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct example examples[20];
        int interval = 10 + (int)(rand_r(&seed) % 400);
        size_t n = (size_t)(rand_r(&seed) % 20);
        int64_t at = -1000000;
        int64_t now_ms = (MINUTES - 1) * 60000 + rand_r(&seed) % 60001;
        char letters[MINUTES + 1];

        for (size_t i = 0; i < n; i++) {
            at += rand_r(&seed) % (2000 * interval);
            examples[i] = (struct example){at, drawn[rand_r(&seed) % 4]};
        }
        draw_at(examples, n, interval, from * MS_PER_MINUTE + now_ms, letters);
        for (int minute = 0; minute < MINUTES; minute++)
            assert_int_equal(letters[minute], status_letter(bucket_by_the_words(
                                                  examples, n, interval, minute, now_ms)));
    }
}

/* The rules for a bucket of a site, written as simply as possible. */
static enum status site_by_the_words(const struct member *members, size_t n)
{
    int core_bad = 0, core_unknown = 0, degraded = 0, other_unknown = 0, counted = 0;

    for (size_t i = 0; i < n; i++) {
        enum status status = members[i].cells[0];
        int bad = status == STATUS_DOWN || status == STATUS_TIMEOUT;
        int impaired = status == STATUS_BOT_DETECTED || status == STATUS_DEGRADED;
        int core = members[i].role == ROLE_CORE;

        if (members[i].first_ms >= (from + 1) * MS_PER_MINUTE)
            continue;
        counted++;
        core_bad += core && bad;
        core_unknown += core && status == STATUS_UNKNOWN;
        degraded += (core && impaired) || (!core && (bad || impaired));
        other_unknown += !core && status == STATUS_UNKNOWN;
    }
    if (counted == 0)
        return STATUS_UNKNOWN;
    if (core_bad)
        return STATUS_DOWN;
    if (core_unknown)
        return STATUS_UNKNOWN;
    if (degraded)
        return STATUS_DEGRADED;
    return other_unknown ? STATUS_UNKNOWN : STATUS_UP;
}

/* Sites of one to three domains, with every role, every status, and already checked or not. */
static void every_combination_of_domains_gives_the_right_site_status(void **state)
{
    static const uint8_t drawn[] = {STATUS_UP,           STATUS_DOWN,    STATUS_TIMEOUT,
                                    STATUS_BOT_DETECTED, STATUS_UNKNOWN, STATUS_DEGRADED};
    enum { KINDS = 6 * 2 * 2 };

    (void)state;
    for (int n = 1; n <= 3; n++) {
        int combinations = n == 1 ? KINDS : n == 2 ? KINDS * KINDS : KINDS * KINDS * KINDS;

        for (int c = 0; c < combinations; c++) {
            struct member members[3];
            uint8_t cell;
            int left = c;

            for (int i = 0; i < n; i++, left /= KINDS) {
                int kind = left % KINDS;

                members[i] = (struct member){
                    &drawn[kind % 6], kind / 6 % 2 ? ROLE_CORE : ROLE_SUPPLEMENTARY,
                    kind / 12 ? (from + 1) * MS_PER_MINUTE : (from + 1) * MS_PER_MINUTE - 1};
            }
            aggregator_site(members, (size_t)n, from, 1, &cell);
            assert_int_equal(cell, site_by_the_words(members, (size_t)n));
        }
    }
}

static void a_new_domain_does_not_grey_out_the_past_of_its_site(void **state)
{
    static const uint8_t old[] = {STATUS_UP, STATUS_UP, STATUS_UP, STATUS_UP};
    static const uint8_t new[] = {STATUS_UNKNOWN, STATUS_UNKNOWN, STATUS_DOWN, STATUS_UNKNOWN};
    const struct member members[] = {{old, ROLE_CORE, 0},
                                     {new, ROLE_CORE, (from + 2) * MS_PER_MINUTE + 30000}};
    uint8_t cells[4];
    static const uint8_t expected[] = {STATUS_UP, STATUS_UP, STATUS_DOWN, STATUS_UNKNOWN};

    (void)state;
    aggregator_site(members, 2, from, 4, cells);
    assert_memory_equal(cells, expected, 4);
}

static void uptime_is_rounded_down_and_unknown_if_nothing_was_measured(void **state)
{
    static const struct {
        int64_t up, degraded, down, timeout, other, span;
        bool known;
        int uptime, measured;
    } cases[] = {
        {0, 0, 0, 0, 10, 10, false, 0, 0},
        {1440, 0, 0, 0, 0, 1440, true, 100000, 100000},
        {1434, 0, 6, 0, 0, 1440, true, 99583, 100000},
        {129599, 0, 1, 0, 0, 129600, true, 99999, 100000},
        {0, 0, 0, 3, 0, 3, true, 0, 100000},
        {2, 0, 1, 0, 0, 4, true, 66666, 75000},
        {1, 1, 1, 0, 1, 4, true, 66666, 75000},
        {1, 0, 0, 0, 129599, 129600, true, 100000, 0},
        {120, 0, 0, 0, 0, 129600, true, 100000, 92}, /* two hours of 90 days */
        {525599, 0, 1, 0, 0, 525600, true, 99999, 100000},
        {10, 0, 0, 0, 0, 5, true, 100000, 100000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally tally = {{0}};
        struct uptime uptime;

        tally.minutes[STATUS_UP] = cases[i].up;
        tally.minutes[STATUS_DEGRADED] = cases[i].degraded;
        tally.minutes[STATUS_DOWN] = cases[i].down;
        tally.minutes[STATUS_TIMEOUT] = cases[i].timeout;
        tally.minutes[STATUS_BOT_DETECTED] = cases[i].other;
        uptime = aggregator_uptime(&tally, &(struct watched_span){0, cases[i].span, 0, INT64_MAX});
        assert_int_equal(uptime.has_data, cases[i].known);
        assert_int_equal(uptime.uptime, cases[i].uptime);
        assert_int_equal(uptime.measured, cases[i].measured);
    }
}

/* A span of 1,440 minutes that ends 30 seconds within its last minute. */
static void an_uptime_is_shown_if_enough_of_the_span_was_measured(void **state)
{
    enum { SPAN = 1440, END = SPAN * 60000 - 30000, HALF = END - SPAN * 30000 };
    static const struct {
        int64_t counted, first_ms;
        bool is_shown;
    } cases[] = {
        {1440, -1, true},
        {1440, 0, true},
        {720, 0, true}, /* half of the span since the first check */
        {719, 0, false},
        {720, -100 * (int64_t)MS_PER_DAY, true},
        {719, -100 * (int64_t)MS_PER_DAY, false},
        {0, -100 * (int64_t)MS_PER_DAY, false},
        {720, HALF, true}, /* half as old as the span */
        {720, HALF + 1, false},
        {361, HALF, true}, /* half of the 721 buckets since then */
        {360, HALF, false},
        {1, END - 1000, false},
        {1440, END + 1, false}, /* the clock was set back */
        {1440, INT64_MAX, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct watched_span span = {0, SPAN, END, cases[i].first_ms};
        struct tally tally = {{0}};

        tally.minutes[STATUS_UP] = cases[i].counted;
        if (aggregator_uptime(&tally, &span).is_shown != cases[i].is_shown)
            fail_msg("case %zu", i);
    }
}

static void cells_are_counted_by_status(void **state)
{
    static const uint8_t cells[] = {STATUS_UP, STATUS_UP, STATUS_DOWN, STATUS_UNKNOWN};
    struct tally tally = {{0}}, more = {{0}};

    (void)state;
    aggregator_count(cells, 4, &tally);
    aggregator_count(cells, 4, &more);
    aggregator_sum(&tally, &more);
    assert_int_equal(tally.minutes[STATUS_UP], 4);
    assert_int_equal(tally.minutes[STATUS_DOWN], 2);
    assert_int_equal(tally.minutes[STATUS_UNKNOWN], 2);
    assert_int_equal(tally.minutes[STATUS_TIMEOUT], 0);
}

/* Makes rows of runs of any length, so that blocks of one status and mixed blocks occur everywhere.
 */
static void fill_runs(uint8_t *cells, size_t n, unsigned *seed)
{
    for (size_t i = 0, run; i < n; i += run) {
        *seed = *seed * 1103515245 + 12345;
        run = 1 + (*seed >> 16) % 40;
        if (run > n - i)
            run = n - i;
        memset(cells + i, (int)((*seed >> 8) % STATUS_COUNT), run);
    }
}

static void a_row_equals_its_minutes_computed_one_by_one(void **state)
{
    enum { ROW = 133, MEMBERS = 3 };
    uint8_t rows[MEMBERS][ROW], cells[ROW], cell;
    struct member members[MEMBERS], alone[MEMBERS];
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct tally tally = {{0}}, sum = {{0}};

        for (int m = 0; m < MEMBERS; m++) {
            fill_runs(rows[m], ROW, &seed);
            members[m] = (struct member){rows[m], m ? ROLE_SUPPLEMENTARY : ROLE_CORE,
                                         (from + round % 50 * m) * MS_PER_MINUTE};
        }
        aggregator_site(members, MEMBERS, from, ROW, cells);
        for (int i = 0; i < ROW; i++) {
            for (int m = 0; m < MEMBERS; m++) {
                alone[m] = members[m];
                alone[m].cells += i;
            }
            aggregator_site(alone, MEMBERS, from + i, 1, &cell);
            assert_int_equal(cells[i], cell);
            aggregator_count(&rows[0][i], 1, &sum);
        }
        aggregator_count(rows[0], ROW, &tally);
        assert_memory_equal(&tally, &sum, sizeof sum);
    }
}

static void cells_outside_a_row_are_not_changed(void **state)
{
    enum { ROW = 48 };
    static const int64_t begins[] = {-2, -1, 0, 1, 16, ROW - 1, ROW, ROW + 1};
    uint8_t row[ROW + 2], cells[ROW + 2];

    (void)state;
    memset(row, STATUS_DOWN, sizeof row);
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        struct member member = {row + 1, ROLE_CORE, (from + begins[i]) * MS_PER_MINUTE};

        memset(cells, 0xee, sizeof cells);
        aggregator_site(&member, 1, from, ROW, cells + 1);
        assert_int_equal(cells[0], 0xee);
        assert_int_equal(cells[ROW + 1], 0xee);
        for (int64_t minute = 0; minute < ROW; minute++)
            assert_int_equal(cells[minute + 1], minute < begins[i] ? STATUS_UNKNOWN : STATUS_DOWN);
    }
}

/* Writes runs as "FIRST+NUMBER LETTER", each followed by a space. */
static void write_runs(const struct bucket_run *runs, size_t n, char text[256])
{
    int size = 0;

    *text = '\0';
    for (size_t i = 0; i < n; i++)
        size += snprintf(text + size, 256 - (size_t)size, "%d+%d%c ", runs[i].first, runs[i].n,
                         status_letter(runs[i].status));
}

/* Minutes count from the oldest one; 1439 is the minute of now. */
static void a_bucket_of_a_day_has_the_worst_status_of_its_five_minutes(void **state)
{
    static const struct {
        struct {
            int first, end;
            enum status status;
        } parts[3];
        const char *runs;
    } cases[] = {
        {{{0, 0, STATUS_UP}}, ""},
        {{{7, 8, STATUS_DOWN}}, "1+1D "}, /* one bad minute */
        {{{9, 11, STATUS_DOWN}}, "1+2D "},
        {{{1439, 1440, STATUS_DEGRADED}}, "287+1G "},
        {{{0, 1, STATUS_UNKNOWN}}, "0+1- "},
        {{{0, 1440, STATUS_UNKNOWN}}, "0+288- "}, /* never checked */
        {{{0, 1433, STATUS_UNKNOWN}}, "0+287- "}, /* first checked six minutes ago */
        {{{0, 1436, STATUS_UNKNOWN}, {1436, 1440, STATUS_DOWN}}, "0+287- 287+1D "},
        /* A gap and a failure in one bucket, and next to each other. */
        {{{100, 103, STATUS_UNKNOWN}, {103, 104, STATUS_DEGRADED}}, "20+1G "},
        {{{100, 105, STATUS_UNKNOWN}, {105, 110, STATUS_DOWN}, {110, 115, STATUS_UNKNOWN}},
         "20+1- 21+1D 22+1- "},
        {{{10, 15, STATUS_DOWN}, {20, 25, STATUS_DOWN}}, "2+1D 4+1D "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t cells[DAY_BUCKETS * DAY_BUCKET_MINUTES], buckets[DAY_BUCKETS];
        struct bucket_run runs[DAY_BUCKETS];
        char text[256];
        size_t n;

        memset(cells, STATUS_UP, sizeof cells);
        for (int k = 0; k < 3; k++)
            memset(cells + cases[i].parts[k].first, (int)cases[i].parts[k].status,
                   (size_t)(cases[i].parts[k].end - cases[i].parts[k].first));
        n = day_runs_find(cells, runs);
        write_runs(runs, n, text);
        assert_string_equal(text, cases[i].runs);
        day_runs_expand(runs, n, buckets);
        for (int b = 0; b < DAY_BUCKETS; b++) {
            unsigned set = 0;

            for (int k = 0; k < DAY_BUCKET_MINUTES; k++)
                set |= 1U << cells[b * DAY_BUCKET_MINUTES + k];
            assert_int_equal(buckets[b], status_worst(set));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_counts_for_two_intervals_and_no_longer),
        cmocka_unit_test(a_check_one_second_old_is_never_unknown),
        cmocka_unit_test(buckets_of_random_checks_follow_the_rule),
        cmocka_unit_test(every_combination_of_domains_gives_the_right_site_status),
        cmocka_unit_test(a_new_domain_does_not_grey_out_the_past_of_its_site),
        cmocka_unit_test(uptime_is_rounded_down_and_unknown_if_nothing_was_measured),
        cmocka_unit_test(an_uptime_is_shown_if_enough_of_the_span_was_measured),
        cmocka_unit_test(cells_are_counted_by_status),
        cmocka_unit_test(a_row_equals_its_minutes_computed_one_by_one),
        cmocka_unit_test(cells_outside_a_row_are_not_changed),
        cmocka_unit_test(a_bucket_of_a_day_has_the_worst_status_of_its_five_minutes),
    };

    return cmocka_run_group_tests_name("aggregator", tests, NULL, NULL);
}
