/* The list of a domain's outages. */
#include "dashboard/outages.h"

#include "dashboard/snapshot.h"

enum { FEW = 10 };

const struct outage *outages_ongoing(const struct domain_view *view)
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
    const struct outage *outage = &outages->view->outages[outages->view->n_outages - 1 - i];
    bool ongoing = outage->end == OUTAGE_ONGOING;
    struct object *object = &outages->object;

    object_moment(&outages->from, outage->from_ms, true);
    object_status(&outages->status, outage->status, outages->messages);
    object_clear(object);
    object_inner(object, "from", &outages->from);
    if (!ongoing) {
        object_moment(&outages->to, outage->to_ms, true);
        object_inner(object, "ended", &outages->to);
    }
    object_flag(object, "ongoing", ongoing);
    object_flag(object, "unseen", outage->end == OUTAGE_UNSEEN);
    object_span(object, "duration", outage->from_ms, ongoing ? outages->now_ms : outage->to_ms,
                outages->messages);
    object_inner(object, "status", &outages->status);
    object_clean(object, "failure", outage->failure);
    return &object->value;
}

void outages_fill(struct outages *outages, const struct domain_view *view, int64_t now_ms,
                  const struct messages *messages, struct object *into)
{
    size_t n = view->n_outages, n_listed = n < OUTAGES_MAX ? n : OUTAGES_MAX;
    struct value list = {.kind = VALUE_LIST, .list = {n_listed, outage_item, outages}};

    outages->view = view;
    outages->now_ms = now_ms;
    outages->messages = messages;
    object_add(into, "outages", list);
    object_count(into, "n_outages", n);
    object_count(into, "n_outages_more", n - n_listed);
    object_flag(into, "few_outages", n <= FEW);
}
