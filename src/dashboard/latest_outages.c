/* Makes the list of the latest outages of all sites for the index page. */
#include "dashboard/latest_outages.h"

#include "base/clock.h"
#include "dashboard/messages.h"
#include "dashboard/snapshot.h"

#include <string.h>

static void add_identity(const struct latest_outages *latest, const struct chosen_outage *chosen,
                         struct object *object)
{
    char id[EVENT_ID_MAX];

    snapshot_event_id(latest->snapshot, chosen->domain, chosen->outage, id);
    object_bytes(object, "event_id", id, strlen(id));
    object_text(object, "site_id", chosen->site->site->id);
    object_clean(object, "site", chosen->site->site->name);
    object_text(object, "id", chosen->domain->domain->id);
    object_clean(object, "name", chosen->domain->domain->name);
    object_flag(object, "alone", chosen->site->n_domains == 1);
}

static const struct value *outage_item(void *context, size_t i)
{
    struct latest_outages *latest = context;
    const struct chosen_outage *chosen = &latest->items[latest->days[latest->day] + i];
    const struct outage *outage = chosen->outage;
    bool ongoing = outage->end == OUTAGE_ONGOING;
    int64_t at_ms = latest->snapshot->at_ms, to_ms = ongoing ? at_ms : outage->to_ms;
    struct object *object = &latest->object;

    object_clear(object);
    add_identity(latest, chosen, object);
    object_when(object, "from", outage->from_ms, at_ms, latest->messages);
    if (!ongoing)
        object_when(object, "to", to_ms, at_ms, latest->messages);
    object_flag(object, "same_day", clock_is_same_day(outage->from_ms, to_ms));
    object_flag(object, "ongoing", ongoing);
    object_flag(object, "unseen", outage->end == OUTAGE_UNSEEN);
    object_flag(object, "removed", outage->end == OUTAGE_REMOVED);
    object_rough_span(object, "duration", outage->from_ms, to_ms, latest->messages);
    object_add(object, "status", messages_status(latest->messages, outage->status));
    object_clean(object, "failure", outage->reasons[0].failure);
    object_clean(object, "code", outage->reasons[0].code);
    return &object->value;
}

static const struct value *day_item(void *context, size_t i)
{
    struct latest_outages *latest = context;
    size_t first = latest->days[i], next = i + 1 < latest->n_days ? latest->days[i + 1] : latest->n;
    struct object *object = &latest->day_object;

    latest->day = i;
    object_clear(object);
    object_when(object, "day", latest->items[first].outage->from_ms, latest->snapshot->at_ms,
                latest->messages);
    object_list(object, "outages", next - first, outage_item, latest);
    return &object->value;
}

static void find_days(struct latest_outages *latest)
{
    latest->n_days = 0;
    for (size_t i = 0; i < latest->n; i++) {
        if (i == 0 || !clock_is_same_day(latest->items[i].outage->from_ms,
                                         latest->items[i - 1].outage->from_ms))
            latest->days[latest->n_days++] = i;
    }
}

void latest_outages_add(struct latest_outages *latest, const struct snapshot *snapshot,
                        const struct messages *messages, struct object *into)
{
    size_t n_all;

    latest->snapshot = snapshot;
    latest->messages = messages;
    latest->n = outage_choice_fortnight(snapshot, latest->items, &n_all);
    find_days(latest);
    object_list(into, "latest_days", latest->n_days, day_item, latest);
    object_grouped(into, "n_latest", n_all);
    object_grouped(into, "n_latest_more", n_all - latest->n);
    object_number(into, "latest_days_shown", FORTNIGHT_DAYS);
}
