/* Makes the values of the page of a site. */
#include "dashboard/site_values.h"

#include "base/clock.h"
#include "dashboard/domain_values.h"
#include "dashboard/snapshot.h"
#include "dashboard/time_axis.h"

#include <stdlib.h>

/* Walks through the domains of a site: the one that explains its state first, then the worst ones,
 * then in the order of the configuration. */
struct domain_walk {
    size_t n;     /* domains so far */
    size_t at;    /* where to search for the next one */
    int severity; /* that it has */
};

struct site_values {
    const struct site_view *site;
    const struct domain_view *first; /* the domain that explains the state of the site */
    struct domain_walk sections, jumps;
    struct object object, span, jump, neighbours[2];
    struct object days_axis;
    struct time_axis axis;
    struct uptime_values uptimes;
    struct day_values days;
    struct domain_values domain;
};

struct site_values *site_values_new(const struct snapshot *snapshot,
                                    const struct messages *messages)
{
    struct site_values *values = calloc(1, sizeof *values);

    if (!values)
        return NULL;
    domain_values_init(&values->domain, snapshot, messages);
    values->uptimes.snapshot = values->days.snapshot = snapshot;
    values->uptimes.messages = values->days.messages = messages;
    return values;
}

void site_values_free(struct site_values *values)
{
    free(values);
}

static int severity_of(const struct domain_view *view)
{
    return status_severity(view->status);
}

/* The next domain of a walk, which has not ended. */
static const struct domain_view *next_domain(const struct site_values *values,
                                             struct domain_walk *walk)
{
    const struct site_view *site = values->site;

    if (walk->n++ == 0)
        return values->first;
    for (;;) {
        const struct domain_view *view = &site->domains[walk->at];
        bool is_next = view != values->first && severity_of(view) == walk->severity;

        if (++walk->at == site->n_domains) {
            walk->at = 0;
            walk->severity--;
        }
        if (is_next)
            return view;
    }
}

/* The domain at a place of the order. Lists are made from their first item on, one by one. */
static const struct domain_view *walk_to(const struct site_values *values, struct domain_walk *walk,
                                         size_t place)
{
    const struct domain_view *view;

    if (place < walk->n)
        *walk = (struct domain_walk){.severity = status_severity(STATUS_DOWN)};
    do
        view = next_domain(values, walk);
    while (walk->n <= place);
    return view;
}

static const struct value *domain_item(void *context, size_t i)
{
    struct site_values *values = context;

    domain_values_fill(&values->domain, values->site, walk_to(values, &values->sections, i));
    object_flag(&values->domain.object, "first", i == 0);
    return &values->domain.object.value;
}

static const struct value *jump_item(void *context, size_t i)
{
    struct site_values *values = context;
    const struct domain_view *view = walk_to(values, &values->jumps, i);
    struct object *object = &values->jump;

    object_clear(object);
    object_text(object, "id", view->domain->id);
    object_clean(object, "name", view->domain->name);
    object_add(object, "status", messages_status(values->domain.messages, view->status));
    return &object->value;
}

/* The span that is shown first: that of the index, or the longest one here. */
static enum chart_span default_span(const struct config *config)
{
    static const enum chart_span spans[] = {
        [INDEX_4H] = CHART_HISTORY, [INDEX_24H] = CHART_24H, [INDEX_90D] = CHART_30D};
    enum chart_span span = spans[config->index_span];

    return span == CHART_24H && chart_count(config) < CHARTS ? CHART_HISTORY : span;
}

/* Adds an axis, and all else of the root that its labels need: only then its text is copied. */
static void add_axis(struct site_values *values, int64_t from_ms, int64_t to_ms,
                     struct object *object)
{
    const struct snapshot *snapshot = values->domain.snapshot;

    object_clock(object, "now", snapshot->at_ms);
    object_flag(object, "past", snapshot->past);
    object_when(object, "at", snapshot->at_ms, snapshot->at_ms, values->domain.messages);
    time_axis_add(&values->axis, from_ms, to_ms, snapshot->at_ms, values->domain.messages, object);
}

