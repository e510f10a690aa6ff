/* Makes the values of one site or one domain for the templates. */
#include "dashboard/entry.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/snapshot.h"
#include "model/code.h"
#include "state/monitors.h"

#include <string.h>

enum { FEW_OUTAGES = 10 };

/* Fills the date of the first check: {day, month, year, other_year, iso}. */
static void fill_watched_since(struct entry *entry)
{
    object_clear(&entry->watched_since);
    object_date_fields(&entry->watched_since, entry->first_ms, entry->snapshot->at_ms,
                       entry->messages);
}

static const struct value *uptime_item(void *context, size_t i)
{
    static const char *const spans[SPANS_ON_PAGES] = {
        [SPAN_24H] = "span_24h",
        [SPAN_7D] = "span_7d",
        [SPAN_30D] = "span_30d",
        [SPAN_90D] = "span_90d",
    };
    struct entry *entry = context;
    const struct uptime *uptime = &entry->uptimes[i];
    struct object *object = &entry->uptime;

    object_clear(object);
    object_text(object, "span", messages_get(entry->messages, spans[i]));
    object_flag(object, "has_data", uptime->is_shown);
    object_flag(object, "partial", uptime->is_shown && uptime->measured < 100000);
    if (uptime->is_shown)
        object_decimal(object, "percent", uptime->uptime, 3);
    object_decimal(object, "measured", uptime->measured, 1);
    if (entry->first_ms != INT64_MAX)
        object_inner(object, "watched_since", &entry->watched_since);
    return &object->value;
}

static void fill_common(struct entry *entry, const char *id, const char *name, enum status status,
                        const struct uptime *uptimes, int64_t first_ms)
{
    struct object *object = &entry->object;

    entry->uptimes = uptimes;
    entry->first_ms = first_ms;
    if (first_ms != INT64_MAX)
        fill_watched_since(entry);
    object_clear(object);
    object_text(object, "id", id);
    object_clean(object, "name", name);
    object_add(object, "status", messages_status(entry->messages, status));
    object_list(object, "uptimes", SPANS_ON_PAGES, uptime_item, entry);
}

int entry_site_latency(const struct site_view *view)
{
    int slowest = -1;

    for (size_t i = 0; i < view->n_domains; i++) {
        const struct domain_view *domain = &view->domains[i];

        if (status_is_good(domain->status) && domain->domain->role == ROLE_CORE && domain->last &&
            domain->last->latency_ms > slowest)
            slowest = domain->last->latency_ms;
    }
    return slowest;
}

enum undecided entry_site_undecided(const struct site_view *view)
{
    enum undecided found = UNDECIDED_NOTHING;

    for (size_t i = 0; i < view->n_domains && found != UNDECIDED_SUSPECT; i++) {
        enum undecided undecided = snapshot_undecided(&view->domains[i]);

        if (undecided != UNDECIDED_NOTHING)
            found = undecided;
    }
    return found;
}

const struct value *entry_fill_site(struct entry_site *entry, const struct site_view *view)
{
    const struct snapshot *snapshot = entry->entry.snapshot;
    struct object *object = &entry->entry.object;
    struct timeline_source source = {.cells = view->timeline,
                                     .n_cells = snapshot->n_buckets,
                                     .from_ms = snapshot->from_ms,
                                     .first_ms = view->first_ms,
                                     .max_bad_runs = CEILING_BAD_RUNS};

    entry->view = view;
    fill_common(&entry->entry, view->site->id, view->site->name, view->status, view->uptime,
                view->first_ms);
    run_reasons_set(&entry->entry.run_reasons, snapshot, view->domains, view->n_domains, &source);
    timeline_fill(&entry->entry.timeline, &source, entry->entry.messages, object);
    undecided_add(&entry->undecided, entry_site_undecided(view), false, object);
    problems_of_domains(&entry->problems, view, snapshot->at_ms, entry->entry.messages);
    problems_add(&entry->problems, object);
    bars_fill(&entry->entry.bars, view->days, snapshot->at_ms, view->first_ms,
              entry->entry.messages, object);
    return &object->value;
}

/* Adds the code of a failure, empty if it has none: a missing name is looked for in the objects
 * around this one. */
static void add_code(struct object *object, enum status status, int http_status,
                     const char *failure)
{
    const char *code = code_of(status, http_status, failure);

    object_text(object, "code", code ? code : "");
}

/* Adds a check, made in object, to into. check NULL: none. */
static void add_check(struct object *into, const char *name, struct object *object,
                      const struct recorded *check)
{
    if (!check)
        return;
    object_clear(object);
    object_moment(object, "time", check->start_ms, true);
    if (check->latency_ms >= 0)
        object_number(object, "latency_ms", check->latency_ms);
    if (check->http_status)
        object_number(object, "http_status", check->http_status);
    object_clean(object, "failure", check->failure);
    add_code(object, check->status, check->http_status, check->failure);
    object_inner(into, name, object);
}

/* Adds how long each phase took. They are recorded as the time since the start of the check. */
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

static void add_ongoing(struct entry_domain *entry)
{
    const struct outage *ongoing = snapshot_ongoing(entry->view);
    struct object *object = &entry->entry.object;

    if (!ongoing)
        return;
    object_moment(object, "lasts_since", ongoing->from_ms, true);
    object_span(object, "lasting", ongoing->from_ms, entry->entry.snapshot->at_ms,
                entry->entry.messages);
}

