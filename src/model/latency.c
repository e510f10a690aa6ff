/* Computes latency charts, and the slots of latency histories. */
#include "model/latency.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/status.h"

#include <assert.h>
#include <string.h>

/*
 * The values of all slices, or of all hours, that have any: a column for each, and a row for each
 * of their minutes. So all columns are sorted at once, with the instructions that a processor has
 * for many numbers. Ten thousand domains have 1,440 values each; on the first day, most of them are
 * LATENCY_NONE.
 */
enum { COLUMNS = 64, ROWS = LATENCY_WEEK_MINUTES, BLOCK = 16, FEW = 5 };

struct grid {
    uint16_t rows[ROWS][COLUMNS];
    uint16_t n_measured[COLUMNS]; /* the first rows, when it is sorted */
    uint16_t highest[COLUMNS];    /* of the values */
    size_t n_columns;             /* in use */
    bool is_sorted;
    uint8_t slices[COLUMNS]; /* of each column */
};

/* Some columns of a grid. Their values are taken together. */
struct columns {
    const struct grid *grid;
    size_t first, end;
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

/* Adds the values with these high bits to the counts of their low bits. */
static void count_low_bits(const struct columns *columns, unsigned high, unsigned shift,
                           uint16_t counts[BUCKETS])
{
    const struct grid *grid = columns->grid;

    for (size_t column = columns->first; column < columns->end; column++) {
        for (size_t i = 0; i < grid->n_measured[column]; i++) {
            if (grid->rows[i][column] >> shift == (int)high)
                counts[grid->rows[i][column] & ((1U << shift) - 1)]++;
        }
    }
}

/* Adds the values to the counts of their high bits. */
static void count_high_bits(const struct columns *columns, unsigned shift, uint16_t counts[BUCKETS])
{
    const struct grid *grid = columns->grid;

    for (size_t column = columns->first; column < columns->end; column++) {
        for (size_t i = 0; i < grid->n_measured[column]; i++)
            counts[grid->rows[i][column] >> shift]++;
    }
}

/* Finds the value of this rank, from 0: first its high bits, then the others. */
static uint16_t find_value(const struct columns *columns, const uint16_t counts[BUCKETS],
                           unsigned shift, size_t rank)
{
    unsigned high = find_bucket(counts, &rank);
    uint16_t low[BUCKETS] = {0};

    if (shift == 0)
        return (uint16_t)high;
    count_low_bits(columns, high, shift, low);
    return (uint16_t)(high << shift | find_bucket(low, &rank));
}

/* Finds the percentiles of the values of all columns. There is at least one. */
static void find_percentiles(const struct columns *columns, uint16_t *median, uint16_t *p95)
{
    uint16_t counts[BUCKETS] = {0}, highest = 0;
    unsigned shift = 0;
    size_t n = 0;

    for (size_t column = columns->first; column < columns->end; column++) {
        n += columns->grid->n_measured[column];
        if (columns->grid->highest[column] > highest)
            highest = columns->grid->highest[column];
    }
    while (highest >> shift >> BUCKET_BITS)
        shift++;
    count_high_bits(columns, shift, counts);
    *median = find_value(columns, counts, shift, rank_of(n, 50));
    *p95 = find_value(columns, counts, shift, rank_of(n, 95));
}

/* The first of n minutes that has a value; n: none. */
static size_t first_measured(const uint16_t *values, size_t n)
{
    if (values[0] != LATENCY_NONE)
        return 0;
    return memory_run((const unsigned char *)values, n * sizeof *values) / sizeof *values;
}

/* Whether a slice of n minutes has a value. */
static bool has_value(const uint16_t *values, size_t n)
{
    return values[0] != LATENCY_NONE || memcmp(values, values + 1, (n - 1) * sizeof *values) != 0;
}

/* Fills the next column with the values of a slice or hour, if it has any. Returns how many. */
static size_t fill_column(struct grid *grid, size_t slice, const uint16_t *values, size_t n)
{
    size_t column = grid->n_columns, n_measured = 0;
    uint16_t highest = 0;

    if (!has_value(values, n))
        return 0;
    for (size_t i = 0; i < n; i++) {
        grid->rows[n_measured][column] = values[i];
        if (values[i] == LATENCY_NONE)
            continue;
        n_measured++;
        if (values[i] > highest)
            highest = values[i];
    }
    grid->n_measured[column] = (uint16_t)n_measured;
    grid->highest[column] = highest;
    grid->slices[column] = (uint8_t)slice;
    grid->n_columns++;
    return n_measured;
}

/* Makes a grid without columns. */
static void clear_grid(struct grid *grid, size_t n_rows)
{
    memset(grid->rows, 0xff, n_rows * sizeof grid->rows[0]); /* LATENCY_NONE */
    grid->n_columns = 0;
    grid->is_sorted = false;
}

static void sort_grid(struct grid *grid, size_t n_rows)
{
    sort_columns(grid->rows, n_rows, grid->n_columns);
    grid->is_sorted = true;
}

/* Fills a column for each slice of n minutes that has a value, and sorts the columns. */
static void fill_slices(struct grid *grid, const uint16_t *values, size_t n)
{
    size_t n_rows = 0;

    clear_grid(grid, n);
    for (size_t slice = first_measured(values, n * LATENCY_SLICES) / n; slice < LATENCY_SLICES;
         slice++) {
        size_t n_measured = fill_column(grid, slice, values + slice * n, n);

        if (n_measured > n_rows)
            n_rows = n_measured;
    }
    sort_grid(grid, n_rows);
}

/* Clears the slices of n minutes, and sets where they failed. Most slices are inside of one run of
 * cells. */
static void find_failures(struct latency_slice slices[LATENCY_SLICES], const uint8_t *cells,
                          size_t n)
{
    size_t n_minutes = n * LATENCY_SLICES, end = 0; /* of the run */

    for (size_t i = 0, first = 0; i < LATENCY_SLICES; i++, first += n) {
        unsigned failures;

        if (end < first + n)
            end = first + memory_run(cells + first, n_minutes - first);
        failures = end >= first + n ? 1U << cells[first] : status_set(cells + first, n);
        failures &= ~(1U << STATUS_UP | 1U << STATUS_DEGRADED);
        slices[i] = (struct latency_slice){.median = LATENCY_NONE,
                                           .p95 = LATENCY_NONE,
                                           .failed = (failures & ~(1U << STATUS_UNKNOWN)) != 0,
                                           .broken = failures != 0};
    }
}

/* Finds the percentiles of a column. */
static void read_percentiles(const struct grid *grid, size_t column, uint16_t *median,
                             uint16_t *p95)
{
    size_t n = grid->n_measured[column];

    if (!grid->is_sorted) {
        find_percentiles(&(struct columns){grid, column, column + 1}, median, p95);
        return;
    }
    *median = grid->rows[rank_of(n, 50)][column];
    *p95 = grid->rows[rank_of(n, 95)][column];
}

void latency_fill(struct latency_chart *chart, const uint16_t *values, const uint8_t *cells,
                  size_t n_minutes)
{
    size_t n = n_minutes / LATENCY_SLICES;
    struct grid grid;

    assert(n > 0 && n_minutes <= LATENCY_MINUTES && n_minutes % LATENCY_SLICES == 0);
    fill_slices(&grid, values, n);
    chart->n_measured = 0;
    chart->highest = 0;
    chart->median = chart->p95 = LATENCY_NONE;
    find_failures(chart->slices, cells, n);
    for (size_t i = 0; i < grid.n_columns; i++) {
        struct latency_slice *slice = &chart->slices[grid.slices[i]];

        read_percentiles(&grid, i, &slice->median, &slice->p95);
        chart->n_measured += grid.n_measured[i];
        if (slice->p95 > chart->highest)
            chart->highest = slice->p95;
    }
    if (chart->n_measured)
        find_percentiles(&(struct columns){&grid, 0, grid.n_columns}, &chart->median, &chart->p95);
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

/* Which of the minutes are in an hour: the index of the first one, and their number. */
static size_t find_hour(const struct latency_minutes *minutes, int64_t hour, size_t *n)
{
    int64_t first = hour * LATENCY_WEEK_MINUTES - minutes->from;
    int64_t end = first + LATENCY_WEEK_MINUTES;

    if (first < 0)
        first = 0;
    if (end > (int64_t)minutes->n)
        end = (int64_t)minutes->n;
    *n = (size_t)(end - first);
    return (size_t)first;
}

/* Fills a column for each hour that has a value. Many columns are sorted; for few of them, to count
 * the values of each one costs less. */
static void fill_hours(struct grid *grid, const struct latency_minutes *minutes, int64_t first_hour,
                       size_t n_hours)
{
    size_t n_rows = 0;

    clear_grid(grid, ROWS);
    for (size_t hour = 0; hour < n_hours; hour++) {
        size_t n, first = find_hour(minutes, first_hour + (int64_t)hour, &n);
        size_t n_measured = fill_column(grid, hour, minutes->values + first, n);

        if (n_measured > n_rows)
            n_rows = n_measured;
    }
    if (grid->n_columns > FEW)
        sort_grid(grid, n_rows);
}

/* The slot of these statuses, without latencies. */
static struct latency_slot make_slot(unsigned statuses)
{
    enum status status = status_worst(statuses & ~(1U << STATUS_UNKNOWN));

    return (struct latency_slot){LATENCY_NONE, LATENCY_NONE, (uint8_t)status};
}

/* Puts a slot of this number since the epoch among n slots that end with the number `last`. */
static void put_slot(struct latency_slot *slots, int64_t n, int64_t last, int64_t number,
                     const struct latency_slot *slot)
{
    int64_t at = n - 1 - (last - number);

    if (at >= 0 && at < n)
        slots[at] = *slot;
}

void latency_add(struct latency_history *history, int64_t last_minute,
                 const struct latency_minutes *minutes)
{
    int64_t hour = clock_floor_div(minutes->from, LATENCY_WEEK_MINUTES), first_hour = hour;
    int64_t end =
        clock_floor_div(minutes->from + (int64_t)minutes->n - 1, LATENCY_WEEK_MINUTES) + 1;
    int64_t last_hour = clock_floor_div(last_minute, LATENCY_WEEK_MINUTES);
    int64_t last_part = clock_floor_div(last_minute, LATENCY_MONTH_MINUTES);
    size_t column = 0;
    struct grid grid;

    assert(minutes->n > 0 && minutes->n <= LATENCY_MINUTES);
    fill_hours(&grid, minutes, first_hour, (size_t)(end - first_hour));
    while (hour < end) {
        int64_t number = clock_floor_div(hour, LATENCY_PART_HOURS);
        struct columns columns = {&grid, column, column};
        unsigned statuses = 0;
        struct latency_slot slot;

        for (; hour < end && hour < (number + 1) * LATENCY_PART_HOURS; hour++) {
            size_t n, first = find_hour(minutes, hour, &n);
            unsigned of_hour = status_set(minutes->cells + first, n);

            slot = make_slot(of_hour);
            if (columns.end < grid.n_columns && grid.slices[columns.end] == hour - first_hour)
                read_percentiles(&grid, columns.end++, &slot.median, &slot.p95);
            put_slot(history->week, LATENCY_WEEK_SLOTS, last_hour, hour, &slot);
            statuses |= of_hour;
        }
        slot = make_slot(statuses);
        if (columns.end > columns.first)
            find_percentiles(&columns, &slot.median, &slot.p95);
        put_slot(history->month, LATENCY_MONTH_SLOTS, last_part, number, &slot);
        column = columns.end;
    }
}

/* Moves n slots back by `by`, or forward if it is negative. */
static void move_slots(struct latency_slot *slots, int64_t n, int64_t by)
{
    if (by <= -n || by >= n) {
        clear_slots(slots, (size_t)n);
    } else if (by > 0) {
        memmove(slots, slots + by, (size_t)(n - by) * sizeof *slots);
        clear_slots(slots + n - by, (size_t)by);
    } else if (by < 0) {
        memmove(slots - by, slots, (size_t)(n + by) * sizeof *slots);
        clear_slots(slots, (size_t)-by);
    }
}

void latency_move(struct latency_history *history, int64_t from_minute, int64_t to_minute)
{
    move_slots(history->week, LATENCY_WEEK_SLOTS,
               clock_floor_div(to_minute, LATENCY_WEEK_MINUTES) -
                   clock_floor_div(from_minute, LATENCY_WEEK_MINUTES));
    move_slots(history->month, LATENCY_MONTH_SLOTS,
               clock_floor_div(to_minute, LATENCY_MONTH_MINUTES) -
                   clock_floor_div(from_minute, LATENCY_MONTH_MINUTES));
}

/* latency_take for n slots. Both numbers are of slots since the epoch: that after the last one, and
 * the first one that is not taken. */
static void take_slots(struct latency_slot *slots, const struct latency_slot *others, int64_t n,
                       int64_t end, int64_t before)
{
    for (int64_t i = 0; i < n && end - n + i < before; i++) {
        if (others[i].status != STATUS_UNKNOWN || others[i].median != LATENCY_NONE)
            slots[i] = others[i];
    }
}

void latency_take(struct latency_history *history, const struct latency_history *other,
                  int64_t last_minute, int64_t before_minute)
{
    take_slots(history->week, other->week, LATENCY_WEEK_SLOTS,
               clock_floor_div(last_minute, LATENCY_WEEK_MINUTES) + 1,
               clock_floor_div(before_minute, LATENCY_WEEK_MINUTES));
    take_slots(history->month, other->month, LATENCY_MONTH_SLOTS,
               clock_floor_div(last_minute, LATENCY_MONTH_MINUTES) + 1,
               clock_floor_div(before_minute, LATENCY_MONTH_MINUTES));
}
