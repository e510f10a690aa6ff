#include "model/aggregator.h"

#include "base/clock.h"

#include <string.h>

void aggregator_begin(struct track *track, int interval_seconds, int64_t from_minute,
                      size_t n_minutes, uint8_t *cells)
{
    *track = (struct track){
        .interval_ms = (int64_t)interval_seconds * MS_PER_SECOND,
        .from_minute = from_minute,
        .next_minute = from_minute,
        .end_minute = from_minute + (int64_t)n_minutes,
        .last = STATUS_UNKNOWN,
        .cells = cells,
    };
}

/* Fills the cells from next_minute to before `until` with one status. */
static void fill(struct track *track, int64_t until, enum status status)
{
    if (until > track->end_minute)
        until = track->end_minute;
    if (until <= track->next_minute)
        return;
    memset(track->cells + (track->next_minute - track->from_minute), (int)status,
           (size_t)(until - track->next_minute));
    track->next_minute = until;
}

/* The first bucket whose end lies more than 2 * interval after this start. */
static int64_t first_faded_minute(int64_t start_ms, int64_t interval_ms)
{
    return clock_floor_div(start_ms + 2 * interval_ms, MS_PER_MINUTE);
}

/* Fills the cells before this bucket with what the latest check says of them. */
static void fill_before(struct track *track, int64_t minute)
{
    int64_t faded = first_faded_minute(track->last_ms, track->interval_ms);

    if (track->last != STATUS_UNKNOWN)
        fill(track, minute < faded ? minute : faded, track->last);
    fill(track, minute, STATUS_UNKNOWN);
}

/* Moves on by one bucket, for which the latest check speaks. */
static void fill_one(struct track *track)
{
    if (track->next_minute == track->last_minute && track->next_minute < track->end_minute)
        track->cells[track->next_minute++ - track->from_minute] = (uint8_t)track->last;
    track->last_minute++;
}

/* Whether a check started in the minute after the latest one's, which that one reaches. */
static bool is_next(const struct track *track, int64_t start_ms)
{
    int64_t next_ms = (track->last_minute + 1) * MS_PER_MINUTE;

    return start_ms >= next_ms && start_ms < next_ms + MS_PER_MINUTE &&
           track->last != STATUS_UNKNOWN && 2 * track->interval_ms >= MS_PER_MINUTE;
}

void aggregator_add(struct track *track, int64_t start_ms, enum status status)
{
    /* A day of ten thousand monitors is fourteen million of these, nearly all a minute apart: that
     * is spared the divisions. */
    if (is_next(track, start_ms)) {
        fill_one(track);
    } else {
        track->last_minute = clock_floor_div(start_ms, MS_PER_MINUTE);
        fill_before(track, track->last_minute);
    }
    track->last_ms = start_ms;
    track->last = status;
}

void aggregator_end(struct track *track)
{
    fill_before(track, track->end_minute);
}

/* The rules of spec 6 by their number, from a member's role and status: the first that holds wins.
 */
static const uint8_t rule_of[2][STATUS_COUNT] = {
    [ROLE_CORE] = {[STATUS_DOWN] = 1,
                   [STATUS_TIMEOUT] = 1,
                   [STATUS_UNKNOWN] = 2,
                   [STATUS_DEGRADED] = 3,
                   [STATUS_BOT_DETECTED] = 3,
                   [STATUS_UP] = 5},
    [ROLE_SUPPLEMENTARY] = {[STATUS_DOWN] = 3,
                            [STATUS_TIMEOUT] = 3,
                            [STATUS_DEGRADED] = 3,
                            [STATUS_BOT_DETECTED] = 3,
                            [STATUS_UNKNOWN] = 4,
                            [STATUS_UP] = 5},
};
enum { NO_RULE = 6 };
static const uint8_t says[NO_RULE + 1] = {
    [1] = STATUS_DOWN,    [2] = STATUS_UNKNOWN, [3] = STATUS_DEGRADED,
    [4] = STATUS_UNKNOWN, [5] = STATUS_UP,      [NO_RULE] = STATUS_UNKNOWN,
};

