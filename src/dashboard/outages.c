/* Loads the outages of domains. */
#include "dashboard/outages.h"

#include "base/clock.h"
#include "base/memory.h"
#include "dashboard/ceilings.h"
#include "dashboard/snapshot.h"
#include "model/reach.h"
#include "state/event_table.h"
#include "state/monitors.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An outage in memory of its own, with its reasons and their texts after it. */
struct kept_outage {
    struct kept_outage *next; /* of the snapshot */
    struct outage outage;
    struct outage_reason reasons[];
};

/* Outages of a domain, in no special order until they are sorted. */
struct outage_pile {
    struct kept_outage **items;
    size_t n, capacity;
    struct outage_list counts;
};

/* A load under way. */
struct outage_loading {
    struct snapshot *snapshot;
    struct storage *storage;
    int64_t from_ms, week_ms, fortnight_ms;
    char scope[EVENT_SCOPE_MAX]; /* of the last event */
    bool is_configured;          /* whether that is a domain of the configuration */
    size_t domain;               /* whose events are being read; SIZE_MAX: none */
    struct outage_reading reading;
    struct outage_pile piles[LIST_ALL]; /* of the domain */
};

static_assert((int)OUTAGES_KEPT_MAX >= (int)CEILING_JSON_OUTAGES &&
                  (int)OUTAGES_KEPT_MAX >= (int)CEILING_PAGE_OUTAGES &&
                  (int)OUTAGES_KEPT_MAX >= (int)CEILING_FEED_ENTRIES &&
                  (int)OUTAGES_KEPT_MAX >= (int)CEILING_REASONS,
              "more outages are shown than are kept");

/* The conditions that are outages. */
static const bool is_outage[EVENT_CHECKS] = {[EVENT_HTTP] = true, [EVENT_BOT] = true};

static int out_of_memory(struct error *error)
{
    return error_set(error, EXIT_IO, "uptick: out of memory while loading the outages");
}

static int compare_outages(const struct outage *one, const struct outage *other)
{
    if (one->from_ms != other->from_ms)
        return one->from_ms < other->from_ms ? -1 : 1;
    if (one->began_ms != other->began_ms)
        return one->began_ms < other->began_ms ? -1 : 1;
    return (int)one->check - (int)other->check;
}

static int compare_kept(const void *a, const void *b)
{
    return compare_outages(&(*(struct kept_outage *const *)a)->outage,
                           &(*(struct kept_outage *const *)b)->outage);
}

/* Sorts a pile, and drops the oldest ones beyond the maximum. */
static void sort_pile(struct outage_pile *pile)
{
    size_t surplus = pile->n > OUTAGES_KEPT_MAX ? pile->n - OUTAGES_KEPT_MAX : 0;

    if (pile->n == 0)
        return;
    qsort(pile->items, pile->n, sizeof *pile->items, compare_kept);
    for (size_t i = 0; i < surplus; i++)
        free(pile->items[i]);
    pile->n -= surplus;
    memmove(pile->items, pile->items + surplus, pile->n * sizeof *pile->items);
}

/* Copies a text to *at, and moves *at to its end. */
static const char *copy_text(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    const char *copy = memcpy(*at, text, size);

    *at += size;
    return copy;
}

static struct kept_outage *copy_outage(const struct outage *outage)
{
    size_t size = sizeof(struct kept_outage) + outage->n_reasons * sizeof *outage->reasons;
    struct kept_outage *kept;
    char *at;

    for (size_t i = 0; i < outage->n_reasons; i++)
        size += strlen(outage->reasons[i].code) + strlen(outage->reasons[i].failure) + 2;
    kept = malloc(size);
    if (!kept)
        return NULL;
    kept->outage = *outage;
    kept->outage.reasons = kept->reasons;
    at = (char *)(kept->reasons + outage->n_reasons);
    for (size_t i = 0; i < outage->n_reasons; i++) {
        kept->reasons[i].since_ms = outage->reasons[i].since_ms;
        kept->reasons[i].code = copy_text(&at, outage->reasons[i].code);
        kept->reasons[i].failure = copy_text(&at, outage->reasons[i].failure);
    }
    return kept;
}

static int keep_outage(struct outage_loading *loading, const struct outage *outage,
                       struct error *error)
{
    enum outage_list_kind kind = outage->confirmed    ? LIST_CONFIRMED
                                 : outage->end_reason ? LIST_UNCONFIRMED
                                                      : LIST_UNDECIDED;
    struct outage_pile *pile = &loading->piles[kind];
    struct kept_outage **items =
        memory_grow(pile->items, &pile->capacity, pile->n + 1, sizeof *items);
    struct kept_outage *kept = items ? copy_outage(outage) : NULL;

    if (items)
        pile->items = items;
    if (!kept)
        return out_of_memory(error);
    pile->items[pile->n++] = kept;
    pile->counts.n_all++;
    pile->counts.n_week += outage_touches(outage, loading->week_ms);
    pile->counts.n_fortnight += outage_touches(outage, loading->fortnight_ms);
    if (pile->n == 2 * OUTAGES_KEPT_MAX)
        sort_pile(pile);
    return 0;
}

/* Makes an outage of the events of a condition. */
static int finish_condition(struct outage_loading *loading, struct error *error)
{
    const struct snapshot *snapshot = loading->snapshot;
    struct outage_reason reasons[OUTAGE_REASONS_MAX];
    struct outage_scope scope;
    struct outage outage;

    if (loading->domain == SIZE_MAX)
        return 0;
    scope = (struct outage_scope){
        .reach_ms = reach_ms(snapshot->config->domains[loading->domain].interval_seconds),
        .latest_ms = snapshot->domains[loading->domain].latest_ms,
        .now_ms = snapshot->at_ms};
    if (!outage_finish(&loading->reading, &scope, &outage, reasons) ||
        !outage_touches(&outage, loading->from_ms))
        return 0;
    return keep_outage(loading, &outage, error);
}

