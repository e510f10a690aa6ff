#ifndef STATE_COLUMN_H
#define STATE_COLUMN_H

#include "state/database.h"
#include "state/ledger.h"

/*
 * Numbers, checks and monitors as columns of a statement. Parameters are numbered from 1, columns
 * from 0. Values that no version of uptick writes are damage (-1 with the error).
 */

/* What a number of state.db may be. No other file reads one without naming its range. */
enum column_range {
    COLUMN_ANY,     /* any integer */
    COLUMN_FLAG,    /* 0 or 1 */
    COLUMN_MONITOR, /* the id of a monitor or site */
    COLUMN_OWNER,   /* the same, negated for a site */
    COLUMN_RECORD,  /* a monitor or the event log, negated for a compressed file */
    COLUMN_NUMBER,  /* of a staged result */
    COLUMN_KEY,     /* of a row of the minute index */
    COLUMN_TIME,    /* milliseconds since the epoch, in the years of a row: 0 to 9999 */
    COLUMN_HOUR,
    COLUMN_DAY,
    COLUMN_STATUS, /* never UNKNOWN */
    COLUMN_HTTP_STATUS,
    COLUMN_LATENCY,
    COLUMN_MINUTES,      /* of one day */
    COLUMN_LENGTH,       /* of a file */
    COLUMN_COUNT,        /* of messages */
    COLUMN_ALERT_CHANGE, /* never ALERT_NONE */
    COLUMN_EVENT_CHECK,
    COLUMN_EVENT_CHANGE,
    COLUMN_EVENT_STATE,
    COLUMN_RANGES
};

bool column_is_in_range(enum column_range range, int64_t number);

/* Reads an integer of this range. */
int column_read_number(struct storage *storage, sqlite3_stmt *row, int column,
                       enum column_range range, int64_t *number, struct error *error);

/* The same. NULL is read as `null`, which need not be in the range. */
int column_read_optional(struct storage *storage, sqlite3_stmt *row, int column,
                         enum column_range range, int64_t null, int64_t *number,
                         struct error *error);

/* Runs a statement that gives one number. *number is `missing` if it gives no row, or NULL. */
int column_fetch(struct storage *storage, sqlite3_stmt *statement, enum column_range range,
                 int64_t missing, int64_t *number, struct error *error);

/* Copies a text of at most size - 1 bytes, which has no NUL byte. */
int column_read_text(struct storage *storage, sqlite3_stmt *row, int column, char *text,
                     size_t size, struct error *error);

/* Whether these bytes are the id of a site, or a failure text. */
bool column_is_site(const char *text, size_t size);
bool column_is_failure(const char *text, size_t size);

/* The five columns of a check, beginning with `first`. */
void column_bind_check(sqlite3_stmt *statement, int first, const struct check *check);
int column_read_check(struct storage *storage, sqlite3_stmt *row, int first, struct check *check,
                      struct error *error);

/* A failure text: *text is valid until the next step of the statement, and is not NUL-terminated.
 */
int column_read_failure(struct storage *storage, sqlite3_stmt *row, int column, const char **text,
                        size_t *size, struct error *error);

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

/* The two columns of a live file. NULL is read as 0. */
int column_read_live(struct storage *storage, sqlite3_stmt *row, int first,
                     struct ledger_live *live, struct error *error);

/* The eight columns of a summary, in the order of SQL_GET_SUMMARY, beginning with `first`. */
int column_read_summary(struct storage *storage, sqlite3_stmt *row, int first,
                        struct monitor_summary *summary, struct error *error);

/* A time that may be NULL. */
void column_bind_time(sqlite3_stmt *statement, int at, int64_t ms, int64_t null);

#endif
