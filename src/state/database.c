#include "state/database.h"

#include "base/asset.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const names[SQL_COUNT] = {
    [SQL_ARCHIVE_DELETE] = "archive_delete",
    [SQL_ARCHIVE_GET] = "archive_get",
    [SQL_ARCHIVE_PRUNE] = "archive_prune",
    [SQL_ARCHIVE_PUT] = "archive_put",
    [SQL_BEGIN] = "begin",
    [SQL_COMMIT] = "commit",
    [SQL_DAY_DELETE] = "day_delete",
    [SQL_DAY_LIST] = "day_list",
    [SQL_DAY_PRUNE] = "day_prune",
    [SQL_DAY_PUT] = "day_put",
    [SQL_FAILED_PUT] = "failed_put",
    [SQL_LIVE_DELETE] = "live_delete",
    [SQL_LIVE_NEXT] = "live_next",
    [SQL_LIVE_PUT] = "live_put",
    [SQL_MONITOR_ADD] = "monitor_add",
    [SQL_MONITOR_FIND] = "monitor_find",
    [SQL_MONITOR_LIST] = "monitor_list",
    [SQL_MONITOR_SERVED] = "monitor_served",
    [SQL_NOTE_GET] = "note_get",
    [SQL_NOTE_SET] = "note_set",
    [SQL_PENDING_COUNT] = "pending_count",
    [SQL_PENDING_LIST] = "pending_list",
    [SQL_RECENT_BEFORE] = "recent_before",
    [SQL_RECENT_DELETE] = "recent_delete",
    [SQL_RECENT_NEXT] = "recent_next",
    [SQL_RECENT_GET] = "recent_get",
    [SQL_RECENT_LIST] = "recent_list",
    [SQL_RECENT_PUT] = "recent_put",
    [SQL_ROLLBACK] = "rollback",
    [SQL_SERVED_PUT] = "served_put",
    [SQL_SITE_ADD] = "site_add",
    [SQL_SITE_LIST] = "site_list",
    [SQL_STAGED_ADD] = "staged_add",
    [SQL_STAGED_CLEAR] = "staged_clear",
    [SQL_STAGED_DELETE] = "staged_delete",
    [SQL_STAGED_DELETE_ONE] = "staged_delete_one",
    [SQL_STAGED_NEWEST] = "staged_newest",
    [SQL_STAGED_OLDEST] = "staged_oldest",
    [SQL_STAGED_SERVED] = "staged_served",
    [SQL_STATE_GET] = "state_get",
    [SQL_STATE_LIST] = "state_list",
    [SQL_STATE_PUT] = "state_put",
    [SQL_SUM_CLEAR] = "sum_clear",
    [SQL_SUM_LIST] = "sum_list",
    [SQL_SUM_PUT] = "sum_put",
    [SQL_TURN_AFTER] = "turn_after",
    [SQL_TURN_AT] = "turn_at",
    [SQL_TURN_BEFORE_PUT] = "turn_before_put",
    [SQL_TURN_CUT] = "turn_cut",
    [SQL_TURN_DELETE] = "turn_delete",
    [SQL_TURN_LIST] = "turn_list",
    [SQL_TURN_PRUNE] = "turn_prune",
    [SQL_TURN_PUT] = "turn_put",
};

/* What SQLite's codes mean to the person whose disk it is. */
static const char *meaning(sqlite3 *db)
{
    switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_FULL:
        return "the disk is full";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "damaged; the next tick makes it anew from the CSV";
    case SQLITE_READONLY:
        return "it or its folder cannot be written";
    case SQLITE_BUSY:
        return "another program holds it";
    default:
        return sqlite3_errmsg(db);
    }
}

bool database_is_unread(struct storage *storage, const char *schema)
{
    int os = 0;

    sqlite3_file_control(storage->db, schema, SQLITE_FCNTL_LAST_ERRNO, &os);
    return os == EIO || os == ENXIO || os == ERANGE;
}

