/* Makes the bars of the last 90 days, the links from bad ones to their outages, and their words. */
#include "dashboard/day_values.h"

#include "base/clock.h"
#include "dashboard/outage_values.h"
#include "dashboard/snapshot.h"

/* In thousandths of a percent. */
enum { WHOLE = 100000, DEGRADED_FROM = 99000 };

static struct uptime uptime_of(const struct day_values *values, size_t day)
{
    return snapshot_day_uptime(values->days, (int)day, values->snapshot->at_ms, values->first_ms);
}

static enum status find_state(const struct day_minutes *days, int day, int64_t at_ms,
                              int64_t first_ms)
{
    struct uptime uptime = snapshot_day_uptime(days, day, at_ms, first_ms);

    if (uptime.has_data && uptime.uptime < DEGRADED_FROM)
        return STATUS_DOWN;
    if (uptime.has_data && (uptime.uptime < WHOLE || days[day].degraded))
        return STATUS_DEGRADED;
    return uptime.is_shown ? STATUS_UP : STATUS_UNKNOWN;
}

void day_values_states(const struct day_minutes *days, int64_t at_ms, int64_t first_ms,
                       uint8_t states[DAYS_SHOWN])
{
    int64_t start_ms = snapshot_day_start(at_ms, 0);

    /* Nearly all days of the 90 of each domain are of the first two kinds. */
    for (int day = 0; day < DAYS_SHOWN; day++, start_ms += MS_PER_DAY) {
        const struct day_minutes *minutes = &days[day];

        if (minutes->good == 0 && minutes->bad == 0)
            states[day] = STATUS_UNKNOWN;
        else if (minutes->bad == 0 && minutes->degraded == 0 &&
                 minutes->good >= MINUTES_PER_DAY / 2 && first_ms <= start_ms)
            states[day] = STATUS_UP;
        else
            states[day] = (uint8_t)find_state(days, day, at_ms, first_ms);
    }
}

static int64_t start_of(const struct day_values *values, size_t day)
{
    return snapshot_day_start(values->snapshot->at_ms, (int)day);
}

/* The first outage of a domain that touches the day and that the page lists; NULL: none. */
static const struct outage *find_outage(const struct domain_view *view, enum outage_list_kind kind,
                                        int64_t start_ms)
{
    const struct outage_list *list = &view->outages[kind];

    for (size_t i = list->n - list->n_listed; i < list->n; i++) {
        const struct outage *outage = list->items[i];

        if (outage->from_ms < start_ms + MS_PER_DAY &&
            (outage->end == OUTAGE_ONGOING || outage->to_ms >= start_ms))
            return outage;
    }
    return NULL;
}

/* Adds the id of the first outage of the day; of one that was not confirmed only if there is no
 * other. */
static void add_link(struct day_values *values, size_t day)
{
    for (int kind = LIST_CONFIRMED; kind <= LIST_UNCONFIRMED; kind++) {
        const struct outage *first = NULL;
        const struct domain_view *of = NULL;

        for (size_t i = 0; i < values->n_domains; i++) {
            const struct outage *outage = find_outage(
                &values->domains[i], (enum outage_list_kind)kind, start_of(values, day));

            if (outage && (!first || outage->from_ms < first->from_ms)) {
                first = outage;
                of = &values->domains[i];
            }
        }
        if (first) {
            outage_values_add_id(values->snapshot, of, first, &values->object);
            return;
        }
    }
    object_text(&values->object, "event_id", "");
}

static const struct value *fill_day(struct day_values *values, size_t day, bool more)
{
    int degraded = values->days[day].degraded;
    struct uptime uptime = uptime_of(values, day);
    struct object *object = &values->object;

    object_clear(object);
    object_number(object, "x", (long long)day);
    object_when(object, "when", start_of(values, day), values->snapshot->at_ms, values->messages);
    object_flag(object, "has_data", uptime.is_shown);
    object_decimal(object, "percent", uptime.is_shown ? uptime.uptime : 0, 3);
    object_flag(object, "partial", uptime.has_data && uptime.measured < WHOLE);
    object_decimal(object, "measured", uptime.measured, 1);
    if (degraded)
        object_duration(object, "degraded", (int64_t)degraded * MS_PER_MINUTE, values->messages);
    else
        object_text(object, "degraded", "");
    object_flag(object, "more", more);
    return &object->value;
}

static const struct value *bad_item(void *context, size_t i)
{
    struct day_values *values = context;
    const struct value *value = fill_day(values, values->bad[i], i + 1 < values->n_bad);

    add_link(values, values->bad[i]);
    return value;
}

static const struct value *named_item(void *context, size_t i)
{
    struct day_values *values = context;

    return fill_day(values, values->bad[values->n_bad - values->n_named + i],
                    i + 1 < values->n_named);
}

/* Finds the bad days, and counts the others. */
static void count_days(struct day_values *values, struct object *into)
{
    size_t n_below = 0, n_degraded = 0, n_no_data = 0;

    values->n_bad = 0;
    for (size_t day = 0; day < DAYS_SHOWN; day++) {
        const struct day_minutes *minutes = &values->days[day];

        n_no_data += minutes->good == 0 && minutes->bad == 0;
        if (minutes->bad == 0 && minutes->degraded == 0)
            continue;
        n_degraded += minutes->degraded > 0;
        n_below += minutes->bad > 0;
        values->bad[values->n_bad++] = day;
    }
    values->n_named = values->n_bad < CEILING_BAD_DAYS ? values->n_bad : CEILING_BAD_DAYS;
    object_count(into, "n_bad_days", n_below);
    object_flag(into, "one_bad_day", n_below == 1);
    object_count(into, "n_named_days", values->n_named);
    object_count(into, "n_bad_earlier", values->n_bad - values->n_named);
    object_count(into, "n_degraded_days", n_degraded);
    object_flag(into, "one_degraded_day", n_degraded == 1);
    object_count(into, "n_no_data", n_no_data);
    object_flag(into, "one_no_data", n_no_data == 1);
}

void day_values_add(struct day_values *values, const struct day_minutes *days, int64_t first_ms,
                    const struct domain_view *domains, size_t n, struct object *into)
{
    uint8_t cells[DAYS_SHOWN];

    object_flag(into, "has_days", days != NULL);
    if (!days)
        return;
    values->days = days;
    values->first_ms = first_ms;
    values->domains = domains;
    values->n_domains = n;
    count_days(values, into);
    day_values_states(days, values->snapshot->at_ms, first_ms, cells);
    strips_add(&values->strips, cells, DAYS_SHOWN, values->messages, "days", into);
    object_list(into, "bad_days", values->n_bad, bad_item, values);
    object_list(into, "named_days", values->n_named, named_item, values);
}
