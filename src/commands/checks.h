#ifndef COMMANDS_CHECKS_H
#define COMMANDS_CHECKS_H

#include "commands/minute.h"
#include "commands/step_log.h"
#include "records/journal.h"

/*
 * The checks of a tick, from the schedule to state.db: finds those that are due in a minute and
 * makes them; their results pass the gate (gate.h) and are staged, and what is not decided is
 * checked again (recheck.h). Errors go to the step log: the checks that can be made are made.
 */
struct checks;

/* The parts must outlive the checks. minute is the one that the tick covers; its counts are kept
 * here. */
struct checks_parts {
    const struct config *config;
    struct journal *journal;
    struct step_log *steps;
    struct minute *minute;
};

/* Loads what is due when. Returns NULL with the error if there can be no checks. */
struct checks *checks_new(const struct checks_parts *parts, struct error *error);

/* Starts the checks of the minute, except those that still run. */
void checks_plan(struct checks *checks);

/* Whether any check was started in this tick. If not, there is nothing to step, and no minute to
 * end. */
bool checks_have_begun(const struct checks *checks);

/*
 * Waits at most a second for results and stages them a few times a second. Starts the rechecks that
 * follow from them; sets *rechecks to whether there are some. Returns whether no more results will
 * come. Checks that hang are dropped.
 */
bool checks_step(struct checks *checks, bool *rechecks);

/* Whether all checks that are left begin later. */
bool checks_is_idle(const struct checks *checks);

/* Ends the minute although checks are running: stages what has come. Checks that have not begun are
 * planned again by the next checks_plan, the oldest first. */
void checks_end_minute(struct checks *checks);

/* Ends the last minute: no check runs any more. */
void checks_finish(struct checks *checks);

/* NULL is allowed. */
void checks_free(struct checks *checks);

#endif
