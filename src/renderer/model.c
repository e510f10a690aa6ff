#include "renderer/model.h"

#include "base/clock.h"
#include "renderer/view.h"

#include <stdlib.h>

/* Of those that have problems so many are named; the others are counted. */
enum { NAMED_SITES = 10, NAMED_DOMAINS = 3, NAMED = NAMED_SITES };

/* A site or a domain that is not well. */
struct problem {
    const char *site_id, *id, *name, *failure;
    enum status status;
};

struct problems {
    struct problem named[NAMED];
    size_t n_named, n, n_unknown;
    struct form form, status;
};

/* All that is needed to show one site or one domain: filled anew for each. */
struct entry {
    struct form form, status, last, checked, failure, failed;
    struct view_uptimes uptimes;
    struct view_tally tally;
    struct problems problems;
};

struct model {
    const struct snapshot *snapshot;
    const struct site_view *site; /* of a site's page */
    struct value classes[STATUS_COUNT];
    struct form root, built, holds, from, to, status;
    struct view_ticks ticks; /* the same on every page: filled once */
    struct entry site_entry, domain_entry;
    struct problems problems;
};

static const struct value *problem_item(void *context, size_t i)
{
    struct problems *problems = context;
    const struct problem *problem = &problems->named[i];
    struct form *form = &problems->form;

    view_status(&problems->status, problem->status);
    form_clear(form);
    form_text(form, "site_id", problem->site_id);
    form_text(form, "id", problem->id);
    form_text(form, "name", problem->name);
    form_inner(form, "status", &problems->status);
    form_flag(form, "more", i + 1 < problems->n_named);
    form_clean(form, "failure", problem->failure);
    return &form->value;
}

static void problems_clear(struct problems *problems)
{
    problems->n = problems->n_named = problems->n_unknown = 0;
}

/* Counts one with this status, and names it while fewer than room are named. */
static void problems_count(struct problems *problems, struct problem one, size_t room)
{
    if (one.status == STATUS_UNKNOWN)
        problems->n_unknown++;
    if (status_severity(one.status) < status_severity(STATUS_DEGRADED))
        return;
    problems->n++;
    if (problems->n_named < room)
        problems->named[problems->n_named++] = one;
}

/* A count of 0 is an empty text, so that a template can ask whether there are any. */
static void add_count(struct form *form, const char *name, size_t n)
{
    if (n)
        form_number(form, name, (long long)n);
    else
        form_text(form, name, "");
}

static void problems_add(struct problems *problems, struct form *form, size_t n_all)
{
    struct value list = {.kind = VALUE_LIST, .list = {problems->n_named, problem_item, problems}};

    form_add(form, "problems", list);
    add_count(form, "n_all", n_all);
    form_flag(form, "one", n_all == 1);
    add_count(form, "n_problems", problems->n);
    form_flag(form, "one_problem", problems->n == 1);
    add_count(form, "n_more", problems->n - problems->n_named);
    add_count(form, "n_unknown", problems->n_unknown);
}

static void count_domains(struct problems *problems, const struct site_view *site)
{
    problems_clear(problems);
    for (size_t i = 0; i < site->n_domains; i++) {
        const struct domain_view *view = &site->domains[i];
        const char *failure = view->last ? view->last->failure : "";

        problems_count(problems,
                       (struct problem){site->site->id, view->domain->id, view->domain->name,
                                        failure, view->status},
                       NAMED_DOMAINS);
    }
}

static void count_sites(struct problems *problems, const struct snapshot *snapshot)
{
    problems_clear(problems);
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        const struct site_view *view = &snapshot->sites[i];

        problems_count(
            problems,
            (struct problem){view->site->id, view->site->id, view->site->name, "", view->status},
            NAMED_SITES);
    }
}

/* What sites and domains have in common. */
static void fill_entry(const struct model *model, struct entry *entry, enum status status,
                       const uint8_t *timeline, const struct uptime *uptime)
{
    size_t n_buckets = model->snapshot->n_buckets;
    struct value row = {.kind = VALUE_ROW, .row = {timeline, n_buckets, model->classes}};

    view_status(&entry->status, status);
    form_clear(&entry->form);
    form_inner(&entry->form, "status", &entry->status);
    form_add(&entry->form, "timeline", row);
    form_add(&entry->form, "tally", view_tally(&entry->tally, timeline, n_buckets));
    form_add(&entry->form, "uptimes", view_uptimes(&entry->uptimes, uptime));
}

