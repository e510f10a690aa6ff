/* Computes latency charts, and the slots of latency histories. */
#include "model/latency.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/status.h"

#include <assert.h>
#include <string.h>

/*
 * The values of the slices of a chart: a column for each, from the first one that has a value, and
 * a row for each of their minutes. So all columns are sorted at once, with the instructions that a
 * processor has for many numbers. Ten thousand domains have 1,440 values each; on the first day,
 * most of them are LATENCY_NONE.
 */
enum { COLUMNS = 64, ROWS = LATENCY_MINUTES / LATENCY_SLICES, BLOCK = 16 };

struct grid {
    uint16_t values[ROWS * COLUMNS]; /* row by row */
    size_t width;                    /* of a row: the columns in use, and those of a whole block */
    uint8_t n_measured[COLUMNS];     /* of each column: the first rows, when it is sorted */
};

/*
 * Counts of values. Those from FIRST_SLOW on are few in most histories. They are listed, and
 * counted only if a percentile is one of them.
 */
enum { FIRST_SLOW = 512, BYTES = 256 };

struct histogram {
    size_t n, n_slow; /* all values; those in the list */
    uint16_t counts[FIRST_SLOW];
    uint16_t slow[LATENCY_MINUTES];
    uint16_t high_bytes[BYTES]; /* in the list, counted when a percentile is there */
};

/* Moves the lower value of each column of a block into a, and the higher one into b. With the sum,
 * compilers need the fewest instructions. */
static void order_block(uint16_t *restrict a, uint16_t *restrict b)
{
    for (size_t i = 0; i < BLOCK; i++) {
        uint16_t high = a[i] < b[i] ? b[i] : a[i];

        a[i] = (uint16_t)(a[i] + b[i] - high);
        b[i] = high;
    }
}

/* Does so for n values of some rows: whole blocks. */
static void order_rows(uint16_t *a, uint16_t *b, size_t n)
{
    for (size_t i = 0; i < n; i += BLOCK)
        order_block(a + i, b + i);
}

/* Sorts the columns of n rows by Batcher's merge exchange: which values are compared does not
 * depend on them. LATENCY_NONE is the highest value. */
static void sort_columns(struct grid *grid, size_t n)
{
    size_t top = 1, width = grid->width;

    while (top * 2 < n)
        top *= 2;
    for (size_t part = top; part > 0; part /= 2) {
        size_t distance = part, rest = 0;

        for (size_t q = top; q >= part; q /= 2) {
            for (size_t i = rest; i + distance < n; i += 2 * part) {
                size_t n_rows = part < n - distance - i ? part : n - distance - i;

                order_rows(grid->values + i * width, grid->values + (i + distance) * width,
                           n_rows * width);
            }
            distance = q - part;
            rest = part;
        }
    }
}

/* The smallest rank, from 0, such that at least half of n values are not greater, or 95 %. */
static size_t median_rank(size_t n)
{
    return (n - 1) / 2;
}

static size_t p95_rank(size_t n)
{
    return n - 1 - n / 20;
}

static void clear_histogram(struct histogram *histogram)
{
    memset(histogram->counts, 0, sizeof histogram->counts);
    histogram->n = histogram->n_slow = 0;
}

/* Counts a value, but not in histogram->n. */
static inline void count_value(struct histogram *histogram, uint16_t value)
{
    if (value < FIRST_SLOW)
        histogram->counts[value]++;
    else
        histogram->slow[histogram->n_slow++] = value;
}

/* The number of values in a block of buckets. */
static uint16_t sum_block(const uint16_t counts[BLOCK])
{
    uint16_t sum = 0;

    for (size_t i = 0; i < BLOCK; i++)
        sum = (uint16_t)(sum + counts[i]);
    return sum;
}

/* Finds the bucket that has the value of this rank. *rank becomes its rank within the bucket. */
static unsigned find_bucket(const uint16_t *counts, size_t *rank)
{
    size_t left = *rank, i = 0, n;

    for (; left >= (n = sum_block(counts + i)); i += BLOCK)
        left -= n;
    for (; left >= counts[i]; i++)
        left -= counts[i];
    *rank = left;
    return (unsigned)i;
}

static void count_high_bytes(struct histogram *histogram)
{
    memset(histogram->high_bytes, 0, sizeof histogram->high_bytes);
    for (size_t i = 0; i < histogram->n_slow; i++)
        histogram->high_bytes[histogram->slow[i] >> 8]++;
}

