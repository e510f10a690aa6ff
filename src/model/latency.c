#include "model/latency.h"

#include "model/status.h"

#include <string.h>

/* A slice has some fifteen values: too few to be counted. */
enum { FEW = 32 };

static void sort_few(uint16_t *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint16_t value = values[i];
        size_t place = i;

        for (; place > 0 && values[place - 1] > value; place--)
            values[place] = values[place - 1];
        values[place] = value;
    }
}

/* Moves *rank on from the first of 256 counts to the one that it lies in, and returns which. */
static uint16_t find_count(const uint16_t counts[256], size_t *rank)
{
    uint16_t i = 0;

    for (; *rank >= counts[i]; i++)
        *rank -= counts[i];
    return i;
}

/* The value of a rank, from 0, by counting the high bytes and then the low bytes below the one that
 * is found: a day has 1,440 values, and ten thousand domains have a day each. */
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

    rank = rank ? rank - 1 : 0;
    if (n > FEW)
        return select_rank(values, n, rank);
    sort_few(values, n);
    return values[rank];
}

/* Copies the values that there are. */
static size_t gather(uint16_t *into, const uint16_t *values, size_t n)
{
    size_t n_gathered = 0;

    for (size_t i = 0; i < n; i++) {
        if (values[i] != LATENCY_NONE)
            into[n_gathered++] = values[i];
    }
    return n_gathered;
}

static void measure(uint16_t *values, size_t n, uint16_t *median, uint16_t *p95)
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
    uint16_t gathered[LATENCY_MINUTES];

    measure(gathered, gather(gathered, values, n), &slice->median, &slice->p95);
    slice->failed = slice->broken = false;
    for (size_t i = 0; i < n; i++) {
        slice->broken |= cells[i] != STATUS_UP;
        slice->failed |= cells[i] != STATUS_UP && cells[i] != STATUS_UNKNOWN;
    }
}

void latency_fill(struct latency_chart *chart, const uint16_t *values, const uint8_t *cells,
                  size_t n_minutes)
{
    size_t a_slice = n_minutes / chart->n_slices;
    uint16_t gathered[LATENCY_MINUTES];

    chart->n_measured = gather(gathered, values, n_minutes);
    measure(gathered, chart->n_measured, &chart->median, &chart->p95);
    chart->highest = 0;
    for (size_t i = 0; i < chart->n_slices; i++) {
        struct latency_slice *slice = &chart->slices[i];

        fill_slice(slice, values + i * a_slice, cells + i * a_slice, a_slice);
        if (slice->p95 != LATENCY_NONE && slice->p95 > chart->highest)
            chart->highest = slice->p95;
    }
}
