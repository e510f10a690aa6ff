#ifndef STORAGE_TURNS_H
#define STORAGE_TURNS_H

#include "storage/recent.h"
#include "storage/storage.h"

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
enum { TURNS_MAX = 1000 };

struct turns {
    struct recent *recent; /* where its rows are looked up */
    int64_t monitor;
    int64_t reach_ms;  /* turn_is */
    int64_t latest_ms; /* of its rows so far, the latest in time; status UNKNOWN: none */
    enum status latest_status;
};

/* A monitor that is not configured has no interval: its turns are told without gaps. */
void turns_begin(struct turns *turns, struct recent *recent, int64_t monitor, int64_t latest_ms,
                 enum status latest_status);

/* Takes a row, before it is added to the index. */
int turns_add(struct turns *turns, const struct check *check, struct error *error);

#endif