/* Finds the value of this rank in the list: first its high byte, then its low one. Processors
 * cannot predict which values have the high byte, so there is no branch. */
static uint16_t find_slow(const struct histogram *histogram, size_t rank)
{
    unsigned high = find_bucket(histogram->high_bytes, &rank);
    uint16_t low_bytes[BYTES] = {0};

    for (size_t i = 0; i < histogram->n_slow; i++) {
        uint16_t value = histogram->slow[i], *count = &low_bytes[value & 0xff];

        *count = (uint16_t)(*count + (value >> 8 == (int)high));
    }
    return (uint16_t)(high << 8 | find_bucket(low_bytes, &rank));
}

/* Finds the value of this rank. */
static uint16_t find_value(const struct histogram *histogram, size_t rank)
{
    size_t n_fast = histogram->n - histogram->n_slow;

    return rank < n_fast ? (uint16_t)find_bucket(histogram->counts, &rank)
                         : find_slow(histogram, rank - n_fast);
}

/* Finds the percentiles of the values. There is at least one. */
static void find_percentiles(struct histogram *histogram, uint16_t *median, uint16_t *p95)
{
    size_t n = histogram->n;

    if (p95_rank(n) >= n - histogram->n_slow)
        count_high_bytes(histogram);
    *median = find_value(histogram, median_rank(n));
    *p95 = find_value(histogram, p95_rank(n));
}

/* Whether n minutes have a value. */
static bool has_value(const uint16_t *values, size_t n)
{
    return values[0] != LATENCY_NONE || memcmp(values, values + 1, (n - 1) * sizeof *values) != 0;
}

/* The first of n minutes that has a value; n: none. */
static size_t first_measured(const uint16_t *values, size_t n)
{
    if (values[0] != LATENCY_NONE)
        return 0;
    return memory_run((const unsigned char *)values, n * sizeof *values) / sizeof *values;
}

/* Fills a column with the values of n minutes, and counts them. Returns how many there are. */
static size_t fill_column(const struct grid *grid, uint16_t *column, const uint16_t *values,
                          size_t n, struct histogram *histogram)
{
    size_t n_missing = 0;

    if (!has_value(values, n))
        return 0;
    for (size_t i = 0; i < n; i++) {
        uint16_t value = values[i];

        if (value == LATENCY_NONE) {
            n_missing++;
            continue;
        }
        count_value(histogram, value);
        *column = value;
        column += grid->width;
    }
    histogram->n += n - n_missing;
    return n - n_missing;
}

/* Fills and sorts a column for each slice of n minutes, and counts their values. */
static void fill_columns(struct grid *grid, const uint16_t *values, size_t n, size_t n_columns,
                         struct histogram *histogram)
{
    size_t n_rows = 0;

    grid->width = (n_columns + BLOCK - 1) / BLOCK * BLOCK;
    memset(grid->values, 0xff, n * grid->width * sizeof grid->values[0]); /* LATENCY_NONE */
    for (size_t i = 0; i < n_columns; i++) {
        size_t n_measured = fill_column(grid, grid->values + i, values + i * n, n, histogram);

        grid->n_measured[i] = (uint8_t)n_measured;
        if (n_measured > n_rows)
            n_rows = n_measured;
    }
    sort_columns(grid, n_rows);
}

/* The statuses of the cells of spans, one after the other. Most spans are inside of one run. */
struct cell_runs {
    const uint8_t *cells;
    size_t n, end; /* of all; of the last run that was found */
};

/* The set of the statuses of n cells, from the first one. */
static unsigned read_statuses(struct cell_runs *runs, size_t first, size_t n)
{
    if (runs->end < first + n)
        runs->end = first + memory_run(runs->cells + first, runs->n - first);
    return runs->end < first + n ? status_set(runs->cells + first, n) : 1U << runs->cells[first];
}

/* Clears the slices of n minutes, and sets where they failed. */
static void find_failures(struct latency_slice slices[LATENCY_SLICES], const uint8_t *cells,
                          size_t n)
{
    struct cell_runs runs = {cells, n * LATENCY_SLICES, 0};

    for (size_t i = 0; i < LATENCY_SLICES; i++) {
        unsigned failures =
            read_statuses(&runs, i * n, n) & ~(1U << STATUS_UP | 1U << STATUS_DEGRADED);

        slices[i] = (struct latency_slice){.median = LATENCY_NONE,
                                           .p95 = LATENCY_NONE,
                                           .failed = (failures & ~(1U << STATUS_UNKNOWN)) != 0,
                                           .broken = failures != 0};
    }
}

