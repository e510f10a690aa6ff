#ifndef CHECK_PHASE_CLOCK_H
#define CHECK_PHASE_CLOCK_H

#include "model/check.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The phase that an exchange is in, and the time spent in each. The ends of the first four are
 * recorded. After a redirect, the exchange starts again with the lookup; the times of all requests
 * add up.
 */
enum exchange_phase {
    EXCHANGE_LOOKUP,
    EXCHANGE_CONNECT,
    EXCHANGE_TLS,
    EXCHANGE_WAIT, /* from the request to the first byte of the response */
    EXCHANGE_HEADERS,
    EXCHANGE_BODY,
    EXCHANGE_PHASES
};

struct phase_clock {
    enum exchange_phase phase;
    int64_t since_us;   /* when it began, on the monotonic clock */
    int64_t stopped_us; /* when the phase ended, on that clock; 0: it runs */
    int64_t spent_us[EXCHANGE_PHASES];
    bool passed[EXCHANGE_PHASES]; /* a later phase began after it */
};

/* Starts an exchange with EXCHANGE_LOOKUP, which began at begun_us on the monotonic clock. */
void phase_clock_start(struct phase_clock *clock, int64_t begun_us);

/* Moves on to a phase; after a redirect, back to an earlier one. Nothing changes if the exchange is
 * in that phase already. */
void phase_clock_enter(struct phase_clock *clock, enum exchange_phase phase);

/* Ends the current phase: the time until the next one, or the end of the exchange, does not count.
 */
void phase_clock_stop(struct phase_clock *clock);

/* Ends the exchange. Returns its duration in milliseconds, rounded down. */
int64_t phase_clock_end(struct phase_clock *clock);

/* Returns the part of that duration that all name lookups took, rounded down, after
 * phase_clock_end. */
int64_t phase_clock_lookup(const struct phase_clock *clock);

/* Returns the phases to record, after phase_clock_end. If the exchange was not completed, the total
 * is -1. */
struct phases phase_clock_phases(const struct phase_clock *clock, bool completed);

#endif
