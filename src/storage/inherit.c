/* What a new state takes over from the old one, whatever shape that is in. */
#include "storage/database.h"
#include "storage/ledger.h"

/*
 * Attaches the old state as "old", runs one statement with these parameters, and lets go of it
 * again. Nothing here is an error: the old state may be damaged anywhere, and what it cannot give
 * is gone.
 */
static void run_beside(struct storage *storage, const char *path, const char *asset,
                       const int64_t *parameters)
{
    sqlite3_stmt *attach = NULL, *statement = NULL, *detach = NULL;
    struct error ignored;
    bool damaged = storage->damaged;

    if (database_prepare_one(storage, "sql/attach.sql", &attach, &ignored) == 0) {
        sqlite3_bind_text(attach, 1, path, -1, SQLITE_STATIC);
        if (database_run(storage, attach, &ignored) == 0 &&
            database_prepare_one(storage, asset, &statement, &ignored) == 0) {
            for (int i = 0; i < sqlite3_bind_parameter_count(statement); i++)
                sqlite3_bind_int64(statement, i + 1, parameters[i]);
            database_run(storage, statement, &ignored);
        }
    }
    sqlite3_finalize(attach);
    sqlite3_finalize(statement);
    if (database_prepare_one(storage, "sql/detach.sql", &detach, &ignored) == 0)
        database_run(storage, detach, &ignored);
    sqlite3_finalize(detach);

    /* The damage met is the old state's. */
    storage->damaged = damaged;
}

void ledger_inherit_monitors(struct storage *storage, const char *path)
{
    run_beside(storage, path, "sql/inherit_monitors.sql", NULL);
    run_beside(storage, path, "sql/inherit_sites.sql", NULL);
}

void ledger_inherit_days(struct storage *storage, const char *path, int64_t first_day,
                         int64_t today)
{
    int64_t days[] = {first_day, today};

    run_beside(storage, path, "sql/inherit_monitor_days.sql", days);
    run_beside(storage, path, "sql/inherit_site_days.sql", days);
}

void ledger_inherit_staged(struct storage *storage, const char *path)
{
    run_beside(storage, path, "sql/inherit_staged.sql", NULL);
}
