/* The statements of state.db, and what SQLite's errors mean. */
#include "state/database.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What SQLite's codes mean for the person who reads the message. */
static const char *meaning(sqlite3 *db)
{
    switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_FULL:
        return "the disk is full";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "damaged; the next tick rebuilds it";
    case SQLITE_READONLY:
        return "no permission to write the file or its folder";
    case SQLITE_BUSY:
        return "locked by another program";
    case SQLITE_CANTOPEN:
        return "cannot be opened";
    default:
        return sqlite3_errmsg(db);
    }
}

bool database_is_unreadable(struct storage *storage, const char *schema)
{
    int os = 0;

    sqlite3_file_control(storage->db, schema, SQLITE_FCNTL_LAST_ERRNO, &os);
    return os == EIO || os == ENXIO || os == ERANGE;
}

int database_unreadable(struct storage *storage, struct error *error)
{
    error_set(error, EXIT_IO,
              "%s: cannot be read: %s; if this persists, move the file away and the next tick "
              "rebuilds it",
              storage->path, strerror(EIO));
    error->os = EIO;
    return -1;
}

int database_damaged(struct storage *storage, struct error *error)
{
    storage->damaged = true;
    return error_set(error, EXIT_IO, "%s: damaged; the next tick rebuilds it", storage->path);
}

int database_no_memory(const struct storage *storage, struct error *error)
{
    return error_set(error, EXIT_IO, "%s: out of memory", storage->path);
}

int database_fail(struct storage *storage, struct error *error)
{
    int code = sqlite3_errcode(storage->db) & 0xff;
    int os = sqlite3_system_errno(storage->db);
    const char *reason;

    /* No row is ever added twice, unless a table and its index differ. */
    if (sqlite3_extended_errcode(storage->db) == SQLITE_CONSTRAINT_UNIQUE)
        storage->damaged = true;
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
        if (database_is_unreadable(storage, "main"))
            return database_unreadable(storage, error);
        storage->damaged = true;
    }
    reason = code == SQLITE_CANTOPEN && os ? strerror(os) : "";
    error_set(error, EXIT_IO, "%s: %s%s%s", storage->path, meaning(storage->db),
              *reason ? ": " : "", reason);
    error->os = code == SQLITE_FULL ? ENOSPC : code == SQLITE_IOERR && !os ? EIO : os;
    return -1;
}

int database_check_companions(const char *path, struct error *error)
{
    static const char *const suffixes[] = {"-journal", "-wal"};

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char companion[PATH_MAX];
        struct stat status;

        snprintf(companion, sizeof companion, "%s%s", path, suffixes[i]);
        if (lstat(companion, &status) == 0 && !S_ISREG(status.st_mode))
            return error_set(error, EXIT_IO, "%s: not a regular file; remove it", companion);
    }
    return 0;
}

int database_prepare_script(struct storage *storage, enum sql sql, sqlite3_stmt **statement,
                            struct error *error)
{
    assert(sql < SQL_COUNT && sql != SQL_PREPARED);
    if (sqlite3_prepare_v3(storage->db, statements[sql], -1, SQLITE_PREPARE_PERSISTENT, statement,
                           NULL) == SQLITE_OK)
        return 0;

    /* An unknown file format is damage too, and so is a missing table or column. */
    if ((sqlite3_errcode(storage->db) & 0xff) == SQLITE_ERROR)
        storage->damaged = true;
    return database_fail(storage, error);
}

int database_prepare(struct storage *storage, struct error *error)
{
    for (int sql = 0; sql < SQL_PREPARED; sql++) {
        if (database_prepare_script(storage, (enum sql)sql, &storage->statements[sql], error))
            return -1;
    }
    return 0;
}

int database_execute(struct storage *storage, enum sql sql, struct error *error)
{
    if (sqlite3_exec(storage->db, statements[sql], NULL, NULL, NULL))
        return database_fail(storage, error);
    return 0;
}

sqlite3_stmt *database_statement(struct storage *storage, enum sql sql)
{
    assert(sql < SQL_PREPARED && storage->statements[sql]);
    return storage->statements[sql];
}

sqlite3_stmt *database_bind_numbers(struct storage *storage, enum sql sql, const int64_t *numbers,
                                    size_t n)
{
    sqlite3_stmt *statement = database_statement(storage, sql);

    for (size_t i = 0; i < n; i++)
        sqlite3_bind_int64(statement, (int)i + 1, numbers[i]);
    return statement;
}

int database_step(struct storage *storage, sqlite3_stmt *statement, struct error *error)
{
    int code = sqlite3_step(statement);

    if (code == SQLITE_ROW)
        return 1;
    if (code != SQLITE_DONE)
        database_fail(storage, error);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? 0 : -1;
}

int database_each(struct storage *storage, sqlite3_stmt *statement, database_each_row *each,
                  void *context, struct error *error)
{
    int result;

    while ((result = database_step(storage, statement, error)) > 0) {
        result = each(context, statement, error);
        if (result)
            break;
    }
    sqlite3_reset(statement);
    return result;
}

int database_run(struct storage *storage, sqlite3_stmt *statement, struct error *error)
{
    int result = database_step(storage, statement, error);

    assert(result <= 0);
    return result;
}

int database_number(struct storage *storage, sqlite3_stmt *statement, int64_t missing,
                    int64_t *number, struct error *error)
{
    int result = database_step(storage, statement, error);

    *number = missing;
    if (result > 0 && sqlite3_column_type(statement, 0) != SQLITE_NULL)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return result < 0 ? -1 : 0;
}

void database_rollback(struct storage *storage)
{
    struct error ignored;

    /* SQLite rolls back by itself if the disk is full or cannot be read. */
    if (storage->depth > 0 && !sqlite3_get_autocommit(storage->db))
        database_run(storage, database_statement(storage, SQL_ROLLBACK), &ignored);
    storage->depth = 0;
}
