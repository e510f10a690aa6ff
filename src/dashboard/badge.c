/* The values of a badge: texts cut to a width, and where its parts begin. */
#include "dashboard/badge.h"

#include "base/text.h"
#include "dashboard/snapshot.h"
#include "dashboard/text_width.h"

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

/* In bytes. A letter may have many accents, so a narrow text may be a long one. */
enum { TEXT_MAX = 512 };

/* Adds a text, cut to max pixels. Returns its width. */
static int add_text(struct object *object, const char *name, const char *text, int max)
{
    char cut[TEXT_MAX];

    text_one_line(cut, sizeof cut, text, strlen(text));
    text_mend_xml(cut);
    text_width_cut(cut, sizeof cut, max);
    object_bytes(object, name, cut, strlen(cut));
    return text_width(cut);
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

const struct value *badge_state(struct badge *badge, const struct messages *messages,
                                const struct site_view *site)
{
    return fill_badge(&badge->object, site, messages_get(messages, status_class(site->status)),
                      site->status);
}

static enum status grade(struct uptime uptime)
{
    if (!uptime.has_data)
        return STATUS_UNKNOWN;
    if (uptime.uptime >= UP_FROM)
        return STATUS_UP;
    return uptime.uptime >= DEGRADED_FROM ? STATUS_DEGRADED : STATUS_DOWN;
}

const struct value *badge_uptime(struct badge *badge, const struct messages *messages,
                                 const struct site_view *site)
{
    struct uptime uptime = site->uptime[SPAN_30D];
    char number[TEXT_NUMBER_MAX], text[TEXT_NUMBER_MAX + 2];

    text_decimal(number, uptime.uptime, 0, 2);
    snprintf(text, sizeof text, "%s %%", number);
    return fill_badge(&badge->object, site,
                      uptime.has_data ? text : messages_get(messages, "no_data"), grade(uptime));
}
