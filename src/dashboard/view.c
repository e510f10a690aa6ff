#include "dashboard/view.h"

#include "base/clock.h"
#include "base/text.h"

#include <string.h>

/* The names of their words; programs have status_name. */
static const char *const words_of[STATUS_COUNT] = {
    [STATUS_UNKNOWN] = "unknown",   [STATUS_UP] = "up",
    [STATUS_DEGRADED] = "degraded", [STATUS_DOWN] = "down",
    [STATUS_BOT_DETECTED] = "bot",  [STATUS_TIMEOUT] = "timeout",
};

void view_moment(struct object *into, int64_t ms, bool seconds)
{
    char iso[CLOCK_TEXT_MAX];

    clock_write_seconds(ms, iso);
    object_clear(into);
    object_bytes(into, "iso", iso, strlen(iso));
    object_bytes(into, "clock", iso + 11, 5);
    object_bytes(into, "date", iso, 10);
    iso[10] = ' ';
    object_bytes(into, "text", iso, seconds ? 19 : 16);
}

void view_clock(struct object *object, const char *name, int64_t ms)
{
    int64_t minute = clock_floor_div(ms, MS_PER_MINUTE);
    int of_day = (int)(minute - clock_floor_div(minute, MINUTES_PER_DAY) * MINUTES_PER_DAY);
    char text[5] = {(char)('0' + of_day / 600), (char)('0' + of_day / 60 % 10), ':',
                    (char)('0' + of_day % 60 / 10), (char)('0' + of_day % 10)};

    object_bytes(object, name, text, sizeof text);
}

void view_status(struct object *into, enum status status, const struct messages *words)
{
    object_clear(into);
    object_text(into, "word", messages_get(words, words_of[status]));
    object_text(into, "class", status_class(status));
}

void view_duration(struct object *object, const char *name, int64_t ms,
                   const struct messages *words)
{
    static const struct {
        int64_t ms;
        const char *word;
    } units[] = {{MS_PER_DAY, "days"},
                 {MS_PER_HOUR, "hours"},
                 {MS_PER_MINUTE, "minutes"},
                 {MS_PER_SECOND, "seconds"}};
    enum { UNITS = sizeof units / sizeof units[0] };
    size_t i = 0;
    long long first, second;

    while (i < UNITS - 1 && ms < units[i].ms)
        i++;
    first = ms / units[i].ms;
    second = i + 1 < UNITS ? ms % units[i].ms / units[i + 1].ms : 0;
    if (second)
        object_print(object, name, "%lld %s %lld %s", first, messages_get(words, units[i].word),
                     second, messages_get(words, units[i + 1].word));
    else
        object_print(object, name, "%lld %s", first, messages_get(words, units[i].word));
}

void view_span(struct object *object, const char *name, int64_t from_ms, int64_t to_ms,
               const struct messages *words)
{
    int64_t seconds =
        clock_floor_div(to_ms, MS_PER_SECOND) - clock_floor_div(from_ms, MS_PER_SECOND);

    view_duration(object, name, seconds * MS_PER_SECOND, words);
}

void view_count(struct object *object, const char *name, size_t n)
{
    if (n)
        object_number(object, name, (long long)n);
    else
        object_text(object, name, "");
}

static void print_count(struct object *object, const char *name, int64_t n)
{
    char text[TEXT_NUMBER_MAX];

    text_count((uint64_t)n, text);
    object_print(object, name, "%s", text);
}

void view_ticks(struct view_ticks *into, const struct ticks *ticks, int64_t at_ms)
{
    const struct ticks_record *last = &ticks->last;
    struct object *object = &into->object;
    char duration[TEXT_NUMBER_MAX];

    text_duration(last->duration_ms, duration);
    view_moment(&into->time, last->start_ms, false);
    object_clear(object);
    object_inner(object, "time", &into->time);
    object_flag(object, "same_day",
                clock_floor_div(last->start_ms, MS_PER_DAY) == clock_floor_div(at_ms, MS_PER_DAY));
    print_count(object, "checks", last->checks_done);
    object_flag(object, "one_check", last->checks_done == 1);
    object_print(object, "duration", "%s", duration);
    if (last->left_over)
        print_count(object, "left_over", last->left_over);
    print_count(object, "counted", ticks->counted);
    print_count(object, "expected", ticks->expected);
    object_flag(object, "lack", ticks_missing(ticks));
}

static const char *const words_of_span[SPANS] = {
    [SPAN_24H] = "span_24h",
    [SPAN_7D] = "span_7d",
    [SPAN_30D] = "span_30d",
    [SPAN_90D] = "span_90d",
};

static const struct value *uptime_item(void *context, size_t i)
{
    struct view_uptimes *list = context;
    const struct uptime *uptime = &list->uptime[i];
    struct object *object = &list->object;

    object_clear(object);
    object_text(object, "span", messages_get(list->words, words_of_span[i]));
    object_flag(object, "known", uptime->known);
    object_flag(object, "partial", uptime->known && uptime->measured < 100000);
    object_decimal(object, "percent", uptime->uptime, 3);
    object_decimal(object, "measured", uptime->measured, 1);
    return &object->value;
}

struct value view_uptimes(struct view_uptimes *list, const struct uptime *uptime,
                          const struct messages *words)
{
    list->uptime = uptime;
    list->words = words;
    return (struct value){.kind = VALUE_LIST, .list = {SPANS, uptime_item, list}};
}

/* How many parts an axis of so many hours has. */
static size_t axis_parts(int hours)
{
    static const int parts[] = {4, 3, 5};

    if (hours == 1)
        return 4;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (hours % parts[i] == 0)
            return (size_t)parts[i];
    }
    return hours % 2 == 0 ? 2 : 1;
}

static const struct value *axis_item(void *context, size_t i)
{
    struct view_axis *axis = context;
    int left = axis->minutes - axis->minutes / (int)axis->n_parts * (int)i;

    object_clear(&axis->object);
    object_flag(&axis->object, "now", left == 0);
    object_flag(&axis->object, "whole_hours", left % 60 == 0);
    object_number(&axis->object, "hours", left / 60);
    object_number(&axis->object, "minutes", left);
    return &axis->object.value;
}

struct value view_axis(struct view_axis *axis, int hours)
{
    axis->minutes = hours * 60;
    axis->n_parts = axis_parts(hours);
    return (struct value){.kind = VALUE_LIST, .list = {axis->n_parts + 1, axis_item, axis}};
}
