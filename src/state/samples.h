#ifndef STATE_SAMPLES_H
#define STATE_SAMPLES_H

#include "state/storage.h"

/*
 * An hour's marks of one monitor, packed: a place a minute, each five bytes: the status (0: no
 * check started in it), the start's milliseconds within its minute, and the latency (65535: none),
 * each with the low byte first. All take the same room, so that a mark that is added moves nothing.
 * Pure.
 */

enum { SAMPLES_MAX = 60, MARK_BYTES = 5, SAMPLES_BYTES = SAMPLES_MAX * MARK_BYTES };

/* The longest latency that a mark tells; a longer one is told as this. */
enum { MARK_LATENCY_MAX = 65534 };

/* Adds a check of that hour: of two in one minute the later one stays, or the one added later. */
void samples_add(unsigned char packed[SAMPLES_BYTES], const struct sample *sample);

/* Returns 0, or -1 where the bytes are none that samples_add makes. */
int samples_unpack(const unsigned char packed[SAMPLES_BYTES], int64_t hour,
                   struct sample samples[SAMPLES_MAX], size_t *n);

#endif
