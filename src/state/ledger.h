#ifndef STATE_LEDGER_H
#define STATE_LEDGER_H

#include "state/indexer.h"
#include "state/storage.h"

/*
 * The side of the state that the journal alone sees: what is staged, which length of each file is
 * vouched for, and how rows of the CSV become the index. Here a monitor is named by its id in
 * state.db, since one that left the configuration still has files.
 */

enum { LEDGER_ID_MAX = 65 };

/* Whether this is the id of a site or domain (spec 2), and so may be a part of a path. */
bool ledger_is_id(const char *id, size_t size);

struct monitor_id {
    int64_t id; /* 0: none */
    char site[LEDGER_ID_MAX], domain[LEDGER_ID_MAX];
};

/*
 * A transaction, or a part of the one that is open already: only the outermost commits. An end with
 * a result that is not 0 rolls all of it back and returns that result.
 */
int storage_begin(struct storage *storage, struct error *error);
int storage_end(struct storage *storage, int result, struct error *error);

/*
 * Whether the open transaction still stands: SQLite ends it by itself where the disk is full or
 * fails, and nothing more may then be done as a part of it.
 */
bool storage_in_transaction(const struct storage *storage);

/* The monitor of these names; it is added where it is missing. */
int monitors_find(struct storage *storage, const char *site, const char *domain, int64_t *id,
                  struct error *error);

/* The index of a monitor in the configuration; false where it is not there. */
bool monitors_is_configured(const struct storage *storage, int64_t monitor, size_t *domain);

/* A live file: how much of it is vouched for, and how much of that is in the archives too. Both 0
 * where nothing is vouched for. */
struct ledger_live {
    int64_t length, archived;
};

/* A staged result. Numbers of one monitor ascend in the order of their coming. */
struct staged {
    int64_t number, due_after_ms;
    struct check check;
    bool has_phases;
    struct phases phases;
};

/* A monitor with all its staged results, in order, and what is known of it and its live file. */
struct staged_monitor {
    struct monitor_id monitor;
    struct ledger_live live;
    struct monitor_summary known;
    struct staged *staged;
    size_t n;
};

/*
 * Calls each for every monitor with staged results, ids ascending, within an open transaction. What
 * it is given is gone after the call. It may change all that it was told of, and unstage what it
 * was given. Where it returns anything but 0, that is returned at once.
 */
typedef int staged_each_monitor(void *context, const struct staged_monitor *pending,
                                struct error *error);
int staged_each(struct storage *storage, staged_each_monitor *each, void *context,
                struct error *error);

/* How many monitors have staged results, counted up to `most`; and whether each of those has a live
 * file that is not all in the archives. */
int staged_count(struct storage *storage, int most, int *n, bool *all_live, struct error *error);

/* Forgets the staged results of the monitors between these two, or of all. */
int staged_delete_between(struct storage *storage, int64_t after, int64_t before,
                          struct error *error);
int staged_delete_all(struct storage *storage, struct error *error);

int staged_delete_one(struct storage *storage, int64_t monitor, int64_t number,
                      struct error *error);

/* A length of 0 forgets the file. */
int ledger_set_live(struct storage *storage, int64_t monitor, const struct ledger_live *live,
                    struct error *error);
/* The live file that follows this monitor's, starting from id 0, and whether results of it are
 * staged; its id 0: no more. */
int ledger_next_live(struct storage *storage, struct monitor_id *monitor, struct ledger_live *live,
                     bool *staged, struct error *error);

/*
 * The length vouched for of a monitor's file of a day's archive; 0: none. Of the monitor's id
 * negated: that of its pack, unpacked, which comes before the file where there are both. To set a
 * length of 0 forgets the file.
 */
int ledger_get_archive(struct storage *storage, int64_t day, int64_t monitor, int64_t *length,
                       struct error *error);
int ledger_set_archive(struct storage *storage, int64_t day, int64_t monitor, int64_t length,
                       struct error *error);

/*
 * Forgets what is not needed any more: the index before horizon_ms and before what a domain's
 * interval still reaches back from there, the turns before first_transition_ms but for each
 * monitor's last of them, the lengths of archives before first_archive_day, and the counts of days
 * before first_count_day. Keeps the index of days that are not counted, or that staged results may
 * yet change.
 */
int expiry_delete(struct storage *storage, int64_t horizon_ms, int64_t first_transition_ms,
                  int64_t first_archive_day, int64_t first_count_day, struct error *error);

/* The hour for which the state was pruned last; 0: never. */
int ledger_pruned_hour(struct storage *storage, int64_t *hour, struct error *error);
int ledger_set_pruned_hour(struct storage *storage, int64_t hour, struct error *error);

/* The first day whose archive may hold what is to be packed; 0: none was packed yet. */
int ledger_first_unpacked(struct storage *storage, int64_t *day, struct error *error);
int ledger_set_first_unpacked(struct storage *storage, int64_t day, struct error *error);

/* Gives up safety for speed, for a state that is thrown away where its making fails. */
int storage_disable_safety(struct storage *storage, struct error *error);

/* Looks the whole file over. Returns 0; or -1, and then storage_is_damaged tells. */
int storage_examine(struct storage *storage, struct error *error);

/* Whether any statement has met damage since the storage was opened. */
bool storage_is_damaged(const struct storage *storage);

/*
 * Takes from the old state at path what the CSV cannot give, after the rows of the CSV: a first
 * check that is older, counts of days for which this state has none, and counts of days for which
 * rows spoke that are gone, turns of before the first row; then results that are staged. What is
 * damaged there is left out; what cannot be read for a passing reason is an error. Never within a
 * transaction; path must exist.
 */
int carry_over_derived(struct storage *storage, const char *path, struct error *error);
int carry_over_staged(struct storage *storage, const char *path, struct error *error);

#endif
