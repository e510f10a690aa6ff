/* Timelines: runs of like buckets for the templates, and the latest bad runs as text. */
#include "dashboard/timeline.h"

#include "base/clock.h"

#include <assert.h>
#include <string.h>

/* The first bucket that does not end before the first check. */
static size_t first_monitored(const struct timeline_source *source)
{
    int64_t bucket;

    if (source->first_ms <= source->from_ms)
        return 0;
    bucket = (source->first_ms - source->from_ms) / MS_PER_MINUTE;
    return bucket < (int64_t)source->n_cells ? (size_t)bucket : source->n_cells;
}

static void find_runs(struct timeline *timeline)
{
    const struct timeline_source *source = &timeline->source;
    size_t monitored = first_monitored(source);

    timeline->n_runs = 0;
    for (size_t i = 0, next; i < source->n_cells; i = next) {
        size_t end = i < monitored ? monitored : source->n_cells;

        for (next = i + 1; next < end && source->cells[next] == source->cells[i];)
            next++;
        timeline->runs[timeline->n_runs++] =
            (struct timeline_run){i, next - i, source->cells[i], i >= monitored};
    }
}

static bool is_bad(const struct timeline_run *run)
{
    return run->status != STATUS_UP && run->status != STATUS_UNKNOWN;
}

/* A timeline of a day can have many bad buckets, and each reason is a text. */
static void limit_reasons(struct timeline *timeline)
{
    size_t left = CEILING_REASONS;

    timeline->reasons_from = 0;
    for (size_t i = timeline->n_runs; i-- > 0;) {
        const struct timeline_run *run = &timeline->runs[i];

        if (!is_bad(run))
            continue;
        if (run->n > left) {
            timeline->reasons_from = run->first + run->n - left;
            return;
        }
        left -= run->n;
    }
}

static int64_t start_of(const struct timeline *timeline, size_t bucket)
{
    return timeline->source.from_ms + (int64_t)bucket * MS_PER_MINUTE;
}

/* Whether the reason of a bucket of the current run is shown. */
static bool has_reason(const struct timeline *timeline, size_t bucket)
{
    return timeline->run->status != STATUS_UNKNOWN && bucket >= timeline->reasons_from;
}

static const struct value *bucket_item(void *context, size_t i)
{
    struct timeline *timeline = context;
    const struct timeline_run *run = timeline->run;
    struct object *object = &timeline->bucket;
    size_t n_fields;

    object_clear(object);
    object_add(object, "status", messages_status(timeline->messages, run->status));
    object_clock(object, "clock", start_of(timeline, run->first + i));
    object_flag(object, "first", i == 0);
    n_fields = object->value.object.n;
    if (has_reason(timeline, run->first + i))
        timeline->source.reason(timeline->source.context, run->first + i, object);

    /* A missing name would be looked for outside of the bucket, so its text could not be copied. */
    if (object->value.object.n == n_fields)
        object_text(object, "reason", "");
    return &object->value;
}

/* For value_key. A reason is too long; but if uptick did not run for an hour, all timelines have
 * the same buckets without one. */
static size_t bucket_key(void *context, size_t i, uint64_t numbers[VALUE_KEY_MAX])
{
    const struct timeline *timeline = context;
    const struct timeline_run *run = timeline->run;
    size_t bucket = run->first + i;

    numbers[0] = run->status;
    numbers[1] = (uint64_t)start_of(timeline, bucket);
    numbers[2] = i == 0;
    return has_reason(timeline, bucket) ? 0 : 3;
}

/*
 * Most buckets are UP and need no label. Before the first check, one label is enough for the whole
 * run; with one for each bucket, every timeline of a new dashboard would have some two hundred.
 */
static const struct value *run_item(void *context, size_t i)
{
    struct timeline *timeline = context;
    const struct timeline_run *run = timeline->run = &timeline->runs[i];
    struct object *object = &timeline->run_object;
    size_t labelled = run->monitored ? 0 : 1;
    struct value plain = {.kind = VALUE_ROW,
                          .row = {timeline->source.cells + run->first + labelled, run->n - labelled,
                                  timeline->classes}};

    object_clear(object);
    object_flag(object, "before_first_check", !run->monitored);
    if (run->status == STATUS_UP || !run->monitored)
        object_add(object, "plain", plain);
    else
        object_keyed_list(object, "buckets", run->n, bucket_item, timeline, bucket_key);
    return &object->value;
}

static const struct value *bad_run_item(void *context, size_t i)
{
    struct timeline *timeline = context;
    size_t number = timeline->bad_runs[timeline->n_bad_runs - 1 - i];
    const struct timeline_run *run = &timeline->runs[number];
    struct object *object = &timeline->bad_run;

    object_clear(object);
    object_add(object, "status", messages_status(timeline->messages, run->status));
    object_moment(object, "from", start_of(timeline, run->first), false);
    object_moment(object, "to", start_of(timeline, run->first + run->n), false);
    object_flag(object, "ongoing", run->first + run->n == timeline->source.n_cells);
    object_duration(object, "duration", (int64_t)run->n * MS_PER_MINUTE, timeline->messages);
    object_flag(object, "more", i + 1 < timeline->n_bad_runs);
    return &object->value;
}

/* Finds the latest bad runs, the last one first. Returns the number of all bad runs. */
static size_t find_bad_runs(struct timeline *timeline)
{
    size_t n = 0;

    timeline->n_bad_runs = 0;
    for (size_t i = timeline->n_runs; i-- > 0;) {
        if (is_bad(&timeline->runs[i]) && n++ < timeline->source.max_bad_runs)
            timeline->bad_runs[timeline->n_bad_runs++] = i;
    }
    return n;
}

static size_t count_unknown(const struct timeline *timeline)
{
    size_t n = 0;

    for (size_t i = 0; i < timeline->n_runs; i++) {
        if (timeline->runs[i].monitored && timeline->runs[i].status == STATUS_UNKNOWN)
            n += timeline->runs[i].n;
    }
    return n;
}

/* Adds the values for the text of the timeline. */
static void add_text(struct timeline *timeline, struct object *into)
{
    size_t n = find_bad_runs(timeline), n_unknown = count_unknown(timeline);
    size_t monitored = first_monitored(&timeline->source), n_cells = timeline->source.n_cells;

    object_list(into, "bad_runs", timeline->n_bad_runs, bad_run_item, timeline);
    object_count(into, "n_bad_runs", timeline->n_bad_runs);
    object_count(into, "n_earlier", n - timeline->n_bad_runs);
    if (n_unknown)
        object_duration(into, "no_data", (int64_t)n_unknown * MS_PER_MINUTE, timeline->messages);
    object_flag(into, "never_checked", monitored == n_cells);
    object_flag(into, "all_up", n == 0 && n_unknown == 0 && monitored < n_cells);
    if (monitored > 0 && monitored < n_cells)
        object_moment(into, "since", start_of(timeline, monitored), false);
}

void timeline_fill(struct timeline *timeline, const struct timeline_source *source,
                   const struct messages *messages, struct object *into)
{
    assert(source->n_cells <= TIMELINE_MAX && source->max_bad_runs <= CEILING_BAD_RUNS);
    timeline->source = *source;
    timeline->messages = messages;
    for (int status = 0; status < STATUS_COUNT; status++) {
        const char *class = status_class((enum status)status);

        timeline->classes[status] =
            (struct value){.kind = VALUE_TEXT, .text = {class, strlen(class)}};
    }
    find_runs(timeline);
    limit_reasons(timeline);
    object_list(into, "timeline", timeline->n_runs, run_item, timeline);
    add_text(timeline, into);
}
