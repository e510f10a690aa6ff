#ifndef MODEL_AGGREGATOR_H
#define MODEL_AGGREGATOR_H

#include "config/config.h"
#include "model/status.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Checks in, buckets and uptimes out (spec 6). Pure: no clock, no file.
 *
 * A bucket is one UTC minute, named by its number since the epoch; a timeline is a row of cells,
 * one byte a bucket, each an enum status.
 */

/*
 * One domain's cells being filled from its checks, given in ascending order of their start. Only
 * the last check to start in a minute matters, so earlier ones of the same minute need not be
 * given.
 */
struct track {
    int64_t interval_ms;
    int64_t from_minute; /* the bucket of cells[0] */
    int64_t next_minute; /* cells before this bucket are filled */
    int64_t end_minute;  /* one past the last bucket */
    int64_t last_ms;     /* start of the latest check given */
    int64_t last_minute; /* its bucket */
    enum status last;    /* its status; UNKNOWN where none was given */
    uint8_t *cells;      /* the caller's, end_minute - from_minute of them */
};

void aggregator_begin(struct track *track, int interval_seconds, int64_t from_minute,
                      size_t n_minutes, uint8_t *cells);
void aggregator_add(struct track *track, int64_t start_ms, enum status status);
/* Fills what is left; each cell is then final. */
void aggregator_end(struct track *track);

/* A domain as its site's buckets need it. */
struct member {
    const uint8_t *cells;
    enum role role;
    int64_t first_ms; /* its first check ever; INT64_MAX: never checked */
};

/* A site's cells over the same buckets as its members'. */
void aggregator_site(const struct member *members, size_t n_members, int64_t from_minute,
                     size_t n_minutes, uint8_t *cells);

/* Minutes by status. */
struct tally {
    int64_t minutes[STATUS_COUNT];
};

void aggregator_count(const uint8_t *cells, size_t n_cells, struct tally *tally); /* adds to it */
void aggregator_sum(struct tally *into, const struct tally *more);

/* Of a day of one domain or site: minutes that count for its uptime, and those that count against.
 */
struct day_minutes {
    uint16_t good, bad;
};

/* What a tally of at most a day comes to. */
struct day_minutes aggregator_minutes(const struct tally *tally);

/* Percentages in thousandths, rounded down: 100 % is 100000. */
struct uptime {
    bool known;
    int uptime;
    int measured;
};

/*
 * Uptime over a span of this many minutes. A domain's tally has no DEGRADED and a site's neither
 * TIMEOUT nor BOT_DETECTED, so one formula serves both: good is UP and DEGRADED, bad is DOWN and
 * TIMEOUT, the rest does not count.
 */
struct uptime aggregator_uptime(const struct tally *tally, int64_t span_minutes);

#endif
