#include "model/outage.h"

#include "base/clock.h"

/* What is the same interruption, or none: 0. */
static const uint8_t kind_of[STATUS_COUNT] = {
    [STATUS_BOT_DETECTED] = 1, [STATUS_DOWN] = 2, [STATUS_TIMEOUT] = 2};

/* Whether longer than that lies between two moments, of which the earlier may be none. */
static bool is_gap(int64_t from_ms, int64_t to_ms, int64_t reach_ms)
{
    return from_ms != INT64_MIN && reach_ms != INT64_MAX && to_ms - from_ms > reach_ms;
}

bool outage_is_transition(enum status status, int64_t start_ms, enum status before,
                          int64_t before_ms, int64_t reach_ms)
{
    if (before == STATUS_UNKNOWN || kind_of[status] != kind_of[before])
        return true;
    return kind_of[status] && is_gap(before_ms, start_ms, reach_ms);
}

/* The turn behind an interruption that began with turns[i]; n: none. Where the interval became
 * longer, what was a gap is none any more. */
static size_t next_turn(const struct transition *transitions, size_t n, size_t i, int64_t reach_ms)
{
    size_t next = i + 1;

    while (next < n &&
           !outage_is_transition(transitions[next].status, transitions[next].start_ms,
                                 transitions[i].status, transitions[next].before_ms, reach_ms))
        next++;
    return next;
}

/* How it ended with the turn that followed. */
static void end_before(struct outage *outage, const struct transition *next, int64_t reach_ms)
{
    bool unseen = is_gap(next->before_ms, next->start_ms, reach_ms);

    outage->end = unseen ? OUTAGE_UNSEEN : OUTAGE_ENDED;
    outage->to_ms = unseen ? next->before_ms : next->start_ms;
}

/* How it stands now that no turn has followed: the bucket of now says whether it goes on. */
static void end_now(struct outage *outage, const struct outage_scope *scope)
{
    int64_t bucket_end = (clock_floor_div(scope->now_ms, MS_PER_MINUTE) + 1) * MS_PER_MINUTE;

    outage->to_ms = scope->latest_ms;
    if (outage->to_ms < outage->from_ms)
        outage->to_ms = outage->from_ms;
    outage->end =
        is_gap(outage->to_ms, bucket_end, scope->reach_ms) ? OUTAGE_UNSEEN : OUTAGE_GOES_ON;
}

size_t outage_find(const struct transition *transitions, size_t n_transitions,
                   const struct outage_scope *scope, struct outage *found)
{
    size_t n = 0, next;

    while (n_transitions > 0 && transitions[n_transitions - 1].start_ms > scope->now_ms)
        n_transitions--;
    for (size_t i = 0; i < n_transitions; i = next) {
        const struct transition *transition = &transitions[i];
        struct outage *outage = &found[n];

        next = next_turn(transitions, n_transitions, i, scope->reach_ms);
        if (!kind_of[transition->status])
            continue;
        *outage = (struct outage){.from_ms = transition->start_ms,
                                  .status = transition->status,
                                  .http_status = transition->http_status,
                                  .failure = transition->failure};
        if (next < n_transitions)
            end_before(outage, &transitions[next], scope->reach_ms);
        else
            end_now(outage, scope);
        n += outage->to_ms >= scope->from_ms || outage->end == OUTAGE_GOES_ON;
    }
    return n;
}
