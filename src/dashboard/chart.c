/* Charts of latencies as SVG paths, and the time axis. */
#include "dashboard/chart.h"

#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The top of a scale: the smallest number >= highest that is 1, 2, 3, 4, 5, 6 or 8 and zeros. */
static int scale_top(int highest)
{
    static const int steps[] = {1, 2, 3, 4, 5, 6, 8};

    for (int power = 1;; power *= 10) {
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
            if (steps[i] * power >= highest)
                return steps[i] * power;
        }
    }
}

/* A path being written. What exceeds CHART_PATH is left out. */
struct path {
    char *text;
    size_t size;
};

static void put_command(struct path *path, const char *command, long long number)
{
    char text[TEXT_NUMBER_MAX];
    size_t n = strlen(command), n_digits = text_number(text, number);

    if (path->size + n + n_digits >= CHART_PATH)
        return;
    memcpy(path->text + path->size, command, n);
    memcpy(path->text + path->size + n, text, n_digits);
    path->size += n + n_digits;
    path->text[path->size] = '\0';
}

/* The middle of a slice, two units wide. */
static long long middle(size_t slice)
{
    return 2 * (long long)slice + 1;
}

/*
 * Draws a line from slice to slice. It also passes through slices in which no check started, if
 * the domain was up. A point without neighbours is a line of length 0: its round ends make a dot.
 */
static void draw_line(const struct chart *chart, bool median, int top, char *text)
{
    struct path path = {text, 0};
    size_t since_move = 0;
    bool open = false;

    *text = '\0';
    for (size_t i = 0; i < CHART_SLICES; i++) {
        const struct latency_slice *slice = &chart->slices[i];
        int value = median ? slice->median : slice->p95;

        if (value != LATENCY_NONE) {
            put_command(&path, open ? "L" : "M", middle(i));
            put_command(&path, " ", CHART_HEIGHT - (long long)value * CHART_HEIGHT / top);
            since_move = open ? since_move + 1 : 0;
            open = true;
        }
        if (open && (slice->broken || i + 1 == CHART_SLICES)) {
            if (since_move == 0)
                put_command(&path, "h", 0);
            open = false;
        }
    }
}

/* Draws a bar of full height for each run of slices with a failure. Returns the number of slices.
 */
static size_t draw_failures(const struct chart *chart, char *text)
{
    struct path path = {text, 0};
    size_t n = 0;

    *text = '\0';
    for (size_t i = 0, to; i < CHART_SLICES; i = to + 1) {
        for (to = i; to < CHART_SLICES && chart->slices[to].failed; to++)
            n++;
        if (to == i)
            continue;
        put_command(&path, "M", middle(i) - 1);
        put_command(&path, " 0H", middle(to) - 1);
        put_command(&path, "V", CHART_HEIGHT);
        put_command(&path, "H", middle(i) - 1);
    }
    return n;
}

static void add_latency(struct object *object, const char *name, uint16_t ms)
{
    if (ms != LATENCY_NONE)
        object_number(object, name, ms);
}

/* The number of parts into which an axis of these hours is divided: whole hours, or quarters. */
static size_t axis_parts(int hours)
{
    static const int parts[] = {4, 3, 5, 2, 1};
    size_t i = 0;

    while (hours > 1 && hours % parts[i] != 0)
        i++;
    return (size_t)parts[i];
}

static const struct value *axis_item(void *context, size_t i)
{
    struct chart_axis *axis = context;
    int left = axis->minutes - axis->minutes / (int)axis->n_parts * (int)i;

    object_clear(&axis->object);
    object_flag(&axis->object, "now", left == 0);
    object_flag(&axis->object, "whole_hours", left % 60 == 0);
    object_number(&axis->object, "hours", left / 60);
    object_number(&axis->object, "minutes", left);
    return &axis->object.value;
}

struct value chart_axis(struct chart_axis *axis, int hours)
{
    axis->minutes = hours * 60;
    axis->n_parts = axis_parts(hours);
    return (struct value){.kind = VALUE_LIST, .list = {axis->n_parts + 1, axis_item, axis}};
}

void chart_fill(struct chart *chart, const uint16_t *values, const uint8_t *cells, int hours)
{
    struct object *object = &chart->object;
    int top;

    assert(hours > 0 && hours * 60 <= LATENCY_MINUTES);
    chart->latency = (struct latency_chart){.slices = chart->slices, .n_slices = CHART_SLICES};
    latency_fill(&chart->latency, values, cells, (size_t)hours * 60);
    top = scale_top(chart->latency.highest);
    draw_line(chart, true, top, chart->median);
    draw_line(chart, false, top, chart->p95);
    object_clear(object);
    object_number(object, "hours", hours);
    object_number(object, "width", CHART_WIDTH);
    object_number(object, "height", CHART_HEIGHT);
    object_add(object, "axis", chart_axis(&chart->axis, hours));
    object_flag(object, "measured", chart->latency.n_measured > 0);
    add_latency(object, "median", chart->latency.median);
    add_latency(object, "p95", chart->latency.p95);
    object_number(object, "highest", top);
    object_count(object, "n_failed", draw_failures(chart, chart->failed));
    object_text(object, "median_path", chart->median);
    object_text(object, "p95_path", chart->p95);
    object_text(object, "failed_path", chart->failed);
}
