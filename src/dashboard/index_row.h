#ifndef DASHBOARD_INDEX_ROW_H
#define DASHBOARD_INDEX_ROW_H

#include "dashboard/problem_list.h"
#include "dashboard/run_reasons.h"
#include "dashboard/strips.h"
#include "dashboard/timeline.h"

/* A row of the index page: one site, as values for the templates. */

/* The uptimes in a row. */
enum { INDEX_ROW_UPTIMES = 2 };

/* Filled for one site after the other. snapshot and messages are set once by the owner. */
struct index_row {
    const struct snapshot *snapshot;
    const struct messages *messages;
    const struct site_view *view;
    struct object object, uptime, watched_since;
    struct undecided_object undecided;
    struct problem_object worst;
    struct run_reasons run_reasons;
    struct timeline timeline;
    struct strips hours, days;
};

/*
 * A row: {id, name, status, undecided, latency_ms}, what timeline_fill adds, and
 * - latency_ms: of the slowest of its core domains that are UP or DEGRADED; empty if there is none;
 * - uptimes: of 30 and 90 days, a list of {has_data, percent, low, watched_since}. percent has two
 *   decimals, rounded down; low: it is below uptime_target. watched_since is
 *   false, except for the last one that has no data;
 * - strip_24h: the last 24 hours in buckets of five minutes, and strip_90d: the last 90 days
 *   (strips_add);
 * - lasting, longer: for how long its state has lasted (problem_list_fill); empty if it is up;
 * - worst: the domain that explains its state (problem_list_fill); false if none has a problem.
 * The value is valid until the next call.
 */
const struct value *index_row_fill(struct index_row *row, const struct site_view *view);

#endif
