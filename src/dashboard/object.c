/* Builds the objects that templates see, each in a fixed amount of memory. */
#include "dashboard/object.h"

#include "base/clock.h"
#include "base/text.h"
#include "dashboard/messages.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LAST_WEEKDAY = 6,  /* days before today that are known by their weekday */
    EPOCH_WEEKDAY = 4, /* a Thursday, of 1 to 7 */
    DAYS_PER_WEEK = 7
};

void object_clear(struct object *object)
{
    object->value = (struct value){.kind = VALUE_OBJECT,
                                   .object = {.fields = object->fields, .lacks = UINT64_MAX}};
    object->used = object->n_moments = 0;
}

/* Keeps the bytes that were written to the start of the free space. */
static struct value keep_written(struct object *object, size_t size)
{
    struct value text = {.kind = VALUE_TEXT, .text = {object->space + object->used, size}};

    object->used += size + 1;
    if (object->used == OBJECT_SPACE)
        object->used--;
    return text;
}

static struct value keep_bytes(struct object *object, const char *text, size_t size)
{
    size_t capacity = OBJECT_SPACE - object->used - 1;

    if (size > capacity)
        size = capacity;
    memcpy(object->space + object->used, text, size);
    object->space[object->used + size] = '\0';
    return keep_written(object, size);
}

/* A part of a text that is kept. If the text was cut, so is the part. */
static struct value part_of(const struct value *text, size_t from, size_t size)
{
    size_t left = text->text.size > from ? text->text.size - from : 0;

    return (struct value){
        .kind = VALUE_TEXT,
        .text = {text->text.data + text->text.size - left, size < left ? size : left}};
}

void object_bytes(struct object *object, const char *name, const char *text, size_t size)
{
    object_add(object, name, keep_bytes(object, text, size));
}

void object_join(struct object *object, const char *name, const char *const *texts)
{
    char *into = object->space + object->used;
    size_t capacity = OBJECT_SPACE - object->used - 1, size = 0;

    for (; *texts; texts++) {
        size_t n = strnlen(*texts, capacity - size);

        memcpy(into + size, *texts, n);
        size += n;
    }
    into[size] = '\0';
    object_add(object, name, keep_written(object, size));
}

/* Where a number is written: at the start of the free space, or to copy if there is too little. */
static char *number_start(struct object *object, char copy[TEXT_NUMBER_MAX])
{
    return object->used + TEXT_NUMBER_MAX < OBJECT_SPACE ? object->space + object->used : copy;
}

static void add_number(struct object *object, const char *name, const char *text, size_t size)
{
    if (text == object->space + object->used)
        object_add(object, name, keep_written(object, size));
    else
        object_bytes(object, name, text, size);
}

void object_number(struct object *object, const char *name, long long number)
{
    char copy[TEXT_NUMBER_MAX], *text = number_start(object, copy);

    add_number(object, name, text, text_number(text, number));
}

void object_count(struct object *object, const char *name, size_t n)
{
    if (n)
        object_number(object, name, (long long)n);
    else
        object_text(object, name, "");
}

void object_grouped(struct object *object, const char *name, size_t n)
{
    char text[TEXT_NUMBER_MAX];

    if (n == 0) {
        object_text(object, name, "");
        return;
    }
    text_count(n, text);
    object_bytes(object, name, text, strlen(text));
}

void object_decimal(struct object *object, const char *name, int thousandths, int max)
{
    char copy[TEXT_NUMBER_MAX], *text = number_start(object, copy);

    add_number(object, name, text, text_decimal(text, thousandths, 0, max));
}

void object_clean(struct object *object, const char *name, const char *text)
{
    char *into = object->space + object->used;

    text_one_line(into, OBJECT_SPACE - object->used, text, strlen(text));
    object_add(object, name, keep_written(object, strlen(into)));
}

