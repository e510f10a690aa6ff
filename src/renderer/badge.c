#include "renderer/badge.h"

#include "base/text.h"
#include "renderer/glyphs.h"

#include <stdio.h>
#include <string.h>

/* In pixels, and thousandths of a percent. */
enum {
    MARGIN = 6,
    CORNER = 3,
    WIDEST_LABEL = 240,
    WIDEST_VALUE = 160,
    UP_FROM = 99900,
    DEGRADED_FROM = 99000
};

/* Many marks may stand on one letter, so a narrow text may be a long one. */
enum { TEXT_ROOM = 512 };

/* Adds a text that is cut to a width, and tells how wide it is then. */
static int add_text(struct form *form, const char *name, const char *text, int widest)
{
    char cut[TEXT_ROOM];

    text_one_line(cut, sizeof cut, text, strlen(text));
    text_mend_xml(cut);
    glyphs_cut(cut, sizeof cut, widest);
    form_bytes(form, name, cut, strlen(cut));
    return glyphs_width(cut);
}

static const struct value *fill(struct form *form, const struct site_view *site, const char *value,
                                enum status status)
{
    int label_text, value_text;

    form_clear(form);
    label_text = add_text(form, "label", site->site->name, WIDEST_LABEL);
    value_text = add_text(form, "value", value, WIDEST_VALUE);
    form_xml(form, "name", site->site->name);
    form_flag(form, "up", status == STATUS_UP);
    form_flag(form, "degraded", status == STATUS_DEGRADED);
    form_flag(form, "down", status == STATUS_DOWN);
    form_flag(form, "unknown", status == STATUS_UNKNOWN);
    form_number(form, "label_text", label_text);
    form_number(form, "value_text", value_text);
    form_number(form, "label_width", label_text + 2 * MARGIN);
    form_number(form, "value_edge", value_text + 2 * MARGIN - CORNER);
    form_number(form, "value_x", label_text + 3 * MARGIN);
    form_number(form, "width", label_text + value_text + 4 * MARGIN);
    return &form->value;
}

const struct value *badge_state(struct badge *badge, const struct words *words,
                                const struct site_view *site)
{
    return fill(&badge->form, site, words_get(words, status_class(site->status)), site->status);
}

static enum status grade(struct uptime uptime)
{
    if (!uptime.known)
        return STATUS_UNKNOWN;
    if (uptime.uptime >= UP_FROM)
        return STATUS_UP;
    return uptime.uptime >= DEGRADED_FROM ? STATUS_DEGRADED : STATUS_DOWN;
}

const struct value *badge_uptime(struct badge *badge, const struct words *words,
                                 const struct site_view *site)
{
    struct uptime uptime = site->uptime[SPAN_30D];
    char number[TEXT_NUMBER_MAX], text[TEXT_NUMBER_MAX + 2];

    text_decimal(number, uptime.uptime, 0, 2);
    snprintf(text, sizeof text, "%s %%", number);
    return fill(&badge->form, site, uptime.known ? text : words_get(words, "no_data"),
                grade(uptime));
}
