/* Timelines: runs of like buckets for the templates, and the latest bad runs as text. */
#include "dashboard/timeline.h"

#include "base/clock.h"
#include "base/memory.h"

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
        enum status status = source->cells[i];
        size_t end = i < monitored ? monitored : source->n_cells;

        next = i + memory_run(source->cells + i, end - i);
        if (status_is_bad(status))
            next = source->same_until(source->context, i, next);
        timeline->runs[timeline->n_runs++] =
            (struct timeline_run){i, next - i, status, i >= monitored};
    }
}

/* A timeline of a day can have many bad runs, and each reason is a text. */
static void limit_reasons(struct timeline *timeline)
{
    size_t left = CEILING_REASONS, i = timeline->n_runs;

    while (i > 0 && left > 0)
        left -= status_is_bad(timeline->runs[--i].status);
    timeline->reasons_from = i;
}

static int64_t start_of(const struct timeline *timeline, size_t bucket)
{
    return timeline->source.from_ms + (int64_t)bucket * MS_PER_MINUTE;
}

static bool is_ongoing(const struct timeline *timeline, const struct timeline_run *run)
{
    return run->first + run->n == timeline->source.n_cells;
}

/* Adds what the label of a run is made from. */
static void add_label(struct timeline *timeline, size_t i, struct object *object)
{
    const struct timeline_run *run = &timeline->runs[i];
    size_t n_fields;

    object_add(object, "status", messages_status(timeline->messages, run->status));
    object_flag(object, "before_first_check", !run->monitored);
    if (!run->monitored)
        return;
    object_clock(object, "from", start_of(timeline, run->first));
    object_clock(object, "to", start_of(timeline, run->first + run->n));
    object_flag(object, "ongoing", is_ongoing(timeline, run));
    object_duration(object, "duration", (int64_t)run->n * MS_PER_MINUTE, timeline->messages);
    n_fields = object->value.object.n;
    if (status_is_bad(run->status) && i >= timeline->reasons_from)
        timeline->source.reason(timeline->source.context, run->first, run->n, object);

    /* A missing name would be looked for in the site or the domain. */
    if (object->value.object.n == n_fields)
        object_text(object, "reason", "");
}

/* The first bucket of a run has the label of all of them. */
static const struct value *run_item(void *context, size_t i)
{
    struct timeline *timeline = context;
    const struct timeline_run *run = &timeline->runs[i];
    struct object *object = &timeline->run_object;
    size_t with_label = run->status == STATUS_UP ? 0 : 1;
    struct value plain = {.kind = VALUE_ROW,
                          .row = {timeline->source.cells + run->first + with_label,
                                  run->n - with_label, timeline->classes}};

    object_clear(object);
    object_flag(object, "labelled", with_label > 0);
    object_add(object, "plain", plain);
    if (with_label)
        add_label(timeline, i, object);
    return &object->value;
}

static const struct value *bad_run_item(void *context, size_t i)
{
    struct timeline *timeline = context;
    const struct timeline_run *run = &timeline->bad_runs[timeline->n_bad_runs - 1 - i];
    struct object *object = &timeline->bad_run;

    object_clear(object);
    object_add(object, "status", messages_status(timeline->messages, run->status));
    object_moment(object, "from", start_of(timeline, run->first), false);
    object_moment(object, "to", start_of(timeline, run->first + run->n), false);
    object_flag(object, "ongoing", is_ongoing(timeline, run));
    object_duration(object, "duration", (int64_t)run->n * MS_PER_MINUTE, timeline->messages);
    object_flag(object, "more", i + 1 < timeline->n_bad_runs);
    return &object->value;
}

/* Finds the latest bad runs, the last one first. Runs that differ only in their reason are one.
 * Returns the number of all bad runs. */
static size_t find_bad_runs(struct timeline *timeline)
{
    struct timeline_run whole = {0};
    size_t n = 0;

    timeline->n_bad_runs = 0;
    for (size_t i = timeline->n_runs; i-- > 0;) {
        const struct timeline_run *run = &timeline->runs[i];
        bool goes_on = i > 0 && run[-1].status == run->status && run[-1].monitored;

        if (!status_is_bad(run->status))
            continue;
        whole = (struct timeline_run){run->first, whole.n + run->n, run->status, true};
        if (goes_on)
            continue;
        if (n++ < timeline->source.max_bad_runs)
            timeline->bad_runs[timeline->n_bad_runs++] = whole;
        whole.n = 0;
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
