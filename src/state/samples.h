#ifndef STATE_SAMPLES_H
#define STATE_SAMPLES_H

#include "model/status.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The samples of one monitor and one hour in 300 bytes, five for each minute: the state (check.h;
 * 0: no check started in it), the start in milliseconds within the minute, and the latency (65535:
 * none). Numbers have two bytes, low byte first. The size is fixed, so a new sample does not move
 * the others. Pure.
 */

/* A sample: the last check that started in a minute, as the minute index keeps it. */
struct sample {
    int64_t start_ms;
    enum status status;
    int latency_ms; /* -1: none */
};

enum { SAMPLES_MAX = 60, SAMPLE_BYTES = 5, SAMPLES_BYTES = SAMPLES_MAX * SAMPLE_BYTES };

/* The longest latency that fits; longer ones are stored as this. */
enum { SAMPLE_LATENCY_MAX = 65534 };

/*
 * Adds a check of that hour. Of two checks in one minute, the later one stays; if they started
 * together, the one added last.
 */
void samples_add(unsigned char packed[SAMPLES_BYTES], const struct sample *sample);

/*
 * Unpacks the samples of an hour (counted since the epoch) in ascending order. Returns 0, or -1 if
 * samples_add cannot have made these bytes.
 */
int samples_unpack(const unsigned char packed[SAMPLES_BYTES], int64_t hour,
                   struct sample samples[SAMPLES_MAX], size_t *n);

#endif
