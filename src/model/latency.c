/* Computes a latency chart. */
#include "model/latency.h"

#include "model/status.h"

#include <assert.h>
#include <string.h>

/* A slice has at most 24 values. Sorting so few is faster than counting them. */
enum { FEW = 32 };

/* Buckets when counting, and the bits of their number. */
enum { BUCKETS = 256, BUCKET_BITS = 8 };

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

/* The smallest rank, from 0, such that at least `percent` percent of n values are not greater. */
static size_t rank_of(size_t n, size_t percent)
{
    return (n * percent + 99) / 100 - 1;
}

/* Finds the bucket that has the value of this rank. *rank becomes its rank within the bucket. */
static unsigned find_bucket(const uint16_t counts[BUCKETS], size_t *rank)
{
    unsigned i = 0;

    for (; *rank >= counts[i]; i++)
        *rank -= counts[i];
    return i;
}

/* The value of this rank within a bucket: one of the values that are it when shifted. */
static uint16_t find_in_bucket(const uint16_t *values, size_t n, unsigned bucket, unsigned shift,
                               size_t rank)
{
    uint16_t counts[BUCKETS] = {0};

    if (shift == 0)
        return (uint16_t)bucket;
    for (size_t i = 0; i < n; i++) {
        if (values[i] >> shift == (int)bucket)
            counts[values[i] & ((1U << shift) - 1)]++;
    }
    return (uint16_t)(bucket << shift | find_bucket(counts, &rank));
}

/* Finds two percentiles without sorting: counts the high bits, then the low bits of the values with
 * those high bits. Ten thousand domains have 1,440 values each. */
static void count_values(const uint16_t *values, size_t n, uint16_t *median, uint16_t *p95)
{
    size_t low = rank_of(n, 50), high = rank_of(n, 95);
    unsigned shift = 0, bits = 0, bucket;
    uint16_t counts[BUCKETS] = {0};

    for (size_t i = 0; i < n; i++)
        bits |= values[i];
    while (bits >> shift >> BUCKET_BITS)
        shift++;
    for (size_t i = 0; i < n; i++)
        counts[values[i] >> shift]++;
    bucket = find_bucket(counts, &low);
    *median = find_in_bucket(values, n, bucket, shift, low);
    bucket = find_bucket(counts, &high);
    *p95 = find_in_bucket(values, n, bucket, shift, high);
}

/* Finds the median and the 95th percentile. May sort the values. */
static void find_percentiles(uint16_t *values, size_t n, uint16_t *median, uint16_t *p95)
{
    *median = *p95 = LATENCY_NONE;
    if (n > FEW) {
        count_values(values, n, median, p95);
    } else if (n > 0) {
        sort_few(values, n);
        *median = values[rank_of(n, 50)];
        *p95 = values[rank_of(n, 95)];
    }
}

/* Copies the values of the minutes that have one. */
static size_t copy_measured(uint16_t *into, const uint16_t *values, size_t n)
{
    size_t n_copied = 0;

    for (size_t i = 0; i < n; i++) {
        into[n_copied] = values[i];
        n_copied += values[i] != LATENCY_NONE;
    }
    return n_copied;
}

/* Most slices have minutes of one status only. */
static void find_failures(struct latency_slice *slice, const uint8_t *cells, size_t n)
{
    unsigned statuses = 1U << cells[0];

    if (memcmp(cells, cells + 1, n - 1) != 0) {
        for (size_t i = 1; i < n; i++)
            statuses |= 1U << cells[i];
    }
    statuses &= ~(1U << STATUS_UP);
    slice->broken = statuses != 0;
    slice->failed = (statuses & ~(1U << STATUS_UNKNOWN)) != 0;
}

void latency_fill(struct latency_chart *chart, const uint16_t *values, const uint8_t *cells,
                  size_t n_minutes)
{
    size_t n = n_minutes / chart->n_slices;
    uint16_t measured[LATENCY_MINUTES];

    assert(n_minutes > 0 && n_minutes <= LATENCY_MINUTES && n_minutes % chart->n_slices == 0);
    chart->highest = 0;
    chart->n_measured = 0;
    for (size_t i = 0; i < chart->n_slices; i++) {
        struct latency_slice *slice = &chart->slices[i];
        uint16_t *of_slice = measured + chart->n_measured;
        size_t n_measured = copy_measured(of_slice, values + i * n, n);

        find_percentiles(of_slice, n_measured, &slice->median, &slice->p95);
        find_failures(slice, cells + i * n, n);
        if (slice->p95 != LATENCY_NONE && slice->p95 > chart->highest)
            chart->highest = slice->p95;
        chart->n_measured += n_measured;
    }
    find_percentiles(measured, chart->n_measured, &chart->median, &chart->p95);
}
