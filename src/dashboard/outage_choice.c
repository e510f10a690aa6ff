/* Chooses the newest outages: of all domains of a site, and of all sites. */
#include "dashboard/outage_choice.h"

#include "base/clock.h"
#include "dashboard/snapshot.h"

#include <string.h>

/* The number of outages of a list that began at this moment or later. They are in ascending
 * order. */
static size_t count_from(const struct outage_list *list, int64_t from_ms)
{
    size_t low = 0, high = list->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (list->items[middle]->from_ms < from_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return list->n - low;
}

static size_t count_all_from(const struct domain_view *domains, size_t n,
                             enum outage_list_kind kind, int64_t from_ms)
{
    size_t total = 0;

    for (size_t i = 0; i < n; i++)
        total += count_from(&domains[i].outages[kind], from_ms);
    return total;
}

/* Narrows *first and *last to the begins of the oldest and the newest outage. */
static void find_bounds(const struct domain_view *domains, size_t n, enum outage_list_kind kind,
                        int64_t *first, int64_t *last)
{
    for (size_t i = 0; i < n; i++) {
        const struct outage_list *list = &domains[i].outages[kind];

        if (list->n == 0)
            continue;
        if (list->items[0]->from_ms < *first)
            *first = list->items[0]->from_ms;
        if (list->items[list->n - 1]->from_ms > *last)
            *last = list->items[list->n - 1]->from_ms;
    }
}

/* The earliest moment such that at most max outages began at it or later. */
static int64_t find_begin(const struct domain_view *domains, size_t n, enum outage_list_kind kind,
                          size_t max)
{
    int64_t first = INT64_MAX, last = INT64_MIN;

    find_bounds(domains, n, kind, &first, &last);
    if (first > last || count_all_from(domains, n, kind, first) <= max)
        return first;
    while (first < last) {
        int64_t middle = first + (last - first) / 2;

        if (count_all_from(domains, n, kind, middle) <= max)
            last = middle;
        else
            first = middle + 1;
    }
    return count_all_from(domains, n, kind, first) <= max ? first : first + 1;
}

static void choose(struct domain_view *domains, size_t n, enum outage_list_kind kind, size_t max)
{
    int64_t begin = find_begin(domains, n, kind, max);
    size_t left = max;

    for (size_t i = 0; i < n; i++) {
        struct outage_list *list = &domains[i].outages[kind];

        list->n_listed = (uint32_t)count_from(list, begin);
        left -= list->n_listed;
    }

    /* Many can begin at the same moment: of these, the first domains have theirs listed. */
    for (size_t i = 0; i < n && left > 0; i++) {
        struct outage_list *list = &domains[i].outages[kind];

        if (list->n_listed < list->n &&
            list->items[list->n - list->n_listed - 1]->from_ms == begin - 1) {
            list->n_listed++;
            left--;
        }
    }
}

void outage_choice_make(struct domain_view *domains, size_t n)
{
    choose(domains, n, LIST_CONFIRMED, CEILING_PAGE_OUTAGES);
    choose(domains, n, LIST_UNCONFIRMED, CEILING_PAGE_UNCONFIRMED);
    choose(domains, n, LIST_ALL, CEILING_JSON_OUTAGES);
}

/* Inserts an outage in order, unless max of them are later. Returns the number of items. */
static size_t insert_outage(struct chosen_outage *items, size_t n, size_t max,
                            const struct chosen_outage *chosen)
{
    size_t at = n;

    while (at > 0 && items[at - 1].order_ms < chosen->order_ms)
        at--;
    if (at == max)
        return n;
    if (n < max)
        n++;
    memmove(&items[at + 1], &items[at], (n - at - 1) * sizeof *items);
    items[at] = *chosen;
    return n;
}

size_t outage_choice_latest(const struct site_view *sites, size_t n_sites, int64_t from_ms,
                            outage_choice_moment *moment, struct chosen_outage *items, size_t max)
{
    size_t n = 0;

    for (size_t s = 0; s < n_sites; s++) {
        for (size_t d = 0; d < sites[s].n_domains; d++) {
            const struct domain_view *domain = &sites[s].domains[d];
            const struct outage_list *list = &domain->outages[LIST_CONFIRMED];

            for (size_t i = list->n; i-- > 0;) {
                struct chosen_outage chosen = {&sites[s], domain, list->items[i],
                                               moment(list->items[i])};

                if (outage_touches(chosen.outage, from_ms))
                    n = insert_outage(items, n, max, &chosen);
            }
        }
    }
    return n;
}

static int64_t find_start(const struct outage *outage)
{
    return outage->from_ms;
}

/* A page of few sites does not get longer than its table of sites. */
static size_t find_ceiling(size_t n_sites)
{
    if (n_sites < CEILING_INDEX_OUTAGES_MIN)
        return CEILING_INDEX_OUTAGES_MIN;
    return n_sites < CEILING_INDEX_OUTAGES ? n_sites : CEILING_INDEX_OUTAGES;
}

size_t outage_choice_fortnight(const struct snapshot *snapshot,
                               struct chosen_outage items[CEILING_INDEX_OUTAGES], size_t *n_all)
{
    int64_t from_ms = snapshot->at_ms - (int64_t)FORTNIGHT_DAYS * MS_PER_DAY;

    *n_all = 0;
    for (size_t i = 0; i < snapshot->config->n_domains; i++)
        *n_all += snapshot->domains[i].outages[LIST_CONFIRMED].n_fortnight;
    return outage_choice_latest(snapshot->sites, snapshot->n_sites, from_ms, find_start, items,
                                find_ceiling(snapshot->n_sites));
}
