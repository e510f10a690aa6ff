#ifndef STATE_STORAGE_H
#define STATE_STORAGE_H

#include "base/error.h"
#include "config/config.h"

/*
 * state.db: holds results until they are in the CSV, a minute index of recent checks for the
 * timelines, the schedule, the committed length of each CSV file, and the minutes counted for each
 * day. Index and counts are derived from rows that are in the CSV, so a rebuild gives
 * the same.
 *
 * This file opens and closes it, and has its transactions and settings; the other files of the
 * folder have one subject each. A domain is named by its index in the configuration given to
 * storage_open. The SQL is in sql/; every value is bound.
 *
 * A function of this folder returns 0, or -1 with the error, unless its comment names other
 * results.
 */
struct storage;

enum storage_mode {
    STORAGE_READ_WRITE, /* for the one writer, which holds the lock; creates a missing file */
    STORAGE_READ_ONLY,  /* may be used while a writer runs */
    STORAGE_IN_MEMORY   /* starts empty, is discarded when closed: render --at */
};

enum storage_health {
    STORAGE_SOUND,
    STORAGE_MISSING, /* no file, or an empty one; it was created if the mode allows that */
    STORAGE_CORRUPT, /* damaged, not a database, or not written by uptick */
    STORAGE_OLDER,   /* an older schema version: rebuild from the CSV */
    STORAGE_NEWER
};

/*
 * Opens path. Returns 0 and sets *storage, or returns -1. After -1, *health shows whether a rebuild
 * would help (CORRUPT, OLDER, NEWER) or not (SOUND, for example if the disk is full). With
 * READ_ONLY, a missing file gives an empty state. The caller closes the storage; config must
 * outlive it.
 */
int storage_open(struct storage **storage, const char *path, enum storage_mode mode,
                 const struct config *config, enum storage_health *health, struct error *error);

/* Whether a file that SQLite keeps beside the database at this path was not made by uptick. Then
 * the state is CORRUPT. */
bool storage_has_foreign_files(const char *path);

/* A state that was opened for writing is locked for reading until its first write. Ends that
 * earlier, before a time in which others may need it. */
void storage_release(struct storage *storage);

/* Rolls back an open transaction and frees everything. NULL is allowed. */
void storage_close(struct storage *storage);

/* Exchanges two open states, so that each handle leads to the other one. */
void storage_swap(struct storage *a, struct storage *b);

/*
 * Begins a transaction, or a part of the open one: only the outermost end commits. An end with a
 * result other than 0 rolls back the whole transaction and returns that result.
 */
int storage_begin(struct storage *storage, struct error *error);
int storage_end(struct storage *storage, int result, struct error *error);

/*
 * Whether the transaction is still open. SQLite ends it by itself if the disk is full or fails;
 * then nothing more may be done as a part of it.
 */
bool storage_in_transaction(const struct storage *storage);

/* Settings: numbers kept from one tick to the next. A missing one is 0. */
enum storage_setting {
    SETTING_BUILT_MS,     /* when the dashboard was last built; 0: never */
    SETTING_PENDING,      /* 1: something was recorded that the dashboard does not show yet */
    SETTING_STALE_AT_MS,  /* when the next bucket turns UNKNOWN without a new check; 0: never */
    SETTING_ROTATED_HOUR, /* hour of the last complete rotation */
    SETTING_CONFIG_HASH,  /* hash of the configuration and program that built the dashboard */
    SETTING_COUNTED_DAY,  /* the minutes of all days up to this one are counted; 0: of none */
    SETTING_SUMS_DAY,     /* the day for which the sums of days are valid; -1: they are not */
    SETTING_PRUNED_HOUR,  /* hour of the last pruning; 0: never */
    SETTING_FIRST_UNCOMPRESSED, /* archives of days before this one are compressed; 0: no archive */
    SETTING_INDEXED_HOUR,       /* samples of this hour and later ones were never pruned */
    SETTING_WRITTEN_DAY,  /* the counts of all days up to this one are in data/days; 0: of none */
    SETTING_LOCAL_FAULTS, /* one bit for each kind of local fault that was reported and lasts */
    SETTING_ROTATED_TO,   /* the last monitor that an unfinished rotation has passed, negated if one
                             was left out; 0: no rotation is unfinished */
    SETTING_LAST_EVENT,   /* the number of the last line of the event log; 0: none was ever there */
    SETTING_ALERT_DUE_MS, /* when alerts have to be decided or sent next; 0: at once; INT64_MAX:
                             never */
    SETTING_ALERT_TARGETS, /* a hash of the ids of the targets (alert_table.h); 0: none yet */
    SETTINGS
};
int storage_get_setting(struct storage *storage, enum storage_setting setting, int64_t *value,
                        struct error *error);
int storage_set_setting(struct storage *storage, enum storage_setting setting, int64_t value,
                        struct error *error);

/* After a build: stores its time, stale_at_ms and configuration hash; clears SETTING_PENDING. */
int storage_set_built(struct storage *storage, int64_t built_ms, int64_t stale_at_ms, int64_t hash,
                      struct error *error);

/* Trades safety for speed, for a new state that is deleted if it cannot be completed. */
int storage_disable_safety(struct storage *storage, struct error *error);

/* Reads the whole file. After -1, storage_is_damaged shows whether it is damaged or unreadable. */
int storage_examine(struct storage *storage, struct error *error);

/* Whether any statement has met damage since the storage was opened. */
bool storage_is_damaged(const struct storage *storage);

#endif
