#ifndef STATE_COLUMN_H
#define STATE_COLUMN_H

#include "state/database.h"
#include "state/monitors.h"

/*
 * Checks and monitors as columns of a statement. Parameters are numbered from 1, columns from 0.
 * Values that no version of uptick writes are damage (-1 with the error).
 */

/* The five columns of a check, beginning with `first`. */
void column_bind_check(sqlite3_stmt *statement, int first, const struct check *check);
int column_read_check(struct storage *storage, sqlite3_stmt *row, int first, struct check *check,
                      struct error *error);

/* NULL is read as UNKNOWN. */
int column_read_status(struct storage *storage, sqlite3_stmt *row, int column, enum status *status,
                       struct error *error);

/*
 * Each phase is stored in four bytes: microseconds, low byte first. All bits are set if it was not
 * reached. Times over half an hour are stored as half an hour.
 */
enum { PHASES_BYTES = 4 * PHASES };

/* phases NULL: unknown. The bytes must stay until the statement has run. */
void column_bind_phases(sqlite3_stmt *statement, int at, const struct phases *phases,
                        unsigned char bytes[PHASES_BYTES]);
/* *has_phases is false for NULL. */
int column_read_phases(struct storage *storage, sqlite3_stmt *row, int column,
                       struct phases *phases, bool *has_phases, struct error *error);

/* The two conversions by themselves. column_unpack_phases returns -1 for impossible bytes. */
void column_pack_phases(const struct phases *phases, unsigned char bytes[PHASES_BYTES]);
int column_unpack_phases(const unsigned char bytes[PHASES_BYTES], struct phases *phases);

/* Id, site and domain: the columns from 0 on. */
int column_read_monitor(struct storage *storage, sqlite3_stmt *row, struct monitor_id *monitor,
                        struct error *error);

/* The eight columns of a summary, in the order of SQL_GET_SUMMARY, beginning with `first`. */
int column_read_summary(struct storage *storage, sqlite3_stmt *row, int first,
                        struct monitor_summary *summary, struct error *error);

/* A time that may be NULL. */
void column_bind_time(sqlite3_stmt *statement, int at, int64_t ms, int64_t null);
int64_t column_read_time(sqlite3_stmt *row, int column, int64_t null);

#endif
