#ifndef MIDNIGHT_H
#define MIDNIGHT_H

#include "account.h"
#include "e2e.h"

/*
 * What the sweeps end in each way there is: a tick over the end of an hour and of a day, which
 * checks, exports, rotates, prunes, counts a day and builds the dashboard, and those after it.
 */

enum { MIDNIGHT_MONITORS = 20 };

/* The tick of midnight; the one after it; and the one after that. */
extern const char *const midnight_at[3];
extern const char *const midnight_minutes[3]; /* as a row's timestamp begins */

/* Of archives, the tick of midnight deletes those of the day before this one. */
extern const char midnight_kept_from[];

/* The name of a monitor in an account. */
char *midnight_monitor(struct e2e *world, int i);

/* Writes uptick.yaml for so many monitors, four a site, with more settings in front. */
void midnight_configure(struct e2e *world, int monitors, const char *more);

/* Makes what the tick of midnight finds: a live file to rotate, an archive to prune, a day to
 * count. Keeps a copy, to go back to. */
void midnight_live_until(struct e2e *world);
void midnight_go_back(struct e2e *world);

/* The rows of the ticks that died and that recovered: those at most once, these exactly. */
void midnight_check_counts(struct e2e *world, int monitors, const struct account *found,
                           int recovered);

/* A rebuild from the CSV shows what the state shows that this tick recovered. (The counts of the
 * day whose archive is gone come from the state.) */
void midnight_check_rebuilt(struct e2e *world, int recovered);

/* Whether the sweep is to be done in full ($UPTICK_SWEEP), and not the quick part of it. */
bool sweep_in_full(void);

/* Numbers that are the same in each run. */
unsigned long sweep_number(unsigned long *seed);

/* Skips the test where this machine cannot hold a program's calls. */
void sweep_need_held_calls(struct e2e *world);

#endif
