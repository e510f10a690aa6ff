#ifndef MIDNIGHT_H
#define MIDNIGHT_H

#include "account.h"
#include "e2e.h"

/* What the sweeps interrupt: a tick at midnight, which checks, exports, rotates, prunes, counts a
 * day and builds the dashboard, and the ticks after it. */

enum { MIDNIGHT_MONITORS = 20 };

/* The tick of midnight, the next one, and the one after that. */
extern const char *const midnight_at[3];
extern const char *const midnight_minutes[3]; /* the beginnings of the timestamps of their rows */

/* The tick of midnight deletes the archives of the days before this one. */
extern const char midnight_kept_from[];

/* The name of a monitor in an account. */
char *midnight_monitor(struct e2e *world, int i);

/*
 * Writes uptick.yaml for this number of monitors, four in each site, with more settings in front.
 */
void midnight_configure(struct e2e *world, int monitors, const char *more);

/* Creates what the tick of midnight needs: a live file to rotate, an archive to prune, a day to
 * count. go_back restores it. */
void midnight_live_until(struct e2e *world);
void midnight_go_back(struct e2e *world);

/* The rows of the ticks: each killed tick has at most one for each monitor, the recovering tick and
 * later ones exactly one. */
void midnight_check_counts(struct e2e *world, int monitors, const struct account *found,
                           int recovered);

/* A rebuild from the CSV gives the same status as the state after the recovering tick. (The counts
 * of the day whose archive is deleted come from the state.) */
void midnight_check_rebuilt(struct e2e *world, int recovered);

/* Whether to do the whole sweep ($UPTICK_SWEEP) and not only the quick part. */
bool sweep_in_full(void);

/* Random numbers that are the same in each run. */
unsigned long sweep_number(unsigned long *seed);

/* Skips the test if this machine cannot hold the calls of a program. */
void sweep_need_held_calls(struct e2e *world);

#endif
