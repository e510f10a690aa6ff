/* What a new state takes over from the old one, whatever shape that is in. */
#include "state/database.h"
#include "state/ledger.h"

/* Whether a statement failed for what this machine could not do, and not for what is in the old
 * state: another time it may have more to give. */
static bool is_passing(struct storage *storage)
{
    switch (sqlite3_errcode(storage->db) & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_CANTOPEN:
        return true;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return database_is_unread(storage, "old");
    default:
        return false;
    }
}

/* Runs one statement. What the old state cannot give for its damage is gone, and no error. */
static int run(struct storage *storage, const char *asset, const char *text, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int result = database_prepare_one(storage, asset, &statement, error);

    if (result == 0) {
        if (text)
            sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
        result = database_run(storage, statement, error);
    }
    if (result && !is_passing(storage))
        result = 0;
    sqlite3_finalize(statement);
    return result;
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
    int result;

    if (database_look_beside(path, &ignored))
        return 0;
    result = run(storage, "sql/attach.sql", path, error);
    for (; *assets && result == 0; assets++)
        result = run(storage, *assets, NULL, error);
    run(storage, "sql/detach.sql", NULL, &ignored);
    storage->damaged = damaged;
    return result;
}

int carry_over_derived(struct storage *storage, const char *path, struct error *error)
{
    /* The first checks come after the days, which are told from those that the CSV knows; and the
     * latest after the turns, for the same reason. */
    static const char *const assets[] = {
        "sql/inherit_monitors.sql",     "sql/inherit_sites.sql",
        "sql/inherit_monitor_days.sql", "sql/inherit_site_days.sql",
        "sql/inherit_first_checks.sql", "sql/inherit_turns.sql",
        "sql/inherit_turns_first.sql",  "sql/inherit_turns_before.sql",
        "sql/inherit_latest.sql",       NULL};

    return run_beside(storage, path, assets, error);
}

int carry_over_staged(struct storage *storage, const char *path, struct error *error)
{
    static const char *const assets[] = {"sql/inherit_staged.sql", NULL};

    return run_beside(storage, path, assets, error);
}
