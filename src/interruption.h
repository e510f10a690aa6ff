#ifndef INTERRUPTION_H
#define INTERRUPTION_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>

/*
 * When a domain was not well, told from its turns. Pure.
 *
 * A turn is a check that came out otherwise than the one before it: well (UP), failed (DOWN or
 * TIMEOUT) or kept out (BOT_DETECTED). A check that failed, and before which nothing was measured
 * for longer than 2 * interval, is one too.
 */
struct turn {
    int64_t start_ms;
    int64_t before_ms; /* start of the check before it; INT64_MIN: it is the first */
    enum status status;
    int http_status;     /* 0: none came */
    const char *failure; /* "" where it is UP */
};

enum interruption_end {
    INTERRUPTION_GOES_ON, /* the latest check is a part of it, and still speaks for the present */
    INTERRUPTION_ENDED,   /* by the check that started at to_ms */
    INTERRUPTION_UNSEEN   /* nothing was measured after to_ms, for longer than 2 * interval */
};

/* Checks that failed one after another: DOWN and TIMEOUT, or BOT_DETECTED. */
struct interruption {
    int64_t from_ms; /* start of its first check */
    int64_t to_ms;   /* see above; where it goes on, start of its latest check */
    enum interruption_end end;
    enum status status; /* this and what follows: of its first check */
    int http_status;
    const char *failure;
};

#endif