int database_unread(struct storage *storage, struct error *error)
{
    error_set(error, EXIT_IO,
              "%s: cannot be read: %s; where that stays so, move it away, and the next tick makes "
              "it anew from the CSV",
              storage->path, strerror(EIO));
    error->os = EIO;
    return -1;
}

int database_fail(struct storage *storage, struct error *error)
{
    int code = sqlite3_errcode(storage->db) & 0xff;
    int os = sqlite3_system_errno(storage->db);

    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
        if (database_is_unread(storage, "main"))
            return database_unread(storage, error);
        storage->damaged = true;
    }
    error_set(error, EXIT_IO, "%s: %s", storage->path, meaning(storage->db));
    error->os = code == SQLITE_FULL ? ENOSPC : code == SQLITE_IOERR && !os ? EIO : os;
    return -1;
}

int database_look_beside(const char *path, struct error *error)
{
    static const char *const suffixes[] = {"-journal", "-wal"};

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char beside[PATH_MAX];
        struct stat status;

        snprintf(beside, sizeof beside, "%s%s", path, suffixes[i]);
        if (lstat(beside, &status) == 0 && !S_ISREG(status.st_mode))
            return error_set(error, EXIT_IO, "%s: is no regular file; move it away", beside);
    }
    return 0;
}

int database_damaged(struct storage *storage, struct error *error)
{
    storage->damaged = true;
    return error_set(error, EXIT_IO, "%s: damaged; the next tick makes it anew from the CSV",
                     storage->path);
}

int database_prepare_one(struct storage *storage, const char *asset, sqlite3_stmt **statement,
                         struct error *error)
{
    const struct asset *sql = asset_find(asset);

    if (!sql)
        return error_set(error, EXIT_BUG, "%s: is not part of the program", asset);
    if (sqlite3_prepare_v3(storage->db, sql->data, (int)sql->size + 1, SQLITE_PREPARE_PERSISTENT,
                           statement, NULL))
        return database_fail(storage, error);
    return 0;
}

int database_prepare(struct storage *storage, struct error *error)
{
    for (int i = 0; i < SQL_COUNT; i++) {
        char asset[64];

        snprintf(asset, sizeof asset, "sql/%s.sql", names[i]);
        if (database_prepare_one(storage, asset, &storage->statements[i], error))
            return -1;
    }
    return 0;
}

int database_execute(struct storage *storage, const char *asset, struct error *error)
{
    if (sqlite3_exec(storage->db, asset_find(asset)->data, NULL, NULL, NULL))
        return database_fail(storage, error);
    return 0;
}

sqlite3_stmt *database_statement(struct storage *storage, enum sql sql)
{
    return storage->statements[sql];
}

int database_step(struct storage *storage, sqlite3_stmt *statement, bool *row, struct error *error)
{
    int code = sqlite3_step(statement);

    *row = code == SQLITE_ROW;
    if (*row)
        return 0;
    if (code != SQLITE_DONE)
        database_fail(storage, error);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? 0 : -1;
}

int database_run(struct storage *storage, sqlite3_stmt *statement, struct error *error)
{
    bool row;

    return database_step(storage, statement, &row, error);
}

int database_number(struct storage *storage, sqlite3_stmt *statement, int64_t otherwise,
                    int64_t *number, struct error *error)
{
    bool row;

    *number = otherwise;
    if (database_step(storage, statement, &row, error))
        return -1;
    if (row && sqlite3_column_type(statement, 0) != SQLITE_NULL)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return 0;
}

int database_begin(struct storage *storage, struct error *error)
{
    if (storage->depth == 0 && database_run(storage, database_statement(storage, SQL_BEGIN), error))
        return -1;
    storage->depth++;
    return 0;
}

static int commit(struct storage *storage, struct error *error)
{
    assert(storage->depth > 0);
    if (storage->depth == 1 &&
        database_run(storage, database_statement(storage, SQL_COMMIT), error)) {
        database_rollback(storage);
        return -1;
    }
    storage->depth--;
    return 0;
}

