#include "renderer/view.h"

#include "base/clock.h"
#include "base/text.h"

#include <string.h>

/* The names of their words; programs have status_name. */
static const char *const words_of[STATUS_COUNT] = {
    [STATUS_UNKNOWN] = "unknown",   [STATUS_UP] = "up",
    [STATUS_DEGRADED] = "degraded", [STATUS_DOWN] = "down",
    [STATUS_BOT_DETECTED] = "bot",  [STATUS_TIMEOUT] = "timeout",
};

void view_moment(struct form *into, int64_t ms, bool seconds)
{
    char iso[CLOCK_TEXT_MAX];

    clock_write_seconds(ms, iso);
    form_clear(into);
    form_bytes(into, "iso", iso, strlen(iso));
    form_bytes(into, "clock", iso + 11, 5);
    form_bytes(into, "date", iso, 10);
    iso[10] = ' ';
    form_bytes(into, "text", iso, seconds ? 19 : 16);
}

void view_clock(struct form *form, const char *name, int64_t ms)
{
    int64_t minute = clock_floor_div(ms, MS_PER_MINUTE);
    int of_day = (int)(minute - clock_floor_div(minute, MINUTES_PER_DAY) * MINUTES_PER_DAY);
    char text[5] = {(char)('0' + of_day / 600), (char)('0' + of_day / 60 % 10), ':',
                    (char)('0' + of_day % 60 / 10), (char)('0' + of_day % 10)};

    form_bytes(form, name, text, sizeof text);
}

void view_status(struct form *into, enum status status, const struct words *words)
{
    form_clear(into);
    form_text(into, "word", words_get(words, words_of[status]));
    form_text(into, "class", status_class(status));
}

void view_duration(struct form *form, const char *name, int64_t ms, const struct words *words)
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
        form_print(form, name, "%lld %s %lld %s", first, words_get(words, units[i].word), second,
                   words_get(words, units[i + 1].word));
    else
        form_print(form, name, "%lld %s", first, words_get(words, units[i].word));
}

void view_span(struct form *form, const char *name, int64_t from_ms, int64_t to_ms,
               const struct words *words)
{
    int64_t seconds =
        clock_floor_div(to_ms, MS_PER_SECOND) - clock_floor_div(from_ms, MS_PER_SECOND);

    view_duration(form, name, seconds * MS_PER_SECOND, words);
}

void view_count(struct form *form, const char *name, size_t n)
{
    if (n)
        form_number(form, name, (long long)n);
    else
        form_text(form, name, "");
}

static void print_count(struct form *form, const char *name, int64_t n)
{
    char text[TEXT_NUMBER_MAX];

    text_count((uint64_t)n, text);
    form_print(form, name, "%s", text);
}

void view_ticks(struct view_ticks *into, const struct ticks *ticks, int64_t at_ms)
{
    const struct ticks_record *last = &ticks->last;
    struct form *form = &into->form;
    char duration[TEXT_NUMBER_MAX];

    text_duration(last->duration_ms, duration);
    view_moment(&into->time, last->start_ms, false);
    form_clear(form);
    form_inner(form, "time", &into->time);
    form_flag(form, "same_day",
              clock_floor_div(last->start_ms, MS_PER_DAY) == clock_floor_div(at_ms, MS_PER_DAY));
    print_count(form, "checks", last->checks_done);
    form_flag(form, "one_check", last->checks_done == 1);
    form_print(form, "duration", "%s", duration);
    if (last->left_over)
        print_count(form, "left_over", last->left_over);
    print_count(form, "counted", ticks->counted);
    print_count(form, "expected", ticks->expected);
    form_flag(form, "lack", ticks_lack(ticks));
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
    struct form *form = &list->form;

    form_clear(form);
    form_text(form, "span", words_get(list->words, words_of_span[i]));
    form_flag(form, "known", uptime->known);
    form_flag(form, "partial", uptime->known && uptime->measured < 100000);
    form_decimal(form, "percent", uptime->uptime, 3);
    form_decimal(form, "measured", uptime->measured, 1);
    return &form->value;
}

struct value view_uptimes(struct view_uptimes *list, const struct uptime *uptime,
                          const struct words *words)
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

    form_clear(&axis->form);
    form_flag(&axis->form, "now", left == 0);
    form_flag(&axis->form, "whole_hours", left % 60 == 0);
    form_number(&axis->form, "hours", left / 60);
    form_number(&axis->form, "minutes", left);
    return &axis->form.value;
}

struct value view_axis(struct view_axis *axis, int hours)
{
    axis->minutes = hours * 60;
    axis->n_parts = axis_parts(hours);
    return (struct value){.kind = VALUE_LIST, .list = {axis->n_parts + 1, axis_item, axis}};
}
