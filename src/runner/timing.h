#ifndef RUNNER_TIMING_H
#define RUNNER_TIMING_H

#include "runner/runner.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Which part of an exchange is under way, and how long each took. Redirects go through the parts
 * again; their times add up, so that what is told stays cumulated and ascending.
 */
enum part {
    PART_LOOKUP,
    PART_CONNECT,
    PART_TLS,
    PART_WAIT, /* from the request to the first byte of its answer */
    PART_HEADERS,
    PART_BODY,
    PARTS
};

struct timing {
    enum part part;
    int64_t since_us; /* when that part began, on the monotonic clock */
    int64_t spent_us[PARTS];
    bool passed[PARTS]; /* ended at least once by a later one */
};

/* The exchange began at this moment, with the lookup of a name. */
void timing_start(struct timing *timing, int64_t begun_us);

/* Goes on to this part, or back to it after a redirect; nothing where it is the present one. */
void timing_enter(struct timing *timing, enum part part);

/* How long the exchange has lasted. */
int64_t timing_so_far_us(const struct timing *timing);

/* Ends the exchange. Returns its duration in ms, rounded down. */
int64_t timing_end(struct timing *timing);

/* What timing_end left, for people; completed: the last byte came. */
struct phases timing_phases(const struct timing *timing, bool completed);

#endif
