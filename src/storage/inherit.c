/* What a new state takes over from the old one, whatever shape that is in. */
#include "storage/database.h"
#include "storage/ledger.h"

/*
 * Runs one statement. What the old state cannot give is gone, and is no error; but a full disk or
 * too little memory is the new one's trouble, and the old one may give it another time.
 */
static int run(struct storage *storage, const char *asset, const char *text, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_OK;

    if (database_prepare_one(storage, asset, &statement, error)) {
        code = sqlite3_errcode(storage->db) & 0xff;
    } else {
        if (text)
            sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
        if (database_run(storage, statement, error))
            code = sqlite3_errcode(storage->db) & 0xff;
    }
    sqlite3_finalize(statement);
    return code == SQLITE_FULL || code == SQLITE_NOMEM ? -1 : 0;
}

/*
 * Runs statements, up to a NULL, with the old state attached as "old". It may be damaged anywhere:
 * the damage met is not this state's.
 */
static int run_beside(struct storage *storage, const char *path, const char *const assets[],
                      struct error *error)
{
    bool damaged = storage->damaged;
    struct error ignored;
    int result = run(storage, "sql/attach.sql", path, error);

    for (; result == 0 && *assets; assets++)
        result = run(storage, *assets, NULL, error);
    run(storage, "sql/detach.sql", NULL, &ignored);
    storage->damaged = damaged;
    return result;
}

int ledger_inherit(struct storage *storage, const char *path, struct error *error)
{
    /* The first checks come last: the days are told from those that the CSV knows. */
    static const char *const assets[] = {
        "sql/inherit_monitors.sql",  "sql/inherit_sites.sql",        "sql/inherit_monitor_days.sql",
        "sql/inherit_site_days.sql", "sql/inherit_first_checks.sql", NULL};

    return run_beside(storage, path, assets, error);
}

int ledger_inherit_staged(struct storage *storage, const char *path, struct error *error)
{
    static const char *const assets[] = {"sql/inherit_staged.sql", NULL};

    return run_beside(storage, path, assets, error);
}
