/* Opens and queries state.db for tests. */
#include "state.h"

#include "cmocka_all.h"

sqlite3 *state_open(struct e2e *world, const char *name, int flags)
{
    sqlite3 *state = NULL;

    if (sqlite3_open_v2(e2e_path(world, name), &state, flags, NULL))
        fail_msg("%s: %s", name, sqlite3_errmsg(state));
    return state;
}

sqlite3_stmt *state_prepare(sqlite3 *state, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(state, sql, -1, &statement, NULL))
        fail_msg("%s: %s", sql, sqlite3_errmsg(state));
    return statement;
}
