/* The statements of state.db, and what SQLite's errors mean. */
#include "state/database.h"

#include "base/file.h"
#include "base/interrupt.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WAIT_MS = 10000,     /* for another process's transaction to end */
    WAIT_STEP_MS = 20,   /* between two attempts */
    STEP = 1000,         /* of SQLite's instructions; some ten microseconds */
    STEPS_MAX = 1000000, /* for one statement, and one more for each STEP_BYTES of the file */
    STEP_BYTES = 50,
    ROWS_BYTES = 6,      /* the smallest row of a table, with its place in the page */
    ROWS_FREE = 1000000, /* rows that this process may add */
};

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

/* SQLite calls this while another program has the file locked. Returns whether to try again. */
static int on_busy(void *context, int n_calls)
{
    (void)context;
    if (interrupt_is_urgent() || n_calls >= WAIT_MS / WAIT_STEP_MS)
        return 0;
    poll(NULL, 0, WAIT_STEP_MS);
    return 1;
}

/* Called by SQLite after each step. A result other than 0 ends the statement. */
static int count_step(void *context)
{
    struct storage *storage = context;

    return interrupt_is_urgent() || ++storage->steps > storage->steps_max;
}

void database_count_steps(struct storage *storage)
{
    sqlite3_progress_handler(storage->db, STEP, count_step, storage);
}

void database_allow_work(struct storage *storage, const char *path)
{
    struct stat file;

    if (path && stat(path, &file) == 0)
        storage->steps_max += file.st_size / STEP_BYTES;
}

void database_limit_work(struct storage *storage)
{
    struct stat file;
    const char *path = sqlite3_db_filename(storage->db, "main"); /* "": in memory */
    bool exists = path && stat(path, &file) == 0 && file.st_size > 0;

    storage->rows_max = exists ? file.st_size / ROWS_BYTES + ROWS_FREE : INT64_MAX;
    sqlite3_busy_handler(storage->db, on_busy, NULL);
    storage->steps_max = STEPS_MAX;
    database_allow_work(storage, path);
    database_count_steps(storage);
}

bool database_was_endless(const struct storage *storage)
{
    return storage->steps > storage->steps_max;
}

/* A signal came. Sets the error, which has the number EINTR, and returns -1. */
static int interrupted(const struct storage *storage, struct error *error)
{
    error_set(error, EXIT_IO, "%s: interrupted", storage->path);
    error->os = EINTR;
    return -1;
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

    if ((code == SQLITE_INTERRUPT && !database_was_endless(storage)) ||
        (code == SQLITE_BUSY && interrupt_is_urgent()))
        return interrupted(storage, error);

    /* No value of ours is too large, and none breaks a rule of the schema, unless a value that is
     * already there does. */
    if (code == SQLITE_TOOBIG || code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH ||
        (code == SQLITE_INTERRUPT && database_was_endless(storage)))
        return database_damaged(storage, error);
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

bool database_has_other_names(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink > 1;
}

/*
 * Whether the rollback journal ends as one of a transaction of several databases does: with the
 * path of a file that they share. uptick makes no such transaction.
 */
static bool names_a_file(const char *journal)
{
    static const unsigned char magic[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    unsigned char end[sizeof magic];
    int fd = open(journal, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    bool names = size > (off_t)sizeof end &&
                 file_read_at(fd, end, sizeof end, size - (off_t)sizeof end) == 0 &&
                 memcmp(end, magic, sizeof end) == 0;

    if (fd >= 0)
        close(fd);
    return names;
}

int database_check_companions(const char *path, bool *foreign, struct error *error)
{
    enum { JOURNAL };
    static const char *const suffixes[] = {[JOURNAL] = "-journal", "-wal", "-shm"};
    bool shared = database_has_other_names(path);

    *foreign = false;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char companion[PATH_MAX];
        struct stat status;

        snprintf(companion, sizeof companion, "%s%s", path, suffixes[i]);
        if (lstat(companion, &status))
            continue;
        if (!S_ISREG(status.st_mode))
            return error_set(error, EXIT_IO, "%s: not a regular file; remove it", companion);
        if (i != JOURNAL || status.st_nlink > 1 || shared || names_a_file(companion)) {
            *foreign = true;
            return error_set(error, EXIT_IO, "%s: not made by uptick; the next tick sets it aside",
                             companion);
        }
    }
    return 0;
}

int database_prepare_script(struct storage *storage, enum sql sql, sqlite3_stmt **statement,
                            struct error *error)
{
    assert(sql < SQL_COUNT && sql != SQL_PREPARED);
    storage->steps = 0;
    if (sqlite3_prepare_v3(storage->db, statements[sql], -1, SQLITE_PREPARE_PERSISTENT, statement,
                           NULL) == SQLITE_OK)
        return 0;

    /* An unknown file format is damage too, and so is a missing table or column. */
    if ((sqlite3_errcode(storage->db) & 0xff) == SQLITE_ERROR)
        storage->damaged = true;
    return database_fail(storage, error);
}

/* A transaction must end even if there is no memory left to prepare a statement. */
int database_prepare(struct storage *storage, struct error *error)
{
    static const enum sql early[] = {SQL_BEGIN, SQL_COMMIT, SQL_ROLLBACK};

    for (size_t i = 0; i < sizeof early / sizeof early[0]; i++) {
        if (database_prepare_script(storage, early[i], &storage->statements[early[i]], error))
            return -1;
    }
    return 0;
}

int database_hold(struct storage *storage, struct error *error)
{
    int result = database_step(storage, database_statement(storage, SQL_HOLD), error);

    storage->is_held = result > 0;
    return result < 0 ? -1 : 0;
}

void database_release(struct storage *storage)
{
    if (storage->is_held)
        sqlite3_reset(storage->statements[SQL_HOLD]);
    storage->is_held = false;
}

int database_execute(struct storage *storage, enum sql sql, struct error *error)
{
    database_release(storage);
    storage->steps = 0;
    if (sqlite3_exec(storage->db, statements[sql], NULL, NULL, NULL))
        return database_fail(storage, error);
    return 0;
}

sqlite3_stmt *database_statement(struct storage *storage, enum sql sql)
{
    assert(sql < SQL_PREPARED);
    storage->steps = 0;
    if (!storage->statements[sql])
        database_prepare_script(storage, sql, &storage->statements[sql], &storage->unprepared);
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
    int code;

    if (!statement) {
        *error = storage->unprepared;
        return -1;
    }

    /* Ends the loops over monitors and days too, because each of their rounds comes here. */
    if (interrupt_is_urgent() && statement != storage->statements[SQL_ROLLBACK]) {
        sqlite3_reset(statement);
        return interrupted(storage, error);
    }
    if (!sqlite3_stmt_readonly(statement))
        database_release(storage);
    code = sqlite3_step(statement);

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
    int64_t n = 0;
    int result;

    while ((result = database_step(storage, statement, error)) > 0) {
        if (++n > storage->rows_max)
            result = database_damaged(storage, error);
        else
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