/* The axis of the 90 days: a list of one, because only items of lists are copied. */
static const struct value *days_axis_item(void *context, size_t i)
{
    struct site_values *values = context;
    int64_t at_ms = values->domain.snapshot->at_ms;

    (void)i;
    object_clear(&values->days_axis);
    add_axis(values, snapshot_day_start(at_ms, 0), snapshot_day_start(at_ms, DAYS_SHOWN),
             &values->days_axis);
    return &values->days_axis.value;
}

static const struct value *span_item(void *context, size_t i)
{
    struct site_values *values = context;
    const struct snapshot *snapshot = values->domain.snapshot;
    enum chart_span span = chart_at(snapshot->config, i);
    struct object *object = &values->span;
    int64_t from_ms, to_ms;

    chart_range(snapshot, span, &from_ms, &to_ms);
    object_clear(object);
    object_text(object, "id", chart_name(span));
    chart_add_label(&values->domain.chart, span, object);
    object_flag(object, "chosen", span == default_span(snapshot->config));
    add_axis(values, from_ms, to_ms, object);
    return &object->value;
}

/* The axes are those of the moment of the snapshot, so all pages have the same. */
static size_t axis_key(void *context, size_t i, uint64_t numbers[VALUE_KEY_MAX])
{
    (void)context;
    numbers[0] = i;
    return 1;
}

static void add_neighbour(struct site_values *values, const char *name, struct object *object,
                          const struct ordered_problem *problem, struct object *into)
{
    const struct site *site;

    if (!problem) {
        object_flag(into, name, false);
        return;
    }
    site = values->domain.snapshot->sites[problem->site].site;
    object_clear(object);
    object_text(object, "id", site->id);
    object_clean(object, "name", site->name);
    object_add(object, "status", messages_status(values->domain.messages, problem->status));
    object_inner(into, name, object);
}

static void add_neighbours(struct site_values *values, size_t site, struct object *into)
{
    const struct ordered_problem *previous = NULL, *next = NULL;

    if (status_is_bad(values->site->status))
        problem_order_neighbours(&values->domain.snapshot->problem_order, site,
                                 values->site->status, &previous, &next);
    object_flag(into, "beside", previous || next);
    add_neighbour(values, "previous", &values->neighbours[0], previous, into);
    add_neighbour(values, "next", &values->neighbours[1], next, into);
}

/* The domain that explains the state of the site: if none has a problem, one without data. */
static const struct domain_view *find_first(const struct snapshot *snapshot,
                                            const struct site_view *site)
{
    const struct domain_view *first = problem_list_find_worst(snapshot, site);

    for (size_t i = 0; i < site->n_domains && !first; i++) {
        if (severity_of(&site->domains[i]) == status_severity(STATUS_UNKNOWN))
            first = &site->domains[i];
    }
    return first ? first : site->domains;
}

static void add_site(struct site_values *values, struct object *into)
{
    const struct site_view *site = values->site;
    struct object *object = &values->object;

    object_clear(object);
    object_text(object, "id", site->site->id);
    object_clean(object, "name", site->site->name);
    object_add(object, "status", messages_status(values->domain.messages, site->status));
    if (site->n_domains > 1) {
        uptime_values_add(&values->uptimes, site->uptime, site->first_ms, object);
        day_values_add(&values->days, site->days, site->first_ms, site->domains, site->n_domains,
                       object);
    }
    object_flag(object, "has_problem", status_is_bad(site->status));
    object_inner(into, "site", object);
}

void site_values_add(struct site_values *values, size_t site, struct object *into)
{
    const struct snapshot *snapshot = values->domain.snapshot;
    const struct site_view *view = values->site = &snapshot->sites[site];
    size_t n_jumps = view->n_domains < CEILING_JUMP_LINKS ? view->n_domains : CEILING_JUMP_LINKS;

    values->first = find_first(snapshot, view);
    values->sections = values->jumps = (struct domain_walk){SIZE_MAX, 0, 0};
    chart_begin(&values->domain.chart, view);
    add_site(values, into);
    object_flag(into, "alone", view->n_domains == 1);
    add_neighbours(values, site, into);
    object_keyed_list(into, "spans", chart_count(snapshot->config), span_item, values, axis_key);
    object_keyed_list(into, "days_axis", 1, days_axis_item, values, axis_key);
    object_list(into, "jumps", n_jumps, jump_item, values);
    object_count(into, "n_jumps_more", view->n_domains - n_jumps);
    object_list(into, "domains", view->n_domains, domain_item, values);
}
