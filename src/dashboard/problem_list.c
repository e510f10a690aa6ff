/* Finds, orders and lists all domains that have a problem. */
#include "dashboard/problem_list.h"

#include "base/clock.h"
#include "dashboard/messages.h"
#include "dashboard/snapshot.h"
#include "model/code.h"

#include <stdlib.h>

/* The start of the buckets of its present status; INT64_MIN: before its timeline. */
static int64_t find_status_start(const struct snapshot *snapshot, const struct domain_view *view)
{
    size_t bucket = snapshot->n_buckets;

    while (bucket > 0 && view->timeline[bucket - 1] == view->status)
        bucket--;
    return bucket > 0 ? snapshot->from_ms + (int64_t)bucket * MS_PER_MINUTE : INT64_MIN;
}

/* Since when the problem lasts: since its outage began. A slow domain has none. INT64_MIN: it is
 * not known. */
static int64_t find_since(const struct snapshot *snapshot, const struct domain_view *view)
{
    const struct outage *outage = snapshot_ongoing(view);

    if (outage)
        return outage->from_ms;
    return view->status == STATUS_DEGRADED ? find_status_start(snapshot, view) : INT64_MIN;
}

/* The status that this domain alone would give its site. */
static enum status status_for_site(const struct domain_view *view)
{
    bool is_down = view->status == STATUS_DOWN || view->status == STATUS_TIMEOUT;

    return is_down && view->domain->role == ROLE_CORE ? STATUS_DOWN : STATUS_DEGRADED;
}

static int compare_numbers(int64_t one, int64_t other)
{
    return (one > other) - (one < other);
}

/* The worst one first. */
static int compare_statuses(enum status one, enum status other)
{
    return status_severity(other) - status_severity(one);
}

const struct domain_view *problem_list_find_worst(const struct snapshot *snapshot,
                                                  const struct site_view *site)
{
    const struct domain_view *worst = NULL;
    int64_t worst_since = 0;

    for (size_t i = 0; i < site->n_domains; i++) {
        const struct domain_view *view = &site->domains[i];
        int64_t since;
        int order = 0;

        if (!status_is_bad(view->status))
            continue;
        since = find_since(snapshot, view);
        if (worst)
            order = compare_statuses(status_for_site(view), status_for_site(worst));
        if (worst && order == 0)
            order = compare_statuses(view->status, worst->status);
        if (worst && order == 0)
            order = compare_numbers(since, worst_since);
        if (!worst || order < 0) {
            worst = view;
            worst_since = since;
        }
    }
    return worst;
}

static int compare_problems(const void *a, const void *b)
{
    const struct listed_problem *one = a, *other = b;

    if (one->site_severity != other->site_severity)
        return other->site_severity - one->site_severity;
    if (one->severity != other->severity)
        return other->severity - one->severity;
    if (one->since_ms != other->since_ms)
        return compare_numbers(other->since_ms, one->since_ms);
    if (one->site != other->site)
        return compare_numbers(one->site, other->site);
    return compare_numbers(one->domain, other->domain);
}

static size_t count_problems(const struct snapshot *snapshot)
{
    size_t n = 0;

    for (size_t s = 0; s < snapshot->n_sites; s++) {
        for (size_t d = 0; d < snapshot->sites[s].n_domains; d++)
            n += status_is_bad(snapshot->sites[s].domains[d].status);
    }
    return n;
}

static void list_problems(struct problem_list *list)
{
    const struct snapshot *snapshot = list->snapshot;

    for (size_t s = 0; s < snapshot->n_sites; s++) {
        const struct site_view *site = &snapshot->sites[s];

        for (size_t d = 0; d < site->n_domains; d++) {
            const struct domain_view *view = &site->domains[d];

            if (status_is_bad(view->status))
                list->all[list->n++] = (struct listed_problem){
                    find_since(snapshot, view), (uint32_t)s, (uint32_t)d,
                    status_severity(site->status), status_severity(view->status)};
        }
    }
    qsort(list->all, list->n, sizeof *list->all, compare_problems);
}

int problem_list_make(struct problem_list *list, const struct snapshot *snapshot,
                      const struct messages *messages)
{
    size_t n = count_problems(snapshot);

    list->snapshot = snapshot;
    list->messages = messages;
    list->n = 0;
    list->all = malloc((n + 1) * sizeof *list->all);
    if (!list->all)
        return -1;
    list_problems(list);
    return 0;
}

void problem_list_free(struct problem_list *list)
{
    free(list->all);
    list->all = NULL;
    list->n = 0;
}

void problem_list_add_lasting(struct object *into, const struct snapshot *snapshot,
                              const struct domain_view *view, const struct messages *messages)
{
    int64_t since_ms = find_since(snapshot, view);
    bool longer = view->status == STATUS_DEGRADED && since_ms == INT64_MIN;

    if (longer)
        since_ms = snapshot->from_ms;
    object_flag(into, "longer", longer);
    if (since_ms != INT64_MIN)
        object_rough_span(into, "lasting", since_ms, snapshot->at_ms, messages);
    else
        object_text(into, "lasting", "");
}

void problem_list_fill(struct problem_object *problem, const struct snapshot *snapshot,
                       const struct site_view *site, const struct domain_view *domain,
                       const struct messages *messages)
{
    struct object *object = &problem->object;
    const struct recorded *last = domain->last;
    const char *code = last ? code_of(last->status, last->http_status, last->failure) : NULL;
    int64_t since_ms = find_since(snapshot, domain);

    object_clear(object);
    object_text(object, "site_id", site->site->id);
    object_clean(object, "site", site->site->name);
    object_text(object, "id", domain->domain->id);
    object_clean(object, "name", domain->domain->name);
    object_flag(object, "alone", site->n_domains == 1);
    object_add(object, "status", messages_status(messages, domain->status));
    object_add(object, "site_status", messages_status(messages, site->status));
    object_flag(object, "same", domain->status == site->status);
    if (since_ms != INT64_MIN)
        object_when(object, "since", since_ms, snapshot->at_ms, messages);
    else
        object_flag(object, "since", false);
    problem_list_add_lasting(object, snapshot, domain, messages);
    problems_add_undecided(&problem->undecided, snapshot_undecided(domain), false, object);
    object_clean(object, "failure", last ? last->failure : "");
    object_text(object, "code", code ? code : "");
}

static const struct value *fill_item(struct problem_list *list, size_t i)
{
    const struct site_view *site = &list->snapshot->sites[list->all[i].site];

    problem_list_fill(&list->object, list->snapshot, site, &site->domains[list->all[i].domain],
                      list->messages);
    return &list->object.object.value;
}

static const struct value *first_item(void *context, size_t i)
{
    return fill_item(context, i);
}

static const struct value *more_item(void *context, size_t i)
{
    return fill_item(context, CEILING_PROBLEMS + i);
}

void problem_list_add(struct problem_list *list, struct object *into)
{
    size_t n_first = list->n < CEILING_PROBLEMS ? list->n : CEILING_PROBLEMS;

    object_list(into, "problems", n_first, first_item, list);
    object_grouped(into, "n_problems", list->n);
    object_list(into, "more_problems", list->n - n_first, more_item, list);
    object_grouped(into, "n_more_problems", list->n - n_first);
    object_flag(into, "one_more_problem", list->n - n_first == 1);
}
