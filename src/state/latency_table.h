#ifndef STATE_LATENCY_TABLE_H
#define STATE_LATENCY_TABLE_H

#include "model/latency.h"
#include "state/storage.h"

/*
 * Table latency: the latencies of each monitor by hour over 7 days, and by six hours over 30 days.
 * The last of these days is the last one that was counted. First come four bytes for each slot: the
 * median and the 95th percentile in milliseconds, low byte first (65535: none); then the worst
 * statuses, two in a byte, the first one in its low bits. So a page of state.db has room for three
 * rows.
 */

enum {
    LATENCY_SLOTS = LATENCY_WEEK_SLOTS + LATENCY_MONTH_SLOTS,
    LATENCY_SLOT_BYTES = 4, /* without the status */
    LATENCY_BYTES = LATENCY_SLOTS * LATENCY_SLOT_BYTES + LATENCY_SLOTS / 2,
    LATENCY_DAYS = 30 /* that the slots cover */
};

/*
 * Adds a whole day of a domain of the configuration: LATENCY_MINUTES values and cells. A day that
 * is there already is replaced; days that were skipped have no slots. A day that is older than all
 * that are there begins a new history: then the clock was ahead before. Needs an open transaction.
 * Returns 0 or -1.
 */
int latency_table_add(struct storage *storage, size_t domain, int64_t day, const uint16_t *values,
                      const uint8_t *cells, struct error *error);

/* Deletes what has no slot of this day or a later one: of monitors that left the configuration. */
int latency_table_delete_before(struct storage *storage, int64_t day, struct error *error);

/*
 * Calls each for the history of each of these domains that has one, and perhaps of other domains of
 * the configuration. It ends with the last minute of `day`, and is valid only during the call.
 * Stops as soon as each returns non-zero, and returns that.
 */
typedef int latency_table_each_one(void *context, size_t domain, int64_t day,
                                   struct latency_history *history);
int latency_table_each_of(struct storage *storage, const size_t *domains, size_t n_domains,
                          latency_table_each_one *each, void *context, struct error *error);

/* Unpacks a history. Returns 0, or -1 if uptick cannot have packed it. */
int latency_table_unpack(const unsigned char bytes[LATENCY_BYTES], struct latency_history *history);

/*
 * Takes the slots that another packed history has of the days until `until_day`. The two end with
 * `day` and other_day. Returns 0, or -1 if uptick cannot have packed one of them.
 */
int latency_table_take(unsigned char bytes[LATENCY_BYTES], int64_t day,
                       const unsigned char other[LATENCY_BYTES], int64_t other_day,
                       int64_t until_day);

#endif
