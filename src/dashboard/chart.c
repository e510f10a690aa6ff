/* Charts of latencies as SVG paths, and the time axis. */
#include "dashboard/chart.h"

#include "base/text.h"

#include <assert.h>
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

/*
 * A path being written. After the first point it has relative commands, because they are short. A
 * slice needs at most 16 bytes: a bar "M100 0h2v100h-2", or a point "M101 100h0".
 */
struct path {
    char *at;
    int x, y;    /* the end of the commands so far */
    int level_x; /* the line goes on to here, level; that command is not yet written */
    bool is_point;
};

_Static_assert(LATENCY_SLICES * 16 < CHART_PATH, "a path has room");

/* Writes a number between -1000 and 1000. */
static void put_number(struct path *path, int number)
{
    if (number < 0) {
        *path->at++ = '-';
        number = -number;
    }
    assert(number < 1000);
    if (number >= 100)
        *path->at++ = (char)('0' + number / 100);
    if (number >= 10) {
        *path->at++ = (char)('0' + number / 10 % 10);
        number %= 10;
    }
    *path->at++ = (char)('0' + number);
}

static void put_command(struct path *path, char command, int number)
{
    *path->at++ = command;
    put_number(path, number);
}

static void move_to(struct path *path, int x, int y)
{
    put_command(path, 'M', x);
    put_command(path, ' ', y);
    *path = (struct path){path->at, x, y, x, true};
}

static void end_level(struct path *path)
{
    if (path->level_x == path->x)
        return;
    put_command(path, 'h', path->level_x - path->x);
    path->x = path->level_x;
}

static void line_to(struct path *path, int x, int y)
{
    path->is_point = false;
    if (y != path->y) {
        end_level(path);
        put_command(path, 'l', x - path->x);
        if (y > path->y)
            *path->at++ = ' ';
        put_number(path, y - path->y);
        path->x = x;
        path->y = y;
    }
    path->level_x = x;
}

/* A point without neighbours is a line of length 0: its round ends make a dot. */
static void end_line(struct path *path)
{
    if (path->is_point)
        put_command(path, 'h', 0);
    end_level(path);
}

/* The middle of a slice, two units wide. */
static int middle(size_t slice)
{
    return 2 * (int)slice + 1;
}

/* Draws a line from slice to slice. It also passes through slices in which no check started, if the
 * domain was up. */
static void draw_line(const struct chart *chart, bool median, int top, char *text)
{
    struct path path = {.at = text};
    bool open = false;

    for (size_t i = 0; i < LATENCY_SLICES; i++) {
        const struct latency_slice *slice = &chart->latency.slices[i];
        int value = median ? slice->median : slice->p95;

        if (value != LATENCY_NONE) {
            int y = CHART_HEIGHT - value * CHART_HEIGHT / top;

            if (open)
                line_to(&path, middle(i), y);
            else
                move_to(&path, middle(i), y);
            open = true;
        }
        if (open && (slice->broken || i + 1 == LATENCY_SLICES)) {
            end_line(&path);
            open = false;
        }
    }
    *path.at = '\0';
}

/* Draws a bar of full height for each run of slices with a failure. Returns the number of slices.
 */
static size_t draw_failures(const struct chart *chart, char *text)
{
    struct path path = {.at = text};
    size_t n = 0;

    for (size_t i = 0, to; i < LATENCY_SLICES; i = to + 1) {
        for (to = i; to < LATENCY_SLICES && chart->latency.slices[to].failed; to++)
            n++;
        if (to == i)
            continue;
        move_to(&path, middle(i) - 1, 0);
        put_command(&path, 'h', 2 * (int)(to - i));
        put_command(&path, 'v', CHART_HEIGHT);
        put_command(&path, 'h', -2 * (int)(to - i));
    }
    *path.at = '\0';
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

static size_t axis_key(void *context, size_t i, uint64_t numbers[VALUE_KEY_MAX])
{
    const struct chart_axis *axis = context;

    numbers[0] = (uint64_t)axis->minutes;
    numbers[1] = i; /* the number of parts depends on the minutes */
    return 2;
}

struct value chart_axis(struct chart_axis *axis, int hours)
{
    axis->minutes = hours * 60;
    axis->n_parts = axis_parts(hours);
    return (struct value){
        .kind = VALUE_LIST,
        .list = {.n = axis->n_parts + 1, .item = axis_item, .context = axis, .key = axis_key}};
}

void chart_fill(struct chart *chart, const uint16_t *values, const uint8_t *cells, int hours)
{
    struct object *object = &chart->object;
    int top;

    assert(hours > 0 && hours * 60 <= LATENCY_MINUTES);
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
