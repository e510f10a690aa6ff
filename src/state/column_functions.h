#ifndef STATE_COLUMN_FUNCTIONS_H
#define STATE_COLUMN_FUNCTIONS_H

#include <sqlite3.h>

/*
 * Adds functions to SQL, with which the values of another database are checked before they are
 * copied: is_monitor(x), is_time(x) and so on for each range (column.h), and is_id(x), is_site(x),
 * is_failure(x), is_phases(x), is_event(scope, check, change, state, code, detail), and those of
 * certificates: is_server(x), is_via(x), is_hash(x), is_chain(x). Each gives 1 or 0. And
 * event_part(change), the column `part` of the table `event`. Returns 0, or -1 if out of memory.
 */
int column_functions_add(sqlite3 *db);

#endif
