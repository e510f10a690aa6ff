#ifndef INTERRUPTION_H
#define INTERRUPTION_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * When a domain was not well, told from its turns. Pure.
 *
 * A turn is a check that came out otherwise than the one before it: well (UP), failed (DOWN or
 * TIMEOUT) or kept out (BOT_DETECTED). A check that was not well, and before which nothing was
 * measured for longer than 2 * interval, is one too, and so is the first check of all.
 */
struct turn {
    int64_t start_ms;
    int64_t before_ms; /* start of the check before it; INT64_MIN: it is the first */
    enum status status;
    int http_status;     /* 0: none came, or it is UP */
    const char *failure; /* "" where it is UP, and where rows that came late made it a turn */
};

/*
 * Whether a check is a turn, told from the status and start of the one before it; that is UNKNOWN:
 * there is none. reach_ms is 2 * interval; INT64_MAX where there is none.
 */
bool turn_is(enum status status, int64_t start_ms, enum status before, int64_t before_ms,
             int64_t reach_ms);

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

/* What a monitor's interruptions are told of, besides its turns. */
struct interruption_scope {
    int64_t reach_ms;  /* 2 * interval */
    int64_t latest_ms; /* start of its latest check that does not lie ahead of now */
    int64_t from_ms;   /* those that ended before this are left out */
    int64_t now_ms;
};

/*
 * A monitor's interruptions, oldest first, from its turns in ascending order; those that lie ahead
 * of now are left out. found has room for n_turns. Returns how many there are; their texts are the
 * turns'.
 */
size_t interruption_find(const struct turn *turns, size_t n_turns,
                         const struct interruption_scope *scope, struct interruption *found);

#endif