/* The first of n_minutes buckets that is not over before the member's first check: rule 0. */
static size_t first_counted(const struct member *member, int64_t from_minute, size_t n_minutes)
{
    int64_t skipped = clock_floor_div(member->first_ms, MS_PER_MINUTE) - from_minute;

    if (skipped <= 0)
        return 0;
    return skipped < (int64_t)n_minutes ? (size_t)skipped : n_minutes;
}

/* Cells come in long runs of one status, so that they are looked at by the block. */
enum { BLOCK = 16 };

/* Whether all cells of a block are like its first. */
static bool is_even(const uint8_t *cells)
{
    uint64_t pattern = cells[0] * UINT64_C(0x0101010101010101), half[2];

    memcpy(half, cells, sizeof half);
    return half[0] == pattern && half[1] == pattern;
}

/* Of each cell's rule and one that may come before it, the first. */
static void apply(uint8_t *cells, size_t n_cells, const uint8_t *rules, const uint8_t *statuses)
{
    for (size_t i = 0; i < n_cells; i++) {
        uint8_t rule = rules[statuses[i]];

        if (rule < cells[i])
            cells[i] = rule;
    }
}

/* The same for a block under one rule; its fixed size makes it a few instructions. */
static void apply_even(uint8_t *cells, uint8_t rule)
{
    for (int i = 0; i < BLOCK; i++)
        cells[i] = cells[i] < rule ? cells[i] : rule;
}

static void apply_member(const struct member *member, size_t from, size_t n_minutes, uint8_t *cells)
{
    const uint8_t *rules = rule_of[member->role];

    for (; from + BLOCK <= n_minutes; from += BLOCK) {
        if (is_even(member->cells + from))
            apply_even(cells + from, rules[member->cells[from]]);
        else
            apply(cells + from, BLOCK, rules, member->cells + from);
    }
    apply(cells + from, n_minutes - from, rules, member->cells + from);
}

void aggregator_site(const struct member *members, size_t n_members, int64_t from_minute,
                     size_t n_minutes, uint8_t *cells)
{
    memset(cells, NO_RULE, n_minutes);
    for (size_t m = 0; m < n_members; m++)
        apply_member(&members[m], first_counted(&members[m], from_minute, n_minutes), n_minutes,
                     cells);
    for (size_t i = 0; i < n_minutes; i++)
        cells[i] = says[cells[i]];
}

void aggregator_count(const uint8_t *cells, size_t n_cells, struct tally *tally)
{
    for (; n_cells >= BLOCK; cells += BLOCK, n_cells -= BLOCK) {
        if (is_even(cells)) {
            tally->minutes[cells[0]] += BLOCK;
            continue;
        }
        for (int i = 0; i < BLOCK; i++)
            tally->minutes[cells[i]]++;
    }
    for (size_t i = 0; i < n_cells; i++)
        tally->minutes[cells[i]]++;
}

void aggregator_sum(struct tally *into, const struct tally *more)
{
    for (int i = 0; i < STATUS_COUNT; i++)
        into->minutes[i] += more->minutes[i];
}

static int64_t good_of(const struct tally *tally)
{
    return tally->minutes[STATUS_UP] + tally->minutes[STATUS_DEGRADED];
}

static int64_t bad_of(const struct tally *tally)
{
    return tally->minutes[STATUS_DOWN] + tally->minutes[STATUS_TIMEOUT];
}

struct day_minutes aggregator_minutes(const struct tally *tally)
{
    return (struct day_minutes){(uint16_t)good_of(tally), (uint16_t)bad_of(tally)};
}

struct uptime aggregator_uptime(const struct tally *tally, int64_t span_minutes)
{
    enum { WHOLE = 100000 };
    int64_t good = good_of(tally), counted = good + bad_of(tally);

    if (counted == 0)
        return (struct uptime){false, 0, 0};

    /* More minutes counted than the span has is a clock that was moved: all of it was measured. */
    if (span_minutes < counted)
        span_minutes = counted;
    return (struct uptime){true, (int)(good * WHOLE / counted),
                           (int)(counted * WHOLE / span_minutes)};
}