/* Sets the percentiles of the slices of n minutes, from the first one that has a value. */
static void read_columns(struct latency_chart *chart, const struct grid *grid, size_t first_slice)
{
    const uint16_t *column = grid->values;

    for (size_t i = first_slice; i < LATENCY_SLICES; i++, column++) {
        struct latency_slice *slice = &chart->slices[i];
        size_t n = grid->n_measured[i - first_slice];

        if (n == 0)
            continue;
        slice->median = column[median_rank(n) * grid->width];
        slice->p95 = column[p95_rank(n) * grid->width];
        if (slice->p95 > chart->highest)
            chart->highest = slice->p95;
    }
}

void latency_fill(struct latency_chart *chart, const uint16_t *values, const uint8_t *cells,
                  size_t n_minutes)
{
    size_t n = n_minutes / LATENCY_SLICES, first;
    struct histogram histogram;
    struct grid grid;

    assert(n > 0 && n_minutes <= LATENCY_MINUTES && n_minutes % LATENCY_SLICES == 0);
    first = first_measured(values, n_minutes) / n;
    chart->n_measured = 0;
    chart->highest = 0;
    chart->median = chart->p95 = LATENCY_NONE;
    find_failures(chart->slices, cells, n);
    if (first == LATENCY_SLICES)
        return;
    clear_histogram(&histogram);
    fill_columns(&grid, values + first * n, n, LATENCY_SLICES - first, &histogram);
    read_columns(chart, &grid, first);
    find_percentiles(&histogram, &chart->median, &chart->p95);
    chart->n_measured = histogram.n;
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

/* Minutes that are added: the histograms of one of their hours, and of its part so far. */
struct addition {
    const struct latency_minutes *minutes;
    struct cell_runs runs;
    struct histogram hour, part;
};

/* Counts n values of an hour, for the part too. */
static void count_hour(struct addition *addition, const uint16_t *values, size_t n)
{
    size_t n_missing = 0;

    clear_histogram(&addition->hour);
    for (size_t i = 0; i < n; i++) {
        uint16_t value = values[i];

        if (value == LATENCY_NONE) {
            n_missing++;
            continue;
        }
        count_value(&addition->hour, value);
        count_value(&addition->part, value);
    }
    addition->hour.n += n - n_missing;
    addition->part.n += n - n_missing;
}

/* Makes the slot of an hour. Returns its statuses. */
static unsigned add_hour(struct addition *addition, int64_t hour, struct latency_slot *slot)
{
    size_t n, first = find_hour(addition->minutes, hour, &n);
    const uint16_t *values = addition->minutes->values + first;
    unsigned statuses = read_statuses(&addition->runs, first, n);

    *slot = make_slot(statuses);
    if (has_value(values, n)) {
        count_hour(addition, values, n);
        find_percentiles(&addition->hour, &slot->median, &slot->p95);
    }
    return statuses;
}

void latency_add(struct latency_history *history, int64_t last_minute,
                 const struct latency_minutes *minutes)
{
    int64_t hour = clock_floor_div(minutes->from, LATENCY_WEEK_MINUTES);
    int64_t end =
        clock_floor_div(minutes->from + (int64_t)minutes->n - 1, LATENCY_WEEK_MINUTES) + 1;
    int64_t last_hour = clock_floor_div(last_minute, LATENCY_WEEK_MINUTES);
    int64_t last_part = clock_floor_div(last_minute, LATENCY_MONTH_MINUTES);
    struct addition addition;

    assert(minutes->n > 0 && minutes->n <= LATENCY_MINUTES);
    addition.minutes = minutes;
    addition.runs = (struct cell_runs){minutes->cells, minutes->n, 0};
    while (hour < end) {
        int64_t part = clock_floor_div(hour, LATENCY_PART_HOURS);
        struct latency_slot slot;
        unsigned statuses = 0;

        clear_histogram(&addition.part);
        for (; hour < end && hour < (part + 1) * LATENCY_PART_HOURS; hour++) {
            statuses |= add_hour(&addition, hour, &slot);
            put_slot(history->week, LATENCY_WEEK_SLOTS, last_hour, hour, &slot);
        }
        slot = make_slot(statuses);
        if (addition.part.n)
            find_percentiles(&addition.part, &slot.median, &slot.p95);
        put_slot(history->month, LATENCY_MONTH_SLOTS, last_part, part, &slot);
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
