/* Copies into a new state the content that only the old one has, even if that one is damaged. */
#include "state/carry_over.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "model/event.h"
#include "model/reach.h"
#include "state/database.h"

#include <assert.h>

/* The longest interval_seconds of a configuration: a week. */
enum { LONGEST_INTERVAL_SECONDS = 7 * 24 * 3600 };

/*
 * Whether a statement failed because of this machine, not because of the content of the old state.
 * Then it may succeed later.
 */
static bool is_passing(struct storage *storage)
{
    switch (sqlite3_errcode(storage->db) & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_CANTOPEN:
        return true;
    case SQLITE_INTERRUPT:
        return interrupt_came(); /* otherwise the statement had no end */
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return database_is_unreadable(storage, "old");
    default:
        return false;
    }
}

/* The constants of C that sql/carry_over.sql uses by name. */
static void bind_constants(sqlite3_stmt *statement)
{
    const struct {
        const char *name;
        int64_t value;
    } constants[] = {
        {":day_ms", MS_PER_DAY},
        {":reach_days", reach_ms(LONGEST_INTERVAL_SECONDS) / MS_PER_DAY},
        {":last_event", SETTING_LAST_EVENT},
        {":sent", EVENT_SENT},
    };

    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        int at = sqlite3_bind_parameter_index(statement, constants[i].name);

        if (at)
            sqlite3_bind_int64(statement, at, constants[i].value);
    }
}

/*
 * Runs one statement. *number is the number that it gives, or `missing`. If the old state is too
 * damaged for the statement, that content is lost, and this is not an error.
 */
static int run(struct storage *storage, enum sql sql, const char *path, int64_t missing,
               int64_t *number, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int result = database_prepare_script(storage, sql, &statement, error);

    *number = missing;
    if (result == 0) {
        bind_constants(statement);
        if (path)
            sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
        result = database_number(storage, statement, missing, number, error);
    }
    if (result && !is_passing(storage))
        result = 0;
    sqlite3_finalize(statement);
    return result;
}

/* Creates the views of the attached state, for its version. */
static int create_views(struct storage *storage, struct error *error)
{
    enum sql views[] = {SQL_VIEW_MONITORS, SQL_VIEW_SITES, SQL_VIEW_DAYS, SQL_VIEW_STAGED,
                        SQL_VIEW_STAGED_EVENTS};
    int64_t is_version_3, none;

    if (run(storage, SQL_IS_VERSION_3, NULL, 0, &is_version_3, error))
        return -1;
    if (is_version_3)
        views[3] = SQL_VIEW_STAGED_3;
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        if (run(storage, views[i], NULL, 0, &none, error))
            return -1;
    }
    return 0;
}

/*
 * Runs n statements with the old state attached as "old". Damage that they meet is not damage of
 * the new state.
 */
static int run_attached(struct storage *storage, const char *path, const enum sql *list, size_t n,
                        struct error *error)
{
    bool damaged = storage->damaged, foreign;
    struct error ignored;
    int64_t n_foreign = 1, none;
    int result;

    assert(storage->depth == 0); /* SQLite attaches nothing within a transaction */
    if (database_check_companions(path, &foreign, &ignored))
        return 0;
    database_allow_work(storage, path);
    result = run(storage, SQL_ATTACH, path, 0, &none, error) ||
             run(storage, SQL_COUNT_FOREIGN, NULL, 1, &n_foreign, error);
    if (result == 0 && n_foreign == 0)
        result = create_views(storage, error);

    /* The rest would have no end either. */
    for (size_t i = 0; i < n && result == 0 && n_foreign == 0 && !database_was_endless(storage);
         i++)
        result = run(storage, list[i], NULL, 0, &none, error);
    run(storage, SQL_DETACH, NULL, 0, &none, &ignored);
    storage->damaged = damaged;
    return result ? -1 : 0;
}

int carry_over_derived(struct storage *storage, const char *path, struct error *error)
{
    /* Days need the first checks of the CSV, so older first checks come after them. */
    static const enum sql list[] = {SQL_CARRY_OVER_MONITORS,     SQL_CARRY_OVER_SITES,
                                    SQL_CARRY_OVER_MONITOR_DAYS, SQL_CARRY_OVER_SITE_DAYS,
                                    SQL_CARRY_OVER_LATENCIES,    SQL_CARRY_OVER_FIRST_CHECKS,
                                    SQL_CARRY_OVER_LATEST,       SQL_CARRY_OVER_CERTIFICATES};

    return run_attached(storage, path, list, sizeof list / sizeof list[0], error);
}

int carry_over_staged(struct storage *storage, const char *path, struct error *error)
{
    static const enum sql list[] = {SQL_CARRY_OVER_STAGED};

    return run_attached(storage, path, list, 1, error);
}

int carry_over_events(struct storage *storage, const char *path, struct error *error)
{
    static const enum sql list[] = {SQL_CARRY_OVER_EVENTS, SQL_CARRY_OVER_MESSAGE_EVENTS};

    return run_attached(storage, path, list, sizeof list / sizeof list[0], error);
}
