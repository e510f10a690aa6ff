/* latency.h: percentiles, and the slices of a chart. */
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

/* A chart of these minutes, all UP, as one slice. */
static struct latency_chart chart_of(const uint16_t *values, size_t n)
{
    static const uint8_t cells[LATENCY_MINUTES] = {0};
    struct latency_slice slice;
    struct latency_chart chart = {.slices = &slice, .n_slices = 1};

    latency_fill(&chart, values, cells, n);
    assert_int_equal(chart.median, slice.median);
    assert_int_equal(chart.p95, slice.p95);
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
        {{9, 1}, 2, 1, 9},
        {{3, 1, 2}, 3, 2, 3},
        {{4, 3, 2, 1}, 4, 2, 4},
        {{5, 5, 5, 5}, 4, 5, 5},
        {{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 20, 10, 19},
        {{21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 21, 11, 20},
        {{50000, 0}, 2, 0, 50000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct latency_chart chart = chart_of(cases[i].values, cases[i].n);

        assert_int_equal(chart.median, cases[i].median);
        assert_int_equal(chart.p95, cases[i].p95);
    }
}

static int compare_values(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* Values of every number of bits, and of every number of minutes. */
static void percentiles_are_those_of_the_sorted_values(void **state)
{
    uint16_t values[LATENCY_MINUTES];
    uint32_t seed = 1;

    (void)state;
    for (size_t n = 1; n <= LATENCY_MINUTES; n += n < 70 ? 1 : 137) {
        for (int bits = 0; bits <= 16; bits++) {
            struct latency_chart chart;

            for (size_t i = 0; i < n; i++) {
                seed = seed * 1103515245 + 12345;
                values[i] = (uint16_t)((seed >> 8 & 0xffff) % ((1U << bits) - (bits == 16)));
            }
            chart = chart_of(values, n);
            qsort(values, n, sizeof *values, compare_values);
            assert_int_equal(chart.median, values[(n * 50 + 99) / 100 - 1]);
            assert_int_equal(chart.p95, values[(n * 95 + 99) / 100 - 1]);
        }
    }
}

/* Six minutes in two slices. */
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
        struct latency_slice slices[2];
        struct latency_chart chart = {.slices = slices, .n_slices = 2};

        latency_fill(&chart, cases[i].values, cases[i].cells, 6);
        for (int s = 0; s < 2; s++) {
            assert_int_equal(slices[s].median, cases[i].slices[s].median);
            assert_int_equal(slices[s].p95, cases[i].slices[s].p95);
            assert_int_equal(slices[s].failed, cases[i].slices[s].failed);
            assert_int_equal(slices[s].broken, cases[i].slices[s].broken);
        }
        assert_int_equal(chart.n_measured, cases[i].n_measured);
        assert_int_equal(chart.median, cases[i].median);
        assert_int_equal(chart.p95, cases[i].p95);
        assert_int_equal(chart.highest, cases[i].highest);
    }
}

static void a_whole_day_fits_into_one_slice(void **state)
{
    uint16_t values[LATENCY_MINUTES];
    uint8_t cells[LATENCY_MINUTES];
    struct latency_slice slice;
    struct latency_chart chart = {.slices = &slice, .n_slices = 1};

    (void)state;
    for (size_t i = 0; i < LATENCY_MINUTES; i++)
        values[i] = (uint16_t)(LATENCY_MINUTES - i);
    memset(cells, STATUS_UP, sizeof cells);
    latency_fill(&chart, values, cells, LATENCY_MINUTES);
    assert_int_equal(chart.n_measured, LATENCY_MINUTES);
    assert_int_equal(slice.median, 720);
    assert_int_equal(slice.p95, 1368);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_percentile_is_one_of_the_measured_values),
        cmocka_unit_test(percentiles_are_those_of_the_sorted_values),
        cmocka_unit_test(a_chart_slice_summarises_its_minutes),
        cmocka_unit_test(a_whole_day_fits_into_one_slice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
