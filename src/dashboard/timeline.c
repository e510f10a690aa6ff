#include "dashboard/timeline.h"

#include "base/clock.h"
#include "dashboard/view.h"

#include <string.h>

/* The first bucket that is not over before the first check. */
static size_t first_monitored(const struct timeline_source *source)
{
    int64_t bucket;

    if (source->first_ms <= source->from_ms)
        return 0;
    bucket = (source->first_ms - source->from_ms) / MS_PER_MINUTE;
    return bucket < (int64_t)source->n_cells ? (size_t)bucket : source->n_cells;
}

static void find_runs(struct timeline_text *timeline_text)
{
    const struct timeline_source *source = &timeline_text->source;
    size_t monitored = first_monitored(source);

    timeline_text->n_runs = 0;
    for (size_t i = 0; i < source->n_cells && i < TIMELINE_MOST; i++) {
        struct timeline_run *run =
            timeline_text->n_runs ? &timeline_text->runs[timeline_text->n_runs - 1] : NULL;

        if (run && run->status == source->cells[i] && run->monitored == (i >= monitored)) {
            run->n++;
            continue;
        }
        timeline_text->runs[timeline_text->n_runs++] =
            (struct timeline_run){i, 1, source->cells[i], i >= monitored};
    }
}

static bool is_period(const struct timeline_run *run)
{
    return run->status != STATUS_UP && run->status != STATUS_UNKNOWN;
}

static int64_t start_of(const struct timeline_text *timeline_text, size_t bucket)
{
    return timeline_text->source.from_ms + (int64_t)bucket * MS_PER_MINUTE;
}

static const struct value *bucket_item(void *context, size_t i)
{
    struct timeline_text *timeline_text = context;
    const struct timeline_run *run = timeline_text->run;
    struct object *object = &timeline_text->bucket;

    object_clear(object);
    object_inner(object, "status", &timeline_text->status);
    view_clock(object, "clock", start_of(timeline_text, run->first + i));
    object_flag(object, "first", i == 0);
    timeline_text->source.reason(timeline_text->source.context, run->first + i, object);
    return &object->value;
}

/*
 * Most buckets are UP and say nothing. Of those before the first check the first one says so for
 * all, lest each timeline of a new dashboard had two hundred things to tell.
 */
static const struct value *run_item(void *context, size_t i)
{
    struct timeline_text *timeline_text = context;
    const struct timeline_run *run = timeline_text->run = &timeline_text->runs[i];
    struct object *object = &timeline_text->run_form;
    size_t told = run->monitored ? 0 : 1;
    struct value plain = {.kind = VALUE_ROW,
                          .row = {timeline_text->source.cells + run->first + told, run->n - told,
                                  timeline_text->classes}};
    struct value buckets = {.kind = VALUE_LIST, .list = {run->n, bucket_item, timeline_text}};

    view_status(&timeline_text->status, run->status, timeline_text->words);
    object_clear(object);
    object_flag(object, "unwatched", !run->monitored);
    if (run->status == STATUS_UP || !run->monitored)
        object_add(object, "plain", plain);
    else
        object_add(object, "buckets", buckets);
    return &object->value;
}

static const struct value *period_item(void *context, size_t i)
{
    struct timeline_text *timeline_text = context;
    const struct timeline_run *run = &timeline_text->runs[timeline_text->periods[i]];
    struct object *object = &timeline_text->period;

    view_status(&timeline_text->status, run->status, timeline_text->words);
    view_moment(&timeline_text->from, start_of(timeline_text, run->first), false);
    view_moment(&timeline_text->to, start_of(timeline_text, run->first + run->n), false);
    object_clear(object);
    object_inner(object, "status", &timeline_text->status);
    object_inner(object, "from", &timeline_text->from);
    object_inner(object, "to", &timeline_text->to);
    object_flag(object, "goes_on", run->first + run->n == timeline_text->source.n_cells);
    view_duration(object, "duration", (int64_t)run->n * MS_PER_MINUTE, timeline_text->words);
    object_flag(object, "more", i + 1 < timeline_text->n_periods);
    return &object->value;
}

/* Finds the latest periods, and returns how many there are in all. */
static size_t find_periods(struct timeline_text *timeline_text)
{
    size_t n = 0, skipped;

    for (size_t i = 0; i < timeline_text->n_runs; i++)
        n += is_period(&timeline_text->runs[i]);
    skipped = n > timeline_text->source.most ? n - timeline_text->source.most : 0;
    n = 0;
    timeline_text->n_periods = 0;
    for (size_t i = 0; i < timeline_text->n_runs; i++) {
        if (is_period(&timeline_text->runs[i]) && n++ >= skipped)
            timeline_text->periods[timeline_text->n_periods++] = i;
    }
    return n;
}

static size_t count_unknown(const struct timeline_text *timeline_text)
{
    size_t n = 0;

    for (size_t i = 0; i < timeline_text->n_runs; i++) {
        if (timeline_text->runs[i].monitored && timeline_text->runs[i].status == STATUS_UNKNOWN)
            n += timeline_text->runs[i].n;
    }
    return n;
}

/* The same in words. */
static void add_words(struct timeline_text *timeline_text, struct object *into)
{
    struct value periods = {.kind = VALUE_LIST};
    size_t n = find_periods(timeline_text), n_unknown = count_unknown(timeline_text);
    size_t monitored = first_monitored(&timeline_text->source);

    periods.list.n = timeline_text->n_periods;
    periods.list.item = period_item;
    periods.list.context = timeline_text;
    object_add(into, "periods", periods);
    view_count(into, "n_periods", timeline_text->n_periods);
    view_count(into, "n_earlier", n - timeline_text->n_periods);
    if (n_unknown)
        view_duration(into, "no_data", (int64_t)n_unknown * MS_PER_MINUTE, timeline_text->words);
    object_flag(into, "never", monitored == timeline_text->source.n_cells);
    object_flag(into, "well",
                n == 0 && n_unknown == 0 && monitored < timeline_text->source.n_cells);
    if (monitored > 0 && monitored < timeline_text->source.n_cells) {
        view_moment(&timeline_text->since, start_of(timeline_text, monitored), false);
        object_inner(into, "since", &timeline_text->since);
    }
}

void timeline_fill(struct timeline_text *timeline_text, const struct timeline_source *source,
                   const struct messages *words, struct object *into)
{
    struct value timeline = {.kind = VALUE_LIST};

    timeline_text->source = *source;
    timeline_text->words = words;
    for (int status = 0; status < STATUS_COUNT; status++) {
        const char *class = status_class((enum status)status);

        timeline_text->classes[status] =
            (struct value){.kind = VALUE_TEXT, .text = {class, strlen(class)}};
    }
    find_runs(timeline_text);
    timeline.list.n = timeline_text->n_runs;
    timeline.list.item = run_item;
    timeline.list.context = timeline_text;
    object_add(into, "timeline", timeline);
    add_words(timeline_text, into);
}
