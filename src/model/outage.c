/* Computes outages from transitions. */
#include "model/outage.h"

#include "model/reach.h"

/* The kinds of checks: 0 is well, the others are kinds of outages. */
static const uint8_t kind_of[STATUS_COUNT] = {
    [STATUS_BOT_DETECTED] = 1, [STATUS_DOWN] = 2, [STATUS_TIMEOUT] = 2};

/* Whether the check at from_ms (INT64_MIN: none) does not count any more at to_ms. */
static bool is_gap(int64_t from_ms, int64_t to_ms, int64_t reach)
{
    return from_ms != INT64_MIN && !reach_covers(from_ms, reach, to_ms);
}

bool outage_is_same_kind(enum status a, enum status b)
{
    return kind_of[a] == kind_of[b];
}

bool outage_is_transition(enum status status, int64_t start_ms, enum status before,
                          int64_t before_ms, int64_t reach)
{
    if (before == STATUS_UNKNOWN || !outage_is_same_kind(status, before))
        return true;
    return kind_of[status] && is_gap(before_ms, start_ms, reach);
}

/*
 * The index of the transition that ends the outage which began with transitions[i]; n: none. If the
 * interval has become longer, a gap of that time is no gap any more, and its transition is skipped.
 */
static size_t find_end(const struct transition *transitions, size_t n, size_t i, int64_t reach)
{
    size_t next = i + 1;

    while (next < n &&
           !outage_is_transition(transitions[next].status, transitions[next].start_ms,
                                 transitions[i].status, transitions[next].before_ms, reach))
        next++;
    return next;
}

/* No outage ends before it began, even if the transitions contradict each other. */
static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Ends an outage with the transition after it. */
static void end_before(struct outage *outage, const struct transition *next, int64_t reach)
{
    bool unseen = is_gap(next->before_ms, next->start_ms, reach);

    outage->end = unseen ? OUTAGE_UNSEEN : OUTAGE_ENDED;
    outage->to_ms = later_of(unseen ? next->before_ms : next->start_ms, outage->from_ms);
}

/* Ends an outage after which there is no transition. It is ongoing if its latest check still
 * counts, by the rule of the newest bucket (aggregator.h). */
static void end_now(struct outage *outage, const struct outage_scope *scope)
{
    outage->to_ms = later_of(scope->latest_ms, outage->from_ms);
    outage->end =
        is_gap(outage->to_ms, scope->now_ms, scope->reach_ms) ? OUTAGE_UNSEEN : OUTAGE_ONGOING;
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

        next = find_end(transitions, n_transitions, i, scope->reach_ms);
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
        n += outage->to_ms >= scope->from_ms || outage->end == OUTAGE_ONGOING;
    }
    return n;
}