static int compare_listed(const void *a, const void *b)
{
    return compare_outages(*(const struct outage *const *)a, *(const struct outage *const *)b);
}

/* Makes the list of all, of the n outages of the other lists, which are before *all. */
static void merge_lists(struct domain_view *view, const struct outage **all, size_t n)
{
    struct outage_list *list = &view->outages[LIST_ALL];

    memcpy(all, all - n, n * sizeof *all);
    qsort(all, n, sizeof *all, compare_listed);
    *list = (struct outage_list){.items = all, .n = (uint32_t)n};
    for (int i = 0; i < LIST_ALL; i++) {
        list->n_all += view->outages[i].n_all;
        list->n_week += view->outages[i].n_week;
        list->n_fortnight += view->outages[i].n_fortnight;
    }
}

/* Passes the outages of a pile to the snapshot. */
static void empty_pile(struct outage_loading *loading, struct outage_pile *pile,
                       struct outage_list *list, const struct outage **items)
{
    for (size_t i = 0; i < pile->n; i++) {
        items[i] = &pile->items[i]->outage;
        pile->items[i]->next = loading->snapshot->kept_outages;
        loading->snapshot->kept_outages = pile->items[i];
    }
    *list = pile->counts;
    list->items = items;
    list->n = (uint32_t)pile->n;
    pile->n = 0;
    pile->counts = (struct outage_list){.items = NULL};
}

/* Sets the lists of the domain whose events have been read. */
static int finish_domain(struct outage_loading *loading, struct error *error)
{
    const struct outage **items;
    struct domain_view *view;
    size_t n = 0;

    if (finish_condition(loading, error))
        return -1;
    for (int i = 0; i < LIST_ALL; i++) {
        sort_pile(&loading->piles[i]);
        n += loading->piles[i].n;
    }
    if (n == 0)
        return 0;
    items = arena_alloc(loading->snapshot->arena, 2 * n * sizeof *items);
    if (!items)
        return out_of_memory(error);
    view = &loading->snapshot->domains[loading->domain];
    for (int i = 0; i < LIST_ALL; i++) {
        empty_pile(loading, &loading->piles[i], &view->outages[i], items);
        items += view->outages[i].n;
    }
    merge_lists(view, items, n);
    return 0;
}

/* Begins to read the events of another scope: of a domain if it is that of a configured one. */
static int begin_scope(struct outage_loading *loading, const char *scope, struct error *error)
{
    char site[TEXT_ID_MAX + 1];
    size_t size = strcspn(scope, "/");
    int64_t id = 0;

    if (finish_domain(loading, error))
        return -1;
    loading->domain = SIZE_MAX;
    outage_begin(&loading->reading, loading->snapshot->at_ms);
    snprintf(loading->scope, sizeof loading->scope, "%s", scope);
    if (size <= TEXT_ID_MAX && scope[size] == '/') {
        snprintf(site, sizeof site, "%.*s", (int)size, scope);
        if (monitors_lookup(loading->storage, site, scope + size + 1, &id, error))
            return -1;
    }
    loading->is_configured = monitors_is_configured(loading->storage, id, &loading->domain);
    return 0;
}

/* Called with each event. */
static int add_event(void *context, const struct event *event, struct error *error)
{
    struct outage_loading *loading = context;
    const struct outage *outage = &loading->reading.outage;

    if (!is_outage[event->check])
        return 0;
    if (strcmp(event->scope, loading->scope) != 0 && begin_scope(loading, event->scope, error))
        return -1;
    if (!loading->is_configured)
        return 0;
    if (outage->check != event->check || outage->began_ms != event->began_ms) {
        if (finish_condition(loading, error))
            return -1;
        outage_begin(&loading->reading, loading->snapshot->at_ms);
    }
    outage_add(&loading->reading, event);
    return 0;
}

int outages_load(struct snapshot *snapshot, struct storage *storage, struct error *error)
{
    struct outage_loading *loading = calloc(1, sizeof *loading);
    int result;

    if (!loading)
        return out_of_memory(error);
    loading->snapshot = snapshot;
    loading->storage = storage;
    loading->from_ms = snapshot->at_ms - (int64_t)OUTAGE_DAYS * MS_PER_DAY;
    loading->week_ms = snapshot->at_ms - (int64_t)WEEK_DAYS * MS_PER_DAY;
    loading->fortnight_ms = snapshot->at_ms - (int64_t)FORTNIGHT_DAYS * MS_PER_DAY;
    loading->domain = SIZE_MAX;
    outage_begin(&loading->reading, loading->snapshot->at_ms);
    result = event_table_each_since(storage, loading->from_ms, add_event, loading, error);
    if (result == 0)
        result = finish_domain(loading, error);
    for (int i = 0; i < LIST_ALL; i++) {
        for (size_t k = 0; k < loading->piles[i].n; k++)
            free(loading->piles[i].items[k]);
        free(loading->piles[i].items);
    }
    free(loading);
    return result;
}

void outages_free(struct snapshot *snapshot)
{
    struct kept_outage *next;

    for (struct kept_outage *kept = snapshot->kept_outages; kept; kept = next) {
        next = kept->next;
        free(kept);
    }
    snapshot->kept_outages = NULL;
}
