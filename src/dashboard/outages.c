/* Chooses the newest outages of all domains of a site. */
#include "dashboard/outages.h"

#include "dashboard/ceilings.h"
#include "dashboard/snapshot.h"

/* The number of outages of a domain that began at this moment or later. They are in ascending
 * order. */
static size_t count_from(const struct domain_view *view, int64_t from_ms)
{
    size_t low = 0, high = view->n_outages;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (view->outages[middle].from_ms < from_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return view->n_outages - low;
}

static size_t count_all_from(const struct domain_view *domains, size_t n, int64_t from_ms)
{
    size_t total = 0;

    for (size_t i = 0; i < n; i++)
        total += count_from(&domains[i], from_ms);
    return total;
}

/* Narrows *first and *last to the begins of the oldest and the newest outage. */
static void find_bounds(const struct domain_view *domains, size_t n, int64_t *first, int64_t *last)
{
    for (size_t i = 0; i < n; i++) {
        const struct domain_view *view = &domains[i];

        if (view->n_outages == 0)
            continue;
        if (view->outages[0].from_ms < *first)
            *first = view->outages[0].from_ms;
        if (view->outages[view->n_outages - 1].from_ms > *last)
            *last = view->outages[view->n_outages - 1].from_ms;
    }
}

/* The earliest moment such that at most max outages began at it or later. */
static int64_t find_begin(const struct domain_view *domains, size_t n, size_t max)
{
    int64_t first = INT64_MAX, last = INT64_MIN;

    find_bounds(domains, n, &first, &last);
    if (first > last || count_all_from(domains, n, first) <= max)
        return first;
    while (first < last) {
        int64_t middle = first + (last - first) / 2;

        if (count_all_from(domains, n, middle) <= max)
            last = middle;
        else
            first = middle + 1;
    }
    return count_all_from(domains, n, first) <= max ? first : first + 1;
}

static void choose(struct domain_view *domains, size_t n, enum outage_list list, size_t max)
{
    int64_t begin = find_begin(domains, n, max);
    size_t left = max;

    for (size_t i = 0; i < n; i++)
        left -= domains[i].n_listed[list] = count_from(&domains[i], begin);

    /* Many can begin at the same moment: of these, the first domains have theirs listed. */
    for (size_t i = 0; i < n && left > 0; i++) {
        size_t listed = domains[i].n_listed[list];

        if (listed < domains[i].n_outages &&
            domains[i].outages[domains[i].n_outages - listed - 1].from_ms == begin - 1) {
            domains[i].n_listed[list]++;
            left--;
        }
    }
}

void outages_choose(struct domain_view *domains, size_t n)
{
    choose(domains, n, LIST_PAGE, CEILING_PAGE_OUTAGES);
    choose(domains, n, LIST_JSON, CEILING_JSON_OUTAGES);
}
