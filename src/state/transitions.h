#ifndef STATE_TRANSITIONS_H
#define STATE_TRANSITIONS_H

#include "base/arena.h"
#include "model/check.h"
#include "state/minute_index.h"

/*
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

/*
 * The transitions of each monitor. They are stored because outages are shown for longer
 * than the minute index reaches back. They depend only on the rows, not on the order in which rows
 * arrive, with two exceptions: a check that a late row makes a transition has no failure text, and
 * only the last check of each minute is indexed. A row that is older than the index creates no
 * transition.
 *
 * A transition begins a run: all checks before the next transition are of its kind. A run that is
 * not UP has no gaps. before_ms of the next transition is the start of the run's last check. So the
 * latest row needs no statement unless it is a transition, and the place of a late row follows from
 * the two transitions around it. Gaps are measured with the interval of today.
 */

/* Pruning keeps at most this number of transitions for each monitor, the newest ones. */
enum { TRANSITIONS_MAX = 1000 };

struct transitions {
    struct minute_index *minute_index;
    int64_t monitor;
    int64_t reach_ms;          /* see reach.h */
    int64_t latest_ms;         /* of the latest check so far */
    enum status latest_status; /* UNKNOWN: none */
};

/* Begins to add rows of a monitor, whose latest check in time is given. */
void transitions_begin(struct transitions *transitions, struct minute_index *minute_index,
                       int64_t monitor, int64_t latest_ms, enum status latest_status);

/* Adds a row. Call it before the row is added to the minute index. */
int transitions_add(struct transitions *transitions, const struct check *check,
                    struct error *error);

/*
 * Calls each for every configured domain that has transitions. They are ascending and valid only
 * during the call; their failure texts belong to the arena. Stops as soon as each returns non-zero;
 * -1 means that it set the error.
 */
typedef int transitions_each_monitor(void *context, size_t domain,
                                     const struct transition *transitions, size_t n_transitions,
                                     struct error *error);
int transitions_each(struct storage *storage, struct arena *arena, transitions_each_monitor *each,
                     void *context, struct error *error);

#endif
