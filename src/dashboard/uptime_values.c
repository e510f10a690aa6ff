/* Makes the values of the uptimes over all spans. */
#include "dashboard/uptime_values.h"
#include "dashboard/messages.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/snapshot.h"

enum { WHOLE = 100000 /* thousandths of a percent */, DECIMALS = 3 };

/* "since 23 Nov" once, although several spans may be too long for a young monitor. */
static bool shows_since(const struct uptime_values *values, size_t i)
{
    if (!values->is_watched || values->uptimes[i].is_shown)
        return false;
    while (++i < SPANS) {
        if (!values->uptimes[i].is_shown)
            return false;
    }
    return true;
}

static const struct value *uptime_item(void *context, size_t i)
{
    static const char *const spans[SPANS] = {
        [SPAN_24H] = "span_24h", [SPAN_7D] = "span_7d",     [SPAN_30D] = "span_30d",
        [SPAN_90D] = "span_90d", [SPAN_365D] = "span_365d",
    };
    struct uptime_values *values = context;
    const struct uptime *uptime = &values->uptimes[i];
    struct object *object = &values->object;
    char percent[TEXT_NUMBER_MAX];

    object_clear(object);
    object_flag(object, "is_watched", values->is_watched);
    object_text(object, "span", messages_get(values->messages, spans[i]));
    object_flag(object, "has_data", uptime->is_shown);
    object_flag(object, "low",
                uptime->is_shown && uptime->uptime < values->snapshot->config->uptime_target);
    object_flag(object, "partial", uptime->is_shown && uptime->measured < WHOLE);
    if (uptime->is_shown)
        object_bytes(object, "percent", percent,
                     text_decimal(percent, uptime->uptime, DECIMALS, DECIMALS));
    object_decimal(object, "measured", uptime->measured, 1);
    if (shows_since(values, i)) {
        object_clear(&values->watched_since);
        object_date_fields(&values->watched_since, values->first_ms, values->snapshot->at_ms,
                           values->messages);
        object_inner(object, "watched_since", &values->watched_since);
    } else {
        object_flag(object, "watched_since", false);
    }
    return &object->value;
}

/* All that an item is made from; of the first check, only the day is shown. */
static size_t uptime_key(void *context, size_t i, uint64_t numbers[VALUE_KEY_MAX])
{
    const struct uptime_values *values = context;
    const struct uptime *uptime = &values->uptimes[i];

    numbers[0] = (uint64_t)i << 2 | (uint64_t)shows_since(values, i) << 1 | uptime->is_shown;
    numbers[1] = (uint64_t)(uint32_t)uptime->uptime << 32 | (uint32_t)uptime->measured;
    numbers[2] = (uint64_t)clock_floor_div(values->first_ms, MS_PER_DAY);
    return 3;
}

void uptime_values_add(struct uptime_values *values, const struct uptime *uptimes, int64_t first_ms,
                       struct object *into)
{
    values->uptimes = uptimes;
    values->first_ms = first_ms;
    values->is_watched = first_ms != INT64_MAX;
    object_keyed_list(into, "uptimes", SPANS, uptime_item, values, uptime_key);
}
