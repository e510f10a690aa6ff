#include "latency.h"

#include "status.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* A slice has some fifteen values, mostly near each other in size: too few for qsort. */
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

static uint16_t ranked(const uint16_t *sorted, size_t n, int percent)
{
    size_t rank = (n * (size_t)percent + 99) / 100;

    return sorted[rank ? rank - 1 : 0];
}

uint16_t latency_percentile(uint16_t *values, size_t n, int percent)
{
    enum { FEW = 32 };

    if (n <= FEW)
        sort_few(values, n);
    else
        qsort(values, n, sizeof *values, compare);
    return ranked(values, n, percent);
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
    *p95 = ranked(values, n, 95);
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
