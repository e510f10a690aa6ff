#include "renderer/troubles.h"

#include "renderer/outages.h"
#include "renderer/view.h"

static const struct value *trouble_item(void *context, size_t i)
{
    struct troubles *troubles = context;
    const struct trouble *trouble = &troubles->named[i];
    struct form *form = &troubles->form;

    view_status(&troubles->status, trouble->status, troubles->words);
    form_clear(form);
    form_text(form, "site_id", trouble->site_id);
    form_text(form, "id", trouble->id);
    form_clean(form, "name", trouble->name);
    form_inner(form, "status", &troubles->status);
    if (trouble->interruption) {
        view_moment(&troubles->since, trouble->interruption->from_ms, false);
        form_inner(form, "lasts_since", &troubles->since);
        view_span(form, "lasting", trouble->interruption->from_ms, troubles->now_ms,
                  troubles->words);
    }
    form_flag(form, "more", i + 1 < troubles->n_named);
    form_clean(form, "failure", trouble->failure);
    return &form->value;
}

static void begin(struct troubles *troubles, size_t n_all, int64_t now_ms,
                  const struct words *words)
{
    troubles->words = words;
    troubles->now_ms = now_ms;
    troubles->n_all = n_all;
    troubles->n = troubles->n_named = troubles->n_down = troubles->n_unknown = 0;
}

/* Counts one with this status, and names it while fewer than room are named. */
static void count(struct troubles *troubles, struct trouble one, size_t room)
{
    if (one.status == STATUS_UNKNOWN)
        troubles->n_unknown++;
    if (status_severity(one.status) < status_severity(STATUS_DEGRADED))
        return;
    troubles->n++;
    if (one.status == STATUS_DOWN || one.status == STATUS_TIMEOUT)
        troubles->n_down++;
    if (troubles->n_named < room)
        troubles->named[troubles->n_named++] = one;
}

void troubles_of_domains(struct troubles *troubles, const struct site_view *site, int64_t now_ms,
                         const struct words *words)
{
    begin(troubles, site->n_domains, now_ms, words);
    for (size_t i = 0; i < site->n_domains; i++) {
        const struct domain_view *view = &site->domains[i];

        count(troubles,
              (struct trouble){site->site->id, view->domain->id, view->domain->name,
                               view->last ? view->last->failure : "", outages_present(view),
                               view->status},
              TROUBLE_DOMAINS);
    }
}

void troubles_of_sites(struct troubles *troubles, const struct snapshot *snapshot,
                       const struct words *words)
{
    begin(troubles, snapshot->n_sites, snapshot->at_ms, words);
    for (size_t i = 0; i < snapshot->n_sites; i++) {
        const struct site_view *view = &snapshot->sites[i];

        count(troubles,
              (struct trouble){view->site->id, view->site->id, view->site->name, "", NULL,
                               view->status},
              TROUBLE_SITES);
    }
}

void troubles_add(struct troubles *troubles, struct form *form)
{
    struct value list = {.kind = VALUE_LIST, .list = {troubles->n_named, trouble_item, troubles}};

    form_add(form, "problems", list);
    view_count(form, "n_all", troubles->n_all);
    form_flag(form, "one", troubles->n_all == 1);
    view_count(form, "n_problems", troubles->n);
    form_flag(form, "one_problem", troubles->n == 1);
    view_count(form, "n_down", troubles->n_down);
    view_count(form, "n_degraded", troubles->n - troubles->n_down);
    view_count(form, "n_more", troubles->n - troubles->n_named);
    view_count(form, "n_unknown", troubles->n_unknown);
}
