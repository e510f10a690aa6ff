/* The spans that the rows of the index page can show, and their axes. */
#include "dashboard/span_choice.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/messages.h"
#include "dashboard/snapshot.h"

/* Whether the timelines have 24 hours, so that there is nothing to choose between the two. */
static bool has_whole_day(const struct snapshot *snapshot)
{
    return snapshot->n_buckets == LATENCY_MINUTES;
}

/* The first span has the hours of the configuration. */
static void add_label(const struct span_choice *choice, enum index_span span, struct object *object)
{
    static const char *const labels[SPAN_CHOICES] = {
        [INDEX_24H] = "span_24h", [INDEX_90D] = "span_90d"};
    int hours = choice->snapshot->config->history_hours;
    char number[TEXT_NUMBER_MAX];

    if (span != INDEX_4H) {
        object_text(object, "label", messages_get(choice->messages, labels[span]));
        return;
    }
    text_number(number, hours);
    object_join(
        object, "label",
        (const char *const[]){number, "\xc2\xa0", messages_get(choice->messages, "hours"), NULL});
}

static void add_axis(struct span_choice *choice, enum index_span span, struct object *object)
{
    const struct snapshot *snapshot = choice->snapshot;
    int64_t minute_ms = clock_floor_div(snapshot->at_ms, MS_PER_MINUTE) * MS_PER_MINUTE;
    int64_t to_ms = minute_ms + MS_PER_MINUTE, from_ms = snapshot->from_ms;

    if (span == INDEX_24H)
        from_ms = to_ms - MS_PER_DAY;
    if (span == INDEX_90D) {
        from_ms = snapshot_day_start(snapshot->at_ms, 0);
        to_ms = snapshot_day_start(snapshot->at_ms, DAYS_SHOWN);
    }
    time_axis_add(&choice->axis, from_ms, to_ms, snapshot->at_ms, choice->messages, object);
}

static const struct value *span_item(void *context, size_t i)
{
    static const char *const ids[SPAN_CHOICES] = {
        [INDEX_4H] = "4h", [INDEX_24H] = "24h", [INDEX_90D] = "90d"};
    struct span_choice *choice = context;
    const struct snapshot *snapshot = choice->snapshot;
    bool skips = i > INDEX_4H && has_whole_day(snapshot);
    enum index_span span = (enum index_span)(i + skips), chosen = snapshot->config->index_span;
    struct object *object = &choice->object;

    if (chosen == INDEX_24H && has_whole_day(snapshot))
        chosen = INDEX_4H;
    object_clear(object);
    object_text(object, "id", ids[span]);
    add_label(choice, span, object);
    object_flag(object, "chosen", span == chosen);
    object_clock(object, "now", snapshot->at_ms);
    add_axis(choice, span, object);
    return &object->value;
}

void span_choice_add(struct span_choice *choice, const struct snapshot *snapshot,
                     const struct messages *messages, struct object *into)
{
    choice->snapshot = snapshot;
    choice->messages = messages;
    object_list(into, "spans", SPAN_CHOICES - has_whole_day(snapshot), span_item, choice);
}