static void fill_site(struct model *model, const struct site_view *view)
{
    struct entry *entry = &model->site_entry;

    fill_entry(model, entry, view->status, view->timeline, view->uptime);
    form_text(&entry->form, "id", view->site->id);
    form_text(&entry->form, "name", view->site->name);
    count_domains(&entry->problems, view);
    problems_add(&entry->problems, &entry->form, view->n_domains);
}

static const struct value *site_item(void *context, size_t i)
{
    struct model *model = context;

    fill_site(model, &model->snapshot->sites[i]);
    return &model->site_entry.form.value;
}

/* The latest check, or the latest that failed: {time, latency_ms, failure}. */
static void fill_check(struct form *form, struct form *time, const struct recorded *check)
{
    form_clear(form);
    view_moment(time, check->start_ms, true);
    form_inner(form, "time", time);
    if (check->latency_ms >= 0)
        form_number(form, "latency_ms", check->latency_ms);
    form_clean(form, "failure", check->failure);
}

static const struct value *domain_item(void *context, size_t i)
{
    struct model *model = context;
    const struct domain_view *view = &model->site->domains[i];
    struct entry *entry = &model->domain_entry;
    struct form *form = &entry->form;

    fill_entry(model, entry, view->status, view->timeline, view->uptime);
    form_text(form, "id", view->domain->id);
    form_text(form, "name", view->domain->name);
    form_text(form, "role", config_role_name(view->domain->role));
    form_text(form, "url", view->domain->shown_url);
    if (view->last) {
        fill_check(&entry->last, &entry->checked, view->last);
        form_inner(form, "last", &entry->last);
    }
    if (view->last_failure) {
        fill_check(&entry->failure, &entry->failed, view->last_failure);
        form_inner(form, "last_failure", &entry->failure);
    }
    return &form->value;
}

/* What every page says; to_root leads from it to the folder of index.html. */
static void fill_root(struct model *model, const char *to_root, enum status status)
{
    const struct snapshot *snapshot = model->snapshot;
    struct form *root = &model->root;
    int64_t newest_ms = snapshot->from_ms + (int64_t)(snapshot->n_buckets - 1) * MS_PER_MINUTE;
    bool same_day = clock_floor_div(snapshot->at_ms, MS_PER_DAY) ==
                    clock_floor_div(snapshot->valid_until_ms, MS_PER_DAY);

    view_moment(&model->built, snapshot->at_ms, false);
    view_moment(&model->holds, snapshot->valid_until_ms, false);
    form_flag(&model->holds, "same_day", same_day);
    view_moment(&model->from, snapshot->from_ms, false);
    view_moment(&model->to, newest_ms, false);
    view_status(&model->status, status);
    form_clear(root);
    form_text(root, "title", snapshot->config->title);
    form_text(root, "root", to_root);
    form_inner(root, "built", &model->built);
    form_inner(root, "valid_until", &model->holds);
    form_inner(root, "from", &model->from);
    form_inner(root, "to", &model->to);
    form_number(root, "hours", snapshot->config->history_hours);
    form_inner(root, "status", &model->status);
    if (snapshot->ticks.known)
        form_inner(root, "tick", &model->ticks.form);
}

struct model *model_new(const struct snapshot *snapshot)
{
    struct model *model = calloc(1, sizeof *model);

    if (!model)
        return NULL;
    model->snapshot = snapshot;
    view_classes(model->classes);
    view_ticks(&model->ticks, &snapshot->ticks, snapshot->at_ms);
    return model;
}

void model_free(struct model *model)
{
    free(model);
}

const struct value *model_index(struct model *model)
{
    const struct snapshot *snapshot = model->snapshot;
    struct value sites = {.kind = VALUE_LIST, .list = {snapshot->n_sites, site_item, model}};

    fill_root(model, "", snapshot->status);
    form_add(&model->root, "sites", sites);
    count_sites(&model->problems, snapshot);
    problems_add(&model->problems, &model->root, snapshot->n_sites);
    return &model->root.value;
}

const struct value *model_site(struct model *model, size_t site)
{
    const struct site_view *view = &model->snapshot->sites[site];
    struct value domains = {.kind = VALUE_LIST, .list = {view->n_domains, domain_item, model}};

    model->site = view;
    fill_root(model, "../", view->status);
    fill_site(model, view);
    form_inner(&model->root, "site", &model->site_entry.form);
    form_add(&model->root, "domains", domains);
    return &model->root.value;
}
