#include "interruption.h"

#include "base/clock.h"

/* What is the same interruption, or none: 0. */
static const uint8_t kind_of[STATUS_COUNT] = {
    [STATUS_BOT_DETECTED] = 1, [STATUS_DOWN] = 2, [STATUS_TIMEOUT] = 2};

/* Whether longer than that lies between two moments, of which the earlier may be none. */
static bool is_gap(int64_t from_ms, int64_t to_ms, int64_t reach_ms)
{
    return from_ms != INT64_MIN && reach_ms != INT64_MAX && to_ms - from_ms > reach_ms;
}

bool turn_is(enum status status, int64_t start_ms, enum status before, int64_t before_ms,
             int64_t reach_ms)
{
    if (before == STATUS_UNKNOWN || kind_of[status] != kind_of[before])
        return true;
    return kind_of[status] && is_gap(before_ms, start_ms, reach_ms);
}

/* The turn behind an interruption that began with turns[i]; n: none. Where the interval became
 * longer, what was a gap is none any more. */
static size_t next_turn(const struct turn *turns, size_t n, size_t i, int64_t reach_ms)
{
    size_t next = i + 1;

    while (next < n && !turn_is(turns[next].status, turns[next].start_ms, turns[i].status,
                                turns[next].before_ms, reach_ms))
        next++;
    return next;
}

/* How it ended with the turn that followed. */
static void end_before(struct interruption *interruption, const struct turn *next, int64_t reach_ms)
{
    bool unseen = is_gap(next->before_ms, next->start_ms, reach_ms);

    interruption->end = unseen ? INTERRUPTION_UNSEEN : INTERRUPTION_ENDED;
    interruption->to_ms = unseen ? next->before_ms : next->start_ms;
}

/* How it stands now that no turn has followed: the bucket of now says whether it goes on. */
static void end_now(struct interruption *interruption, const struct interruption_scope *scope)
{
    int64_t bucket_end = (clock_floor_div(scope->now_ms, MS_PER_MINUTE) + 1) * MS_PER_MINUTE;

    interruption->to_ms = scope->latest_ms;
    if (interruption->to_ms < interruption->from_ms)
        interruption->to_ms = interruption->from_ms;
    interruption->end = is_gap(interruption->to_ms, bucket_end, scope->reach_ms)
                            ? INTERRUPTION_UNSEEN
                            : INTERRUPTION_GOES_ON;
}

size_t interruption_find(const struct turn *turns, size_t n_turns,
                         const struct interruption_scope *scope, struct interruption *found)
{
    size_t n = 0, next;

    while (n_turns > 0 && turns[n_turns - 1].start_ms > scope->now_ms)
        n_turns--;
    for (size_t i = 0; i < n_turns; i = next) {
        const struct turn *turn = &turns[i];
        struct interruption *interruption = &found[n];

        next = next_turn(turns, n_turns, i, scope->reach_ms);
        if (!kind_of[turn->status])
            continue;
        *interruption = (struct interruption){.from_ms = turn->start_ms,
                                              .status = turn->status,
                                              .http_status = turn->http_status,
                                              .failure = turn->failure};
        if (next < n_turns)
            end_before(interruption, &turns[next], scope->reach_ms);
        else
            end_now(interruption, scope);
        n += interruption->to_ms >= scope->from_ms || interruption->end == INTERRUPTION_GOES_ON;
    }
    return n;
}
