#include "renderer/view.h"

#include "base/clock.h"
#include "base/text.h"

#include <string.h>

/* For people; programs have status_name. */
static const char *const words[STATUS_COUNT] = {
    [STATUS_UNKNOWN] = "Unknown",           [STATUS_UP] = "Up",
    [STATUS_DEGRADED] = "Degraded",         [STATUS_DOWN] = "Down",
    [STATUS_BOT_DETECTED] = "Bot detected", [STATUS_TIMEOUT] = "Timeout",
};

void view_moment(struct form *into, int64_t ms, bool seconds)
{
    char iso[CLOCK_TEXT_MAX];

    clock_write_seconds(ms, iso);
    form_clear(into);
    form_bytes(into, "iso", iso, strlen(iso));
    form_bytes(into, "clock", iso + 11, 5);
    iso[10] = ' ';
    form_bytes(into, "text", iso, seconds ? 19 : 16);
}

void view_status(struct form *into, enum status status)
{
    form_clear(into);
    form_text(into, "word", words[status]);
    form_text(into, "class", status_class(status));
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

static const char *const spans[SPANS] = {
    [SPAN_24H] = "24 hours",
    [SPAN_7D] = "7 days",
    [SPAN_30D] = "30 days",
    [SPAN_90D] = "90 days",
};

static const struct value *uptime_item(void *context, size_t i)
{
    struct view_uptimes *list = context;
    const struct uptime *uptime = &list->uptime[i];
    struct form *form = &list->form;

    form_clear(form);
    form_text(form, "span", spans[i]);
    form_flag(form, "known", uptime->known);
    form_flag(form, "partial", uptime->known && uptime->measured < 100000);
    form_decimal(form, "percent", uptime->uptime, 3);
    form_decimal(form, "measured", uptime->measured, 1);
    return &form->value;
}

struct value view_uptimes(struct view_uptimes *list, const struct uptime *uptime)
{
    list->uptime = uptime;
    return (struct value){.kind = VALUE_LIST, .list = {SPANS, uptime_item, list}};
}

static const struct value *tally_item(void *context, size_t i)
{
    struct view_tally *list = context;
    enum status status = list->present[i];

    form_clear(&list->form);
    form_number(&list->form, "minutes", list->tally.minutes[status]);
    form_text(&list->form, "word", words[status]);
    form_flag(&list->form, "more", i + 1 < list->n);
    return &list->form.value;
}

struct value view_tally(struct view_tally *list, const uint8_t *cells, size_t n_cells)
{
    list->n = 0;
    list->tally = (struct tally){{0}};
    aggregator_count(cells, n_cells, &list->tally);
    for (int status = 0; status < STATUS_COUNT; status++) {
        if (list->tally.minutes[status])
            list->present[list->n++] = (enum status)status;
    }
    return (struct value){.kind = VALUE_LIST, .list = {list->n, tally_item, list}};
}

void view_classes(struct value classes[STATUS_COUNT])
{
    for (int status = 0; status < STATUS_COUNT; status++) {
        const char *class = status_class((enum status)status);

        classes[status] = (struct value){.kind = VALUE_TEXT, .text = {class, strlen(class)}};
    }
}