void database_rollback(struct storage *storage)
{
    struct error ignored;

    /* SQLite rolls back by itself where the disk is full or cannot be read. */
    if (storage->depth > 0 && !sqlite3_get_autocommit(storage->db))
        database_run(storage, database_statement(storage, SQL_ROLLBACK), &ignored);
    storage->depth = 0;
}

int database_end(struct storage *storage, int result, struct error *error)
{
    if (result == 0)
        return commit(storage, error);
    database_rollback(storage);
    return result;
}

const struct owner *database_owner_from(const struct owner *owners, size_t n, int64_t id)
{
    while (n > 0) {
        size_t half = n / 2;

        if (owners[half].id < id) {
            owners += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return owners;
}

const struct owner *database_owner(const struct owner *owners, size_t n, int64_t id)
{
    const struct owner *found = database_owner_from(owners, n, id);

    return found < owners + n && found->id == id ? found : NULL;
}

void database_bind_check(sqlite3_stmt *statement, int first, const struct check *check)
{
    sqlite3_bind_int64(statement, first, check->start_ms);
    sqlite3_bind_int(statement, first + 1, (int)check->status);
    sqlite3_bind_int(statement, first + 2, check->http_status);
    sqlite3_bind_int(statement, first + 3, check->latency_ms);
    sqlite3_bind_text(statement, first + 4, check->failure, -1, SQLITE_STATIC);
}

int database_read_check(struct storage *storage, sqlite3_stmt *statement, int first,
                        struct check *check, struct error *error)
{
    const void *failure = sqlite3_column_blob(statement, first + 4);
    size_t size = (size_t)sqlite3_column_bytes(statement, first + 4);
    int status = sqlite3_column_int(statement, first + 1);

    if (size >= sizeof check->failure || status <= STATUS_UNKNOWN || status >= STATUS_COUNT)
        return database_damaged(storage, error);
    check->start_ms = sqlite3_column_int64(statement, first);
    check->status = (enum status)status;
    check->http_status = sqlite3_column_int(statement, first + 2);
    check->latency_ms = sqlite3_column_int(statement, first + 3);
    if (size)
        memcpy(check->failure, failure, size);
    check->failure[size] = '\0';
    return 0;
}

void database_bind_phases(sqlite3_stmt *statement, int at, const unsigned char *packed)
{
    if (packed)
        sqlite3_bind_blob(statement, at, packed, PHASES_BYTES, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, at);
}

int database_read_phases(struct storage *storage, sqlite3_stmt *row, int column,
                         struct phases *phases, bool *known, struct error *error)
{
    *known = sqlite3_column_type(row, column) != SQLITE_NULL;
    if (*known && (sqlite3_column_bytes(row, column) != PHASES_BYTES ||
                   phases_unpack(sqlite3_column_blob(row, column), phases)))
        return database_damaged(storage, error);
    return 0;
}

int database_read_status(struct storage *storage, sqlite3_stmt *row, int column,
                         enum status *status, struct error *error)
{
    int value = sqlite3_column_int(row, column);

    *status = STATUS_UNKNOWN;
    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        return 0;
    if (value <= STATUS_UNKNOWN || value >= STATUS_COUNT)
        return database_damaged(storage, error);
    *status = (enum status)value;
    return 0;
}

int database_get_note(struct storage *storage, int note, int64_t *value, struct error *error)
{
    sqlite3_stmt *get = database_statement(storage, SQL_NOTE_GET);

    sqlite3_bind_int(get, 1, note);
    return database_number(storage, get, 0, value, error);
}

int database_set_note(struct storage *storage, int note, int64_t value, struct error *error)
{
    sqlite3_stmt *set = database_statement(storage, SQL_NOTE_SET);

    sqlite3_bind_int(set, 1, note);
    sqlite3_bind_int64(set, 2, value);
    return database_run(storage, set, error);
}
