#include "dashboard/problems.h"

#include "dashboard/outages.h"
#include "dashboard/view.h"

static const struct value *trouble_item(void *context, size_t i)
{
    struct problem_list *problem_list = context;
    const struct listed_problem *listed_problem = &problem_list->named[i];
    struct object *object = &problem_list->object;

    view_status(&problem_list->status, listed_problem->status, problem_list->words);
    object_clear(object);
    object_text(object, "site_id", listed_problem->site_id);
    object_text(object, "id", listed_problem->id);
    object_clean(object, "name", listed_problem->name);
    object_inner(object, "status", &problem_list->status);
    if (listed_problem->outage) {
        view_moment(&problem_list->since, listed_problem->outage->from_ms, false);
        object_inner(object, "lasts_since", &problem_list->since);
        view_span(object, "lasting", listed_problem->outage->from_ms, problem_list->now_ms,
                  problem_list->words);
    }
    object_flag(object, "more", i + 1 < problem_list->n_named);
    object_clean(object, "failure", listed_problem->failure);
    return &object->value;
}

static void begin(struct problem_list *problem_list, size_t n_all, int64_t now_ms,
                  const struct messages *words)
{
    problem_list->words = words;
    problem_list->now_ms = now_ms;
    problem_list->n_all = n_all;
    problem_list->n = problem_list->n_named = problem_list->n_down = problem_list->n_unknown = 0;
}

/* Counts one with this status, and names it while fewer than room are named. */
static void count(struct problem_list *problem_list, struct listed_problem one, size_t room)
{
    if (one.status == STATUS_UNKNOWN)
        problem_list->n_unknown++;
    if (status_severity(one.status) < status_severity(STATUS_DEGRADED))
        return;
    problem_list->n++;
    if (one.status == STATUS_DOWN || one.status == STATUS_TIMEOUT)
        problem_list->n_down++;
    if (problem_list->n_named < room)
        problem_list->named[problem_list->n_named++] = one;
}

void problems_of_domains(struct problem_list *problem_list, const struct site_view *site,
                         int64_t now_ms, const struct messages *words)
{
    begin(problem_list, site->n_domains, now_ms, words);
    for (size_t i = 0; i < site->n_domains; i++) {
        const struct domain_view *view = &site->domains[i];

        count(problem_list,
              (struct listed_problem){site->site->id, view->domain->id, view->domain->name,
                                      view->last ? view->last->failure : "", outages_present(view),
                                      view->status},
              TROUBLE_DOMAINS);
    }
}

void problems_of_sites(struct problem_list *problem_list, const struct snapshot *snapshot,
                       const struct messages *words)
{
    begin(problem_list, snapshot->n_sites, snapshot->at_ms, words);
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        const struct site_view *view = &snapshot->sites[i];

        count(problem_list,
              (struct listed_problem){view->site->id, view->site->id, view->site->name, "", NULL,
                                      view->status},
              TROUBLE_SITES);
    }
}

void problems_add(struct problem_list *problem_list, struct object *object)
{
    struct value list = {.kind = VALUE_LIST,
                         .list = {problem_list->n_named, trouble_item, problem_list}};

    object_add(object, "problems", list);
    view_count(object, "n_all", problem_list->n_all);
    object_flag(object, "one", problem_list->n_all == 1);
    view_count(object, "n_problems", problem_list->n);
    object_flag(object, "one_problem", problem_list->n == 1);
    view_count(object, "n_down", problem_list->n_down);
    view_count(object, "n_degraded", problem_list->n - problem_list->n_down);
    view_count(object, "n_more", problem_list->n - problem_list->n_named);
    view_count(object, "n_unknown", problem_list->n_unknown);
}
