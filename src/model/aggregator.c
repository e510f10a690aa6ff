/* Computes timelines and uptimes from checks. */
#include "model/aggregator.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/reach.h"

#include <string.h>

void aggregator_begin(struct track *track, int interval_seconds, int64_t from_minute,
                      size_t n_minutes, int64_t now_ms, uint8_t *cells)
{
    int64_t end_ms = (from_minute + (int64_t)n_minutes) * MS_PER_MINUTE;

    *track = (struct track){
        .now_ms = now_ms,
        .reach_ms = reach_ms(interval_seconds),
        .from_minute = from_minute,
        .next_minute = from_minute,
        .end_minute = from_minute + (int64_t)n_minutes,
        .steady_ms = INT64_MAX,
        .limit_ms = now_ms < end_ms ? now_ms : end_ms - 1,
        .last = STATUS_UNKNOWN,
        .cells = cells,
    };
}

/* Fills the cells from next_minute up to, but without, `until`. */
static void fill_cells(struct track *track, int64_t until, enum status status)
{
    if (until > track->end_minute)
        until = track->end_minute;
    if (until <= track->next_minute)
        return;
    memset(track->cells + (track->next_minute - track->from_minute), (int)status,
           (size_t)(until - track->next_minute));
    track->next_minute = until;
}

/* Fills the cells before this bucket: with the last check as long as it counts, then UNKNOWN. */
static void fill_before(struct track *track, int64_t minute)
{
    int64_t stale = reach_stale_minute(track->last_ms, track->reach_ms);

    if (track->last != STATUS_UNKNOWN)
        fill_cells(track, minute < stale ? minute : stale, track->last);
    fill_cells(track, minute, STATUS_UNKNOWN);
}

void aggregator_add_other(struct track *track, int64_t start_ms, enum status status)
{
    int64_t minute = clock_floor_div(start_ms, MS_PER_MINUTE);

    if (start_ms > track->now_ms)
        return;
    fill_before(track, minute);
    track->last_ms = start_ms;
    track->last = status;
    track->steady_ms = track->next_minute == minute && track->reach_ms >= MS_PER_MINUTE
                           ? (minute + 1) * MS_PER_MINUTE
                           : INT64_MAX;
}

void aggregator_end(struct track *track)
{
    int64_t newest = track->end_minute - 1;
    bool is_now = clock_floor_div(track->now_ms, MS_PER_MINUTE) == newest;

    fill_before(track, track->end_minute);
    if (is_now && newest >= track->from_minute && track->last != STATUS_UNKNOWN)
        track->cells[newest - track->from_minute] =
            reach_covers(track->last_ms, track->reach_ms, track->now_ms) ? (uint8_t)track->last
                                                                         : STATUS_UNKNOWN;
}

/* The number of the rule that applies to a member (aggregator_site). The lowest number decides. */
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
static const uint8_t status_of_rule[NO_RULE + 1] = {
    [1] = STATUS_DOWN,    [2] = STATUS_UNKNOWN, [3] = STATUS_DEGRADED,
    [4] = STATUS_UNKNOWN, [5] = STATUS_UP,      [NO_RULE] = STATUS_UNKNOWN,
};

/* The first of n_minutes buckets in which the member has been checked; n_minutes: none. */
static size_t first_counted(const struct member *member, int64_t from_minute, size_t n_minutes)
{
    int64_t skipped = clock_floor_div(member->first_ms, MS_PER_MINUTE) - from_minute;

    if (skipped <= 0)
        return 0;
    return skipped < (int64_t)n_minutes ? (size_t)skipped : n_minutes;
}

/* Cells come in long runs of one status, so most blocks have only one. */
enum { BLOCK = 16 };

/* Whether all cells of a block are equal. */
static bool is_even(const uint8_t *cells)
{
    uint64_t pattern = cells[0] * UINT64_C(0x0101010101010101), half[2];

    memcpy(half, cells, sizeof half);
    return half[0] == pattern && half[1] == pattern;
}

/* Lowers each cell to the rule that applies to this member, if that comes earlier. */
static void apply_each(uint8_t *cells, size_t n_cells, const uint8_t *rules,
                       const uint8_t *statuses)
{
    for (size_t i = 0; i < n_cells; i++) {
        uint8_t rule = rules[statuses[i]];

        if (rule < cells[i])
            cells[i] = rule;
    }
}

/* The same for a block with one rule. The compiler makes it a few instructions. */
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
            apply_each(cells + from, BLOCK, rules, member->cells + from);
    }
    apply_each(cells + from, n_minutes - from, rules, member->cells + from);
}

void aggregator_site(const struct member *members, size_t n_members, int64_t from_minute,
                     size_t n_minutes, uint8_t *cells)
{
    memset(cells, NO_RULE, n_minutes);
    for (size_t m = 0; m < n_members; m++)
        apply_member(&members[m], first_counted(&members[m], from_minute, n_minutes), n_minutes,
                     cells);
    for (size_t i = 0; i < n_minutes; i++)
        cells[i] = status_of_rule[cells[i]];
}

/* After a run, some cells are counted one by one: a run that is short costs more than they do. */
void aggregator_count(const uint8_t *cells, size_t n_cells, struct tally *tally)
{
    for (size_t i = 0, run, end; i < n_cells; i = end) {
        run = memory_run(cells + i, n_cells - i);
        tally->minutes[cells[i]] += (int64_t)run;
        i += run;
        end = n_cells - i < BLOCK ? n_cells : i + BLOCK;
        for (; i < end; i++)
            tally->minutes[cells[i]]++;
    }
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
    return (struct day_minutes){(uint16_t)good_of(tally), (uint16_t)bad_of(tally),
                                (uint16_t)tally->minutes[STATUS_DEGRADED]};
}

/* Whether enough of the span was measured. Half the span is computed, not the age of the first
 * check, which may be INT64_MAX. */
static bool is_enough(int64_t counted, const struct watched_span *span)
{
    int64_t first = clock_floor_div(span->first_ms, MS_PER_MINUTE);
    int64_t end = span->from_minute + span->n_minutes;
    int64_t watched = end - (first > span->from_minute ? first : span->from_minute);

    return span->first_ms <= span->end_ms - span->n_minutes * (MS_PER_MINUTE / 2) &&
           counted * 2 >= watched;
}

struct uptime aggregator_uptime(const struct tally *tally, const struct watched_span *span)
{
    enum { WHOLE = 100000 };
    int64_t good = good_of(tally), counted = good + bad_of(tally), minutes = span->n_minutes;

    if (counted == 0)
        return (struct uptime){.has_data = false};

    /* If the clock was moved, more minutes can have counted than the span has. */
    if (minutes < counted)
        minutes = counted;
    return (struct uptime){true, (int)(good * WHOLE / counted), (int)(counted * WHOLE / minutes),
                           is_enough(counted, span)};
}
