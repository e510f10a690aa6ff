#ifndef MODEL_OUTAGE_H
#define MODEL_OUTAGE_H

#include "model/status.h"

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
struct transition {
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
bool outage_is_transition(enum status status, int64_t start_ms, enum status before,
                          int64_t before_ms, int64_t reach_ms);

enum outage_end {
    OUTAGE_GOES_ON, /* the latest check is a part of it, and still speaks for the present */
    OUTAGE_ENDED,   /* by the check that started at to_ms */
    OUTAGE_UNSEEN   /* nothing was measured after to_ms, for longer than 2 * interval */
};

/* Checks that failed one after another: DOWN and TIMEOUT, or BOT_DETECTED. */
struct outage {
    int64_t from_ms; /* start of its first check */
    int64_t to_ms;   /* see above; where it goes on, start of its latest check */
    enum outage_end end;
    enum status status; /* this and what follows: of its first check */
    int http_status;
    const char *failure;
};

/* What a monitor's interruptions are told of, besides its turns. */
struct outage_scope {
    int64_t reach_ms;  /* 2 * interval */
    int64_t latest_ms; /* start of its latest check that does not lie ahead of now */
    int64_t from_ms;   /* those that ended before this are left out */
    int64_t now_ms;
};

/*
 * A monitor's interruptions, oldest first, from its turns in ascending order; those that lie ahead
 * of now are left out. found has room for n_transitions. Returns how many there are; their texts
 * are the turns'.
 */
size_t outage_find(const struct transition *transitions, size_t n_transitions,
                   const struct outage_scope *scope, struct outage *found);

#endif
