/* Puts labels on the axis of a span of time. */
#include "dashboard/time_axis.h"

#include "base/clock.h"

#include <assert.h>
#include <stdlib.h>

enum {
    PARTS_MAX = 6, /* of an axis with clock times */
    LATE = 78000,  /* places in thousandths of a percent */
    HIDDEN = 90000
};

static bool is_any_day(int64_t day)
{
    (void)day;
    return true;
}

/* The epoch was a Thursday. */
static bool is_monday(int64_t day)
{
    return clock_floor_div(day + 3, 7) * 7 == day + 3;
}

static bool is_first_or_fifteenth(int64_t day)
{
    char date[CLOCK_TEXT_MAX];

    clock_write_day(day, date);
    return atoi(date + 8) == 1 || atoi(date + 8) == 15;
}

/* The days that have a label, for spans of at most this many days. */
static const struct {
    int days;
    bool (*has_label)(int64_t day);
} rules[] = {{10, is_any_day}, {50, is_monday}, {120, is_first_or_fifteenth}};

enum { RULES = sizeof rules / sizeof rules[0] };

static void label_days(struct time_axis *axis)
{
    int64_t first = clock_floor_div(axis->from_ms + MS_PER_DAY - 1, MS_PER_DAY);
    size_t rule = 0;

    while (axis->to_ms - axis->from_ms > (int64_t)rules[rule].days * MS_PER_DAY)
        rule++;
    assert(rule < RULES);
    for (int64_t day = first; day * MS_PER_DAY < axis->to_ms; day++) {
        if (rules[rule].has_label(day) && axis->n_labels < TIME_AXIS_LABELS)
            axis->labels[axis->n_labels++] = day * MS_PER_DAY;
    }
}

/* Labels each multiple of the smallest of these steps that does not give too many. */
static void label_hours(struct time_axis *axis)
{
    static const int minutes[] = {10, 20, 30, 60, 120, 180, 240, 360, 480};
    size_t i = 0;
    int64_t step;

    while (axis->to_ms - axis->from_ms > PARTS_MAX * minutes[i] * MS_PER_MINUTE)
        i++;
    assert(i < sizeof minutes / sizeof minutes[0]);
    step = minutes[i] * MS_PER_MINUTE;
    for (int64_t ms = clock_floor_div(axis->from_ms + step - 1, step) * step; ms < axis->to_ms;
         ms += step)
        axis->labels[axis->n_labels++] = ms;
}

static const struct value *label_item(void *context, size_t i)
{
    struct time_axis *axis = context;
    int64_t ms = axis->labels[i];
    int place = (int)((ms - axis->from_ms) * 100000 / (axis->to_ms - axis->from_ms));
    struct object *object = &axis->label;

    object_clear(object);
    object_decimal(object, "x", place, 2);
    object_when(object, "at", ms, axis->at_ms, axis->messages);
    object_flag(object, "is_clock", ms % MS_PER_DAY != 0);
    object_flag(object, "hidden", place > HIDDEN);
    object_flag(object, "late", place > LATE);
    return &object->value;
}

void time_axis_add(struct time_axis *axis, int64_t from_ms, int64_t to_ms, int64_t at_ms,
                   const struct messages *messages, struct object *into)
{
    *axis = (struct time_axis){
        .messages = messages, .from_ms = from_ms, .to_ms = to_ms, .at_ms = at_ms};
    axis->has_clock = to_ms - from_ms <= 2 * MS_PER_DAY;
    if (axis->has_clock)
        label_hours(axis);
    else
        label_days(axis);
    object_list(into, "labels", axis->n_labels, label_item, axis);
    object_flag(into, "has_clock", axis->has_clock);
}
