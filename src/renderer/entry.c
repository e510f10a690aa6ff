#include "renderer/entry.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

enum {
    REASON_MOST = 120, /* bytes of a bucket's reason; the whole text stands in a list */
    REASON_NAMES = 3,  /* of domains in it */
    ROW_PERIODS = 3    /* times of trouble that a row of the index tells in words */
};

/* The failure of the interruption that the bucket's check belongs to. */
static void reason_of_domain(const void *context, size_t bucket, struct form *into)
{
    const struct domain_entry *entry = context;
    const struct domain_view *view = entry->view;
    int64_t end_ms = entry->entry.snapshot->from_ms + ((int64_t)bucket + 1) * MS_PER_MINUTE;

    if (view->timeline[bucket] == STATUS_UNKNOWN)
        return;
    for (size_t i = view->n_interruptions; i-- > 0;) {
        if (view->interruptions[i].from_ms < end_ms) {
            form_brief(into, "reason", view->interruptions[i].failure, REASON_MOST);
            return;
        }
    }
}

/* The domains that were not well in that bucket. */
static void reason_of_site(const void *context, size_t bucket, struct form *into)
{
    const struct site_entry *entry = context;
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
        form_brief(into, "reason", names, REASON_MOST);
}

static void fill(struct entry *entry, const char *id, const char *name, enum status status,
                 const struct uptime *uptime)
{
    struct form *form = &entry->form;

    view_status(&entry->status, status, entry->words);
    form_clear(form);
    form_text(form, "id", id);
    form_clean(form, "name", name);
    form_inner(form, "status", &entry->status);
    form_add(form, "uptimes", view_uptimes(&entry->uptimes, uptime, entry->words));
}

/* What a visitor waits for: the latency of the slowest core domain that is UP. */
static void add_latency(struct form *form, const struct site_view *view)
{
    int slowest = -1;

    for (size_t i = 0; i < view->n_domains; i++) {
        const struct domain_view *domain = &view->domains[i];

        if (domain->status == STATUS_UP && domain->domain->role == ROLE_CORE && domain->last &&
            domain->last->latency_ms > slowest)
            slowest = domain->last->latency_ms;
    }
    if (slowest >= 0)
        form_number(form, "latency_ms", slowest);
}

const struct value *site_entry_fill(struct site_entry *entry, const struct site_view *view,
                                    bool whole)
{
    const struct snapshot *snapshot = entry->entry.snapshot;
    struct form *form = &entry->entry.form;
    struct course_source source = {.cells = view->timeline,
                                   .n_cells = snapshot->n_buckets,
                                   .from_ms = snapshot->from_ms,
                                   .first_ms = view->first_ms,
                                   .most = whole ? COURSE_PERIODS : ROW_PERIODS,
                                   .reason = reason_of_site,
                                   .context = entry};

    entry->view = view;
    fill(&entry->entry, view->site->id, view->site->name, view->status, view->uptime);
    course_fill(&entry->entry.course, &source, entry->entry.words, form);
    add_latency(form, view);
    troubles_of_domains(&entry->troubles, view, snapshot->at_ms, entry->entry.words);
    troubles_add(&entry->troubles, form);
    if (whole)
        bars_fill(&entry->entry.bars, view->days, snapshot->at_ms, view->first_ms, form);
    return &form->value;
}

/* The latest check, or the latest that failed. */
static void fill_check(struct form *form, struct form *time, const struct recorded *check)
{
    form_clear(form);
    view_moment(time, check->start_ms, true);
    form_inner(form, "time", time);
    if (check->latency_ms >= 0)
        form_number(form, "latency_ms", check->latency_ms);
    if (check->http_status)
        form_number(form, "http_status", check->http_status);
    form_clean(form, "failure", check->failure);
}

static void add_checks(struct domain_entry *entry)
{
    const struct domain_view *view = entry->view;
    struct form *form = &entry->entry.form;

    if (view->last) {
        fill_check(&entry->last, &entry->checked, view->last);
        form_inner(form, "last", &entry->last);
    }
    if (view->last_failure) {
        fill_check(&entry->failure, &entry->failed, view->last_failure);
        form_inner(form, "last_failure", &entry->failure);
    }
}

/* Each part by itself; they are told cumulated. A part that was not reached is not there. */
static void add_phases(struct domain_entry *entry)
{
    static const char *const names[] = {"lookup", "connect", "tls", "first_byte", "transfer"};
    const struct phases *phases = entry->view->phases;
    int64_t ends[] = {-1, -1, -1, -1, -1}, before = 0;

    if (!phases)
        return;
    memcpy(ends,
           (int64_t[]){phases->lookup, phases->connect, phases->tls, phases->first_byte,
                       phases->total},
           sizeof ends);
    form_clear(&entry->phases);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (ends[i] < 0)
            continue;
        form_decimal(&entry->phases, names[i], (int)(ends[i] - before), 1);
        before = ends[i];
    }
    form_inner(&entry->entry.form, "phases", &entry->phases);
}

static void add_present(struct domain_entry *entry)
{
    const struct interruption *present = outages_present(entry->view);
    struct form *form = &entry->entry.form;

    if (!present)
        return;
    view_moment(&entry->since, present->from_ms, true);
    form_inner(form, "lasts_since", &entry->since);
    view_span(form, "lasting", present->from_ms, entry->entry.snapshot->at_ms, entry->entry.words);
}

/* Of the timeline's hours, and of the whole day where that is longer. */
static const struct value *chart_item(void *context, size_t i)
{
    struct domain_entry *entry = context;
    const struct domain_view *view = entry->view;
    int hours = i == 0 ? entry->entry.snapshot->config->history_hours : LATENCY_MINUTES / 60;
    size_t skipped = LATENCY_MINUTES - (size_t)hours * 60;

    chart_fill(&entry->chart, view->latencies + skipped, view->day_cells + skipped, hours);
    return &entry->chart.form.value;
}

static void add_charts(struct domain_entry *entry)
{
    bool whole_day = entry->entry.snapshot->config->history_hours * 60 == LATENCY_MINUTES;
    struct value charts = {.kind = VALUE_LIST, .list = {whole_day ? 1 : 2, chart_item, entry}};

    if (entry->view->latencies && entry->view->day_cells)
        form_add(&entry->entry.form, "charts", charts);
}

const struct value *domain_entry_fill(struct domain_entry *entry, const struct domain_view *view)
{
    const struct snapshot *snapshot = entry->entry.snapshot;
    const struct domain *domain = view->domain;
    struct form *form = &entry->entry.form;
    struct course_source source = {.cells = view->timeline,
                                   .n_cells = snapshot->n_buckets,
                                   .from_ms = snapshot->from_ms,
                                   .first_ms = view->first_ms,
                                   .most = COURSE_PERIODS,
                                   .reason = reason_of_domain,
                                   .context = entry};

    entry->view = view;
    fill(&entry->entry, domain->id, domain->name, view->status, view->uptime);
    form_flag(form, "is_core", domain->role == ROLE_CORE);
    form_clean(form, "url", domain->shown_url);
    course_fill(&entry->entry.course, &source, entry->entry.words, form);
    add_checks(entry);
    add_phases(entry);
    add_present(entry);
    add_charts(entry);
    bars_fill(&entry->entry.bars, view->days, snapshot->at_ms, view->first_ms, form);
    outages_fill(&entry->outages, view, snapshot->at_ms, entry->entry.words, form);
    return &form->value;
}
