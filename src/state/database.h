#ifndef STATE_DATABASE_H
#define STATE_DATABASE_H

#include "state/owners.h"
#include "state/statements.h"
#include "state/storage.h"

#include <sqlite3.h>

/*
 * The open database and its statements, for the files of this folder only. statements.h is made
 * from sql/ (src/tools/embed.c): one SQL_X for each statement X.
 */
struct storage {
    sqlite3 *db;
    char *path; /* messages begin with it */
    const struct config *config;
    bool writable;
    bool damaged;            /* a statement has met damage */
    int64_t last_number;     /* of the result that this process staged last; 0: none yet */
    int64_t n_staged_events; /* by this process, of conditions */
    int depth;               /* of nested transactions */
    bool is_held;            /* by database_hold */
    struct owners monitors, sites;
    struct condition_set *conditions;                     /* NULL: not loaded (conditions.h) */
    struct certificates *certificates;                    /* NULL: not loaded (certificates.h) */
    void (*forget_certificates)(struct storage *storage); /* set if they are loaded */
    sqlite3_stmt *statements[SQL_PREPARED];               /* NULL: not needed yet */
    struct error unprepared; /* why the last one could not be prepared */

    /* Limits for a hostile file, whose pages may form a circle; see database_limit_work. */
    int64_t steps; /* of the statement under way, in thousands of SQLite's instructions */
    int64_t steps_max;
    int64_t rows_max; /* of one statement */
};

/*
 * Ends each statement that cannot end by itself, as damage: after more steps, or with more rows,
 * than any state of this size needs. Once a signal is urgent (interrupt.h), statements end too, and
 * so do waits for another program, which last ten seconds at most.
 */
void database_limit_work(struct storage *storage);

/* Counts the steps of its database in this handle from now on. */
void database_count_steps(struct storage *storage);

/* Allows the statements more steps, for the content of this database. */
void database_allow_work(struct storage *storage, const char *path);

/* Whether the last statement was ended because it has no end. */
bool database_was_endless(const struct storage *storage);

/* Prepares the statements of transactions. Each other one is prepared when it is needed, because a
 * tick needs few of them, and all of them take a millisecond. */
int database_prepare(struct storage *storage, struct error *error);

/* Prepares a script of one statement, which the caller finalises. */
int database_prepare_script(struct storage *storage, enum sql sql, sqlite3_stmt **statement,
                            struct error *error);

/*
 * Locks the file for reading until the next write or database_release. Otherwise each statement
 * locks it, looks for changes and unlocks it: eight system calls, and two thirds of all that an
 * idle tick makes. It ends before a write, because SQLite would not wait for another program then.
 */
int database_hold(struct storage *storage, struct error *error);
void database_release(struct storage *storage);

/* Runs a script of any number of statements. */
int database_execute(struct storage *storage, enum sql sql, struct error *error);

/* A prepared statement, ready to be bound. Binding cannot fail: bound texts are not copied. NULL:
 * it could not be prepared. It may be bound all the same; database_step then fails with the reason.
 */
sqlite3_stmt *database_statement(struct storage *storage, enum sql sql);

/* The same. Its first parameters are bound to the numbers after `sql`, one at least. */
#define database_bind(storage, sql, ...)                                                           \
    database_bind_numbers(storage, sql, (const int64_t[]){__VA_ARGS__},                            \
                          sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
sqlite3_stmt *database_bind_numbers(struct storage *storage, enum sql sql, const int64_t *numbers,
                                    size_t n);

/*
 * Fetches the next row. Returns 1, or 0 after the last row, or -1 with the error. If it does not
 * return 1, the statement is reset. A caller that stops earlier resets it with sqlite3_reset. Once
 * a signal is urgent (interrupt.h), nothing but a rollback is done.
 */
int database_step(struct storage *storage, sqlite3_stmt *statement, struct error *error);

/* Calls each for every row. Stops as soon as each returns non-zero, and returns that. */
typedef int database_each_row(void *context, sqlite3_stmt *row, struct error *error);
int database_each(struct storage *storage, sqlite3_stmt *statement, database_each_row *each,
                  void *context, struct error *error);

/* Runs a statement that gives no row. */
int database_run(struct storage *storage, sqlite3_stmt *statement, struct error *error);

/* Runs a statement that gives one number. *number is `missing` if it gives no row, or NULL. */
int database_number(struct storage *storage, sqlite3_stmt *statement, int64_t missing,
                    int64_t *number, struct error *error);

/*
 * Checks the files that SQLite opens with the database, and changes or deletes. Fails if one of
 * them is not a regular file, because SQLite would wait for ever if somebody had put a fifo there;
 * if one has other names (hard links), or the database has and would be changed; if the rollback
 * journal names a file: SQLite would delete that file, wherever it is; or if there is another file
 * than a rollback journal: uptick makes none, and SQLite would read pages from it. *foreign is set
 * to whether such a file is a regular one, which a rebuild sets aside.
 */
int database_check_companions(const char *path, bool *foreign, struct error *error);

/* Whether a path is a file with more than one name (hard links). */
bool database_has_other_names(const char *path);

/* Rolls back the open transaction, if there is one. */
void database_rollback(struct storage *storage);

/* Each of these sets the error and returns -1. */

/* The last call to SQLite failed. If the reason is damage, the storage remembers it. */
int database_fail(struct storage *storage, struct error *error);

/* The content was not written by any version of uptick. */
int database_damaged(struct storage *storage, struct error *error);

/* A page cannot be read, which is not damage: the next tick may be able to read it. */
int database_unreadable(struct storage *storage, struct error *error);

int database_no_memory(const struct storage *storage, struct error *error);

/*
 * Whether the last damage that SQLite reported in this schema ("main", "old") is only a page that
 * the disk cannot read. SQLite reports both alike, but only real damage may lead to a rebuild.
 */
bool database_is_unreadable(struct storage *storage, const char *schema);

#endif
