/* Opens and queries state.db for tests. */
#include "state.h"

#include "cmocka_all.h"

#include <string.h>
#include <time.h>

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

/* Not yet, if the tick has not made the file yet. */
static bool is_staged(struct e2e *world, const char *monitor, const char *minute)
{
    sqlite3 *state = NULL;
    sqlite3_stmt *select = NULL;
    bool is_staged = false;

    if (sqlite3_open_v2(e2e_path(world, "data/state.db"), &state, SQLITE_OPEN_READONLY, NULL) ==
            SQLITE_OK &&
        sqlite3_busy_timeout(state, 5000) == SQLITE_OK &&
        sqlite3_prepare_v2(state,
                           "SELECT 1 FROM staged JOIN monitor ON monitor.id = staged.monitor "
                           "WHERE site || '/' || domain = ?1 AND "
                           "strftime('%Y-%m-%dT%H:%M', start_ms / 1000, 'unixepoch') = ?2",
                           -1, &select, NULL) == SQLITE_OK) {
        sqlite3_bind_text(select, 1, monitor, -1, SQLITE_STATIC);
        sqlite3_bind_text(select, 2, minute, -1, SQLITE_STATIC);
        is_staged = sqlite3_step(select) == SQLITE_ROW;
    }
    sqlite3_finalize(select);
    sqlite3_close(state);
    return is_staged;
}

static bool is_logged(struct e2e *world, const char *monitor, const char *minute)
{
    struct csv csv = e2e_rows(world, monitor);

    for (size_t i = 0; i < csv.n; i++) {
        if (strncmp(csv.rows[i].field[TIMESTAMP], minute, strlen(minute)) == 0)
            return true;
    }
    return false;
}

void state_await_result(struct e2e *world, const char *monitor, const char *minute)
{
    static const struct timespec pause = {.tv_nsec = 20000000};

    for (int64_t end = e2e_now() + 10000; e2e_now() < end; nanosleep(&pause, NULL)) {
        if (is_staged(world, monitor, minute) || is_logged(world, monitor, minute))
            return;
    }
    fail_msg("no result of %s in the minute %s is recorded", monitor, minute);
}
