#ifndef COMMANDS_MINUTE_H
#define COMMANDS_MINUTE_H

#include "records/ticks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The minute that a tick covers: at first its own, then each one that it takes over. */
struct minute {
    int64_t began_ms;
    int64_t began_us;      /* the same moment, on the monotonic clock */
    int64_t tick_began_us; /* on the monotonic clock */
    bool is_last;          /* the next one is not taken over */
    size_t done;           /* checks whose result is staged */
    size_t left_over;      /* checks that are due, but left over for the next minute */
};

/* The minute of a tick that begins now. */
struct minute minute_of_tick(void);

/* The minute that begins now, in the same tick. */
struct minute minute_take_over(const struct minute *before);

/* Whether another minute has begun that the tick takes over. */
bool minute_is_over(const struct minute *minute);

/* Whether the tick lasts so long that a check that still runs hangs: nothing was begun that could
 * outlast the last minute. */
bool minute_is_overdue(const struct minute *minute);

/* The record of the minute so far. */
struct ticks_record minute_record(const struct minute *minute);

#endif
