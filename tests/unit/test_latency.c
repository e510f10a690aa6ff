/* latency.h: percentiles, the slices of a chart, and the slots of a history. */
#include "model/latency.h"
#include "model/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NONE = LATENCY_NONE };

/* The values of a chart of a day, of which only the first n minutes are measured, all UP. */
static struct latency_chart chart_of(const uint16_t *values, size_t n)
{
    static const uint8_t cells[LATENCY_MINUTES] = {0};
    uint16_t all[LATENCY_MINUTES];
    struct latency_chart chart;

    for (size_t i = 0; i < LATENCY_MINUTES; i++)
        all[i] = i < n ? values[i] : NONE;
    latency_fill(&chart, all, cells, LATENCY_MINUTES);
    assert_int_equal(chart.n_measured, n);
    return chart;
}

static void a_percentile_is_one_of_the_measured_values(void **state)
{
    static const struct {
        uint16_t values[21];
        size_t n;
        uint16_t median, p95;
    } cases[] = {
        {{7}, 1, 7, 7},
        {{0}, 1, 0, 0},
        {{9, 1}, 2, 1, 9},
        {{3, 1, 2}, 3, 2, 3},
        {{4, 3, 2, 1}, 4, 2, 4},
        {{5, 5, 5, 5}, 4, 5, 5},
        {{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 20, 10, 19},
        {{21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 21, 11, 20},
        {{50000, 0}, 2, 0, 50000},
        {{65534, 65534, 1}, 3, 65534, 65534},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct latency_chart chart = chart_of(cases[i].values, cases[i].n);

        assert_int_equal(chart.median, cases[i].median);
        assert_int_equal(chart.p95, cases[i].p95);
        assert_int_equal(chart.slices[0].median, cases[i].median);
        assert_int_equal(chart.slices[0].p95, cases[i].p95);
        assert_int_equal(chart.slices[1].median, NONE);
        assert_int_equal(chart.highest, cases[i].p95);
    }
}

static int compare_values(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* Sorts the values, which include those that are not measured, and compares the percentiles. */
static void assert_percentiles(uint16_t *values, size_t n, uint16_t median, uint16_t p95)
{
    qsort(values, n, sizeof *values, compare_values);
    while (n > 0 && values[n - 1] == NONE)
        n--;
    assert_int_equal(median, n ? values[(n * 50 + 99) / 100 - 1] : NONE);
    assert_int_equal(p95, n ? values[(n * 95 + 99) / 100 - 1] : NONE);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 8;
}

/* Minutes of values of this many bits. One in eight is missing; so are gaps, with a status. */
static void make_minutes(uint16_t *values, uint8_t *cells, size_t n, int bits, uint32_t *seed)
{
    size_t gap = bits % 3 == 1 ? 0 : next_random(seed) % n, gap_end = gap + next_random(seed) % n;
    uint8_t status = (uint8_t)(next_random(seed) % STATUS_COUNT);

    for (size_t i = 0; i < n; i++) {
        bool is_gap = bits % 3 && i >= gap && i < gap_end;

        values[i] = (uint16_t)((next_random(seed) & 0xffff) >> (16 - bits));
        if (is_gap || next_random(seed) % 8 == 0)
            values[i] = NONE;
        cells[i] = is_gap ? status : STATUS_UP;
    }
}

/* Charts of every number of hours, compared with the plainest way to compute them. */
static void a_chart_is_that_of_the_sorted_values(void **state)
{
    uint16_t values[LATENCY_MINUTES];
    uint8_t cells[LATENCY_MINUTES];
    uint32_t seed = 1;

    (void)state;
    for (size_t hours = 1; hours <= 24; hours++) {
        for (int bits = 0; bits <= 16; bits++) {
            struct latency_chart chart;
            size_t n_measured = 0;
            uint16_t highest = 0;

            make_minutes(values, cells, hours * 60, bits, &seed);
            latency_fill(&chart, values, cells, hours * 60);
            for (size_t i = 0; i < LATENCY_SLICES; i++) {
                const struct latency_slice *slice = &chart.slices[i];
                bool failed = false, broken = false;

                for (size_t k = i * hours; k < (i + 1) * hours; k++) {
                    failed |= cells[k] > STATUS_DEGRADED;
                    broken |= cells[k] != STATUS_UP && cells[k] != STATUS_DEGRADED;
                    n_measured += values[k] != NONE;
                }
                assert_int_equal(slice->failed, failed);
                assert_int_equal(slice->broken, broken);
                assert_percentiles(values + i * hours, hours, slice->median, slice->p95);
                if (slice->p95 != NONE && slice->p95 > highest)
                    highest = slice->p95;
            }
            assert_percentiles(values, hours * 60, chart.median, chart.p95);
            assert_int_equal(chart.highest, highest);
            assert_int_equal(chart.n_measured, n_measured);
        }
    }
}

/* The first two slices of three minutes each; no other minute has a value. */
static void a_chart_slice_summarises_its_minutes(void **state)
{
    static const struct {
        uint16_t values[6];
        uint8_t cells[6];
        struct latency_slice slices[2];
        size_t n_measured;
        uint16_t median, p95, highest;
    } cases[] = {
        /* All minutes are UP. */
        {{10, 30, 20, 40, 50, 60},
         {1, 1, 1, 1, 1, 1},
         {{20, 30, false, false}, {50, 60, false, false}},
         6,
         30,
         60,
         60},
        /* A minute without a check, for which the one before counts: no break. */
        {{10, NONE, NONE, NONE, NONE, NONE},
         {1, 1, 1, 1, 1, 1},
         {{10, 10, false, false}, {NONE, NONE, false, false}},
         1,
         10,
         10,
         10},
        /* An UNKNOWN minute: a break, and no failure. */
        {{10, 10, 10, NONE, NONE, 20},
         {1, 1, 1, 0, 0, 1},
         {{10, 10, false, false}, {20, 20, false, true}},
         4,
         10,
         20,
         20},
        /* One failure between UP minutes. */
        {{10, NONE, 12, 11, 11, 11},
         {1, STATUS_DOWN, 1, 1, 1, 1},
         {{10, 12, true, true}, {11, 11, false, false}},
         5,
         11,
         12,
         12},
        /* Slow minutes are measured, and neither failures nor breaks. */
        {{10, 90, NONE, 80, 11, 11},
         {1, STATUS_DEGRADED, STATUS_DEGRADED, STATUS_DEGRADED, 1, 1},
         {{10, 90, false, false}, {11, 80, false, false}},
         5,
         11,
         90,
         90},
        {{NONE, NONE, NONE, 1, 2, 3},
         {STATUS_TIMEOUT, STATUS_TIMEOUT, STATUS_BOT_DETECTED, 1, 1, 1},
         {{NONE, NONE, true, true}, {2, 3, false, false}},
         3,
         2,
         3,
         3},
        /* No measurement at all. */
        {{NONE, NONE, NONE, NONE, NONE, NONE},
         {0, 0, 0, 0, 0, 0},
         {{NONE, NONE, false, true}, {NONE, NONE, false, true}},
         0,
         NONE,
         NONE,
         0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum { MINUTES = 3 * LATENCY_SLICES };
        uint16_t values[MINUTES];
        uint8_t cells[MINUTES] = {0};
        struct latency_chart chart;

        for (size_t minute = 0; minute < MINUTES; minute++)
            values[minute] = minute < 6 ? cases[i].values[minute] : NONE;
        memcpy(cells, cases[i].cells, sizeof cases[i].cells);
        latency_fill(&chart, values, cells, MINUTES);
        for (int s = 0; s < 2; s++) {
            assert_int_equal(chart.slices[s].median, cases[i].slices[s].median);
            assert_int_equal(chart.slices[s].p95, cases[i].slices[s].p95);
            assert_int_equal(chart.slices[s].failed, cases[i].slices[s].failed);
            assert_int_equal(chart.slices[s].broken, cases[i].slices[s].broken);
        }
        assert_int_equal(chart.n_measured, cases[i].n_measured);
        assert_int_equal(chart.median, cases[i].median);
        assert_int_equal(chart.p95, cases[i].p95);
        assert_int_equal(chart.highest, cases[i].highest);
    }
}

/* The slot of the minutes from `first` to before `end`, in the plainest way. */
static void assert_slot(const struct latency_slot *slot, const struct latency_minutes *minutes,
                        int64_t first, int64_t end)
{
    uint16_t values[LATENCY_MONTH_MINUTES];
    enum status worst = STATUS_UNKNOWN;
    size_t n = 0;

    for (int64_t i = first; i < end; i++) {
        int64_t at = i - minutes->from;

        if (at < 0 || at >= (int64_t)minutes->n)
            continue;
        values[n++] = minutes->values[at];
        if (minutes->cells[at] != STATUS_UNKNOWN &&
            (worst == STATUS_UNKNOWN ||
             status_severity(minutes->cells[at]) > status_severity(worst)))
            worst = minutes->cells[at];
    }
    assert_percentiles(values, n, slot->median, slot->p95);
    assert_int_equal(slot->status, worst);
}

/* Of any minutes, with any last minute after them; the other slots stay as they are. */
static void a_slot_summarises_the_minutes_it_has(void **state)
{
    static const uint8_t statuses[] = {STATUS_UP, STATUS_UP, STATUS_UNKNOWN, STATUS_DEGRADED,
                                       STATUS_DOWN};
    static uint16_t values[LATENCY_MINUTES];
    static uint8_t cells[LATENCY_MINUTES];
    unsigned seed = 3;

    (void)state;
    for (int round = 0; round < 400; round++) {
        size_t n = 1 + (size_t)rand_r(&seed) % LATENCY_MINUTES;
        const struct latency_minutes minutes = {29923770 - rand_r(&seed) % 2000, n, values, cells};
        int64_t last = minutes.from + (int64_t)n - 1 + rand_r(&seed) % 12000, hour = last / 60;
        int64_t part = last / LATENCY_MONTH_MINUTES;
        struct latency_history history;

        for (size_t i = 0; i < n; i++) {
            values[i] = rand_r(&seed) % 3 || round % 5 == 0
                            ? NONE
                            : (uint16_t)(rand_r(&seed) % (round % 3 ? 900 : NONE));
            cells[i] = statuses[(size_t)rand_r(&seed) % (round % 2 ? 2 : 5)];
        }
        latency_clear(&history);
        latency_add(&history, last, &minutes);
        for (int64_t i = 0; i < LATENCY_WEEK_SLOTS; i++)
            assert_slot(&history.week[i], &minutes, (hour - LATENCY_WEEK_SLOTS + 1 + i) * 60,
                        (hour - LATENCY_WEEK_SLOTS + 2 + i) * 60);
        for (int64_t i = 0; i < LATENCY_MONTH_SLOTS; i++)
            assert_slot(&history.month[i], &minutes,
                        (part - LATENCY_MONTH_SLOTS + 1 + i) * LATENCY_MONTH_MINUTES,
                        (part - LATENCY_MONTH_SLOTS + 2 + i) * LATENCY_MONTH_MINUTES);
    }
}

static void slots_move_with_the_last_minute(void **state)
{
    static const struct {
        int64_t from, to;
        int week, month; /* slots by which they move back */
    } cases[] = {
        {0, 59, 0, 0},          {59, 60, 1, 0},         {0, 359, 5, 0},
        {359, 360, 1, 1},       {60, 59, -1, 0},        {360, 359, -1, -1},
        {0, 167 * 60, 167, 27}, {0, 168 * 60, 168, 28}, {0, 120 * 360, 720, 120},
        {720, -1, -13, -3},     {0, -1, -1, -1},        {INT32_MAX, 0, -35791395, -5965233},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct latency_history history;

        for (int k = 0; k < LATENCY_WEEK_SLOTS; k++)
            history.week[k] = (struct latency_slot){(uint16_t)k, (uint16_t)k, STATUS_UP};
        for (int k = 0; k < LATENCY_MONTH_SLOTS; k++)
            history.month[k] = (struct latency_slot){(uint16_t)k, (uint16_t)k, STATUS_UP};
        latency_move(&history, cases[i].from, cases[i].to);
        for (int k = 0; k < LATENCY_WEEK_SLOTS; k++) {
            int64_t from = (int64_t)k + cases[i].week;
            bool is_there = from >= 0 && from < LATENCY_WEEK_SLOTS;

            assert_int_equal(history.week[k].median, is_there ? from : NONE);
            assert_int_equal(history.week[k].status, is_there ? STATUS_UP : STATUS_UNKNOWN);
        }
        for (int k = 0; k < LATENCY_MONTH_SLOTS; k++) {
            int64_t from = (int64_t)k + cases[i].month;

            assert_int_equal(history.month[k].p95,
                             from >= 0 && from < LATENCY_MONTH_SLOTS ? from : NONE);
        }
    }
}

static void fill_slots(struct latency_slot *slots, int n, uint16_t value)
{
    for (int i = 0; i < n; i++)
        slots[i] = i % 3 ? (struct latency_slot){value, value, STATUS_UP}
                         : (struct latency_slot){NONE, NONE, STATUS_UNKNOWN};
}

/* Slots before the moment are those of the other history, if that one has data for them. */
static void slots_are_taken_until_a_moment(void **state)
{
    static const struct {
        int64_t before; /* hours before the end of the history */
        int week, month;
    } cases[] = {{0, 168, 120}, {6, 162, 119}, {24, 144, 116}, {168, 0, 92},
                 {720, 0, 0},   {9999, 0, 0},  {-24, 168, 120}};
    const int64_t end = 29923200; /* a midnight */

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct latency_history history, other;

        latency_clear(&history);
        history.week[1].status = history.week[0].status = STATUS_DOWN;
        fill_slots(other.week, LATENCY_WEEK_SLOTS, 7);
        fill_slots(other.month, LATENCY_MONTH_SLOTS, 7);
        latency_take(&history, &other, end - 1, end - cases[i].before * 60);
        assert_int_equal(history.week[0].status, STATUS_DOWN);
        for (int k = 1; k < LATENCY_WEEK_SLOTS; k++)
            assert_int_equal(history.week[k].median, k < cases[i].week && k % 3 ? 7 : NONE);
        for (int k = 0; k < LATENCY_MONTH_SLOTS; k++)
            assert_int_equal(history.month[k].p95, k < cases[i].month && k % 3 ? 7 : NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_percentile_is_one_of_the_measured_values),
        cmocka_unit_test(a_chart_is_that_of_the_sorted_values),
        cmocka_unit_test(a_chart_slice_summarises_its_minutes),
        cmocka_unit_test(a_slot_summarises_the_minutes_it_has),
        cmocka_unit_test(slots_move_with_the_last_minute),
        cmocka_unit_test(slots_are_taken_until_a_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
