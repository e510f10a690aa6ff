#ifndef DASHBOARD_HISTORY_H
#define DASHBOARD_HISTORY_H

#include "base/error.h"
#include "config/config.h"
#include "model/latency.h"
#include "state/monitors.h"

#include <stdbool.h>
#include <stdint.h>

/* The cells of all domains and sites over a span of buckets: the index of state.db, aggregated. */
struct history {
    int64_t from_minute;
    size_t n_minutes;
    uint8_t *domain_cells; /* domain d's begin at d * n_minutes */
    uint8_t *site_cells;   /* site s's begin at s * n_minutes */
    uint16_t *latencies;   /* latency.h, as domain_cells; NULL: not asked for */
};

/* What a history is asked for. */
struct history_span {
    int64_t from_minute;
    size_t n_minutes;
    bool latencies;
};

/* Returns 0, or -1; the history is then empty. history_free takes an empty one. */
int history_load(struct history *history, struct storage *storage, const struct config *config,
                 const struct monitor_state *states, const struct history_span *span,
                 struct error *error);
void history_free(struct history *history);

/*
 * Counts each day that is over and not counted yet into the state: from the day after the one
 * counted last (or that of the oldest row) to the day before today.
 */
int history_count_days(struct storage *storage, const struct config *config, int64_t today,
                       struct error *error);

#endif
