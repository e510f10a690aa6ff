#ifndef STATE_DATABASE_H
#define STATE_DATABASE_H

#include "state/ledger.h"
#include "state/phases.h"
#include "state/storage.h"

#include <sqlite3.h>

/* What the files of this folder share: the open database and its statements. */

/* One statement of sql/ each, prepared when the storage is opened; the table is in database.c. */
enum sql {
    SQL_ARCHIVE_DELETE,
    SQL_ARCHIVE_GET,
    SQL_ARCHIVE_PRUNE,
    SQL_ARCHIVE_PUT,
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_DAY_DELETE,
    SQL_DAY_LIST,
    SQL_DAY_PRUNE,
    SQL_DAY_PUT,
    SQL_FAILED_PUT,
    SQL_LIVE_DELETE,
    SQL_LIVE_NEXT,
    SQL_LIVE_PUT,
    SQL_MONITOR_ADD,
    SQL_MONITOR_FIND,
    SQL_MONITOR_LIST,
    SQL_MONITOR_SERVED,
    SQL_NOTE_GET,
    SQL_NOTE_SET,
    SQL_PENDING_COUNT,
    SQL_PENDING_LIST,
    SQL_RECENT_BEFORE,
    SQL_RECENT_DELETE,
    SQL_RECENT_NEXT,
    SQL_RECENT_GET,
    SQL_RECENT_LIST,
    SQL_RECENT_PUT,
    SQL_ROLLBACK,
    SQL_SERVED_PUT,
    SQL_SITE_ADD,
    SQL_SITE_LIST,
    SQL_STAGED_ADD,
    SQL_STAGED_CLEAR,
    SQL_STAGED_DELETE,
    SQL_STAGED_DELETE_ONE,
    SQL_STAGED_NEWEST,
    SQL_STAGED_OLDEST,
    SQL_STAGED_SERVED,
    SQL_STATE_GET,
    SQL_STATE_LIST,
    SQL_STATE_PUT,
    SQL_SUM_CLEAR,
    SQL_SUM_LIST,
    SQL_SUM_PUT,
    SQL_TURN_AFTER,
    SQL_TURN_AT,
    SQL_TURN_BEFORE_PUT,
    SQL_TURN_CUT,
    SQL_TURN_DELETE,
    SQL_TURN_LIST,
    SQL_TURN_PRUNE,
    SQL_TURN_PUT,
    SQL_COUNT
};

/* Notes of the storage's own, beside those of storage.h. */
enum inner_note {
    SETTING_COUNTED_DAY = SETTINGS, /* all days up to this one are counted; 0: none */
    SETTING_SUMS_DAY,               /* the day that the table sum was made for; -1: it is stale */
    SETTING_PRUNED_HOUR,            /* the hour in which the index was pruned last */
    SETTING_FIRST_UNPACKED,         /* no archive of a day before this one is still to be packed */
};

/* A configured domain or site, found by its id in the database. */
struct owner {
    int64_t id;
    size_t index;
};

struct storage {
    sqlite3 *db;
    char *path; /* what messages begin with */
    const struct config *config;
    bool writable;
    bool damaged;           /* a statement met damage */
    int64_t last_number;    /* of what this process staged last; 0: nothing yet */
    int depth;              /* of transactions within one another */
    struct owner *monitors; /* ascending by id; those not in the database yet are left out */
    size_t n_monitors;
    struct owner *sites;
    size_t n_sites;
    int64_t *monitor_ids; /* one a domain of the configuration; 0: not in the database yet */
    int64_t *site_ids;
    sqlite3_stmt *statements[SQL_COUNT];
};

/* The statement, ready to be bound. Binding cannot fail: nothing that is bound is copied. */
sqlite3_stmt *database_statement(struct storage *storage, enum sql sql);

/* Prepares the one statement of an asset, to be finalized by the caller. */
int database_prepare_one(struct storage *storage, const char *asset, sqlite3_stmt **statement,
                         struct error *error);

/* Prepares all statements; -1 where the schema is not what they expect. */
int database_prepare(struct storage *storage, struct error *error);

/* Runs the statements of this asset, one after another. */
int database_execute(struct storage *storage, const char *asset, struct error *error);

/*
 * Takes the next row of a statement. Returns 0, with *row telling whether there was one; the
 * statement is reset where there was none, and on failure. A caller that stops before the last row
 * resets it with sqlite3_reset.
 */
int database_step(struct storage *storage, sqlite3_stmt *statement, bool *row, struct error *error);

/* Runs a statement that gives no row. */
int database_run(struct storage *storage, sqlite3_stmt *statement, struct error *error);

/* Runs a statement that gives one row with one number; otherwise where it gives none, or NULL. */
int database_number(struct storage *storage, sqlite3_stmt *statement, int64_t otherwise,
                    int64_t *number, struct error *error);

/*
 * Looks at what SQLite opens beside this file: it would wait for ever at a fifo that somebody put
 * there. Returns 0, or -1 where anything but a regular file stands in the place of one.
 */
int database_look_beside(const char *path, struct error *error);

/* Sets the error of the last call into SQLite, and notes damage. Returns -1. */
int database_fail(struct storage *storage, struct error *error);

/*
 * SQLite takes a page that the disk does not give for a damaged one, and says so in the same words.
 * Whether the last call on this schema's file ("main", "old") was of that kind: only damage is
 * healed by a new state, and what cannot be read now may be readable the next time.
 */
bool database_is_unread(struct storage *storage, const char *schema);

/* Sets the error of a page that cannot be read, which is no damage yet. Returns -1. */
int database_unread(struct storage *storage, struct error *error);

/* Sets the error of content that no version of this program wrote. Returns -1. */
int database_damaged(struct storage *storage, struct error *error);

/*
 * A transaction, or a part of the one that is open already: only the outermost commits. Rolling
 * back ends all of it.
 */
int database_begin(struct storage *storage, struct error *error);
void database_rollback(struct storage *storage);

/* Ends a transaction by how its work went: commits on 0, and rolls back otherwise. */
int database_end(struct storage *storage, int result, struct error *error);

/* The configured domain or site of this id; NULL where none is. */
const struct owner *database_owner(const struct owner *owners, size_t n, int64_t id);

/* The first of them with this id or a higher one; the end where none is. */
const struct owner *database_owner_from(const struct owner *owners, size_t n, int64_t id);

/* The five columns of a check, from this one on: bound from 1, read from 0. */
void database_bind_check(sqlite3_stmt *statement, int first, const struct check *check);
int database_read_check(struct storage *storage, sqlite3_stmt *statement, int first,
                        struct check *check, struct error *error);

/* The phases of a check, packed; NULL: not known. They must outlive the statement's run. */
void database_bind_phases(sqlite3_stmt *statement, int at, const unsigned char *packed);
int database_read_phases(struct storage *storage, sqlite3_stmt *row, int column,
                         struct phases *phases, bool *known, struct error *error);

/* Reads what a check came out as, UNKNOWN where the column is NULL; what is none is damage. */
int database_read_status(struct storage *storage, sqlite3_stmt *row, int column,
                         enum status *status, struct error *error);

/* Reads id, site and domain, from the first column on; what is no id is damage. */
int database_read_monitor(struct storage *storage, sqlite3_stmt *row, struct monitor_id *monitor,
                          struct error *error);

/* A note of storage.h or of enum inner_note. */
int database_get_note(struct storage *storage, int note, int64_t *value, struct error *error);
int database_set_note(struct storage *storage, int note, int64_t value, struct error *error);

#endif
