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

/* Charts of every number of hours, values of every number of bits, and one in eight missing. */
static void percentiles_are_those_of_the_sorted_values(void **state)
{
    static const uint8_t cells[LATENCY_MINUTES] = {0};
    uint16_t values[LATENCY_MINUTES];
    uint32_t seed = 1;

    (void)state;
    for (size_t hours = 1; hours <= 24; hours++) {
        for (int bits = 0; bits <= 16; bits++) {
            struct latency_chart chart;

            for (size_t i = 0; i < hours * 60; i++) {
                seed = seed * 1103515245 + 12345;
                values[i] = (uint16_t)((seed >> 8 & 0xffff) >> (16 - bits));
                if (seed >> 28 < 2)
                    values[i] = NONE;
            }
            latency_fill(&chart, values, cells, hours * 60);
            for (size_t i = 0; i < LATENCY_SLICES; i++)
                assert_percentiles(values + i * hours, hours, chart.slices[i].median,
                                   chart.slices[i].p95);
            assert_percentiles(values, hours * 60, chart.median, chart.p95);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_percentile_is_one_of_the_measured_values),
        cmocka_unit_test(percentiles_are_those_of_the_sorted_values),
        cmocka_unit_test(a_chart_slice_summarises_its_minutes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
