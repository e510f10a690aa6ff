#ifndef STATE_MONITOR_CONDITIONS_H
#define STATE_MONITOR_CONDITIONS_H

#include "model/check.h"
#include "state/storage.h"

/* The conditions of monitors, which only their checks show and change. Each function loads the
 * conditions if needed (conditions.h). */

/*
 * A check of a configured domain is being staged, within an open transaction: steps the conditions
 * of the domain (confirm.h), stores them, and stages their events.
 */
int monitor_conditions_add_check(struct storage *storage, size_t domain, const struct check *check,
                                 struct error *error);

/* Sets undecided[i] of each configured domain: whether its outage is not decided. */
int monitor_conditions_find_undecided(struct storage *storage, bool *undecided,
                                      struct error *error);

/* Closes, at this moment, the conditions of monitors that are not configured any more, in one
 * transaction. */
int monitor_conditions_close_removed(struct storage *storage, int64_t at_ms, struct error *error);

#endif
