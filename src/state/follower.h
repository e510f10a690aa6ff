#ifndef STATE_FOLLOWER_H
#define STATE_FOLLOWER_H

#include "model/check.h"
#include "state/storage.h"

#include <stdint.h>

/*
 * Makes the open conditions from rows and the event log, for a new state. The table `event` has the
 * log, and after it what only the old state had staged: events with higher numbers.
 *
 * The rows of configured monitors are added in their order, folder by folder. Each one is followed
 * in the log (follow.h). An event is applied by itself if its row does not come: because the row
 * was pruned, the monitor is not configured, or the event is about a certificate or a local fault.
 * Events that the log lacks are staged, and so are those that the old state had staged. If the
 * state is to show a moment that is past, nothing will be exported; then they are added to the
 * table `event`.
 */
struct follower;

/*
 * Begins, when the table `event` has the log. now_ms is the moment that the new state is to show;
 * unless is_rebuild, later events are left out. Returns NULL with the error; the caller frees it.
 */
struct follower *follower_new(struct storage *storage, int64_t now_ms, bool is_rebuild,
                              struct error *error);
/* NULL is allowed. */
void follower_free(struct follower *follower);

/* Before the next functions, the caller adds the events that only the old state has to the table
 * `event`. These functions need an open transaction. */

/* Begins a folder: no rows before first_ms will come any more, and none of this folder is at end_ms
 * or later. */
int follower_begin_folder(struct follower *follower, int64_t first_ms, int64_t end_ms,
                          struct error *error);

/* Begins a file of the folder. A monitor that is not configured has no rules: its rows are ignored.
 */
void follower_begin_file(struct follower *follower, int64_t monitor);

/* Adds the next row of the file. */
int follower_add(struct follower *follower, const struct check *row, struct error *error);

/* Stages the events of the folder, in the order of their times. */
int follower_end_folder(struct follower *follower, struct error *error);

/* After the last folder: applies the rest of the log, and stores the open conditions. */
int follower_end(struct follower *follower, struct error *error);

/* Whether the log had any event; how many it lacked. */
bool follower_has_log(const struct follower *follower);
int64_t follower_missing(const struct follower *follower);

#endif
