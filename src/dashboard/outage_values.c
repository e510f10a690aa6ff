/* Makes the values of the outages of a domain. */
#include "dashboard/outage_values.h"
#include "dashboard/messages.h"

#include "base/clock.h"
#include "dashboard/snapshot.h"

#include <string.h>

enum { UNFOLDED_OUTAGES = 10 };

void outage_values_add_id(const struct snapshot *snapshot, const struct domain_view *view,
                          const struct outage *outage, struct object *into)
{
    char id[EVENT_ID_MAX];

    snapshot_event_id(snapshot, view, outage, id);
    object_bytes(into, "event_id", id, strlen(id));
}

/* The outage at this place of a list, counted from the newest one. */
static const struct value *outage_item(struct outage_values *values, enum outage_list_kind kind,
                                       size_t i)
{
    const struct outage_list *list = &values->view->outages[kind];
    const struct outage *outage = list->items[list->n - 1 - i];
    bool ongoing = outage->end == OUTAGE_ONGOING;
    int64_t at_ms = values->snapshot->at_ms, to_ms = ongoing ? at_ms : outage->to_ms;
    struct object *object = &values->object;

    object_clear(object);
    outage_values_add_id(values->snapshot, values->view, outage, object);
    object_when(object, "from", outage->from_ms, at_ms, values->messages);
    if (!ongoing)
        object_when(object, "ended", outage->to_ms, at_ms, values->messages);
    object_flag(object, "same_day", clock_is_same_day(outage->from_ms, to_ms));
    object_flag(object, "ongoing", ongoing);
    object_flag(object, "recovering",
                ongoing && outage->state == EVENT_RECOVERING_STATE &&
                    status_is_good(values->view->status));
    object_flag(object, "unseen", outage->end == OUTAGE_UNSEEN);
    object_flag(object, "removed", outage->end == OUTAGE_REMOVED);
    object_span(object, "duration", outage->from_ms, to_ms, values->messages);
    object_add(object, "status", messages_status(values->messages, outage->status));
    object_clean(object, "failure", outage->reasons[0].failure);
    object_clean(object, "code", outage->reasons[0].code);
    reasons_add(&values->reasons, outage, object);
    return &object->value;
}

static const struct value *confirmed_item(void *context, size_t i)
{
    return outage_item(context, LIST_CONFIRMED, i);
}

static const struct value *older_item(void *context, size_t i)
{
    return outage_item(context, LIST_CONFIRMED, UNFOLDED_OUTAGES + i);
}

static const struct value *unconfirmed_item(void *context, size_t i)
{
    return outage_item(context, LIST_UNCONFIRMED, i);
}

void outage_values_add(struct outage_values *values, const struct domain_view *view,
                       struct object *into)
{
    const struct outage_list *confirmed = &view->outages[LIST_CONFIRMED];
    const struct outage_list *unconfirmed = &view->outages[LIST_UNCONFIRMED];
    size_t n_first = confirmed->n_listed;

    if (n_first > UNFOLDED_OUTAGES)
        n_first = UNFOLDED_OUTAGES;
    values->view = view;
    object_number(into, "outage_days", OUTAGE_DAYS);
    object_list(into, "outages", n_first, confirmed_item, values);
    object_list(into, "older_outages", confirmed->n_listed - n_first, older_item, values);
    object_grouped(into, "n_older_outages", confirmed->n_listed - n_first);
    object_grouped(into, "n_outages", confirmed->n_all);
    object_grouped(into, "n_outages_more", confirmed->n_all - confirmed->n_listed);
    object_grouped(into, "n_unconfirmed", unconfirmed->n_all);
    if (unconfirmed->n_all == 0)
        return;
    object_list(into, "unconfirmed", unconfirmed->n_listed, unconfirmed_item, values);
    object_flag(into, "one_unconfirmed", unconfirmed->n_all == 1);
    object_grouped(into, "n_unconfirmed_more", unconfirmed->n_all - unconfirmed->n_listed);
}

bool outage_values_lists(const struct domain_view *view, const struct outage *outage)
{
    for (int kind = LIST_CONFIRMED; kind <= LIST_UNCONFIRMED; kind++) {
        const struct outage_list *list = &view->outages[kind];

        for (size_t i = list->n - list->n_listed; i < list->n; i++) {
            if (list->items[i] == outage)
                return true;
        }
    }
    return false;
}
