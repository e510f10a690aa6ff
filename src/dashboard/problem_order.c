/* Orders the sites with problems, so that the page of one leads to those beside it. */
#include "dashboard/problem_order.h"

#include "base/clock.h"
#include "dashboard/problems.h"
#include "dashboard/snapshot.h"
#include "model/reach.h"

#include <stdlib.h>

/* The status of each site is found from those of its domains, as that of its newest bucket is. */
struct status_finder {
    const struct snapshot *snapshot;
    uint8_t *cells; /* the status of each domain */
    struct member *members;
};

static enum status status_of(const struct snapshot *snapshot, const struct domain_view *view)
{
    const struct recorded *last = view->last;

    if (!last ||
        !reach_covers(last->start_ms, reach_ms(view->domain->interval_seconds), snapshot->at_ms))
        return STATUS_UNKNOWN;
    return check_state_of(last->status, last->failure);
}

static enum status find_status(const struct status_finder *finder, const struct site_view *site)
{
    uint8_t cell;

    for (size_t i = 0; i < site->n_domains; i++) {
        const struct domain_view *view = &site->domains[i];

        finder->cells[i] = (uint8_t)status_of(finder->snapshot, view);
        finder->members[i] = (struct member){&finder->cells[i], view->domain->role, view->first_ms};
    }
    aggregator_site(finder->members, site->n_domains,
                    clock_floor_div(finder->snapshot->at_ms, MS_PER_MINUTE), 1, &cell);
    return (enum status)cell;
}

static int compare(const struct ordered_problem *one, const struct ordered_problem *other)
{
    int severity = status_severity(one->status), other_severity = status_severity(other->status);

    if (severity != other_severity)
        return severity > other_severity ? -1 : 1;
    return one->site < other->site ? -1 : one->site > other->site;
}

static int compare_items(const void *a, const void *b)
{
    return compare(a, b);
}

/* Counts the problems; if items is not NULL, stores them. */
static size_t find_problems(const struct status_finder *finder, struct ordered_problem *items)
{
    size_t n = 0;

    for (size_t s = 0; s < finder->snapshot->n_sites; s++) {
        enum status status = find_status(finder, &finder->snapshot->sites[s]);

        if (!status_is_bad(status))
            continue;
        if (items)
            items[n] = (struct ordered_problem){(uint32_t)s, status};
        n++;
    }
    return n;
}

static size_t max_domains(const struct snapshot *snapshot)
{
    size_t max = 0;

    for (size_t s = 0; s < snapshot->n_sites; s++) {
        if (snapshot->sites[s].n_domains > max)
            max = snapshot->sites[s].n_domains;
    }
    return max;
}

int problem_order_make(struct problem_order *order, const struct snapshot *snapshot,
                       struct arena *arena)
{
    size_t max = max_domains(snapshot);
    struct status_finder finder = {snapshot, malloc(max + 1),
                                   malloc((max + 1) * sizeof *finder.members)};
    bool is_made = false;

    *order = (struct problem_order){NULL, 0};
    if (finder.cells && finder.members) {
        order->n = find_problems(&finder, NULL);
        order->items = arena_alloc(arena, order->n * sizeof *order->items);
        is_made = order->items;
    }
    if (is_made) {
        find_problems(&finder, order->items);
        qsort(order->items, order->n, sizeof *order->items, compare_items);
    }
    free(finder.cells);
    free(finder.members);
    return is_made ? 0 : -1;
}

void problem_order_neighbours(const struct problem_order *order, size_t site, enum status status,
                              const struct ordered_problem **previous,
                              const struct ordered_problem **next)
{
    struct ordered_problem self = {(uint32_t)site, status};
    size_t low = 0, high = order->n, before, after;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(&order->items[middle], &self) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    /* With another status, the site itself may be one of them. */
    before = low > 0 && order->items[low - 1].site == site ? low - 1 : low;
    after = low < order->n && order->items[low].site == site ? low + 1 : low;
    *previous = before > 0 ? &order->items[before - 1] : NULL;
    *next = after < order->n ? &order->items[after] : NULL;
}
