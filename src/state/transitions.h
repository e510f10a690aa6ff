#ifndef STATE_TRANSITIONS_H
#define STATE_TRANSITIONS_H

#include "state/minute_index.h"
#include "state/storage.h"

/*
 * The table turn: the checks of a monitor that came out otherwise than the one before them in time
 * (interruption.h), whatever the order in which its rows come.
 *
 * Between two turns all checks are of one kind and, where they were not well, without a gap; the
 * later turn says where the last of them started. So a row is placed by the two turns around it.
 * Only where it parts checks that were otherwise than it are its neighbours looked up in the index;
 * where that does not reach back to them, the row makes no turn.
 */

/* A monitor that turns more often than this between two prunings loses the oldest of its turns. */
enum { TRANSITIONS_MAX = 1000 };

struct transitions {
    struct minute_index *minute_index; /* where its rows are looked up */
    int64_t monitor;
    int64_t reach_ms;  /* outage_is_transition */
    int64_t latest_ms; /* of its rows so far, the latest in time; status UNKNOWN: none */
    enum status latest_status;
};

/* A monitor that is not configured has no interval: its turns are told without gaps. */
void transitions_begin(struct transitions *transitions, struct minute_index *minute_index,
                       int64_t monitor, int64_t latest_ms, enum status latest_status);

/* Takes a row, before it is added to the index. */
int transitions_add(struct transitions *transitions, const struct check *check,
                    struct error *error);

#endif
