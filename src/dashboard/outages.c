#include "dashboard/outages.h"

#include "dashboard/view.h"

enum { FEW = 10 };

const struct outage *outages_present(const struct domain_view *view)
{
    const struct outage *last;

    if (view->n_outages == 0)
        return NULL;
    last = &view->outages[view->n_outages - 1];
    return last->end == OUTAGE_ONGOING ? last : NULL;
}

static const struct value *outage_item(void *context, size_t i)
{
    struct outages *outages = context;
    const struct outage *all = outages->view->outages;
    const struct outage *one = &all[outages->view->n_outages - 1 - i];
    bool goes_on = one->end == OUTAGE_ONGOING;
    struct object *object = &outages->object;

    view_moment(&outages->from, one->from_ms, true);
    view_status(&outages->status, one->status, outages->words);
    object_clear(object);
    object_inner(object, "from", &outages->from);
    if (!goes_on) {
        view_moment(&outages->to, one->to_ms, true);
        object_inner(object, "ended", &outages->to);
    }
    object_flag(object, "goes_on", goes_on);
    object_flag(object, "unseen", one->end == OUTAGE_UNSEEN);
    view_span(object, "duration", one->from_ms, goes_on ? outages->now_ms : one->to_ms,
              outages->words);
    object_inner(object, "status", &outages->status);
    object_clean(object, "failure", one->failure);
    return &object->value;
}

void outages_fill(struct outages *outages, const struct domain_view *view, int64_t now_ms,
                  const struct messages *words, struct object *into)
{
    size_t n = view->n_outages, n_listed = n < OUTAGES_MOST ? n : OUTAGES_MOST;
    struct value list = {.kind = VALUE_LIST, .list = {n_listed, outage_item, outages}};

    outages->view = view;
    outages->now_ms = now_ms;
    outages->words = words;
    object_add(into, "outages", list);
    view_count(into, "n_outages", n);
    view_count(into, "n_outages_more", n - n_listed);
    object_flag(into, "few_outages", n <= FEW);
}
