#ifndef STATE_H
#define STATE_H

#include "e2e.h"

#include <sqlite3.h>

/* Opens the world's state.db, or a copy of it. Errors fail the test. */

/* flags are those of sqlite3_open_v2. The caller closes it. */
sqlite3 *state_open(struct e2e *world, const char *name, int flags);

/* The caller finalizes it. */
sqlite3_stmt *state_prepare(sqlite3 *state, const char *sql);

#endif
