#ifndef STATE_STAGED_H
#define STATE_STAGED_H

#include "state/ledger.h"

/* Staged results: stored in state.db, and not in the CSV yet. */

struct staged_result {
    size_t domain;  /* for staged_add: index in the configuration */
    int64_t number; /* from staged_each: ascending for one monitor, in the order of staging */
    int64_t due_after_ms;
    struct check check;
    bool has_phases; /* whether phases are known */
    struct phases phases;
};

/*
 * Stages n results in one transaction, with the events that they cause (conditions.h), and sets
 * due_after_ms of their domains. On failure nothing is staged.
 */
int staged_add(struct storage *storage, const struct staged_result *results, size_t n,
               struct error *error);

/*
 * Stages a result of any monitor of the state, within an open transaction, unless one that started
 * at the same moment is staged; then *is_new is false. Causes no event. Does not use
 * result->domain.
 */
int staged_add_once(struct storage *storage, int64_t monitor, const struct staged_result *result,
                    bool *is_new, struct error *error);

/* Whether a result of this monitor that started at this moment is staged. */
int staged_has(struct storage *storage, int64_t monitor, int64_t start_ms, bool *has,
               struct error *error);

/* A monitor with all its staged results, in order, and the other data that an export needs. */
struct staged_monitor {
    struct monitor_id monitor;
    struct ledger_live live;
    struct monitor_summary summary;
    struct staged_result *results;
    size_t n;
};

/*
 * Calls each for every monitor with staged results, in ascending order of the ids, within an open
 * transaction. Its argument is valid only during the call. It may change everything about that
 * monitor and delete its staged results. Stops as soon as each returns non-zero, and returns that.
 */
typedef int staged_each_monitor(void *context, const struct staged_monitor *staged,
                                struct error *error);
int staged_each(struct storage *storage, staged_each_monitor *each, void *context,
                struct error *error);

/*
 * *n becomes the number of monitors with staged results, at most max. *all_live is whether each of
 * those n has a live file with rows that are not in the archives. *has_events is whether events are
 * staged too (conditions.h).
 */
int staged_count(struct storage *storage, int max, int *n, bool *all_live, bool *has_events,
                 struct error *error);

/* *start_ms becomes the earliest start of a staged result; INT64_MAX: there is none. */
int staged_oldest(struct storage *storage, int64_t *start_ms, struct error *error);

/* Deletes the staged results of the monitors with ids between these two, which keep theirs. */
int staged_delete_between(struct storage *storage, int64_t after, int64_t before,
                          struct error *error);
int staged_delete_all(struct storage *storage, struct error *error);
int staged_delete_one(struct storage *storage, int64_t monitor, int64_t number,
                      struct error *error);

#endif