/* "gateway/edge", if that may be why the domain is not UP. */
static void add_dependency(struct entry_domain *entry)
{
    const struct domain_view *view = entry->view;
    const struct config *config = entry->entry.snapshot->config;
    char name[CONFIG_MONITOR_MAX];

    if (!view->down_dependency || status_is_good(view->status))
        return;
    config_monitor_name(config, (size_t)(view->down_dependency - config->domains), name);
    object_bytes(&entry->entry.object, "depends_on", name, strlen(name));
}

/* The first chart has the hours of the timeline; the second, if these are fewer, has 24. */
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

    if (entry->view->latencies && entry->view->day_cells)
        object_list(&entry->entry.object, "charts", whole_day ? 1 : 2, chart_item, entry);
}

/* The id is also that of the element on the page, to which feeds link. */
static void add_event_id(const struct entry_domain *entry, const struct outage *outage,
                         struct object *object)
{
    char id[EVENT_ID_MAX];

    snapshot_event_id(entry->entry.snapshot, entry->view, outage, id);
    object_bytes(object, "event_id", id, strlen(id));
}

/* The outage at this place of a list, counted from the newest one. */
static const struct value *outage_item(struct entry_domain *entry, enum outage_list_kind kind,
                                       size_t i)
{
    const struct outage_list *list = &entry->view->outages[kind];
    const struct outage *outage = list->items[list->n - 1 - i];
    bool ongoing = outage->end == OUTAGE_ONGOING;
    const struct messages *messages = entry->entry.messages;
    int64_t at_ms = entry->entry.snapshot->at_ms, to_ms = ongoing ? at_ms : outage->to_ms;
    struct object *object = &entry->outage;

    object_clear(object);
    add_event_id(entry, outage, object);
    object_when(object, "from", outage->from_ms, at_ms, messages);
    if (!ongoing)
        object_when(object, "ended", outage->to_ms, at_ms, messages);
    object_flag(object, "ongoing", ongoing);
    object_flag(object, "recovering",
                ongoing && outage->state == EVENT_RECOVERING_STATE &&
                    status_is_good(entry->view->status));
    object_flag(object, "unseen", outage->end == OUTAGE_UNSEEN);
    object_flag(object, "removed", outage->end == OUTAGE_REMOVED);
    object_span(object, "duration", outage->from_ms, to_ms, messages);
    object_add(object, "status", messages_status(messages, outage->status));
    object_clean(object, "failure", outage->reasons[0].failure);
    object_clean(object, "code", outage->reasons[0].code);
    reasons_add(&entry->reasons, outage, object);
    return &object->value;
}

static const struct value *confirmed_item(void *context, size_t i)
{
    return outage_item(context, LIST_CONFIRMED, i);
}

static const struct value *unconfirmed_item(void *context, size_t i)
{
    return outage_item(context, LIST_UNCONFIRMED, i);
}

static void add_outages(struct entry_domain *entry)
{
    const struct outage_list *confirmed = &entry->view->outages[LIST_CONFIRMED];
    const struct outage_list *unconfirmed = &entry->view->outages[LIST_UNCONFIRMED];
    struct object *object = &entry->entry.object;

    object_number(object, "outage_days", OUTAGE_DAYS);
    object_list(object, "outages", confirmed->n_listed, confirmed_item, entry);
    object_grouped(object, "n_outages", confirmed->n_all);
    object_grouped(object, "n_outages_more", confirmed->n_all - confirmed->n_listed);
    object_flag(object, "few_outages", confirmed->n_listed <= FEW_OUTAGES);
    object_grouped(object, "n_unconfirmed", unconfirmed->n_all);
    if (unconfirmed->n_all == 0)
        return;
    object_list(object, "unconfirmed", unconfirmed->n_listed, unconfirmed_item, entry);
    object_flag(object, "one_unconfirmed", unconfirmed->n_all == 1);
    object_grouped(object, "n_unconfirmed_more", unconfirmed->n_all - unconfirmed->n_listed);
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
                                     .max_bad_runs = CEILING_BAD_RUNS};

    entry->view = view;
    fill_common(&entry->entry, domain->id, domain->name, view->status, view->uptime,
                view->first_ms);
    object_flag(object, "is_core", domain->role == ROLE_CORE);
    object_clean(object, "url", domain->shown_url);
    run_reasons_set(&entry->entry.run_reasons, snapshot, view, 1, &source);
    timeline_fill(&entry->entry.timeline, &source, entry->entry.messages, object);
    add_check(object, "last", &entry->last, view->last);
    add_check(object, "last_failure", &entry->last_failure, view->last_failure);
    add_phases(entry);
    if (view->server)
        object_inner(object, "certificate",
                     certificate_values_fill(&entry->certificate, view->server));
    add_ongoing(entry);
    add_dependency(entry);
    undecided_add(&entry->undecided, snapshot_undecided(view), snapshot_failed_once(view), object);
    add_charts(entry);
    bars_fill(&entry->entry.bars, view->days, snapshot->at_ms, view->first_ms,
              entry->entry.messages, object);
    add_outages(entry);
    return &object->value;
}
