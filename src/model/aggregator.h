#ifndef MODEL_AGGREGATOR_H
#define MODEL_AGGREGATOR_H

#include "base/clock.h"
#include "config/config.h"
#include "model/status.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Computes timelines and uptimes from checks. Pure: no clock, no file.
 *
 * A bucket is one UTC minute, counted since the epoch. A timeline is an array of cells, one byte
 * for each bucket; each cell is an enum status. A domain's cell has the status of the last check
 * that started before the end of the bucket, as long as it counts (reach.h); otherwise UNKNOWN.
 * The bucket that contains now ends now: a check that starts at that very moment belongs to it.
 */

/*
 * The cells of one domain while its checks are added, in ascending order of their start. Only the
 * last check that starts in a minute matters, so earlier ones of that minute may be left out.
 */
struct track {
    int64_t reach_ms;    /* how long a check counts */
    int64_t from_minute; /* the bucket of cells[0] */
    int64_t next_minute; /* cells before this bucket are filled */
    int64_t end_minute;  /* the bucket after the last one */
    int64_t now_ms;      /* see aggregator_begin */
    int64_t steady_ms;   /* the end of the last check's bucket, if only that is to be filled, and
                          * the check counts in the next one too; otherwise INT64_MAX */
    int64_t limit_ms;    /* the last moment that is in a bucket and not after now_ms */
    int64_t last_ms;     /* start of the last check */
    enum status last;    /* its status; UNKNOWN: none yet */
    uint8_t *cells;      /* the caller's, end_minute - from_minute of them */
};

/* now_ms is the moment that the cells show: it is in the last bucket, or after it. Checks that
 * start later are ignored. */
void aggregator_begin(struct track *track, int interval_seconds, int64_t from_minute,
                      size_t n_minutes, int64_t now_ms, uint8_t *cells);

/* Adds a check that is not in the bucket after that of the last one. */
void aggregator_add_other(struct track *track, int64_t start_ms, enum status status);

/* Adds a check, which is not UNKNOWN. A day of ten thousand monitors has fourteen million checks,
 * nearly all of them a minute apart. Those need no division. */
static inline void aggregator_add(struct track *track, int64_t start_ms, enum status status)
{
    if ((uint64_t)start_ms - (uint64_t)track->steady_ms >= MS_PER_MINUTE ||
        start_ms > track->limit_ms) {
        aggregator_add_other(track, start_ms, status);
        return;
    }
    track->cells[track->next_minute++ - track->from_minute] = (uint8_t)track->last;
    track->steady_ms += MS_PER_MINUTE;
    track->last_ms = start_ms;
    track->last = status;
}

/* Fills the remaining cells. */
void aggregator_end(struct track *track);

/* A domain of a site. */
struct member {
    const uint8_t *cells;
    enum role role;
    int64_t first_ms; /* start of its first check ever; INT64_MAX: never checked */
};

/*
 * Fills the cells of a site from those of its members, which begin with the same bucket. For each
 * bucket, the first rule that applies decides; members without a check yet are ignored:
 * DOWN if a core domain is DOWN or TIMEOUT; UNKNOWN if a core domain is; DEGRADED if a
 * supplementary domain is DOWN or TIMEOUT, or any domain is BOT_DETECTED or DEGRADED; UNKNOWN if a
 * supplementary domain is; else UP. Without members, UNKNOWN.
 */
void aggregator_site(const struct member *members, size_t n_members, int64_t from_minute,
                     size_t n_minutes, uint8_t *cells);

/* Minutes by status. */
struct tally {
    int64_t minutes[STATUS_COUNT];
};

/* Adds the cells to the tally. */
void aggregator_count(const uint8_t *cells, size_t n_cells, struct tally *tally);
/* Adds more to *into. */
void aggregator_sum(struct tally *into, const struct tally *more);

/* Minutes of one day of a domain or site that count for its uptime, and against it. Some of the
 * good ones are DEGRADED. */
struct day_minutes {
    uint16_t good, bad, degraded;
};

/* The same of a tally, which must be of at most one day. */
struct day_minutes aggregator_minutes(const struct tally *tally);

/* Percentages in thousandths, rounded down: 100 % is 100000. */
struct uptime {
    bool has_data; /* at least one minute counted */
    int uptime;    /* good minutes of those that counted */
    int measured;  /* minutes that counted of all minutes of the span */
    bool is_shown; /* enough was measured to show it to people: see aggregator_uptime */
};

/* A span, and since when its domain or site is watched. */
struct watched_span {
    int64_t from_minute, n_minutes; /* all minutes of the span */
    int64_t end_ms;                 /* its end: now, or the end of a day */
    int64_t first_ms;               /* the first check ever; INT64_MAX: none */
};

/*
 * The uptime over a span. UP and DEGRADED are good, DOWN and TIMEOUT are bad, the others do not
 * count. This serves both domains and sites, which are never TIMEOUT or BOT_DETECTED.
 *
 * It may be shown if the first check is at least half the span old, and at least half of the
 * minutes of the span since then counted.
 */
struct uptime aggregator_uptime(const struct tally *tally, const struct watched_span *span);

#endif
