#include "dashboard/chart.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* The next number of one digit and noughts that is no less. */
static int scale_top(int highest)
{
    int power = 1;

    for (;;) {
        static const int steps[] = {1, 2, 3, 4, 5, 6, 8};

        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
            if (steps[i] * power >= highest)
                return steps[i] * power;
        }
        power *= 10;
    }
}

/* A path being written; what its room does not hold is left out. */
struct path {
    char *text;
    size_t size;
};

static void put(struct path *path, const char *command, long long number)
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
 * A line from slice to slice, through those in which no check began but all was well. A point
 * without neighbours is a line of no length, which round ends make a dot.
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
            put(&path, open ? "L" : "M", middle(i));
            put(&path, " ", CHART_HEIGHT - (long long)value * CHART_HEIGHT / top);
            since_move = open ? since_move + 1 : 0;
            open = true;
        }
        if (open && (slice->broken || i + 1 == CHART_SLICES)) {
            if (since_move == 0)
                put(&path, "h", 0);
            open = false;
        }
    }
}

/* A bar as high as the picture for each slice with a failure; those side by side are one. */
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
        put(&path, "M", middle(i) - 1);
        put(&path, " 0H", middle(to) - 1);
        put(&path, "V", CHART_HEIGHT);
        put(&path, "H", middle(i) - 1);
    }
    return n;
}

static void add_latency(struct object *object, const char *name, uint16_t ms)
{
    if (ms != LATENCY_NONE)
        object_number(object, name, ms);
}

void chart_fill(struct chart *chart, const uint16_t *values, const uint8_t *cells, int hours)
{
    struct object *object = &chart->object;
    int top;

    chart->latency = (struct latency_chart){.slices = chart->slices, .n_slices = CHART_SLICES};
    latency_fill(&chart->latency, values, cells, (size_t)hours * 60);
    top = scale_top(chart->latency.highest);
    draw_line(chart, true, top, chart->median);
    draw_line(chart, false, top, chart->p95);
    object_clear(object);
    object_number(object, "hours", hours);
    object_number(object, "width", CHART_WIDTH);
    object_number(object, "height", CHART_HEIGHT);
    object_add(object, "axis", view_axis(&chart->axis, hours));
    object_flag(object, "measured", chart->latency.n_measured > 0);
    add_latency(object, "median", chart->latency.median);
    add_latency(object, "p95", chart->latency.p95);
    object_number(object, "highest", top);
    view_count(object, "n_failed", draw_failures(chart, chart->failed));
    object_text(object, "median_path", chart->median);
    object_text(object, "p95_path", chart->p95);
    object_text(object, "failed_path", chart->failed);
}
