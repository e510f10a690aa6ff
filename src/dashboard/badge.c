/* The values of a badge: its texts, cut to a width in Verdana, and the positions of its parts. */
#include "dashboard/badge.h"

#include "base/text.h"
#include "dashboard/messages.h"
#include "dashboard/snapshot.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* In pixels, and thousandths of a percent. */
enum {
    MARGIN = 6,
    CORNER = 3,
    MAX_LABEL = 240,
    MAX_VALUE = 160,
    UP_FROM = 99900,
    DEGRADED_FROM = 99000
};

/* In bytes. A letter can have many accents, so a narrow text can have many bytes. */
enum { TEXT_MAX = 512 };

/* Widths are in units of the font: 2048 units are PIXELS pixels. */
enum { UNITS = 2048, PIXELS = 11, WIDE = 2048, USUAL = 1300, FIRST = ' ', LAST = '~' };

static const char ellipsis[] = "…";

static const uint16_t ascii[LAST - FIRST + 1] = {
    720,  806,  940,  1676, 1302, 2204, 1487, 550,  930,  930,  1302, 1676, 745,  930,  745,  930,
    1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 930,  930,  1676, 1676, 1676, 1117,
    2048, 1401, 1404, 1430, 1578, 1295, 1177, 1588, 1539, 862,  931,  1419, 1140, 1726, 1532, 1612,
    1235, 1612, 1424, 1400, 1262, 1499, 1401, 2025, 1403, 1260, 1403, 930,  930,  930,  1676, 1302,
    1302, 1230, 1276, 1067, 1276, 1220, 720,  1276, 1296, 562,  705,  1212, 562,  1992, 1296, 1243,
    1276, 1276, 874,  1067, 807,  1296, 1212, 1676, 1212, 1212, 1076, 1300, 930,  1300, 1676,
};

/* Characters that are not USUAL wide, for example because they combine with others. */
static const struct {
    uint32_t first, last;
    int width;
} ranges[] = {
    {0x0300, 0x036f, 0},    {0x0483, 0x0489, 0},      {0x0591, 0x05bd, 0},
    {0x0610, 0x061a, 0},    {0x064b, 0x065f, 0},      {0x06d6, 0x06dc, 0},
    {0x093c, 0x093c, 0},    {0x0941, 0x094d, 0},      {0x0e31, 0x0e31, 0},
    {0x0e34, 0x0e3a, 0},    {0x0e47, 0x0e4e, 0},      {0x1100, 0x115f, WIDE},
    {0x1ab0, 0x1aff, 0},    {0x1dc0, 0x1dff, 0},      {0x200b, 0x200f, 0},
    {0x2026, 0x2026, 1676}, {0x20d0, 0x20ff, 0},      {0x2600, 0x27bf, WIDE},
    {0x2e80, 0xa4cf, WIDE}, {0xac00, 0xd7a3, WIDE},   {0xf900, 0xfaff, WIDE},
    {0xfe00, 0xfe0f, 0},    {0xfe20, 0xfe2f, 0},      {0xfe30, 0xfe4f, WIDE},
    {0xff00, 0xff60, WIDE}, {0x1f000, 0x1faff, WIDE}, {0x20000, 0x3ffff, WIDE},
    {0xe0000, 0xe01ef, 0},
};

static int width_of(uint32_t character)
{
    if (character >= FIRST && character <= LAST)
        return ascii[character - FIRST];
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (character >= ranges[i].first && character <= ranges[i].last)
            return ranges[i].width;
    }
    return USUAL;
}

/* The width of the first character of a text; *size becomes its size in bytes. */
static int measure_character(const char *text, size_t *size)
{
    *size = text_utf8_length(text, strlen(text));
    if (*size == 0) {
        *size = 1;
        return USUAL;
    }
    return width_of(text_code_point(text, *size));
}

int badge_text_width(const char *text)
{
    long units = 0;
    size_t size;

    for (; *text; text += size)
        units += measure_character(text, &size);
    return (int)((units * PIXELS + UNITS - 1) / UNITS);
}

void badge_cut_text(char *text, size_t capacity, int max)
{
    int units = 0, left = max * UNITS / PIXELS - width_of(0x2026);
    char *end = text;
    size_t size;

    assert(capacity >= sizeof ellipsis);
    if (badge_text_width(text) <= max)
        return;
    for (; *end; end += size) {
        units += measure_character(end, &size);
        if (units > left || (size_t)(end - text) + size + sizeof ellipsis > capacity)
            break;
    }
    memcpy(end, ellipsis, sizeof ellipsis);
}

/* Adds a text, cut to max pixels. Returns its width. */
static int add_text(struct object *object, const char *name, const char *text, int max)
{
    char cut[TEXT_MAX];

    text_one_line(cut, sizeof cut, text, strlen(text));
    text_mend_xml(cut);
    badge_cut_text(cut, sizeof cut, max);
    object_bytes(object, name, cut, strlen(cut));
    return badge_text_width(cut);
}

static const struct value *fill_badge(struct object *object, const struct site_view *site,
                                      const char *value, enum status status)
{
    int label_text, value_text;

    object_clear(object);
    label_text = add_text(object, "label", site->site->name, MAX_LABEL);
    value_text = add_text(object, "value", value, MAX_VALUE);
    object_xml(object, "name", site->site->name);
    object_flag(object, "up", status == STATUS_UP);
    object_flag(object, "degraded", status == STATUS_DEGRADED);
    object_flag(object, "down", status == STATUS_DOWN);
    object_flag(object, "unknown", status == STATUS_UNKNOWN);
    object_number(object, "label_text", label_text);
    object_number(object, "value_text", value_text);
    object_number(object, "label_width", label_text + 2 * MARGIN);
    object_number(object, "value_edge", value_text + 2 * MARGIN - CORNER);
    object_number(object, "value_x", label_text + 3 * MARGIN);
    object_number(object, "width", label_text + value_text + 4 * MARGIN);
    return &object->value;
}

const struct value *badge_state(struct object *badge, const struct messages *messages,
                                const struct site_view *site)
{
    return fill_badge(badge, site, messages_get(messages, status_class(site->status)),
                      site->status);
}

static enum status grade(struct uptime uptime)
{
    if (!uptime.is_shown)
        return STATUS_UNKNOWN;
    if (uptime.uptime >= UP_FROM)
        return STATUS_UP;
    return uptime.uptime >= DEGRADED_FROM ? STATUS_DEGRADED : STATUS_DOWN;
}

const struct value *badge_uptime(struct object *badge, const struct messages *messages,
                                 const struct site_view *site)
{
    struct uptime uptime = site->uptime[SPAN_30D];
    char number[TEXT_NUMBER_MAX], text[TEXT_NUMBER_MAX + 2];

    text_decimal(number, uptime.uptime, 0, 2);
    snprintf(text, sizeof text, "%s %%", number);
    return fill_badge(badge, site, uptime.is_shown ? text : messages_get(messages, "new_badge"),
                      grade(uptime));
}
