#ifndef STATE_CARRY_OVER_H
#define STATE_CARRY_OVER_H

#include "state/storage.h"

/*
 * Copies everything that the CSV does not have from the old state at `path`, which must exist and
 * may have an older version of the schema. Damaged content is left out. If content cannot be read
 * now, but perhaps later, that is an error. Never call these within a transaction.
 */

/*
 * After the rows of the CSV are indexed: older first checks, counts and latencies of days that
 * have no rows any more, and the certificates of servers.
 */
int carry_over_derived(struct storage *storage, const char *path, struct error *error);

/* Before the rows are read, and after the event log: adds the staged events to the table `event`,
 * if the log does not have them. See follower.h. Those of messages are staged again. */
int carry_over_events(struct storage *storage, const char *path, struct error *error);

/* The staged results. */
int carry_over_staged(struct storage *storage, const char *path, struct error *error);

#endif
