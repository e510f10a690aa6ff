/* Makes the values of a row of the index page. */
#include "dashboard/index_row.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/day_values.h"
#include "dashboard/snapshot.h"

#include <string.h>

static const enum span shown[INDEX_ROW_UPTIMES] = {SPAN_30D, SPAN_90D};

/* "since 23 Nov" once, although several spans may be too long for a young site. */
static bool shows_since(const struct index_row *row, size_t i)
{
    if (row->view->first_ms == INT64_MAX || row->view->uptime[shown[i]].is_shown)
        return false;
    while (++i < INDEX_ROW_UPTIMES) {
        if (!row->view->uptime[shown[i]].is_shown)
            return false;
    }
    return true;
}

static const struct value *uptime_item(void *context, size_t i)
{
    struct index_row *row = context;
    const struct uptime *uptime = &row->view->uptime[shown[i]];
    struct object *object = &row->uptime;
    char percent[TEXT_NUMBER_MAX];
    size_t size = uptime->is_shown ? text_decimal(percent, uptime->uptime / 10 * 10, 2, 2) : 0;

    object_clear(object);
    object_flag(object, "has_data", uptime->is_shown);
    object_flag(object, "low",
                uptime->is_shown && uptime->uptime < row->snapshot->config->uptime_target);
    object_bytes(object, "percent", percent, size);
    if (shows_since(row, i)) {
        object_clear(&row->watched_since);
        object_date_fields(&row->watched_since, row->view->first_ms, row->snapshot->at_ms,
                           row->messages);
        object_inner(object, "watched_since", &row->watched_since);
    } else {
        object_flag(object, "watched_since", false);
    }
    return &object->value;
}

static void add_timeline(struct index_row *row)
{
    const struct snapshot *snapshot = row->snapshot;
    const struct site_view *view = row->view;
    struct timeline_source source = {.cells = view->timeline,
                                     .n_cells = snapshot->n_buckets,
                                     .from_ms = snapshot->from_ms,
                                     .first_ms = view->first_ms,
                                     .max_bad_runs = CEILING_ROW_BAD_RUNS};

    run_reasons_set(&row->run_reasons, snapshot, view->domains, view->n_domains, &source);
    timeline_fill(&row->timeline, &source, row->messages, &row->object);
}

/* The latency of the latest check of the slowest core domain that is UP or DEGRADED: a visitor
 * waits for that one. -1: there is none. */
static int find_latency(const struct site_view *view)
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

static void add_latency(struct index_row *row)
{
    int latency = find_latency(row->view);
    char text[TEXT_NUMBER_MAX] = "";

    if (latency >= 0)
        text_count((uint64_t)latency, text);
    object_bytes(&row->object, "latency_ms", text, strlen(text));
}

static void add_hours(struct index_row *row)
{
    uint8_t buckets[DAY_BUCKETS];

    if (row->view->n_day_runs == 0) {
        object_flag(&row->object, "strip_24h", false);
        return;
    }
    day_runs_expand(row->view->day_runs, row->view->n_day_runs, buckets);
    strips_add(&row->hours, buckets, DAY_BUCKETS, row->messages, "strip_24h", &row->object);
}

static void add_days(struct index_row *row)
{
    uint8_t states[DAYS_SHOWN];

    if (!row->view->days) {
        object_flag(&row->object, "strip_90d", false);
        return;
    }
    day_values_states(row->view->days, row->snapshot->at_ms, row->view->first_ms, states);
    strips_add(&row->days, states, DAYS_SHOWN, row->messages, "strip_90d", &row->object);
}

/* For how long it has had no data, if that began within the timeline. */
static void add_silence(struct index_row *row)
{
    const struct timeline_run *run = &row->timeline.runs[row->timeline.n_runs - 1];
    bool is_known = row->view->status == STATUS_UNKNOWN && run->first > 0 && run->monitored;

    object_flag(&row->object, "longer", false);
    if (is_known)
        object_duration(&row->object, "lasting", (int64_t)run->n * MS_PER_MINUTE, row->messages);
    else
        object_text(&row->object, "lasting", "");
}

/* The state of a site lasts as long as that of the domain that explains it. */
static void add_worst(struct index_row *row)
{
    const struct domain_view *worst = problem_list_find_worst(row->snapshot, row->view);
    struct object *object = &row->object;

    if (worst && status_is_bad(row->view->status))
        problem_list_add_lasting(object, row->snapshot, worst, row->messages);
    else
        add_silence(row);
    if (!worst) {
        object_flag(object, "worst", false);
        return;
    }
    problem_list_fill(&row->worst, row->snapshot, row->view, worst, row->messages);
    object_inner(object, "worst", &row->worst.object);
}

/* A site is being checked if one of its domains is; it recovers if one of them does. */
static enum undecided find_undecided(const struct site_view *view)
{
    enum undecided found = UNDECIDED_NOTHING;

    for (size_t i = 0; i < view->n_domains && found != UNDECIDED_SUSPECT; i++) {
        enum undecided undecided = snapshot_undecided(&view->domains[i]);

        if (undecided != UNDECIDED_NOTHING)
            found = undecided;
    }
    return found;
}

const struct value *index_row_fill(struct index_row *row, const struct site_view *view)
{
    struct object *object = &row->object;

    row->view = view;
    object_clear(object);
    object_text(object, "id", view->site->id);
    object_clean(object, "name", view->site->name);
    object_add(object, "status", messages_status(row->messages, view->status));
    problems_add_undecided(&row->undecided, find_undecided(view), false, object);
    add_timeline(row);
    object_list(object, "uptimes", INDEX_ROW_UPTIMES, uptime_item, row);
    add_latency(row);
    add_hours(row);
    add_days(row);
    add_worst(row);
    return &object->value;
}