void object_brief(struct object *object, const char *name, const char *text, size_t max)
{
    static const char ellipsis[] = "…";
    char *into = object->space + object->used;
    size_t capacity = OBJECT_SPACE - object->used;

    if (max + sizeof ellipsis > capacity)
        max = capacity > sizeof ellipsis ? capacity - sizeof ellipsis : 0;
    text_one_line(into, max + 1, text, strlen(text));
    if (strlen(text) > max && capacity >= sizeof ellipsis)
        memcpy(into + strlen(into), ellipsis, sizeof ellipsis);
    object_add(object, name, keep_written(object, strlen(into)));
}

void object_xml(struct object *object, const char *name, const char *text)
{
    char *into = object->space + object->used;

    object_clean(object, name, text);
    text_mend_xml(into);
}

/* Called for each bucket that is not UP, so it does not use snprintf or a calendar. */
void object_clock(struct object *object, const char *name, int64_t ms)
{
    int64_t minute = clock_floor_div(ms, MS_PER_MINUTE);
    int of_day = (int)(minute - clock_floor_div(minute, MINUTES_PER_DAY) * MINUTES_PER_DAY);
    char text[5] = {(char)('0' + of_day / 600), (char)('0' + of_day / 60 % 10), ':',
                    (char)('0' + of_day % 60 / 10), (char)('0' + of_day % 10)};

    object_bytes(object, name, text, sizeof text);
}

/* U+00A0: text browsers ignore style sheets, and would end a line inside a duration. */
#define NO_BREAK "\xc2\xa0"

void object_duration(struct object *object, const char *name, int64_t ms,
                     const struct messages *messages)
{
    static const struct {
        int64_t ms;
        const char *message;
    } units[] = {{MS_PER_DAY, "days"},
                 {MS_PER_HOUR, "hours"},
                 {MS_PER_MINUTE, "minutes"},
                 {MS_PER_SECOND, "seconds"}};
    enum { UNITS = sizeof units / sizeof units[0] };
    size_t i = 0;
    int64_t rest;
    char first[TEXT_NUMBER_MAX], second[TEXT_NUMBER_MAX];
    const char *texts[] = {first, NO_BREAK, NULL, NO_BREAK, second, NO_BREAK, NULL, NULL};

    while (i < UNITS - 1 && ms < units[i].ms)
        i++;
    text_number(first, ms / units[i].ms);
    texts[2] = messages_get(messages, units[i].message);
    rest = i + 1 < UNITS ? ms % units[i].ms / units[i + 1].ms : 0;
    if (rest) {
        text_number(second, rest);
        texts[6] = messages_get(messages, units[i + 1].message);
    } else {
        texts[3] = NULL;
    }
    object_join(object, name, texts);
}

void object_span(struct object *object, const char *name, int64_t from_ms, int64_t to_ms,
                 const struct messages *messages)
{
    object_duration(object, name, clock_shown_span(from_ms, to_ms), messages);
}

void object_rough_span(struct object *object, const char *name, int64_t from_ms, int64_t to_ms,
                       const struct messages *messages)
{
    int64_t span_ms = clock_shown_span(from_ms, to_ms);

    object_duration(object, name, span_ms < MS_PER_MINUTE ? span_ms : clock_minute_of(span_ms),
                    messages);
}

static struct object_moment *begin_moment(struct object *object)
{
    struct object_moment *moment = &object->moments[object->n_moments];

    assert(object->n_moments < OBJECT_MOMENTS);
    object->n_moments++;
    moment->value = (struct value){.kind = VALUE_OBJECT,
                                   .object = {.fields = moment->fields, .lacks = UINT64_MAX}};
    return moment;
}

/* Inline, so that what depends on the name is a constant. */
static inline void add_part(struct object_moment *moment, const char *name, struct value value)
{
    moment->fields[moment->value.object.n++] = (struct field){name, value};
    moment->value.object.lacks &= ~values_name_bit(name, SIZE_MAX);
}

static struct value flag_value(bool yes)
{
    return (struct value){.kind = VALUE_BOOL, .yes = yes};
}

