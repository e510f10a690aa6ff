/* Computes a latency chart. */
#include "model/latency.h"

#include "model/status.h"

#include <assert.h>
#include <string.h>

/* A slice has about fifteen values. Sorting so few is faster than counting them. */
enum { FEW = 32 };

static void sort_few(uint16_t *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint16_t value = values[i];
        size_t at = i;

        for (; at > 0 && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

/* Finds which of 256 counts has the value of this rank. *rank becomes its rank within that count.
 */
static uint16_t find_count(const uint16_t counts[256], size_t *rank)
{
    uint16_t i = 0;

    for (; *rank >= counts[i]; i++)
        *rank -= counts[i];
    return i;
}

/* Finds the value of this rank, from 0, without sorting: counts the high bytes, then the low bytes
 * of the values with that high byte. Ten thousand domains have 1,440 values each. */
static uint16_t select_rank(const uint16_t *values, size_t n, size_t rank)
{
    uint16_t counts[256] = {0}, high;

    for (size_t i = 0; i < n; i++)
        counts[values[i] >> 8]++;
    high = find_count(counts, &rank);
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < n; i++) {
        if (values[i] >> 8 == high)
            counts[values[i] & 0xff]++;
    }
    return (uint16_t)(high << 8 | find_count(counts, &rank));
}

uint16_t latency_percentile(uint16_t *values, size_t n, int percent)
{
    size_t rank = (n * (size_t)percent + 99) / 100;

    assert(n > 0 && n <= LATENCY_MINUTES && percent >= 0 && percent <= 100);
    rank = rank ? rank - 1 : 0;
    if (n > FEW)
        return select_rank(values, n, rank);
    sort_few(values, n);
    return values[rank];
}

/* Copies the values of the minutes that have one. */
static size_t copy_measured(uint16_t *into, const uint16_t *values, size_t n)
{
    size_t n_copied = 0;

    for (size_t i = 0; i < n; i++) {
        if (values[i] != LATENCY_NONE)
            into[n_copied++] = values[i];
    }
    return n_copied;
}

static void find_percentiles(uint16_t *values, size_t n, uint16_t *median, uint16_t *p95)
{
    *median = *p95 = LATENCY_NONE;
    if (n == 0)
        return;
    *median = latency_percentile(values, n, 50);
    *p95 = latency_percentile(values, n, 95);
}

static void fill_slice(struct latency_slice *slice, const uint16_t *values, const uint8_t *cells,
                       size_t n)
{
    uint16_t measured[LATENCY_MINUTES];

    find_percentiles(measured, copy_measured(measured, values, n), &slice->median, &slice->p95);
    slice->failed = slice->broken = false;
    for (size_t i = 0; i < n; i++) {
        slice->broken |= cells[i] != STATUS_UP;
        slice->failed |= cells[i] != STATUS_UP && cells[i] != STATUS_UNKNOWN;
    }
}

void latency_fill(struct latency_chart *chart, const uint16_t *values, const uint8_t *cells,
                  size_t n_minutes)
{
    size_t slice_minutes = n_minutes / chart->n_slices;
    uint16_t measured[LATENCY_MINUTES];

    assert(n_minutes <= LATENCY_MINUTES && n_minutes % chart->n_slices == 0);
    chart->n_measured = copy_measured(measured, values, n_minutes);
    find_percentiles(measured, chart->n_measured, &chart->median, &chart->p95);
    chart->highest = 0;
    for (size_t i = 0; i < chart->n_slices; i++) {
        struct latency_slice *slice = &chart->slices[i];

        fill_slice(slice, values + i * slice_minutes, cells + i * slice_minutes, slice_minutes);
        if (slice->p95 != LATENCY_NONE && slice->p95 > chart->highest)
            chart->highest = slice->p95;
    }
}
