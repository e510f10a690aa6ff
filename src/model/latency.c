/* Computes a latency chart. */
#include "model/latency.h"

#include "model/status.h"

#include <assert.h>
#include <string.h>

/*
 * The values of all slices that have any: a column for each, and a row for each of their minutes.
 * So all slices are sorted at once, with the instructions that a processor has for many numbers.
 * Ten thousand domains have 1,440 values each; on the first day, most of them are LATENCY_NONE.
 */
enum { COLUMNS = 64, ROWS = LATENCY_MINUTES / LATENCY_SLICES, BLOCK = 16 };

struct grid {
    uint16_t rows[ROWS][COLUMNS];
    uint16_t n_measured[COLUMNS]; /* the first rows, when it is sorted */
    size_t n_columns;             /* in use */
    uint8_t slices[COLUMNS];      /* of each column */
};

/* Buckets when counting, and the bits of their number. */
enum { BUCKETS = 256, BUCKET_BITS = 8 };

/* Moves the lower value of each column of a block into a, and the higher one into b. */
static void order_block(uint16_t *restrict a, uint16_t *restrict b)
{
    for (size_t i = 0; i < BLOCK; i++) {
        uint16_t low = a[i] < b[i] ? a[i] : b[i], high = a[i] < b[i] ? b[i] : a[i];

        a[i] = low;
        b[i] = high;
    }
}

/* Does so for the first n columns. Those of the last block that are not in use do not matter. */
static void order_rows(uint16_t *a, uint16_t *b, size_t n)
{
    for (size_t i = 0; i < n; i += BLOCK)
        order_block(a + i, b + i);
}

/* Sorts each column by Batcher's merge exchange: which values are compared does not depend on them.
 * LATENCY_NONE is the highest value. */
