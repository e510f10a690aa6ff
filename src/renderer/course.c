#include "renderer/course.h"

#include "base/clock.h"
#include "renderer/view.h"

#include <string.h>

/* The first bucket that is not over before the first check. */
static size_t first_monitored(const struct course_source *source)
{
    int64_t bucket;

    if (source->first_ms <= source->from_ms)
        return 0;
    bucket = (source->first_ms - source->from_ms) / MS_PER_MINUTE;
    return bucket < (int64_t)source->n_cells ? (size_t)bucket : source->n_cells;
}

static void find_runs(struct course *course)
{
    const struct course_source *source = &course->source;
    size_t monitored = first_monitored(source);

    course->n_runs = 0;
    for (size_t i = 0; i < source->n_cells && i < COURSE_MOST; i++) {
        struct course_run *run = course->n_runs ? &course->runs[course->n_runs - 1] : NULL;

        if (run && run->status == source->cells[i] && run->monitored == (i >= monitored)) {
            run->n++;
            continue;
        }
        course->runs[course->n_runs++] =
            (struct course_run){i, 1, source->cells[i], i >= monitored};
    }
}

static bool is_period(const struct course_run *run)
{
    return run->status != STATUS_UP && run->status != STATUS_UNKNOWN;
}

static int64_t start_of(const struct course *course, size_t bucket)
{
    return course->source.from_ms + (int64_t)bucket * MS_PER_MINUTE;
}

static const struct value *bucket_item(void *context, size_t i)
{
    struct course *course = context;
    const struct course_run *run = course->run;
    struct form *form = &course->bucket;

    form_clear(form);
    form_inner(form, "status", &course->status);
    view_clock(form, "clock", start_of(course, run->first + i));
    form_flag(form, "first", i == 0);
    course->source.reason(course->source.context, run->first + i, form);
    return &form->value;
}

/*
 * Most buckets are UP and say nothing. Of those before the first check the first one says so for
 * all, lest each timeline of a new dashboard had two hundred things to tell.
 */
static const struct value *run_item(void *context, size_t i)
{
    struct course *course = context;
    const struct course_run *run = course->run = &course->runs[i];
    struct form *form = &course->run_form;
    size_t told = run->monitored ? 0 : 1;
    struct value plain = {
        .kind = VALUE_ROW,
        .row = {course->source.cells + run->first + told, run->n - told, course->classes}};
    struct value buckets = {.kind = VALUE_LIST, .list = {run->n, bucket_item, course}};

    view_status(&course->status, run->status, course->words);
    form_clear(form);
    form_flag(form, "unwatched", !run->monitored);
    if (run->status == STATUS_UP || !run->monitored)
        form_add(form, "plain", plain);
    else
        form_add(form, "buckets", buckets);
    return &form->value;
}

static const struct value *period_item(void *context, size_t i)
{
    struct course *course = context;
    const struct course_run *run = &course->runs[course->periods[i]];
    struct form *form = &course->period;

    view_status(&course->status, run->status, course->words);
    view_moment(&course->from, start_of(course, run->first), false);
    view_moment(&course->to, start_of(course, run->first + run->n), false);
    form_clear(form);
    form_inner(form, "status", &course->status);
    form_inner(form, "from", &course->from);
    form_inner(form, "to", &course->to);
    form_flag(form, "goes_on", run->first + run->n == course->source.n_cells);
    view_duration(form, "duration", (int64_t)run->n * MS_PER_MINUTE, course->words);
    form_flag(form, "more", i + 1 < course->n_periods);
    return &form->value;
}

/* Finds the latest periods, and returns how many there are in all. */
static size_t find_periods(struct course *course)
{
    size_t n = 0, skipped;

    for (size_t i = 0; i < course->n_runs; i++)
        n += is_period(&course->runs[i]);
    skipped = n > course->source.most ? n - course->source.most : 0;
    n = 0;
    course->n_periods = 0;
    for (size_t i = 0; i < course->n_runs; i++) {
        if (is_period(&course->runs[i]) && n++ >= skipped)
            course->periods[course->n_periods++] = i;
    }
    return n;
}

static size_t count_unknown(const struct course *course)
{
    size_t n = 0;

    for (size_t i = 0; i < course->n_runs; i++) {
        if (course->runs[i].monitored && course->runs[i].status == STATUS_UNKNOWN)
            n += course->runs[i].n;
    }
    return n;
}

/* The same in words. */
static void add_words(struct course *course, struct form *into)
{
    struct value periods = {.kind = VALUE_LIST};
    size_t n = find_periods(course), n_unknown = count_unknown(course);
    size_t monitored = first_monitored(&course->source);

    periods.list.n = course->n_periods;
    periods.list.item = period_item;
    periods.list.context = course;
    form_add(into, "periods", periods);
    view_count(into, "n_periods", course->n_periods);
    view_count(into, "n_earlier", n - course->n_periods);
    if (n_unknown)
        view_duration(into, "no_data", (int64_t)n_unknown * MS_PER_MINUTE, course->words);
    form_flag(into, "never", monitored == course->source.n_cells);
    form_flag(into, "well", n == 0 && n_unknown == 0 && monitored < course->source.n_cells);
    if (monitored > 0 && monitored < course->source.n_cells) {
        view_moment(&course->since, start_of(course, monitored), false);
        form_inner(into, "since", &course->since);
    }
}

void course_fill(struct course *course, const struct course_source *source,
                 const struct words *words, struct form *into)
{
    struct value timeline = {.kind = VALUE_LIST};

    course->source = *source;
    course->words = words;
    for (int status = 0; status < STATUS_COUNT; status++) {
        const char *class = status_class((enum status)status);

        course->classes[status] =
            (struct value){.kind = VALUE_TEXT, .text = {class, strlen(class)}};
    }
    find_runs(course);
    timeline.list.n = course->n_runs;
    timeline.list.item = run_item;
    timeline.list.context = course;
    form_add(into, "timeline", timeline);
    add_words(course, into);
}
