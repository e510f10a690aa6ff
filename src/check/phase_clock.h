#ifndef CHECK_PHASE_CLOCK_H
#define CHECK_PHASE_CLOCK_H

#include "check/runner.h"

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

struct phase_clock {
    enum part part;
    int64_t since_us; /* when that part began, on the monotonic clock */
    int64_t spent_us[PARTS];
    bool passed[PARTS]; /* ended at least once by a later one */
};

/* The exchange began at this moment, with the lookup of a name. */
void phase_clock_start(struct phase_clock *timing, int64_t begun_us);

/* Goes on to this part, or back to it after a redirect; nothing where it is the present one. */
void phase_clock_enter(struct phase_clock *timing, enum part part);

/* How long the exchange has lasted. */
int64_t phase_clock_so_far_us(const struct phase_clock *timing);

/* Ends the exchange. Returns its duration in ms, rounded down. */
int64_t phase_clock_end(struct phase_clock *timing);

/* What phase_clock_end left, for people; completed: the last byte came. */
struct phases phase_clock_phases(const struct phase_clock *timing, bool completed);

#endif
