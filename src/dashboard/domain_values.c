/* Makes the values of a domain on the page of its site. */
#include "dashboard/domain_values.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/hint.h"
#include "dashboard/snapshot.h"
#include "model/code.h"

#include <string.h>

enum {
    PHASES_WIDTH = 1000, /* units of the bar of the phases */
    SHOWN_US = 100       /* less is written as 0 ms */
};

static const char *const phase_names[PHASES] = {"lookup", "connect", "tls", "first_byte",
                                                "transfer"};

void domain_values_init(struct domain_values *values, const struct snapshot *snapshot,
                        const struct messages *messages)
{
    values->snapshot = values->uptimes.snapshot = values->chart.snapshot = snapshot;
    values->days.snapshot = values->outages.snapshot = values->certificate.snapshot = snapshot;
    values->messages = values->uptimes.messages = values->chart.messages = messages;
    values->days.messages = values->outages.messages = values->certificate.messages = messages;
    for (int i = 0; i < PHASES; i++)
        values->phase_texts[i] = messages_get(messages, phase_names[i]);
}

/* Adds a check, made in object. check NULL: none. */
static void add_check(struct domain_values *values, const char *name, struct object *object,
                      const struct recorded *check)
{
    const char *code;

    if (!check) {
        object_flag(&values->object, name, false);
        return;
    }
    code = code_of(check->status, check->http_status, check->failure);
    object_clear(object);
    object_when(object, "time", check->start_ms, values->snapshot->at_ms, values->messages);
    if (check->latency_ms >= 0)
        object_number(object, "latency_ms", check->latency_ms);
    else
        object_text(object, "latency_ms", "");
    if (check->http_status)
        object_number(object, "http_status", check->http_status);
    else
        object_text(object, "http_status", "");
    object_clean(object, "failure", check->failure);
    object_text(object, "code", code ? code : "");
    object_inner(&values->object, name, object);
}

/* The line of a phase in the bar. The whole check is as wide as the bar. */
static void add_line(struct object *object, int64_t from_us, int64_t to_us, int64_t total_us)
{
    int64_t from = from_us * PHASES_WIDTH / total_us, to = to_us * PHASES_WIDTH / total_us;
    char path[sizeof "M,1h" + 2 * TEXT_NUMBER_MAX] = "M";
    size_t size = 1;

    size += text_number(path + size, from);
    memcpy(path + size, ",1h", 3);
    size += 3;
    size += text_number(path + size, to - from);
    object_bytes(object, "path", path, size);
}

static const struct value *phase_item(void *context, size_t i)
{
    struct domain_values *values = context;
    const int64_t *us = values->view->phases->us;
    const int *reached = values->reached;
    int64_t before = i > 0 ? us[reached[i - 1]] : 0, end = us[reached[i]];
    struct object *object = &values->phase;

    object_clear(object);
    object_text(object, "class", phase_names[reached[i]]);
    object_text(object, "word", values->phase_texts[reached[i]]);
    object_decimal(object, "ms", (int)(end - before), 1);
    add_line(object, before, end, us[reached[values->n_reached - 1]]);
    return &object->value;
}

/* Adds how long each phase took. They are recorded as the time since the start of the check. */
static void add_phases(struct domain_values *values)
{
    const struct phases *phases = values->view->phases;
    int64_t total;

    values->n_reached = 0;
    for (int i = 0; phases && i < PHASES; i++) {
        if (phases->us[i] >= 0)
            values->reached[values->n_reached++] = i;
    }
    total = values->n_reached ? phases->us[values->reached[values->n_reached - 1]] : 0;
    if (total < SHOWN_US) {
        object_flag(&values->object, "phases", false);
        return;
    }
    object_clear(&values->phases);
    object_decimal(&values->phases, "total", (int)total, 1);
    object_list(&values->phases, "parts", values->n_reached, phase_item, values);
    object_inner(&values->object, "phases", &values->phases);
}

/* "gateway/edge", if that may be why the domain is not UP. */
static void add_dependency(struct domain_values *values)
{
    const struct domain_view *view = values->view;
    const struct config *config = values->snapshot->config;
    char name[CONFIG_MONITOR_MAX] = "";

    if (view->down_dependency && !status_is_good(view->status))
        config_monitor_name(config, (size_t)(view->down_dependency - config->domains), name);
    object_bytes(&values->object, "depends_on", name, strlen(name));
}

/* Adds what is wrong, and where to look next. */
static void add_problem(struct domain_values *values, const struct site_view *site)
{
    const struct domain_view *view = values->view;
    struct object *object = &values->object;

    if (status_is_bad(view->status)) {
        problem_list_fill(&values->problem, values->snapshot, site, view, values->messages);
        object_inner(object, "problem", &values->problem.object);
    } else {
        object_flag(object, "problem", false);
    }
    object_text(object, "hint", hint_text(values->snapshot, view, values->messages));
    problems_add_undecided(&values->undecided, snapshot_undecided(view), snapshot_failed_once(view),
                           object);
    add_dependency(values);
}

/* Adds what the configuration sets. */
static void add_settings(struct domain_values *values)
{
    const struct domain *domain = values->view->domain;
    struct object *object = &values->object;

    object_text(object, "id", domain->id);
    object_clean(object, "name", domain->name);
    object_flag(object, "is_core", domain->role == ROLE_CORE);
    object_clean(object, "url", domain->shown_url);
    object_flag(object, "each_minute", domain->interval_seconds == SECONDS_PER_MINUTE);
    object_duration(object, "interval", (int64_t)domain->interval_seconds * MS_PER_SECOND,
                    values->messages);
}

static void add_timeline(struct domain_values *values)
{
    const struct snapshot *snapshot = values->snapshot;
    struct timeline_source source = {.cells = values->view->timeline,
                                     .n_cells = snapshot->n_buckets,
                                     .from_ms = snapshot->from_ms,
                                     .first_ms = values->view->first_ms,
                                     .max_bad_runs = CEILING_BAD_RUNS};

    run_reasons_set(&values->run_reasons, snapshot, values->view, 1, &source);
    timeline_fill(&values->timeline, &source, values->messages, &values->object);
}

const struct value *domain_values_fill(struct domain_values *values, const struct site_view *site,
                                       const struct domain_view *view)
{
    struct object *object = &values->object;

    values->view = view;
    object_clear(object);
    add_settings(values);
    object_add(object, "status", messages_status(values->messages, view->status));
    add_problem(values, site);
    add_timeline(values);
    uptime_values_add(&values->uptimes, view->uptime, view->first_ms, object);
    add_check(values, "last", &values->last, view->last);
    add_check(values, "last_failure", &values->last_failure, view->last_failure);
    add_phases(values);
    if (view->server)
        object_inner(object, "certificate",
                     certificate_values_fill(&values->certificate, view->server));
    else
        object_flag(object, "certificate", false);
    chart_add(&values->chart, view, object);
    day_values_add(&values->days, view->days, view->first_ms, view, 1, object);
    outage_values_add(&values->outages, view, object);
    return &object->value;
}
