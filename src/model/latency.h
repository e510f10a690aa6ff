#ifndef MODEL_LATENCY_H
#define MODEL_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Computes latency charts from the latencies of at most a day, and latency histories. Pure. */

/*
 * There is one value for each minute, in milliseconds. LATENCY_NONE: no check that started in the
 * minute was UP.
 */
enum { LATENCY_MINUTES = 24 * 60, LATENCY_NONE = UINT16_MAX };

/* Any whole number of hours divides into this many slices of whole minutes. */
enum { LATENCY_SLICES = 60 };

/*
 * A slot of a history over more than a day: an hour of the last seven days, or six hours of the
 * last 30 days. In UTC, six hours begin at 00:00, 06:00, 12:00 and 18:00.
 */
enum { LATENCY_WEEK_SLOTS = 7 * 24, LATENCY_MONTH_SLOTS = 30 * 4 };
enum { LATENCY_WEEK_MINUTES = 60, LATENCY_MONTH_MINUTES = 6 * 60 }; /* of one slot */
enum { LATENCY_PART_HOURS = 6 };                                    /* the same in hours */

struct latency_slot {
    uint16_t median, p95; /* as of the chart */
    uint8_t status;       /* the worst one of its minutes that are not UNKNOWN; UNKNOWN: none */
};

/* Oldest first. The last slots are those with the last minute: an hour, and six hours. */
struct latency_history {
    struct latency_slot week[LATENCY_WEEK_SLOTS], month[LATENCY_MONTH_SLOTS];
};

/* Makes all slots those of no check. */
void latency_clear(struct latency_history *history);

/* Makes the slots that end with one minute those that end with another one (minutes since the
 * epoch). */
void latency_move(struct latency_history *history, int64_t from_minute, int64_t to_minute);

/* Takes the slots of `other` that are before a minute and have data. Both histories end with
 * last_minute. */
void latency_take(struct latency_history *history, const struct latency_history *other,
                  int64_t last_minute, int64_t before_minute);

/* Minutes in a row: from the first one (since the epoch), at most LATENCY_MINUTES, at least 1. */
struct latency_minutes {
    int64_t from;
    size_t n;
    const uint16_t *values; /* as of the chart */
    const uint8_t *cells;   /* aggregator.h */
};

/* Sets all slots that have one of these minutes, from these minutes alone. The history ends with
 * last_minute. */
void latency_add(struct latency_history *history, int64_t last_minute,
                 const struct latency_minutes *minutes);

/* The minutes that a chart draws as one point. */
struct latency_slice {
    uint16_t median, p95; /* as of the chart */
    bool failed;          /* a minute was DOWN, TIMEOUT or BOT_DETECTED */
    bool broken;          /* a minute was not UP: the line is interrupted */
};

struct latency_chart {
    struct latency_slice slices[LATENCY_SLICES];
    size_t n_measured; /* minutes with a value */

    /* The smallest value such that at least half of all values, or 95 %, are not greater (nearest
     * rank): always a measured value, never one between two. LATENCY_NONE: there are none. */
    uint16_t median, p95;
    uint16_t highest; /* of the p95 of the slices; 0: there are none */
};

/*
 * Fills the chart from the values and cells (aggregator.h) of n_minutes: at most LATENCY_MINUTES,
 * and a multiple of LATENCY_SLICES.
 */
void latency_fill(struct latency_chart *chart, const uint16_t *values, const uint8_t *cells,
                  size_t n_minutes);

#endif
