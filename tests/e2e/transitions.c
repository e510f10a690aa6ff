/* Compares the transitions of state.db with the rows of the CSV. */
#include "transitions.h"

#include "cmocka_all.h"
#include "state.h"

#include <string.h>

static const char make_rows[] =
    "CREATE TEMP TABLE csv (monitor INTEGER, start_ms INTEGER, status TEXT, kind INTEGER);"
    "CREATE TEMP TABLE verdict (status INTEGER, name TEXT, kind INTEGER);"
    "INSERT INTO verdict VALUES (1, 'UP', 0), (3, 'BOT_DETECTED', 1), (4, 'DOWN', 2),"
    "    (5, 'TIMEOUT', 2)";

static const char add_row[] = "INSERT INTO temp.csv SELECT ?1,"
                              "    CAST(strftime('%s', substr(?2, 1, 19)) AS INTEGER) * 1000 + "
                              "substr(?2, 21, 3), status, kind"
                              " FROM temp.verdict WHERE name = ?3";

/* Selects what is wrong, one line each. The state may have more transitions than the CSV if
 * archives were pruned. */
static const char compare[] =
    "WITH csv_row AS (SELECT monitor, start_ms, status, kind,"
    "        lag(start_ms) OVER rows AS before_ms, lag(kind) OVER rows AS before_kind"
    "    FROM temp.csv WINDOW rows AS (PARTITION BY monitor ORDER BY start_ms))"
    " SELECT printf('%s/%s: no transition at %lld', site, domain, csv_row.start_ms)"
    " FROM csv_row JOIN monitor ON monitor.id = csv_row.monitor"
    " LEFT JOIN transition AS t ON t.monitor = csv_row.monitor AND t.start_ms = csv_row.start_ms"
    " WHERE t.monitor IS NULL AND csv_row.kind IS NOT csv_row.before_kind AND csv_row.start_ms >="
    "    coalesce((SELECT min(start_ms) FROM transition WHERE monitor = csv_row.monitor), 0)"
    "    AND (csv_row.before_kind IS NOT NULL OR NOT EXISTS (SELECT 1 FROM transition AS earlier"
    "        WHERE earlier.monitor = csv_row.monitor AND earlier.start_ms < csv_row.start_ms))"
    " UNION ALL"
    " SELECT printf('%s/%s: wrong transition at %lld after %lld', site, domain, t.start_ms,"
    "    t.before_ms)"
    " FROM transition AS t JOIN monitor ON monitor.id = t.monitor"
    " LEFT JOIN csv_row ON csv_row.monitor = t.monitor AND csv_row.start_ms = t.start_ms"
    " WHERE t.start_ms >= (SELECT min(start_ms) FROM csv_row WHERE csv_row.monitor = t.monitor)"
    "    AND (csv_row.status IS NOT t.status"
    "        OR (csv_row.before_ms IS NOT t.before_ms AND csv_row.before_ms IS NOT NULL)"
    "        OR (csv_row.kind = 0 AND csv_row.before_kind = 0))";

/* Loads a monitor's rows of the CSV into a table next to the state. */
static void load_monitor(struct e2e *world, sqlite3 *state, sqlite3_int64 id, const char *monitor)
{
    sqlite3_stmt *add = state_prepare(state, add_row);
    struct csv csv = e2e_rows(world, monitor);

    for (size_t i = 0; i < csv.n; i++) {
        sqlite3_bind_int64(add, 1, id);
        sqlite3_bind_text(add, 2, csv.rows[i].field[TIMESTAMP], -1, SQLITE_STATIC);
        sqlite3_bind_text(add, 3, csv.rows[i].field[STATUS], -1, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(add), SQLITE_DONE);
        sqlite3_reset(add);
    }
    sqlite3_finalize(add);
}

void transitions_check(struct e2e *world)
{
    struct kept *since = world->kept;
    sqlite3 *state = state_open(world, "data/state.db", SQLITE_OPEN_READONLY);
    sqlite3_stmt *list, *wrong;

    assert_int_equal(sqlite3_exec(state, make_rows, NULL, NULL, NULL), SQLITE_OK);
    list = state_prepare(state, "SELECT id, site || '/' || domain FROM monitor");
    while (sqlite3_step(list) == SQLITE_ROW)
        load_monitor(world, state, sqlite3_column_int64(list, 0),
                     (const char *)sqlite3_column_text(list, 1));
    sqlite3_finalize(list);
    wrong = state_prepare(state, compare);
    if (sqlite3_step(wrong) != SQLITE_DONE)
        fail_msg("state.db: %s", sqlite3_column_text(wrong, 0));
    sqlite3_finalize(wrong);
    sqlite3_close(state);
    e2e_release(world, since);
}

char *transitions_of(struct e2e *world, const char *monitor)
{
    sqlite3 *state = state_open(world, "data/state.db", SQLITE_OPEN_READONLY);
    sqlite3_stmt *list = state_prepare(
        state, "SELECT CASE transition.status WHEN 1 THEN 'UP' WHEN 3 THEN 'BOT_DETECTED'"
               "    WHEN 4 THEN 'DOWN' ELSE 'TIMEOUT' END"
               "    || strftime(' %H:%M', start_ms / 1000, 'unixepoch')"
               "    || coalesce(strftime(' after %H:%M', before_ms / 1000, 'unixepoch'), ' first')"
               " FROM transition JOIN monitor ON monitor.id = transition.monitor"
               " WHERE site || '/' || domain = ?1 ORDER BY start_ms");
    char *text = e2e_format(world, "%s", "");

    sqlite3_bind_text(list, 1, monitor, -1, SQLITE_STATIC);
    while (sqlite3_step(list) == SQLITE_ROW)
        text = e2e_format(world, "%s%s%s", text, *text ? ", " : "",
                          (const char *)sqlite3_column_text(list, 0));
    sqlite3_finalize(list);
    sqlite3_close(state);
    return text;
}
