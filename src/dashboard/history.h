#ifndef DASHBOARD_HISTORY_H
#define DASHBOARD_HISTORY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct latency_history;
struct monitor_state;
struct storage;

/*
 * The sites in portions, so that the cells of a large dashboard need little memory. Sites whose
 * samples are next to each other in the minute index are in one portion, so that each row of the
 * index is read about once.
 */
struct history_portions {
    const struct config *config;
    size_t *order;      /* all sites (indices) */
    size_t max_domains; /* of a portion of several sites, at last */
    size_t now_domains; /* the same, of the next portion */
    size_t next;        /* in order: the next portion begins here */
};

/* A usual number of domains in a portion: their cells, latencies and slots take 9 MB. */
enum { HISTORY_PORTION = 1440 };

/* The first portion has at most first_domains, unless it is one site. Each next one has twice that
 * number, up to max_domains. Returns 0, or -1 if out of memory. In both cases the caller frees
 * portions->order. */
int history_begin_portions(struct history_portions *portions, const struct storage *storage,
                           const struct config *config, size_t first_domains, size_t max_domains);

/* Sets *sites to the sites of the next portion. Returns their number; 0: there are no more. */
size_t history_next_portion(struct history_portions *portions, const size_t **sites);

/* The cells of some sites and their domains over a span of minutes, made from the minute index. */
struct history {
    int64_t from_minute;
    size_t n_minutes;    /* at least 1 */
    int64_t now_ms;      /* the moment that they show: in the last minute, or after it */
    const size_t *sites; /* indices */
    size_t n_sites;

    /* The domains of those sites, one site after the other; n_domains of them. The cells of the
     * domain at i begin at i * n_minutes, those of the site at s at s * n_minutes. */
    size_t *domains;
    size_t n_domains;
    uint8_t *domain_cells, *site_cells;
    uint16_t *latencies;           /* see latency.h; indexed like domain_cells */
    struct latency_history *slots; /* of each domain (latency_slots.h); NULL: not loaded */
    size_t usual_domains;          /* memory for at least this number is provided at once */
    size_t max_cells, max_site_cells, max_slots; /* for which there is memory */
};

/*
 * Loads the history of the minutes and sites that the caller has set. states has one entry for each
 * domain of the configuration. It may be loaded again, and then uses the same memory. Returns 0 or
 * -1. In both cases the caller frees it with history_free, which accepts an empty history.
 */
int history_load(struct history *history, struct storage *storage, const struct config *config,
                 const struct monitor_state *states, struct error *error);
void history_free(struct history *history);

/*
 * Replaces the first check of each domain that is older than all counts that are kept (days_kept)
 * by the first one that state.db supports since then; INT64_MAX: none. So one check with a clock of
 * 1970 does not make a monitor old for ever. Returns 0 or -1.
 */
int history_forget(struct storage *storage, const struct config *config,
                   struct monitor_state *states, int64_t at_ms, struct error *error);

/*
 * Counts the minutes of each finished day that is not counted yet, and stores them and the
 * latencies of the day in the state: from the day after the last counted one, or the first day with
 * samples, to the day before today (days since the epoch). Days that have lost samples keep their
 * counts. Returns 0 or -1.
 */
int history_count_days(struct storage *storage, const struct config *config, int64_t today,
                       struct error *error);

#endif