static void sort_columns(uint16_t rows[ROWS][COLUMNS], size_t n, size_t n_columns)
{
    size_t top = 1;

    while (top * 2 < n)
        top *= 2;
    for (size_t part = top; part > 0; part /= 2) {
        size_t distance = part, rest = 0;

        for (size_t q = top; q >= part; q /= 2) {
            for (size_t i = 0; i + distance < n; i++) {
                if ((i & part) == rest)
                    order_rows(rows[i], rows[i + distance], n_columns);
            }
            distance = q - part;
            rest = part;
        }
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

/* Adds the values of all columns with these high bits to the counts of their low bits. */
static void count_low_bits(const struct grid *grid, unsigned high, unsigned shift,
                           uint16_t counts[BUCKETS])
{
    for (size_t column = 0; column < grid->n_columns; column++) {
        for (size_t i = 0; i < grid->n_measured[column]; i++) {
            if (grid->rows[i][column] >> shift == (int)high)
                counts[grid->rows[i][column] & ((1U << shift) - 1)]++;
        }
    }
}

/* Adds the values of all columns to the counts of their high bits. */
static void count_high_bits(const struct grid *grid, unsigned shift, uint16_t counts[BUCKETS])
{
    for (size_t column = 0; column < grid->n_columns; column++) {
        for (size_t i = 0; i < grid->n_measured[column]; i++)
            counts[grid->rows[i][column] >> shift]++;
    }
}

/* Finds the value of this rank, from 0: first its high bits, then the others. */
static uint16_t find_value(const struct grid *grid, const uint16_t counts[BUCKETS], unsigned shift,
                           size_t rank)
{
    unsigned high = find_bucket(counts, &rank);
    uint16_t low[BUCKETS] = {0};

    if (shift == 0)
        return (uint16_t)high;
    count_low_bits(grid, high, shift, low);
    return (uint16_t)(high << shift | find_bucket(low, &rank));
}

/* Finds the percentiles of all values. */
static void fill_percentiles(struct latency_chart *chart, const struct grid *grid, uint16_t highest)
{
    uint16_t counts[BUCKETS] = {0};
    unsigned shift = 0;

    while (highest >> shift >> BUCKET_BITS)
        shift++;
    count_high_bits(grid, shift, counts);
    chart->median = find_value(grid, counts, shift, rank_of(chart->n_measured, 50));
    chart->p95 = find_value(grid, counts, shift, rank_of(chart->n_measured, 95));
}

/* Whether a slice of n minutes has a value. */
static bool has_value(const uint16_t *values, size_t n)
{
    return values[0] != LATENCY_NONE || memcmp(values, values + 1, (n - 1) * sizeof *values) != 0;
}

/* Copies the values of n minutes of each slice into a column, and sorts the columns. */
static void fill_grid(struct grid *grid, const uint16_t *values, size_t n)
{
    memset(grid->rows, 0, n * sizeof grid->rows[0]);
    grid->n_columns = 0;
    for (size_t slice = 0; slice < LATENCY_SLICES; slice++, values += n) {
        size_t n_measured = 0;

        if (!has_value(values, n))
            continue;
        for (size_t i = 0; i < n; i++) {
            grid->rows[i][grid->n_columns] = values[i];
            n_measured += values[i] != LATENCY_NONE;
        }
        grid->n_measured[grid->n_columns] = (uint16_t)n_measured;
        grid->slices[grid->n_columns++] = (uint8_t)slice;
    }
    sort_columns(grid->rows, n, grid->n_columns);
}

/* Most slices have minutes of one status only. */
static void find_failures(struct latency_slice *slice, const uint8_t *cells, size_t n)
{
    unsigned statuses = 1U << cells[0];

    if (memcmp(cells, cells + 1, n - 1) != 0) {
        for (size_t i = 1; i < n; i++)
            statuses |= 1U << cells[i];
    }
    statuses &= ~(1U << STATUS_UP | 1U << STATUS_DEGRADED);
    slice->broken = statuses != 0;
    slice->failed = (statuses & ~(1U << STATUS_UNKNOWN)) != 0;
}

/* Fills a slice from its sorted column, which has a value. Returns the highest one. */
static uint16_t fill_slice(struct latency_slice *slice, const struct grid *grid, size_t column)
{
    size_t n = grid->n_measured[column];

    slice->median = grid->rows[rank_of(n, 50)][column];
    slice->p95 = grid->rows[rank_of(n, 95)][column];
    return grid->rows[n - 1][column];
}

void latency_fill(struct latency_chart *chart, const uint16_t *values, const uint8_t *cells,
                  size_t n_minutes)
{
    size_t n = n_minutes / LATENCY_SLICES;
    uint16_t highest = 0;
    struct grid grid;

    assert(n > 0 && n_minutes <= LATENCY_MINUTES && n_minutes % LATENCY_SLICES == 0);
    fill_grid(&grid, values, n);
    chart->n_measured = 0;
    chart->highest = 0;
    chart->median = chart->p95 = LATENCY_NONE;
    for (size_t i = 0; i < LATENCY_SLICES; i++) {
        chart->slices[i] = (struct latency_slice){.median = LATENCY_NONE, .p95 = LATENCY_NONE};
        find_failures(&chart->slices[i], cells + i * n, n);
    }
    for (size_t i = 0; i < grid.n_columns; i++) {
        struct latency_slice *slice = &chart->slices[grid.slices[i]];
        uint16_t of_slice = fill_slice(slice, &grid, i);

        chart->n_measured += grid.n_measured[i];
        if (of_slice > highest)
            highest = of_slice;
        if (of_slice && slice->p95 > chart->highest)
            chart->highest = slice->p95;
    }
    if (chart->n_measured)
        fill_percentiles(chart, &grid, highest);
}

static void clear_slots(struct latency_slot *slots, size_t n)
{
    for (size_t i = 0; i < n; i++)
        slots[i] = (struct latency_slot){LATENCY_NONE, LATENCY_NONE, STATUS_UNKNOWN};
}

void latency_clear(struct latency_history *history)
{
    clear_slots(history->week, LATENCY_WEEK_SLOTS);
    clear_slots(history->month, LATENCY_MONTH_SLOTS);
}
