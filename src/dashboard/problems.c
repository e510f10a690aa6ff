/* Finds, counts and lists the sites or domains that have a problem. */
#include "dashboard/problems.h"

#include "dashboard/snapshot.h"
#include "model/code.h"

static const struct value *problem_item(void *context, size_t i)
{
    struct problems *problems = context;
    const struct problem *problem = &problems->named[i];
    const struct recorded *last = problem->last;
    const char *code = last ? code_of(last->status, last->http_status, last->failure) : NULL;
    struct object *object = &problems->object;

    object_clear(object);
    object_text(object, "site_id", problem->site_id);
    object_text(object, "id", problem->id);
    object_clean(object, "name", problem->name);
    object_add(object, "status", messages_status(problems->messages, problem->status));
    if (problem->outage) {
        object_moment(object, "lasts_since", problem->outage->from_ms, false);
        object_span(object, "lasting", problem->outage->from_ms, problems->now_ms,
                    problems->messages);
    }
    object_flag(object, "more", i + 1 < problems->n_named);
    undecided_add(&problems->undecided, problem->undecided, false, object);
    object_clean(object, "failure", last ? last->failure : "");
    object_text(object, "code", code ? code : "");
    return &object->value;
}

bool problems_is_problem(enum status status)
{
    return status_severity(status) >= status_severity(STATUS_DEGRADED);
}

static void begin_count(struct problems *problems, size_t n_all, int64_t now_ms,
                        const struct messages *messages)
{
    problems->messages = messages;
    problems->now_ms = now_ms;
    problems->n_all = n_all;
    problems->n = problems->n_named = problems->n_down = problems->n_unknown = 0;
}

/* Counts one site or domain. If it has a problem and fewer than max are named, names it. */
static void count_one(struct problems *problems, struct problem one, size_t max)
{
    if (one.status == STATUS_UNKNOWN)
        problems->n_unknown++;
    if (!problems_is_problem(one.status))
        return;
    problems->n++;
    if (one.status == STATUS_DOWN || one.status == STATUS_TIMEOUT)
        problems->n_down++;
    if (problems->n_named < max)
        problems->named[problems->n_named++] = one;
}

void problems_of_domains(struct problems *problems, const struct site_view *site, int64_t now_ms,
                         const struct messages *messages)
{
    begin_count(problems, site->n_domains, now_ms, messages);
    for (size_t i = 0; i < site->n_domains; i++) {
        const struct domain_view *view = &site->domains[i];
        struct problem problem = {
            site->site->id,         view->domain->id, view->domain->name,      view->last,
            snapshot_ongoing(view), view->status,     snapshot_undecided(view)};

        count_one(problems, problem, CEILING_PROBLEM_DOMAINS);
    }
}

void problems_add(struct problems *problems, struct object *into)
{
    object_list(into, "problems", problems->n_named, problem_item, problems);
    object_count(into, "n_all", problems->n_all);
    object_flag(into, "one", problems->n_all == 1);
    object_count(into, "n_problems", problems->n);
    object_flag(into, "one_problem", problems->n == 1);
    object_count(into, "n_down", problems->n_down);
    object_count(into, "n_degraded", problems->n - problems->n_down);
    object_count(into, "n_more", problems->n - problems->n_named);
    object_count(into, "n_unknown", problems->n_unknown);
}
