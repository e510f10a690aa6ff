/* What a new state takes over from the old one, whatever shape that is in. */
#include "storage/database.h"
#include "storage/ledger.h"

/* Runs one statement. Nothing here is an error: what the old state cannot give is gone. */
static void run(struct storage *storage, const char *asset, const char *text)
{
    sqlite3_stmt *statement = NULL;
    struct error ignored;

    if (database_prepare_one(storage, asset, &statement, &ignored) == 0) {
        if (text)
            sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
        database_run(storage, statement, &ignored);
    }
    sqlite3_finalize(statement);
}

/*
 * Runs statements, up to a NULL, with the old state attached as "old". It may be damaged anywhere:
 * the damage met is not this state's.
 */
static void run_beside(struct storage *storage, const char *path, const char *const assets[])
{
    bool damaged = storage->damaged;
    struct error ignored;

    if (database_look_beside(path, &ignored))
        return;
    run(storage, "sql/attach.sql", path);
    for (; *assets; assets++)
        run(storage, *assets, NULL);
    run(storage, "sql/detach.sql", NULL);
    storage->damaged = damaged;
}

void ledger_inherit(struct storage *storage, const char *path)
{
    /* The first checks come last: the days are told from those that the CSV knows. */
    static const char *const assets[] = {
        "sql/inherit_monitors.sql",  "sql/inherit_sites.sql",        "sql/inherit_monitor_days.sql",
        "sql/inherit_site_days.sql", "sql/inherit_first_checks.sql", NULL};

    run_beside(storage, path, assets);
}

void ledger_inherit_staged(struct storage *storage, const char *path)
{
    static const char *const assets[] = {"sql/inherit_staged.sql", NULL};

    run_beside(storage, path, assets);
}
