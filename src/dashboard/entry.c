#include "dashboard/entry.h"

#include "base/clock.h"
#include "state/monitors.h"

#include <stdio.h>
#include <string.h>

enum {
    REASON_MOST = 120, /* bytes of a bucket's reason; the whole text stands in a list */
    REASON_NAMES = 3,  /* of domains in it */
    ROW_PERIODS = 3    /* times of trouble that a row of the index tells in words */
};

/* The failure of the interruption that the bucket's check belongs to. */
static void reason_of_domain(const void *context, size_t bucket, struct object *into)
{
    const struct entry_domain *entry = context;
    const struct domain_view *view = entry->view;
    int64_t end_ms = entry->entry.snapshot->from_ms + ((int64_t)bucket + 1) * MS_PER_MINUTE;

    if (view->timeline[bucket] == STATUS_UNKNOWN)
        return;
    for (size_t i = view->n_outages; i-- > 0;) {
        if (view->outages[i].from_ms < end_ms) {
            object_brief(into, "reason", view->outages[i].failure, REASON_MOST);
            return;
        }
    }
}

/* The domains that were not well in that bucket. */
static void reason_of_site(const void *context, size_t bucket, struct object *into)
{
    const struct entry_site *entry = context;
    const struct site_view *view = entry->view;
    char names[REASON_MOST * 2] = "";
    size_t n = 0, size = 0;

    if (view->timeline[bucket] == STATUS_UNKNOWN)
        return;
    for (size_t i = 0; i < view->n_domains && n <= REASON_NAMES; i++) {
        enum status status = view->domains[i].timeline[bucket];

        if (status == STATUS_UP || status == STATUS_UNKNOWN)
            continue;
        size += (size_t)snprintf(names + size, sizeof names - size, "%s%s", n ? ", " : "",
                                 n < REASON_NAMES ? view->domains[i].domain->name : "…");
        n++;
        if (size >= sizeof names)
            break;
    }
    if (n)
        object_brief(into, "reason", names, REASON_MOST);
}

static void fill(struct entry *entry, const char *id, const char *name, enum status status,
                 const struct uptime *uptime)
{
    struct object *object = &entry->object;

    view_status(&entry->status, status, entry->words);
    object_clear(object);
    object_text(object, "id", id);
    object_clean(object, "name", name);
    object_inner(object, "status", &entry->status);
    object_add(object, "uptimes", view_uptimes(&entry->uptimes, uptime, entry->words));
}

/* What a visitor waits for: the latency of the slowest core domain that is UP. */
static void add_latency(struct object *object, const struct site_view *view)
{
    int slowest = -1;

    for (size_t i = 0; i < view->n_domains; i++) {
        const struct domain_view *domain = &view->domains[i];

        if (domain->status == STATUS_UP && domain->domain->role == ROLE_CORE && domain->last &&
            domain->last->latency_ms > slowest)
            slowest = domain->last->latency_ms;
    }
    if (slowest >= 0)
        object_number(object, "latency_ms", slowest);
}

const struct value *entry_fill_site(struct entry_site *entry, const struct site_view *view,
                                    bool whole)
{
    const struct snapshot *snapshot = entry->entry.snapshot;
    struct object *object = &entry->entry.object;
    struct timeline_source source = {.cells = view->timeline,
                                     .n_cells = snapshot->n_buckets,
                                     .from_ms = snapshot->from_ms,
                                     .first_ms = view->first_ms,
                                     .most = whole ? TIMELINE_PERIODS : ROW_PERIODS,
                                     .reason = reason_of_site,
                                     .context = entry};

    entry->view = view;
    fill(&entry->entry, view->site->id, view->site->name, view->status, view->uptime);
    timeline_fill(&entry->entry.timeline_text, &source, entry->entry.words, object);
    add_latency(object, view);
    problems_of_domains(&entry->problem_list, view, snapshot->at_ms, entry->entry.words);
    problems_add(&entry->problem_list, object);
    if (whole)
        bars_fill(&entry->entry.bars, view->days, snapshot->at_ms, view->first_ms, object);
    return &object->value;
}

