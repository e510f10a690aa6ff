#ifndef MODEL_OUTAGE_H
#define MODEL_OUTAGE_H

#include "model/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Outages of a domain, computed from its transitions. Pure.
 *
 * Checks are of three kinds: well (UP, also if slow), failed (DOWN or TIMEOUT) and BOT_DETECTED. A
 * transition is a check of another kind than the check before it. The first check ever is a
 * transition too, and so is a check that is not UP after a gap: the check before it did not count
 * any more (reach.h).
 */
struct transition {
    int64_t start_ms;
    int64_t before_ms; /* start of the check before it; INT64_MIN: it is the first check */
    enum status status;
    int http_status;     /* 0: no response, or it is UP */
    const char *failure; /* "" if it is UP, or if a late row made it a transition */
};

/* Whether two checks are of the same kind. */
bool outage_is_same_kind(enum status a, enum status b);

/*
 * Whether a check is a transition, by the status and start of the check before it. If `before` is
 * UNKNOWN, there is none. reach is that of the domain (reach.h).
 */
bool outage_is_transition(enum status status, int64_t start_ms, enum status before,
                          int64_t before_ms, int64_t reach);

enum outage_end {
    OUTAGE_ONGOING, /* its latest check still counts now */
    OUTAGE_ENDED,   /* by the check that started at to_ms */
    OUTAGE_UNSEEN   /* the check at to_ms is its last one; a gap follows */
};

/* A run of failed checks (DOWN or TIMEOUT), or of BOT_DETECTED. */
struct outage {
    int64_t from_ms; /* start of its first check */
    int64_t to_ms;   /* see outage_end; if ongoing, the start of its latest check */
    enum outage_end end;
    enum status status; /* of its first check, like the fields below */
    int http_status;
    const char *failure;
};

/* What outage_find needs besides the transitions. */
struct outage_scope {
    int64_t reach_ms;  /* of the domain (reach.h) */
    int64_t latest_ms; /* start of its latest check that is not ahead of now */
    int64_t from_ms;   /* leave out outages that ended before this moment */
    int64_t now_ms;
};

/*
 * Computes the outages of a monitor, oldest first, from its transitions in ascending order.
 * Transitions ahead of now are ignored. found has room for n_transitions. Returns the number of
 * outages. Their texts belong to the transitions.
 */
size_t outage_find(const struct transition *transitions, size_t n_transitions,
                   const struct outage_scope *scope, struct outage *found);

#endif
