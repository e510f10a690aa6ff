/* Finds the reasons of the runs of a timeline. */
#include "dashboard/run_reasons.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/ceilings.h"
#include "dashboard/snapshot.h"
#include "model/check.h"

#include <stdio.h>
#include <string.h>

enum { REASON_NAMES = 3 }; /* names of domains in a reason */

/* The latencies of slow checks. */
struct slowness {
    uint16_t min, max; /* LATENCY_NONE: unknown */
};

/* Finds the latencies of the checks that make these buckets DEGRADED. The first of them may have
 * started before the first bucket. */
static struct slowness find_slowness(const struct run_reasons *reasons, size_t first, size_t n)
{
    const struct domain_view *view = reasons->domains;
    size_t before = LATENCY_MINUTES - reasons->snapshot->n_buckets;
    size_t from = before + first, to = from + n;
    struct slowness found = {LATENCY_NONE, LATENCY_NONE};

    if (!view->latencies || !view->day_cells)
        return found;
    while (from > 0 && view->latencies[from] == LATENCY_NONE &&
           view->day_cells[from - 1] == STATUS_DEGRADED)
        from--;
    for (size_t i = from; i < to; i++) {
        uint16_t latency = view->latencies[i];

        if (latency == LATENCY_NONE)
            continue;
        if (found.min == LATENCY_NONE || latency < found.min)
            found.min = latency;
        if (found.max == LATENCY_NONE || latency > found.max)
            found.max = latency;
    }
    return found;
}

/* Adds the text of the last check, or the latencies of earlier ones: only the last check's text is
 * stored. */
static void add_slowness(const struct run_reasons *reasons, size_t first, size_t n,
                         struct object *into)
{
    const struct domain_view *view = reasons->domains;
    struct slowness slowness;
    char text[2 * TEXT_NUMBER_MAX + sizeof "– ms"];

    if (first + n == reasons->snapshot->n_buckets && view->last &&
        check_state_of(view->last->status, view->last->failure) == STATUS_DEGRADED) {
        object_brief(into, "reason", view->last->failure, CEILING_LABEL_BYTES);
        return;
    }
    slowness = find_slowness(reasons, first, n);
    if (slowness.min == LATENCY_NONE)
        return;
    if (slowness.min < slowness.max)
        snprintf(text, sizeof text, "%d–%d ms", slowness.min, slowness.max);
    else
        snprintf(text, sizeof text, "%d ms", slowness.min);
    object_bytes(into, "reason", text, strlen(text));
}

/* The reason that an outage had at a moment. */
static const struct outage_reason *find_reason(const struct outage *outage, int64_t at_ms)
{
    size_t i = outage->n_reasons - 1;

    while (i > 0 && outage->reasons[i].since_ms >= at_ms)
        i--;
    return &outage->reasons[i];
}

/* The reason of the outage to which the check of this bucket belongs; NULL: unknown. */
static const struct outage_reason *reason_at(const struct run_reasons *reasons, size_t bucket)
{
    const struct domain_view *view = reasons->domains;
    const struct outage_list *list = &view->outages[LIST_ALL];
    int64_t end_ms = reasons->snapshot->from_ms + ((int64_t)bucket + 1) * MS_PER_MINUTE;
    enum event_check check = view->timeline[bucket] == STATUS_BOT_DETECTED ? EVENT_BOT : EVENT_HTTP;

    for (size_t i = list->n; i-- > 0;) {
        if (list->items[i]->from_ms < end_ms && list->items[i]->check == check)
            return find_reason(list->items[i], end_ms);
    }
    return NULL;
}

/* A slow domain has one reason: it is slow. */
static size_t failure_same_until(const void *context, size_t first, size_t end)
{
    const struct run_reasons *reasons = context;
    enum status status = reasons->domains->timeline[first];
    const struct outage_reason *reason = NULL;
    size_t next = first + 1;

    if (status != STATUS_DEGRADED)
        reason = reason_at(reasons, first);
    while (next < end && reasons->domains->timeline[next] == status &&
           (status == STATUS_DEGRADED || reason_at(reasons, next) == reason))
        next++;
    return next;
}

static void add_failure(const void *context, size_t first, size_t n, struct object *into)
{
    const struct run_reasons *reasons = context;
    const struct outage_reason *reason;

    if (reasons->domains->timeline[first] == STATUS_DEGRADED) {
        add_slowness(reasons, first, n, into);
        return;
    }
    reason = reason_at(reasons, first);
    if (reason)
        object_brief(into, "reason", reason->failure, CEILING_LABEL_BYTES);
}

/* Whether a domain may be why its site is not UP in this bucket. */
static bool is_to_blame(const struct domain_view *view, size_t bucket)
{
    return status_is_bad(view->timeline[bucket]);
}

static size_t names_same_until(const void *context, size_t first, size_t end)
{
    const struct run_reasons *reasons = context;

    for (size_t i = 0; i < reasons->n; i++) {
        bool is_bad = is_to_blame(&reasons->domains[i], first);
        size_t next = first + 1;

        while (next < end && is_to_blame(&reasons->domains[i], next) == is_bad)
            next++;
        end = next;
    }
    return end;
}

/* Adds the names of the domains that were not UP. */
static void add_names(const void *context, size_t first, size_t n, struct object *into)
{
    const struct run_reasons *reasons = context;
    char names[CEILING_LABEL_BYTES * 2] = "";
    size_t n_names = 0, size = 0;

    (void)n;
    for (size_t i = 0; i < reasons->n && n_names <= REASON_NAMES; i++) {
        if (!is_to_blame(&reasons->domains[i], first))
            continue;
        size += (size_t)snprintf(names + size, sizeof names - size, "%s%s", n_names ? ", " : "",
                                 n_names < REASON_NAMES ? reasons->domains[i].domain->name : "…");
        n_names++;
        if (size >= sizeof names)
            break;
    }
    if (n_names)
        object_brief(into, "reason", names, CEILING_LABEL_BYTES);
}

void run_reasons_set(struct run_reasons *reasons, const struct snapshot *snapshot,
                     const struct domain_view *domains, size_t n, struct timeline_source *source)
{
    *reasons = (struct run_reasons){snapshot, domains, n};
    source->same_until = n == 1 ? failure_same_until : names_same_until;
    source->reason = n == 1 ? add_failure : add_names;
    source->context = reasons;
}
