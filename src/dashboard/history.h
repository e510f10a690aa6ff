#ifndef DASHBOARD_HISTORY_H
#define DASHBOARD_HISTORY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct monitor_state;
struct storage;

/* The cells of all domains and sites over a span of minutes, made from the minute index. */

struct history {
    int64_t from_minute;
    size_t n_minutes;      /* at least 1 */
    int64_t now_ms;        /* the moment that they show: in the last minute, or after it */
    uint8_t *domain_cells; /* those of domain d begin at d * n_minutes */
    uint8_t *site_cells;   /* those of site s begin at s * n_minutes */
    uint16_t *latencies;   /* see latency.h; indexed like domain_cells; NULL: none */
};

/*
 * Loads the history of the minutes that the caller has set, with or without latencies. states has
 * one entry for each domain of the configuration. Returns 0, or -1 with an empty history. The
 * caller frees it with history_free, which accepts an empty one.
 */
int history_load(struct history *history, struct storage *storage, const struct config *config,
                 const struct monitor_state *states, bool latencies, struct error *error);
void history_free(struct history *history);

/*
 * Replaces the first check of each domain that is older than all counts that are kept (days_kept)
 * by the first one that state.db supports since then; INT64_MAX: none. So one check with a clock of
 * 1970 does not make a monitor old for ever. Returns 0 or -1.
 */
int history_forget(struct storage *storage, const struct config *config,
                   struct monitor_state *states, int64_t at_ms, struct error *error);

/*
 * Counts the minutes of each finished day that is not counted yet, and stores them in the state:
 * from the day after the last counted one, or the first day with samples, to the day before today
 * (days since the epoch). Days that have lost samples keep their counts. Returns 0 or -1.
 */
int history_count_days(struct storage *storage, const struct config *config, int64_t today,
                       struct error *error);

#endif
