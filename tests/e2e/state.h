#ifndef STATE_H
#define STATE_H

#include "e2e.h"

#include <sqlite3.h>

/* Opens the world's state.db, or a copy of it. Errors fail the test. */

/* flags are those of sqlite3_open_v2. The caller closes it. */
sqlite3 *state_open(struct e2e *world, const char *name, int flags);

/* The caller finalizes it. */
sqlite3_stmt *state_prepare(sqlite3 *state, const char *sql);

/*
 * Waits until the result of a check of "site/domain" that began in this minute, as in
 * "2026-11-23T09:30", is recorded: staged, or in its log. A request that the server has got is not
 * enough if a test moves the clock then: while its answer is not read, the check is running, and
 * the next minute skips its monitor.
 */
void state_await_result(struct e2e *world, const char *monitor, const char *minute);

#endif