/* The latest check, or the latest that failed. */
static void fill_check(struct object *object, struct object *time, const struct recorded *check)
{
    object_clear(object);
    view_moment(time, check->start_ms, true);
    object_inner(object, "time", time);
    if (check->latency_ms >= 0)
        object_number(object, "latency_ms", check->latency_ms);
    if (check->http_status)
        object_number(object, "http_status", check->http_status);
    object_clean(object, "failure", check->failure);
}

static void add_checks(struct entry_domain *entry)
{
    const struct domain_view *view = entry->view;
    struct object *object = &entry->entry.object;

    if (view->last) {
        fill_check(&entry->last, &entry->checked, view->last);
        object_inner(object, "last", &entry->last);
    }
    if (view->last_failure) {
        fill_check(&entry->failure, &entry->failed, view->last_failure);
        object_inner(object, "last_failure", &entry->failure);
    }
}

/* Each part by itself; they are told cumulated. A part that was not reached is not there. */
static void add_phases(struct entry_domain *entry)
{
    static const char *const names[PHASES] = {"lookup", "connect", "tls", "first_byte", "transfer"};
    const struct phases *phases = entry->view->phases;
    int64_t before = 0;

    if (!phases)
        return;
    object_clear(&entry->phases);
    for (int i = 0; i < PHASES; i++) {
        if (phases->us[i] < 0)
            continue;
        object_decimal(&entry->phases, names[i], (int)(phases->us[i] - before), 1);
        before = phases->us[i];
    }
    object_inner(&entry->entry.object, "phases", &entry->phases);
}

static void add_present(struct entry_domain *entry)
{
    const struct outage *present = outages_present(entry->view);
    struct object *object = &entry->entry.object;

    if (!present)
        return;
    view_moment(&entry->since, present->from_ms, true);
    object_inner(object, "lasts_since", &entry->since);
    view_span(object, "lasting", present->from_ms, entry->entry.snapshot->at_ms,
              entry->entry.words);
}

/* Of the timeline's hours, and of the whole day where that is longer. */
static const struct value *chart_item(void *context, size_t i)
{
    struct entry_domain *entry = context;
    const struct domain_view *view = entry->view;
    int hours = i == 0 ? entry->entry.snapshot->config->history_hours : LATENCY_MINUTES / 60;
    size_t skipped = LATENCY_MINUTES - (size_t)hours * 60;

    chart_fill(&entry->chart, view->latencies + skipped, view->day_cells + skipped, hours);
    return &entry->chart.object.value;
}

static void add_charts(struct entry_domain *entry)
{
    bool whole_day = entry->entry.snapshot->config->history_hours * 60 == LATENCY_MINUTES;
    struct value charts = {.kind = VALUE_LIST, .list = {whole_day ? 1 : 2, chart_item, entry}};

    if (entry->view->latencies && entry->view->day_cells)
        object_add(&entry->entry.object, "charts", charts);
}

const struct value *entry_fill_domain(struct entry_domain *entry, const struct domain_view *view)
{
    const struct snapshot *snapshot = entry->entry.snapshot;
    const struct domain *domain = view->domain;
    struct object *object = &entry->entry.object;
    struct timeline_source source = {.cells = view->timeline,
                                     .n_cells = snapshot->n_buckets,
                                     .from_ms = snapshot->from_ms,
                                     .first_ms = view->first_ms,
                                     .most = TIMELINE_PERIODS,
                                     .reason = reason_of_domain,
                                     .context = entry};

    entry->view = view;
    fill(&entry->entry, domain->id, domain->name, view->status, view->uptime);
    object_flag(object, "is_core", domain->role == ROLE_CORE);
    object_clean(object, "url", domain->shown_url);
    timeline_fill(&entry->entry.timeline_text, &source, entry->entry.words, object);
    add_checks(entry);
    add_phases(entry);
    add_present(entry);
    add_charts(entry);
    bars_fill(&entry->entry.bars, view->days, snapshot->at_ms, view->first_ms, object);
    outages_fill(&entry->outages, view, snapshot->at_ms, entry->entry.words, object);
    return &object->value;
}
