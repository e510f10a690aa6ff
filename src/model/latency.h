#ifndef MODEL_LATENCY_H
#define MODEL_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Latencies of a day → what a chart of them shows. Pure. */

/* One value a minute, in milliseconds; LATENCY_NONE: no check that came out UP started in it. */
enum { LATENCY_MINUTES = 24 * 60, LATENCY_NONE = UINT16_MAX };

/*
 * The value of which this many percent of all are no greater (the nearest rank: a value that was
 * measured, never one in between). May sort the values. n is 1 to LATENCY_MINUTES.
 */
uint16_t latency_percentile(uint16_t *values, size_t n, int percent);

/* Minutes of a chart that are drawn as one point. */
struct latency_slice {
    uint16_t median, p95; /* LATENCY_NONE: nothing was measured */
    bool failed;          /* a minute of it was DOWN, TIMEOUT or BOT_DETECTED */
    bool broken;          /* a minute of it was not UP: no line leads through it */
};

struct latency_chart {
    struct latency_slice *slices; /* the caller's, n_slices of them */
    size_t n_slices;
    size_t n_measured;    /* minutes with a value */
    uint16_t median, p95; /* of all of them; LATENCY_NONE: there are none */
    uint16_t highest;     /* of the slices' p95; 0: there are none */
};

/* Fills the chart from n_minutes minutes (LATENCY_MINUTES at most, a multiple of n_slices) and
 * their cells (aggregator.h). */
void latency_fill(struct latency_chart *chart, const uint16_t *values, const uint8_t *cells,
                  size_t n_minutes);

#endif
