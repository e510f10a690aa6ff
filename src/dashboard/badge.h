#ifndef DASHBOARD_BADGE_H
#define DASHBOARD_BADGE_H

#include "dashboard/messages.h"
#include "dashboard/object.h"
#include "dashboard/snapshot.h"

/*
 * What the template of a badge sees:
 *
 * name          of the site
 * label, value  its two parts: the name, cut where it is long; and the state or the uptime
 * up, degraded, down, unknown: exactly one is true. An uptime of 99.9 % is up, one of 99 % degraded
 * label_text, value_text        how wide the texts are, in pixels
 * label_width   how wide the first part is; value_edge: the second, without its round corners
 * width, value_x                of the whole; where the text of the second part begins
 */
struct badge {
    struct object object;
};

/* A site's present state, or its uptime over 30 days. Good until the next call of either. */
const struct value *badge_state(struct badge *badge, const struct messages *words,
                                const struct site_view *site);
const struct value *badge_uptime(struct badge *badge, const struct messages *words,
                                 const struct site_view *site);

#endif