static struct value text_value(const char *text)
{
    return (struct value){.kind = VALUE_TEXT, .text = {text, strlen(text)}};
}

/* The texts of a moment; they are kept in the object. */
struct moment_texts {
    struct value iso, clock, date, text;
};

static struct moment_texts write_moment(struct object *object, int64_t ms, bool seconds)
{
    char iso[CLOCK_TEXT_MAX];
    struct moment_texts texts;

    texts.iso = keep_bytes(object, iso, clock_write_seconds(ms, iso));
    texts.clock = part_of(&texts.iso, 11, 5);
    texts.date = part_of(&texts.iso, 0, 10);
    iso[10] = ' ';
    texts.text = keep_bytes(object, iso, seconds ? 19 : 16);
    return texts;
}

void object_moment(struct object *object, const char *name, int64_t ms, bool seconds)
{
    struct moment_texts texts = write_moment(object, ms, seconds);
    struct object_moment *moment = begin_moment(object);

    add_part(moment, "iso", texts.iso);
    add_part(moment, "clock", texts.clock);
    add_part(moment, "date", texts.date);
    add_part(moment, "text", texts.text);
    object_add(object, name, moment->value);
}

void object_moment_fields(struct object *object, int64_t ms, bool seconds)
{
    struct moment_texts texts = write_moment(object, ms, seconds);

    object_add(object, "iso", texts.iso);
    object_add(object, "clock", texts.clock);
    object_add(object, "date", texts.date);
    object_add(object, "text", texts.text);
}

/* The weekday of a day since the epoch: 1 is Monday. */
static int weekday_of(int64_t day)
{
    int64_t since = day + EPOCH_WEEKDAY - 1;

    return (int)(since - clock_floor_div(since, DAYS_PER_WEEK) * DAYS_PER_WEEK) + 1;
}

void object_date_fields(struct object *object, int64_t ms, int64_t now_ms,
                        const struct messages *messages)
{
    char date[CLOCK_TEXT_MAX], now[CLOCK_TEXT_MAX];

    clock_write_seconds(ms, date);
    clock_write_seconds(now_ms, now);
    object_number(object, "day", atoi(date + 8));
    object_text(object, "month", messages_month(messages, atoi(date + 5)));
    object_bytes(object, "year", date, 4);
    object_flag(object, "other_year", memcmp(date, now, 4) != 0);
    object_bytes(object, "iso", date, strlen(date));
}

void object_when(struct object *object, const char *name, int64_t ms, int64_t at_ms,
                 const struct messages *messages)
{
    int64_t day = clock_floor_div(ms, MS_PER_DAY), age = clock_floor_div(at_ms, MS_PER_DAY) - day;
    struct object_moment *moment = begin_moment(object);
    char text[CLOCK_TEXT_MAX], at[CLOCK_TEXT_MAX];
    const char *weekday = "";
    struct value iso = keep_bytes(object, text, clock_write_seconds(ms, text));
    bool one_digit = text[8] == '0', other_year = false;

    if (age != 0) {
        clock_write_seconds(at_ms, at);
        other_year = memcmp(text, at, 4) != 0;
    }
    if (age >= 0 && age <= LAST_WEEKDAY)
        weekday = messages_weekday(messages, weekday_of(day));
    add_part(moment, "iso", iso);
    add_part(moment, "clock", part_of(&iso, 11, 5));
    add_part(moment, "today", flag_value(age == 0));
    add_part(moment, "yesterday", flag_value(age == 1));
    add_part(moment, "weekday", text_value(weekday));
    add_part(moment, "day", part_of(&iso, 8 + one_digit, 2 - one_digit));
    add_part(moment, "month", text_value(messages_month(messages, atoi(text + 5))));
    add_part(moment, "other_year", flag_value(other_year));
    add_part(moment, "year", part_of(&iso, 0, 4));
    object_add(object, name, moment->value);
}
