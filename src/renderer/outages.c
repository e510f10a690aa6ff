#include "renderer/outages.h"

#include "renderer/view.h"

enum { FEW = 10 };

const struct interruption *outages_present(const struct domain_view *view)
{
    const struct interruption *last;

    if (view->n_interruptions == 0)
        return NULL;
    last = &view->interruptions[view->n_interruptions - 1];
    return last->end == INTERRUPTION_GOES_ON ? last : NULL;
}

static const struct value *outage_item(void *context, size_t i)
{
    struct outages *outages = context;
    const struct interruption *all = outages->view->interruptions;
    const struct interruption *one = &all[outages->view->n_interruptions - 1 - i];
    bool goes_on = one->end == INTERRUPTION_GOES_ON;
    struct form *form = &outages->form;

    view_moment(&outages->from, one->from_ms, true);
    view_status(&outages->status, one->status, outages->words);
    form_clear(form);
    form_inner(form, "from", &outages->from);
    if (!goes_on) {
        view_moment(&outages->to, one->to_ms, true);
        form_inner(form, "ended", &outages->to);
    }
    form_flag(form, "goes_on", goes_on);
    form_flag(form, "unseen", one->end == INTERRUPTION_UNSEEN);
    view_span(form, "duration", one->from_ms, goes_on ? outages->now_ms : one->to_ms,
              outages->words);
    form_inner(form, "status", &outages->status);
    form_clean(form, "failure", one->failure);
    return &form->value;
}

void outages_fill(struct outages *outages, const struct domain_view *view, int64_t now_ms,
                  const struct words *words, struct form *into)
{
    size_t n = view->n_interruptions, n_listed = n < OUTAGES_MOST ? n : OUTAGES_MOST;
    struct value list = {.kind = VALUE_LIST, .list = {n_listed, outage_item, outages}};

    outages->view = view;
    outages->now_ms = now_ms;
    outages->words = words;
    form_add(into, "outages", list);
    view_count(into, "n_outages", n);
    view_count(into, "n_outages_more", n - n_listed);
    form_flag(into, "few_outages", n <= FEW);
}
