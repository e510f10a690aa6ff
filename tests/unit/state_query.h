#ifndef TESTS_STATE_QUERY_H
#define TESTS_STATE_QUERY_H

/* Opens a state.db of a world, and asks it directly. Include after records.h. */
#include "state/database.h"

/* Opens the state.db of a world for writing, as a tick does. */
static inline struct storage *open_world_state(const struct world *world)
{
    enum storage_health health;
    struct storage *storage;
    struct error error;

    assert_done(storage_open(&storage, path_in(world, "state.db"), STORAGE_READ_WRITE,
                             &world->config, &health, &error),
                &error);
    return storage;
}

/* The number that this statement gives. */
static inline int count_in_state(struct storage *storage, const char *sql)
{
    sqlite3_stmt *statement;
    int n;

    assert_int_equal(sqlite3_prepare_v2(storage->db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    n = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return n;
}

#endif
